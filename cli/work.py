"""Working through the log from the command line: by ourselves where nobody does, else by waiting."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from rich.console import Console

from backends.sqlite.lease import Holder
from cli.engine import Engine
from cli.failures import MISSING, Failure, sentence
from cli.moments import moment_text
from livelihood.ports import Unavailable
from streams.worker import Worker

#: How often a waiting command looks how far the other process has come.
LOOK_SECONDS = 0.1
#: A worker that cannot write tries again after so long, twice as long each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0

#: Told how many records have been worked on, and how many there are.
OnWork = Callable[[int, int], None]


def _silent(_: int, __: int) -> None:
    pass


class Work:
    """Brings the tables up to the log's end, whoever does the work."""

    def __init__(self, engine: Engine, worker: Worker | None, notes: Console) -> None:
        self._engine = engine
        self._notes = notes
        self._said = False
        self.worker = worker

    def step(self) -> None:
        """Do some of the work now, where it is ours to do."""
        if self.worker is not None:
            self.worker.step()

    def catch_up(self, progress: OnWork = _silent) -> None:
        """Return when everything in the log has been worked on and nothing is due."""
        if self.worker is not None:
            _through(self._engine, self.worker, progress)
            return
        while self._behind(progress):
            holder = self._engine.lease.holder()
            if holder is None:
                # Whoever worked has stopped: do what it left.
                with self._engine.worker() as worker:
                    if worker is not None:
                        _through(self._engine, worker, progress)
                continue
            if not self._said:
                self._said = True
                self._notes.print(
                    f"{holder_text(holder)} works on this data folder; waiting for it to catch up."
                )
            time.sleep(LOOK_SECONDS)

    def _behind(self, progress: OnWork) -> bool:
        done, end = self._engine.reader.position(0).next_offset, self._engine.log.end(0)
        progress(done, end)
        return done < end


def _through(engine: Engine, worker: Worker, progress: OnWork) -> None:
    while not worker.step().idle:
        progress(engine.reader.position(0).next_offset, engine.log.end(0))
    end = engine.log.end(0)
    progress(end, end)


@contextmanager
def working(engine: Engine, notes: Console) -> Iterator[Work]:
    """Take the work on if it is free, for as long as this lasts."""
    with engine.worker() as worker:
        yield Work(engine, worker, notes)


def holder_text(holder: Holder) -> str:
    """Who works, in words: "livelihood serve (process 123)"."""
    command = holder.command.rpartition("/")[2] if " " not in holder.command else _short(holder.command)
    return f"{command} (process {holder.pid})"


def _short(command: str) -> str:
    program, _, rest = command.partition(" ")
    return " ".join([program.rpartition("/")[2], *rest.split()[:2]])


def serve(engine: Engine, tick_seconds: float, stop: Event, notes: Console) -> None:
    """Work until told to stop. Failure where another process has the work."""
    with engine.worker() as worker:
        if worker is None:
            raise _held(engine)
        notes.print(f"Working on {engine.folder}. Stop with Ctrl-C.")
        _work(engine, worker, tick_seconds, stop, notes)
    notes.print("Stopped; everything is on the disk.")


def _held(engine: Engine) -> Failure:
    holder = engine.lease.holder()
    if holder is None:
        return Failure("Another process worked on this data folder a moment ago; try again.", MISSING)
    return Failure(
        f"{holder_text(holder)} works on {engine.folder} already, since"
        f" {moment_text(holder.since, engine.zone)}.\nOne is enough; stop it first if this one is to work.",
        MISSING,
    )


def _work(engine: Engine, worker: Worker, tick_seconds: float, stop: Event, notes: Console) -> None:
    said = time.monotonic()
    records, pause = 0, FIRST_PAUSE_SECONDS
    while not stop.is_set():
        try:
            stepped = worker.step()
        except Unavailable as error:
            notes.print(f"{sentence(str(error))} Trying again in {pause:g} s.", style="yellow")
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            continue
        pause = FIRST_PAUSE_SECONDS
        records += stepped.records
        if records and time.monotonic() - said >= 1:
            waiting = engine.log.end(0) - engine.reader.position(0).next_offset
            notes.print(
                f"{time.strftime('%H:%M:%S')} {records:,} records"
                + (f", {waiting:,} to go" if waiting else "")
            )
            records, said = 0, time.monotonic()
        if stepped.idle:
            stop.wait(tick_seconds)
