"""The demo in a browser: the pages of its own data, on this machine only, for as long as it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.contexts import context_of
from cli.engine import Engine
from cli.failures import Failure
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site

#: Where it is looked for first, so that the address is the one of `serve`; else any that is free.
_ADDRESSES = ("127.0.0.1:8080", "127.0.0.1:0")


@contextmanager
def demo_pages(engine: Engine, settings: Settings) -> Iterator[str]:
    """Serve the pages of an engine; their address."""
    with _listening() as listening:
        site = make_site(context_of(engine, settings, listening), settings, tells=False)
        listening.start(site, lambda: None)
        yield listening.url


def _listening() -> Listening:
    for address in _ADDRESSES[:-1]:
        try:
            return Listening(address)
        except Failure:
            # Something else is served there.
            continue
    return Listening(_ADDRESSES[-1])
