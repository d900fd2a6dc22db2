"""The worker of one partition: reads the log, loads what a batch touches, commits, publishes.

One step is one commit. After any failure the worker drops what it holds and takes the partition
again, so that what the store holds is the only truth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livelihood.catalogue import CatalogueVersion
from livelihood.instants import SECOND, Instant
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.ports import Commit, EventLog, Outlet, Position, StateStore
from streams.processor import Incoming, Processor

#: Records taken into one commit: enough to make its cost small, few enough to be quick.
BATCH_RECORDS = 5_000
#: Timers fired in one commit.
BATCH_TIMERS = 5_000
#: What leaves in one call.
BATCH_OUTGOING = 10_000
#: With nothing to do, how often the tables say that they stand for now.
HEARTBEAT: Instant = 5 * SECOND
#: Later than anything.
_FOREVER: Instant = (1 << 62) - 1


@dataclass(slots=True, frozen=True)
class Stepped:
    """What one step did."""

    records: int
    #: Whether nothing is left to do now: nothing unread, no timer due, no pass under way.
    idle: bool


class Unprocessable(RuntimeError):
    """Some record before `until` cannot be worked on; the rest of its batch can."""

    def __init__(self, until: int) -> None:
        super().__init__(f"a record before {until} cannot be worked on")
        self.until = until


class Worker:
    """Owns one partition while it works."""

    def __init__(
        self,
        log: EventLog,
        store: StateStore,
        outlet: Outlet,
        clock: Callable[[], Instant],
        published: Callable[[], Sequence[CatalogueVersion]],
        partition: int = 0,
    ) -> None:
        self._log = log
        self._store = store
        self._outlet = outlet
        self._clock = clock
        self._published = published
        self._partition = partition
        self._taken: tuple[Position, Processor] | None = None
        self._next_offset = 0
        self._sequence = 0
        #: After a batch that could not be worked on: one record at a time until this offset.
        self._careful_until = 0

    def take(self) -> None:
        """Become the owner and start from what the store holds; what waits to leave leaves first."""
        position = self._store.take(self._partition)
        ledger = unpack_ledger(position.ledger)
        published = list(self._published())[: ledger.catalogues]
        self._taken = position, Processor(self._store, self._partition, ledger, published)
        self._next_offset, self._sequence = position.next_offset, position.sequence
        self._publish()

    def step(self) -> Stepped:
        """Work on what there is now, in one commit.

        Raises what the store or the log raise; the partition is then taken again by the next step.
        """
        if self._taken is None:
            self.take()
        try:
            return self._step()
        except Unprocessable as error:
            # Nothing was written. Drop what was folded, and find the record that does it.
            self._taken = None
            self._careful_until = error.until
            return Stepped(0, idle=False)
        except BaseException:
            self._taken = None
            raise

    @property
    def ledger(self) -> Ledger:
        """Where the partition's clocks stand."""
        if self._taken is None:
            self.take()
        assert self._taken is not None
        return self._taken[1].ledger

    def _step(self) -> Stepped:
        assert self._taken is not None
        position, processor = self._taken
        # The clock is read before the log: what is appended after this look is received after it.
        look = self._clock()
        most = 1 if self._next_offset < self._careful_until else BATCH_RECORDS
        records = self._log.read(self._partition, self._next_offset, most)
        batch = [Incoming(record) for record in records]
        everything_read = len(records) < most
        live = [record.received for record in records if not record.run]
        live_until = look if everything_read else max(live, default=None)
        due = self._due(processor.ledger, batch, live_until)
        refolding = processor.ledger.refolding
        behind = live_until is not None and live_until - processor.ledger.live > HEARTBEAT
        if not records and not due and refolding is None and not behind:
            return Stepped(0, idle=True)
        commit = Commit(
            epoch=position.epoch,
            sequence=self._sequence + 1,
            next_offset=records[-1].offset + 1 if records else self._next_offset,
            ledger=b"",
        )
        if refolding is not None:
            # The catalogue's past changed: finish that before anything is taken in under it.
            commit.next_offset = self._next_offset
            records = []
            processor.refold(self._store.scan(self._partition, refolding, BATCH_TIMERS), commit)
        else:
            packed = self._store.load(self._partition, processor.touched(batch))
            try:
                processor.process(batch, packed, due, live_until, commit)
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                if not records:
                    raise
                if len(records) > 1:
                    raise Unprocessable(records[-1].offset + 1) from error
                # Refuse this one alone: a fresh processor, which never saw it, says why.
                self.take()
                position, processor = self._taken
                commit.epoch, commit.sequence = position.epoch, self._sequence + 1
                batch[0].problem = f"could not be worked on: {type(error).__name__}: {error}"
                processor.process(batch, {}, [], None, commit)
        self._store.commit(self._partition, commit)
        self._next_offset, self._sequence = commit.next_offset, commit.sequence
        if commit.outbox:
            self._publish()
        return Stepped(len(records), idle=False)

    def _due(
        self, ledger: Ledger, batch: Sequence[Incoming], live_until: Instant | None
    ) -> list[tuple[str, bytes]]:
        """Issues to look at because time passed: by the live clock, and by each import's own."""
        until: dict[str, Instant] = {}
        if live_until is not None:
            until[""] = live_until
        for run, state in ledger.runs.items():
            # After its end an import's issues join the live clock, whenever they next wake.
            until[run] = state.clock if state.open else _FOREVER
        for incoming in batch:
            record = incoming.record
            if record.run and until.get(record.run, 0) < record.received:
                until[record.run] = record.received
        due: list[tuple[str, bytes]] = []
        for clock, instant in until.items():
            found = self._store.due(self._partition, clock, instant, BATCH_TIMERS)
            if clock and instant == _FOREVER and not found:
                del ledger.runs[clock]
            due += found
        return due

    def _publish(self) -> None:
        """Send what the outbox holds, then remove what was acknowledged."""
        while waiting := self._store.outbox(self._partition, BATCH_OUTGOING):
            self._outlet.publish([outgoing for _, outgoing in waiting])
            self._store.sent(self._partition, waiting[-1][0])
