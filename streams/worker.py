"""The worker of one partition: reads the log, loads what a batch touches, commits, publishes.

One step is one commit. With an executor the commit is sent from another thread, and the next step waits
for it before it looks at any state; who works on several partitions in turn folds one meanwhile. After
any failure the worker drops what it holds and takes the partition again, so that what the store holds is
the only truth.
"""

import gc
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass

from livelihood.catalogue import CatalogueVersion
from livelihood.instants import SECOND, Instant
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.ports import (
    CATALOGUE,
    Commit,
    EventLog,
    Outgoing,
    Outlet,
    Position,
    Record,
    StateStore,
    Unavailable,
)
from streams.incoming import Incoming
from streams.processor import Due, Processor

#: Records taken into one commit: enough to make its cost small, few enough to be quick (half a second).
BATCH_RECORDS = 10_000
#: Timers fired in one commit, by each clock.
BATCH_TIMERS = 10_000
#: What leaves in one call.
BATCH_OUTGOING = 10_000
#: With nothing to do, how often the tables say that they stand for now.
HEARTBEAT: Instant = 5 * SECOND
#: The collector of cyclic garbage looks after so many more objects than were freed, and at the old ones
#: so much more rarely than at the young. A batch makes many at once, none of them in a cycle: with Python's
#: own thresholds the collector took a fifth of all time, and found nothing.
COLLECTOR_THRESHOLDS = (500_000, 20, 100)
#: Later than anything.
_FOREVER: Instant = (1 << 62) - 1


