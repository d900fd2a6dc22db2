"""`livelihood serve`: HTTP on both engines, and the work itself on the embedded one."""

import signal
import sys
import threading
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from types import FrameType

from prometheus_client import CollectorRegistry
from rich.console import Console

from cli.engine import Engine, open_engine, versions_of
from cli.failures import FAULT, USAGE, Failure
from cli.guarded import Opened, is_guarded
from cli.listening import Listening
from cli.settings import Settings, load
from cli.site import make_site
from cli.terminal import notes
from cli.work import work_until
from livelihood.catalogue import NOTHING_PUBLISHED
from livelihood.promises import Catalogue
from streams.metrics import Metrics
from web.context import Context
from web.recent import Recent

#: How long a thread may go on while another waits.
SWITCH_SECONDS = 0.001


def run_serve(address: str | None, *, data: Path | None, config: Path | None) -> None:
    """Serve, and work where that is ours, until a signal says to stop."""
    settings = load(config, data=data, address=address).settings
    stop = threading.Event()

    def ask_to_stop(_: int, __: FrameType | None) -> None:
        stop.set()

    with open_engine(settings) as engine:
        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        serve(engine, settings, stop, notes())


def serve(engine: Engine, settings: Settings, stop: threading.Event, console: Console) -> None:
    """Serve until told to stop. Failure where the work, or the address, is another process's."""
    # A request passes between threads several times: with Python's own 5 ms it could wait so long each time.
    sys.setswitchinterval(SWITCH_SECONDS)
    with ExitStack() as held:
        worker = None
        if not engine.is_shared:
            (worker,) = held.enter_context(engine.alone())
            console.print(f"Working on {engine.place}.", soft_wrap=True)
        listening = held.enter_context(Listening(settings.address))
        context = context_of(engine, settings, listening)
        if not (listening.is_local or settings.oidc_issuer or is_guarded(engine.vault)):
            raise Failure(
                f"{settings.address} can be reached from other machines, and no key and no account exists"
                " yet: whoever reaches it could do everything. Add one first (livelihood keys add), or listen"
                " on 127.0.0.1.",
                USAGE,
            )
        if not listening.is_local:
            engine.safe.check_master_key()
        metrics = Metrics(engine.clock, registry=CollectorRegistry())
        listening.start(make_site(context, settings, metrics.registry), stop.set)
        console.print(_where(context, listening), soft_wrap=True)
        if worker is None:
            stop.wait()
        else:
            work_until(stop, engine, worker, settings.tick_seconds, console, metrics.stepped)
    console.print("Stopped; everything is on the disk.")
    if listening.failed:
        raise Failure("The HTTP server ended by itself; what it said stands above.", FAULT)


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


def _where(context: Context, listening: Listening) -> str:
    reached = f" ({context.public_url})" if context.public_url != listening.url else ""
    opened = (
        " Open to whoever uses this machine: no key and no account exists yet." if context.is_open() else ""
    )
    return f"Listening on {listening.url}{reached}.{opened} Stop with Ctrl-C."
