"""Somebody at work on an engine, in another thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cli.engine import open_engine
from cli.settings import Settings

_REST_SECONDS = 0.02


@contextmanager
def at_work(settings: Settings) -> Iterator[None]:
    """Workers of all partitions, by an engine of their own, for as long as it lasts."""
    stop = threading.Event()

    def work() -> None:
        with open_engine(settings) as engine, engine.alone() as workers:
            while not stop.is_set():
                stepped = [worker.step() for worker in workers]
                if all(one.idle for one in stepped):
                    stop.wait(_REST_SECONDS)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