@dataclass(slots=True, frozen=True)
class Stepped:
    """What one step did."""

    records: int
    #: Whether nothing is left to do now: nothing unread, no timer due, no pass under way.
    idle: bool
    #: What has left since the step before.
    sent: Sequence[Outgoing] = ()


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
        executor: Executor | None = None,
    ) -> None:
        """`clock` tells when it is worth a look at the log's own; `published` gives all versions.

        With an `executor` commits are sent and what waits is published from its threads.
        """
        self._log = log
        self._store = store
        self._outlet = outlet
        self._clock = clock
        self._published = published
        self._partition = partition
        self._executor = executor
        self._taken: tuple[Position, Processor] | None = None
        self._next_offset = 0
        self._sequence = 0
        self._born = ""
        #: The commit on its way.
        self._under_way: Future[None] | None = None
        #: What has left and was not told yet.
        self._sent: list[Outgoing] = []

    @property
    def next_offset(self) -> int:
        """The first record not yet worked on."""
        return self._next_offset

    def take(self) -> None:
        """Become the owner, start from what the store holds, and publish what waits there.

        NewerData where a newer version of this software has worked on the partition.
        """
        gc.set_threshold(*COLLECTOR_THRESHOLDS)
        position = self._store.take(self._partition)
        end = self._log.end(self._partition)
        if position.next_offset > end:
            raise Unavailable(
                f"the log of partition {self._partition} ends at {end:,}, and {position.next_offset:,} of it"
                " have been worked on: it was replaced or cut off. Put the right one back, or have the tables"
                " made again from this one:  livelihood rebuild"
            )
        ledger = unpack_ledger(position.ledger)
        published = list(self._published())[: ledger.catalogues]
        self._next_offset, self._sequence = position.next_offset, position.sequence
        self._born = position.born
        self._publish()
        self._taken = position, Processor(self._store, self._partition, ledger, published)

    def step(self) -> Stepped:
        """Work on what there is now, in one commit, and publish what it raises.

        Raises what the store or the log raise; the partition is then taken again by the next step. What a
        commit sent by an executor meets with is raised by the step after it.
        """
        try:
            if self._taken is None:
                self.take()
            assert self._taken is not None
            if self._taken[1].ledger.refolding is not None:
                stepped = self._refold(*self._taken)
            else:
                stepped = self._work(*self._taken)
        except BaseException:
            self.drop()
            raise
        return stepped

    def drop(self) -> None:
        """Hold nothing any more; what is on its way has ended once this returns."""
        self._taken = None
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            wait([under_way])

    @property
    def ledger(self) -> Ledger:
        """Where the partition's clocks stand."""
        if self._taken is None:
            self.take()
        assert self._taken is not None
        return self._taken[1].ledger

    def _work(self, position: Position, processor: Processor) -> Stepped:
        records, look = self._read(processor.ledger)
        live = max((record.received for record in records if not record.run), default=None)
        live_until = live if look is None else max(look, live or look)
        batch = [Incoming(record) for record in records]
        sent = self._settle()
        due = self._due(processor.ledger, records, live_until)
        if not records and not due.states and not due.left and look is None:
            return Stepped(0, idle=True, sent=sent)
        next_offset = records[-1].offset + 1 if records else self._next_offset
        commit = self._commit_after(position, next_offset)
        packed = self._store.load(self._partition, processor.touched(batch))
        self._send(processor.process(batch, packed, due, commit))
        return Stepped(len(records), idle=False, sent=sent)

    def _refold(self, position: Position, processor: Processor) -> Stepped:
        """What holds for past issues has changed: finish that before anything is taken in under it."""
        sent = self._settle()
        after = processor.ledger.refolding
        assert after is not None
        page, cursor = self._store.scan(self._partition, after, BATCH_TIMERS)
        self._send(processor.refold(page, cursor, self._commit_after(position, self._next_offset)))
        return Stepped(0, idle=False, sent=sent)

    def _read(self, ledger: Ledger) -> tuple[list[Record], Instant | None]:
        """The next records, and, where they are all there are, the look that found no more."""
        records = self._log.read(self._partition, self._next_offset, BATCH_RECORDS)
        look: Instant | None = None
        if len(records) < BATCH_RECORDS and self._is_time_to_look(ledger):
            look = self._log.look(self._partition)
            # Offsets may have holes.
            after = records[-1].offset + 1 if records else self._next_offset
            more = self._log.read(self._partition, after, BATCH_RECORDS)
            records += more
            if len(more) == BATCH_RECORDS:
                look = None
        for number, record in enumerate(records):
            if record.control == CATALOGUE:
                # A new version ends a batch: what is due before it is due under the old one.
                return records[: number + 1], None
        return records, look

    def _is_time_to_look(self, ledger: Ledger) -> bool:
        """Whether time alone may have something for us: a look makes the log wait for the disk."""
        now = self._clock()
        return now - ledger.live > HEARTBEAT or bool(self._store.due(self._partition, "", now, 1))

    def _due(self, ledger: Ledger, records: Sequence[Record], live_until: Instant | None) -> Due:
        """Issues to look at because time passed: by the live clock, and by each import's own."""
        until: dict[str, Instant] = {}
        if live_until is not None:
            until[""] = live_until
        for name, run in ledger.runs.items():
            # After its end an import's issues join the live clock, whenever they next wake.
            until[name] = run.clock if run.open else _FOREVER
        for record in records:
            if record.run and until.get(record.run, 0) < record.received:
                until[record.run] = record.received
        due = Due(live_until=live_until)
        for clock, instant in until.items():
            found = self._store.due(self._partition, clock, instant, BATCH_TIMERS)
            due.states += found
            if len(found) == BATCH_TIMERS:
                due.owed.add(clock)
            elif instant == _FOREVER and not found:
                due.left.append(clock)
        return due

    def _commit_after(self, position: Position, next_offset: int) -> Commit:
        return Commit(epoch=position.epoch, sequence=self._sequence + 1, next_offset=next_offset, ledger=b"")

    def _send(self, commit: Commit) -> None:
        """Commit and publish, at once or from another thread."""
        self._next_offset, self._sequence = commit.next_offset, commit.sequence
        if self._executor is None:
            self._deliver(commit)
        else:
            self._under_way = self._executor.submit(self._deliver, commit)

    def _settle(self) -> list[Outgoing]:
        """Wait for the commit on its way, raise what it met with; what has left."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
        sent, self._sent = self._sent, []
        return sent

    def _deliver(self, commit: Commit) -> None:
        self._store.commit(self._partition, commit)
        if commit.outbox:
            self._publish()

    def _publish(self) -> None:
        """Send what the outbox holds, then remove what was acknowledged."""
        while waiting := self._store.outbox(self._partition, BATCH_OUTGOING):
            self._outlet.publish(self._partition, self._born, waiting)
            self._store.sent(self._partition, waiting[-1][0])
            self._sent += [outgoing for _, outgoing in waiting]
            if len(waiting) < BATCH_OUTGOING:
                return
