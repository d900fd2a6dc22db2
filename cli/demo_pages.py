"""The demo in a browser: the pages of its own data, on this machine only, for as long as it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console

from cli.contexts import context_of
from cli.engine import Engine
from cli.failures import Failure
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site

#: Where it is looked for first, so that the address is the one of `serve`; else any that is free.
_ADDRESSES = ("127.0.0.1:8080", "127.0.0.1:0")
_LOOK_SECONDS = 0.5


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


def wait_for_the_end(console: Console, url: str) -> None:
    """Keep the pages there until Ctrl-C, which is how this ends."""
    console.print(f"\nLook around in {url}: the slider there goes back to any day. Stop with Ctrl-C.")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_LOOK_SECONDS)
