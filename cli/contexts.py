"""What pages and gateways work with, on an engine; light to import, for commands that serve nothing."""

from functools import lru_cache

from cli.engine import Engine, versions_of
from cli.guarded import Opened
from cli.listening import Listening
from cli.settings import Settings
from livelihood.catalogue import NOTHING_PUBLISHED
from livelihood.promises import Catalogue
from web.context import Context
from web.recent import Recent


def context_of(engine: Engine, settings: Settings, listening: Listening) -> Context:
    """What pages and gateways work with, on an engine."""
    return context_at(engine, settings, listening.url, is_local=listening.is_local)


def context_at(engine: Engine, settings: Settings, url: str, *, is_local: bool) -> Context:
    """The same wherever it is reached, if at all; `is_local`: by this machine alone."""
    vault = engine.vault
    # The same one, with all that it has worked out, until another version is published.
    catalogue = lru_cache(maxsize=1)(_catalogue_of)
    return Context(
        log=engine.log,
        reader=engine.reader,
        open_reader=engine.open_reader,
        open_topics=engine.open_topics,
        topics=engine.topics,
        vault=vault,
        deliveries=engine.deliveries,
        sealer=engine.sealer,
        clock=engine.clock,
        catalogue=Recent(lambda: catalogue(tuple(engine.topics.catalogues()))),
        public_url=settings.public_url.rstrip("/") or url,
        # Whoever names a provider wants people to sign in, though none has yet.
        is_open=Recent(Opened(vault, is_local=is_local and not settings.oidc_issuer)),
    )


def _catalogue_of(documents: tuple[bytes, ...]) -> Catalogue:
    return Catalogue(versions_of(documents) or [NOTHING_PUBLISHED])
