"""A log copied to topics with another prefix and another number of partitions.

A topic cannot be given other partitions without its records no longer being where their keys say, so all are
copied. In the copy
- an issue's records are in their order, with every marker where it was among them;
- what an import says, and what is live, comes in the order of its times, in every partition;
- each record keeps when it was received, and each import how far it has come;
- the alerts that were told are there, so that nobody is told again;
- who was forgotten stays so.
Dead letters name places in the log, so workers write them anew; states are made anew as well.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from confluent_kafka import Message

from backends.kafka.connection import Connection
from backends.kafka.ends import Ends
from backends.kafka.progress import Progress
from backends.kafka.reading import PartitionReader
from backends.kafka.records import NewMessage, headers_of, messages_of, record_of
from backends.kafka.topics import ALERTS, CATALOGUE, FORGOTTEN, REQUESTS, init
from backends.kafka.writing import Writer
from livelihood.instants import Instant
from livelihood.ports import NewRecord, Record, Refused, Unavailable

#: Read and written at a time.
_STEP = 10_000

OnCopied = Callable[[int, int], None]


def rekey(
    source: Connection,
    target: Connection,
    *,
    partitions: int,
    replication: int = 1,
    min_insync: int = 1,
    copied: OnCopied = lambda _, __: None,
) -> None:
    """Make the target's topics and copy the source's log; `copied` is told of how many, and of how many.

    Nobody may write to the source meanwhile. Refused where the target holds records already;
    Unavailable when a broker does not answer or the source was written to: the target is then of no
    use, and another prefix is needed.
    """
    count, _ = source.partitions(REQUESTS), source.partitions(FORGOTTEN)
    ends = Ends(source)
    name = source.topic(REQUESTS)
    held = [ends.settled(name, number) for number in range(count)]
    init(target, partitions=partitions, replication=replication, min_insync=min_insync)
    if any(Ends(target).written(target.topic(REQUESTS), number) for number in range(partitions)):
        raise Refused(f"{target.topic(REQUESTS)} holds records already; choose another prefix")
    writer = Writer(target)

    def records(partition: int) -> Iterator[Record]:
        return map(record_of, _messages(source, ends, REQUESTS, partition))

    ahead = [times_of(records(number)) for number in range(count)]
    total = sum(len(times) for of_partition in ahead for times in of_partition.values())
    again = merged([records(number) for number in range(count)], ahead)
    messages = messages_of(
        (NewRecord(one.key, one.value, one.received, one.control, one.run) for one in again),
        target.topic(REQUESTS),
        partitions,
        target.topic(CATALOGUE),
    )
    _write(writer, messages, lambda done: copied(min(done, total), total))
    alerts = target.topic(ALERTS)
    for number in range(count):
        told = (
            NewMessage(
                alerts,
                one.key() or b"",
                one.value() or b"",
                None,
                list(headers_of(one).items()),
            )
            for one in _messages(source, ends, ALERTS, number)
        )
        _write(writer, told)
    forgotten = (
        NewMessage(target.topic(FORGOTTEN), one.key() or b"", one.value() or b"", 0)
        for one in _messages(source, ends, FORGOTTEN, 0)
    )
    _write(writer, forgotten)
    progress, new = Progress(source, ends), Progress(target, Ends(target))
    writer.write(new.of_run(run, position) for run, position in progress.runs().items())
    progress.close()
    if held != [ends.written(name, number) for number in range(count)]:
        raise Unavailable(
            f"{name} was written to while it was copied: stop everything that writes, and copy it to another"
            " prefix"
        )


def _messages(connection: Connection, ends: Ends, name: str, partition: int) -> Iterator[Message]:
    with PartitionReader(connection, ends, connection.topic(name), partition) as reader:
        offset = 0
        while found := reader.read(offset, _STEP):
            yield from found
            offset = (found[-1].offset() or 0) + 1


def _write(
    writer: Writer, messages: Iterable[NewMessage], written: Callable[[int], None] = lambda _: None
) -> None:
    messages, done = iter(messages), 0
    while some := list(islice(messages, _STEP)):
        done += len(writer.write(some))
        written(done)


#: Of one partition: the times of its events, in their order, by the import they belong to; live ones by "".
Times = dict[str, "array[Instant]"]


def times_of(records: Iterable[Record]) -> Times:
    """The times of a partition's events."""
    times: Times = defaultdict(lambda: array("q"))
    for record in records:
        if not record.control:
            times[record.run].append(record.received)
    return times


def merged(partitions: Sequence[Iterable[Record]], times: Sequence[Times]) -> Iterator[Record]:
    """The records of all partitions in one order that every one of them, and every clock, agrees with.

    An event comes when no partition has an earlier one of the same import, or live, left; a marker once
    all partitions have come to it. Where clocks of brokers or markers written at once contradict each
    other, partitions still keep their own order.
    """
    heads = [_Head(records, of_partition) for records, of_partition in zip(partitions, times, strict=True)]
    while any(head.record is not None for head in heads):
        moved = False
        for head in heads:
            for record in head.events_before(heads):
                moved = True
                yield record
        if moved:
            continue
        events = [head for head in heads if head.record is not None and not head.record.control]
        if events:
            # By clocks of brokers that differ, something earlier is behind a marker: that weighs less.
            yield min(events, key=_Head.time).take()
            continue
        marker = next(head.record for head in heads if head.record is not None)
        yield marker
        for head in heads:
            head.pass_marker(_identity(marker))


class _Head:
    """How far a partition has been taken."""

    def __init__(self, records: Iterable[Record], times: Times) -> None:
        self._records = iter(records)
        self._times = times
        self._taken: Counter[str] = Counter()
        #: Markers that are in the copy already, though this partition has not come to them.
        self._passed: Counter[tuple[object, ...]] = Counter()
        self.record: Record | None = None
        self._advance()

    def events_before(self, heads: Iterable["_Head"]) -> Iterator[Record]:
        """Take events as long as no other partition has an earlier one of the same clock left."""
        run: str | None = None
        until: Instant | None = None
        while self.record is not None and not self.record.control:
            if self.record.run != run:
                run = self.record.run
                left = [head.next_of(run) for head in heads if head is not self]
                until = min((time for time in left if time is not None), default=None)
            if until is not None and self.record.received > until:
                return
            yield self.take()

    def time(self) -> Instant:
        """Of the record at the head."""
        return self.record.received if self.record is not None else 0

    def next_of(self, run: str) -> Instant | None:
        """The time of the next event of an import, or live, wherever it stands; None: there is none left."""
        times, taken = self._times.get(run), self._taken[run]
        return None if times is None or taken == len(times) else times[taken]

    def take(self) -> Record:
        """The event at the head; the next one is at the head then."""
        record = self.record
        assert record is not None
        self._taken[record.run] += 1
        self._advance()
        return record

    def pass_marker(self, identity: tuple[object, ...]) -> None:
        """A marker is in the copy: here it is passed now, or when it is met."""
        self._passed[identity] += 1
        self._skip()

    def _advance(self) -> None:
        self.record = next(self._records, None)
        self._skip()

    def _skip(self) -> None:
        while self.record is not None and self.record.control and self._passed[_identity(self.record)]:
            self._passed[_identity(self.record)] -= 1
            self.record = next(self._records, None)


def _identity(marker: Record) -> tuple[object, ...]:
    """What is the same of a marker in every partition; a live one's time is not."""
    return marker.control, marker.run, marker.value, marker.received if marker.run else None
