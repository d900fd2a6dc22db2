"""`livelihood serve`: HTTP on both engines, and the work itself on the embedded one."""

import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from prometheus_client import CollectorRegistry
from rich.console import Console

from cli.contexts import context_of
from cli.engine import Engine, open_engine
from cli.failures import FAULT, USAGE, Failure
from cli.guarded import is_guarded
from cli.listening import Listening
from cli.settings import Settings, load
from cli.site import make_site
from cli.terminal import notes
from cli.work import work_until
from streams.metrics import Metrics
from web.context import Context

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


def _where(context: Context, listening: Listening) -> str:
    reached = f" ({context.public_url})" if context.public_url != listening.url else ""
    opened = (
        " Open to whoever uses this machine: no key and no account exists yet." if context.is_open() else ""
    )
    return f"Listening on {listening.url}{reached}.{opened} Stop with Ctrl-C."
