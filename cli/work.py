"""Working through the log from the command line: by ourselves where nobody does, else by waiting."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from rich.console import Console

from cli.engine import Engine, Reading
from cli.failures import sentence
from consumers.tables import clock_of
from livelihood.ledger import unpack_ledger
from livelihood.ports import Unavailable
from streams.worker import Stepped, Worker

#: How often a waiting command looks how far the others have come.
LOOK_SECONDS = 0.1
#: Nobody has come further for so long: is anybody there?
STANDSTILL_SECONDS = 3.0
#: So many offsets from the end there may be no record left.
NEAR = 1_000
#: A worker that cannot write tries again after so long, twice as long each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0

#: Told how many records have been worked on, and how many there are.
OnWork = Callable[[int, int], None]
#: Told of a step: its partition, what it did, and how many seconds it took.
OnStep = Callable[[int, Stepped, float], None]


def _silent(_: int, __: int) -> None:
    pass


class Work:
    """Brings the tables up to the log's end, whoever does the work."""

    def __init__(self, engine: Engine, worker: Worker | None, notes: Console) -> None:
        self._engine = engine
        self._notes = notes
        self._said = ""
        self.worker = worker

    def step(self) -> None:
        """Do some of the work now, where it is ours to do."""
        if self.worker is not None:
            self.worker.step()

    def catch_up(self, progress: OnWork = _silent) -> None:
        """Return when everything that is in the log now has been worked on and nothing is due."""
        if self.worker is not None:
            work_through(self._engine, self.worker, progress)
            return
        ends = ends_of(self._engine)
        seen, look_at = -1, 0.0
        while True:
            done = done_of(self._engine)
            moves = done != seen
            # Far from the end, and coming nearer: the log itself need not be asked.
            if not (moves and done + NEAR < sum(ends)) and not is_behind(self._engine, ends):
                break
            progress(done, sum(ends))
            if moves and seen >= 0:
                look_at = time.monotonic() + STANDSTILL_SECONDS
            seen = done
            if time.monotonic() >= look_at:
                self._say_who_works()
                look_at = time.monotonic() + STANDSTILL_SECONDS
            time.sleep(LOOK_SECONDS)
            # Whoever worked may have stopped: then what it left is ours, where it can be.
            with self._engine.worker() as worker:
                if worker is not None:
                    work_through(self._engine, worker, progress)
        progress(sum(ends), sum(ends))

    def _say_who_works(self) -> None:
        engine = self._engine
        present = engine.present()
        if not present:
            self._say(
                f"Nobody works on {engine.place}: what was published is safe, and waits. Start "
                f" {engine.starts_work}  elsewhere; this command goes on by itself."
            )
        elif not engine.is_shared:
            self._say(f"{present[0].who} works on {engine.place}; waiting for it to catch up.")

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._notes.print(text, soft_wrap=True)


def note_idle(reading: Reading, notes: Console) -> None:
    """Say where nobody works, to whoever waits for something to change."""
    if not reading.present():
        notes.print(
            f"Nobody works on {reading.place}: nothing changes before  {reading.starts_work}  is started.",
            style="yellow",
            soft_wrap=True,
        )


def note_unworked(reading: Reading, notes: Console) -> None:
    """Say of which partitions nothing has been worked on: new ones, or of a Redis that was emptied."""
    partitions = reading.reader.partitions
    none = sum(clock_of(reading.reader, partition) == 0 for partition in range(partitions))
    if none:
        what = f"{none} of {partitions} partitions" if partitions > 1 else "what the log holds"
        notes.print(
            f"Nothing of {what} has been worked on here yet, so the tables lack it: "
            f" {reading.starts_work}  does that,  livelihood doctor  says how much waits.",
            style="yellow",
            soft_wrap=True,
        )


def work_through(engine: Engine, worker: Worker, progress: OnWork = _silent, partition: int = 0) -> None:
    """Work on a partition until nothing is left to do."""
    while not worker.step().idle:
        progress(engine.reader.position(partition).next_offset, engine.log.end(partition))
    end = engine.log.end(partition)
    progress(end, end)


def ends_of(engine: Engine) -> list[int]:
    """Where the log ends now, partition by partition."""
    return [engine.log.end(partition) for partition in range(engine.log.partitions)]


def done_of(engine: Engine) -> int:
    """How many offsets have been worked on, in all partitions."""
    return sum(engine.reader.position(number).next_offset for number in range(engine.log.partitions))


def is_behind(engine: Engine, ends: list[int]) -> bool:
    """Whether something before those ends is left to be worked on, or some time to be let pass."""
    for partition, end in enumerate(ends):
        position = engine.reader.position(partition)
        ledger = unpack_ledger(position.ledger)
        # An import that has ended is forgotten as soon as its issues have joined the live clock.
        lagging = any(not run.open or run.counted < run.clock for run in ledger.runs.values())
        if lagging or ledger.refolding is not None:
            return True
        if position.next_offset < end:
            # Not every offset has a record: what is left may be the mark of a transaction's end.
            records = engine.log.read(partition, position.next_offset, 1)
            if records and records[0].offset < end:
                return True
    return False


@contextmanager
def working(engine: Engine, notes: Console) -> Iterator[Work]:
    """Take the work on if it is free, for as long as this lasts."""
    with engine.worker() as worker:
        yield Work(engine, worker, notes)


def work_until(
    stop: Event,
    engine: Engine,
    worker: Worker,
    tick_seconds: float,
    notes: Console,
    on_step: OnStep = lambda *_: None,
) -> None:
    """Work until told to stop; `on_step` is told of each step of the partition."""
    said = time.monotonic()
    records, pause = 0, FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.perf_counter()
        try:
            stepped = worker.step()
        except Unavailable as error:
            notes.print(f"{sentence(str(error))} Trying again in {pause:g} s.", style="yellow")
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            continue
        on_step(0, stepped, time.perf_counter() - began)
        pause = FIRST_PAUSE_SECONDS
        records += stepped.records
        if records and time.monotonic() - said >= 1:
            waiting = engine.log.end(0) - engine.reader.position(0).next_offset
            notes.print(
                f"{time.strftime('%H:%M:%S')} {records:,} record{'' if records == 1 else 's'} worked on"
                + (f", {waiting:,} to go" if waiting else "")
            )
            records, said = 0, time.monotonic()
        if stepped.idle:
            stop.wait(tick_seconds)
