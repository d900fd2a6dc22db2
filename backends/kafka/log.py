"""The event log of the distributed engine."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from backends.checks import check_records
from backends.kafka.connection import Connection
from backends.kafka.ends import BRIEFLY_SECONDS, Ends, Unsettled
from backends.kafka.latest import Latest
from backends.kafka.progress import Progress
from backends.kafka.reading import PartitionReader
from backends.kafka.records import NewMessage, messages_of, record_of
from backends.kafka.topics import CATALOGUE, REQUESTS
from backends.kafka.writing import Transactions, Writer
from livelihood import ports
from livelihood.instants import MILLISECOND, Instant
from livelihood.ports import EventLog, Fenced, NewRecord, Record, Refused, Unavailable

#: A look at the clock says so much less than it shows: for clocks of brokers and workers that differ, as
#: those set by NTP do by a tenth of it, and for a record that has its stamp but is still being copied.
MARGIN = 200 * MILLISECOND
#: How long a look waits for transactions that were open when it began; they take a tenth of that.
LOOK_SECONDS = 0.25
#: Of records fetched ahead a process holds so much, were it to read all partitions.
AHEAD_KILOBYTES = 64 * 1_024
#: Imports whose names are held at once; moving data from elsewhere goes on with several in turn.
_HELD_RUNS = 4


class KafkaLog(EventLog):
    """The topic of requests. Any number of processes may have one open.

    Threads may share one to read and to append events; all else belongs to one of them.
    """

    def __init__(
        self, connection: Connection, clock: Callable[[], Instant] = lambda: time.time_ns() // 1_000
    ) -> None:
        """`clock` must agree with the brokers' within MARGIN.

        Unavailable when no broker answers or the topics are not there.
        """
        self._connection = connection
        self._clock = clock
        self._topic = connection.topic(REQUESTS)
        self._partitions = connection.partitions(REQUESTS)
        self._ends = Ends(connection)
        self._writer = Writer(connection)
        self._readers: dict[int, PartitionReader] = {}
        # A reader goes on where it was: threads that share it take turns.
        self._turn = threading.Lock()
        self._progress = Progress(connection, self._ends)
        self._catalogue = Latest(connection, self._ends, CATALOGUE)
        #: What is held of imports: their names, and how many records of each are there.
        self._runs: dict[str, tuple[Transactions, int]] = {}
        #: The last look at each partition.
        self._looks: dict[int, Instant] = {}

    @property
    def partitions(self) -> int:
        """How many partitions there are."""
        return self._partitions

    def append(self, records: Sequence[NewRecord]) -> list[tuple[int, int]]:
        """Append in order, durably once this returns; (partition, offset) of each.

        Markers, and what is appended with them, are in the log whole or not at all. Of events alone
        some may be there after Unavailable. Refused: nothing is.
        """
        if not records:
            return []
        check_records(records)
        if not any(record.control for record in records):
            return self._writer.write(messages_of(records, self._topic, self._partitions))
        try:
            places = Transactions(self._connection, self._ends, "markers").write(self._with_markers(records))
        except Fenced as error:
            raise Unavailable("another process published to the log at this moment; try again") from error
        taken, found = 0, []
        for record in records:
            # A version of the catalogue is in its own topic as well; the place is that of the last marker.
            taken += 1 if not record.control else self._partitions + (record.control == ports.CATALOGUE)
            found.append(places[taken - 1])
        return found

    def read(self, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; empty at the end. Offsets have holes."""
        with self._turn:
            reader = self._readers.get(partition)
            if reader is None:
                if not 0 <= partition < self._partitions:
                    raise IndexError(f"partition {partition} of {self._partitions}")
                ahead = max(AHEAD_KILOBYTES // self._partitions, 1_024)
                reader = PartitionReader(
                    *(self._connection, self._ends, self._topic, partition), queued_max_messages_kbytes=ahead
                )
                self._readers[partition] = reader
            return [record_of(message) for message in reader.read(offset, limit)]

    def look(self, partition: int) -> Instant:
        """Now, less MARGIN: what can only be read later is received no earlier.

        While a transaction stands open for long, what it said the last time.
        """
        now = self._clock() - MARGIN
        # What was written by now has a stamp, though a transaction may hide it: it must be readable first.
        written = self._ends.written(self._topic, partition)
        if self._ends.wait(self._topic, partition, written, LOOK_SECONDS):
            self._looks[partition] = max(now, self._looks.get(partition, 0))
        return self._looks.get(partition, 0)

    def end(self, partition: int) -> int:
        """The offset before which everything can be read; the last record may be some offsets before it."""
        return self._ends.readable(self._topic, partition)

    def append_run(self, run: str, position: int, records: Sequence[NewRecord]) -> int:
        """Append records of an import and, with them, how far it has come; the new count.

        Refused when the log holds another count than `position`, so that another process has gone on with it.
        """
        check_records(records)
        messages = list(self._with_markers(records))
        # Brokers that were away say "fenced" too, of a transaction that took too long for them meanwhile:
        # whether it was another process shows in how far the import has come.
        with suppress(Fenced):
            return self._carry_on(run, position, messages, position + len(records))
        try:
            return self._carry_on(run, position, messages, position + len(records))
        except (Fenced, Refused) as error:
            raise Refused(f"another process goes on with the import {run} ({error})") from error

    def _carry_on(self, run: str, position: int, messages: Sequence[NewMessage], until: int) -> int:
        transactions, held = self._runs.pop(run) if run in self._runs else self._begin(run)
        if held != position:
            raise Refused(f"the log holds {held} records of {run}, not {position}")
        transactions.write([*messages, self._progress.of_run(run, until)])
        self._runs[run] = transactions, until
        if len(self._runs) > _HELD_RUNS:
            del self._runs[next(iter(self._runs))]
        return until

    def run_position(self, run: str) -> int:
        """How many records of an import the log holds."""
        if run in self._runs:
            return self._runs[run][1]
        try:
            return self._progress.run(run, BRIEFLY_SECONDS)
        except Unsettled:
            # Somebody died within a transaction. If it was at this import, taking its name ends that.
            self._runs[run] = self._begin(run)
            return self._runs[run][1]

    def _begin(self, run: str) -> tuple[Transactions, int]:
        """Take an import's name, then see how far it has come: nobody else carries it on from there."""
        return Transactions(self._connection, self._ends, f"run.{run}"), self._progress.run(run)

    def _with_markers(self, records: Sequence[NewRecord]) -> Iterable[NewMessage]:
        publishes = any(record.control == ports.CATALOGUE for record in records)
        versions = len(self._catalogue.read()) if publishes else 0
        return messages_of(records, self._topic, self._partitions, self._catalogue.topic, versions)

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._readers.values():
            reader.close()
        self._progress.close()
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
