"""The event log of the embedded engine, and the topics of what leaves it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import msgspec

from backends.checks import check_outgoing, check_records
from backends.sqlite.files import BUSY_SECONDS, Database, only
from backends.sqlite.schema import LOG
from livelihood.instants import Instant
from livelihood.ports import CATALOGUE, EventLog, NewRecord, Outgoing, Outlet, Record, Refused

#: Records are kept in groups of at most so many, and of about so many bytes: large enough to be read
#: fast, small enough that reading one record does not cost much.
GROUP_RECORDS = 256
GROUP_BYTES = 256 * 1024

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Record]).decode

_ADD = {
    topic: f'INSERT OR IGNORE INTO {table} ("key", id, value) VALUES (?, ?, ?)'
    for topic, table in (("alert", "alerts"), ("dead_letter", "dead_letters"))
}


class SqliteLog(EventLog, Outlet):
    """One partition of request events, with alerts and dead letters beside it.

    Any number of processes may have one open. An append, small or large, waits for the disk once.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], Instant], *, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the log of a data folder, made where it is missing; `clock` stamps live records.

        Unavailable when it cannot be opened; the message says what to do.
        """
        self._database = Database(folder, LOG, busy_seconds=busy_seconds)
        self._clock = clock

    @property
    def partitions(self) -> int:
        """One."""
        return 1

    def append(self, records: Sequence[NewRecord]) -> list[tuple[int, int]]:
        """Append in order, durably once this returns; (partition, offset) of each.

        Refused, Unavailable: nothing of the call is then in the log.
        """
        if not records:
            return []
        check_records(records)
        with self._database.writing() as connection:
            first = self._append(connection, records)
        return [(0, first + number) for number in range(len(records))]

    def read(self, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; empty at the end."""
        only(partition)
        found: list[Record] = []
        if limit <= 0:
            return found
        with self._database.reading() as connection:
            groups = connection.execute("SELECT packed FROM records WHERE last >= ? ORDER BY last", (offset,))
            for (packed,) in groups:
                group = _unpack(packed)
                found += group if found else group[max(offset - group[0].offset, 0) :]
                if len(found) >= limit:
                    break
            groups.close()
        del found[limit:]
        return found

    def look(self, partition: int) -> Instant:
        """Now, by the clock that stamps: what can only be read later is received no earlier."""
        only(partition)
        # In its turn with the appends, and kept, so that a clock set back stamps nothing before it.
        with self._database.writing() as connection:
            (live,) = connection.execute("SELECT live FROM head").fetchone()
            now = max(self._clock(), live)
            if now > live:
                connection.execute("UPDATE head SET live = ?", (now,))
        return int(now)

    def end(self, partition: int) -> int:
        """The offset the next record will get."""
        only(partition)
        with self._database.reading() as connection:
            (offset,) = connection.execute("SELECT next_offset FROM head").fetchone()
        return int(offset)

    def append_run(self, run: str, position: int, records: Sequence[NewRecord]) -> int:
        """Append records of an import and, with them, how far it has come; the new count.

        Refused when the log holds another count than `position`: another process is at it.
        """
        check_records(records)
        with self._database.writing() as connection:
            held = _run_position(connection, run)
            if held != position:
                raise Refused(f"the log holds {held} records of {run}, not {position}")
            if records:
                self._append(connection, records)
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (run, position + len(records)))
        return position + len(records)

    def run_position(self, run: str) -> int:
        """How many records of an import the log holds."""
        with self._database.reading() as connection:
            return _run_position(connection, run)

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        """Durable once this returns; one whose key and id are there already changes nothing.

        An event goes back into the log, as any other; the rest to its topic.
        """
        del born
        only(partition)
        if not waiting:
            return
        outgoing = [one for _, one in waiting]
        check_outgoing(outgoing)
        events = {(key, id_): NewRecord(key, value) for to, id_, key, value in outgoing if to == "event"}
        check_records(list(events.values()))
        with self._database.writing() as connection:
            for topic, add in _ADD.items():
                rows = [(key, id_, value) for to, id_, key, value in outgoing if to == topic]
                if rows:
                    connection.executemany(add, rows)
            new = [event for identity, event in events.items() if _is_new(connection, *identity)]
            if new:
                self._append(connection, new)

    def _append(self, connection: Connection, records: Sequence[NewRecord]) -> int:
        """Within a transaction: stamp, number and keep some records; the offset of the first."""
        first, live = connection.execute("SELECT next_offset, live FROM head").fetchone()
        now = live
        if any(record.received is None for record in records):
            # Read within the transaction, so that the order of stamps is the order of offsets; a clock
            # that was set back stands still until it has caught up.
            now = max(self._clock(), live)
        stamped = [
            Record(offset, now if received is None else received, key, value, control, run)
            for offset, (key, value, received, control, run) in enumerate(records, first)
        ]
        connection.executemany("INSERT INTO records VALUES (?, ?)", _groups(stamped))
        published = [(record.offset, record.value) for record in stamped if record.control == CATALOGUE]
        if published:
            connection.executemany("INSERT INTO catalogues VALUES (?, ?)", published)
        connection.execute("UPDATE head SET next_offset = ?, live = ?", (first + len(stamped), now))
        return int(first)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _groups(records: list[Record]) -> Iterator[tuple[int, bytes]]:
    """The records as rows of the table: the last offset of each group, and the group."""
    first = size = 0
    for number, record in enumerate(records):
        if number - first == GROUP_RECORDS or size > GROUP_BYTES:
            yield records[number - 1].offset, _pack(records[first:number])
            first, size = number, 0
        size += len(record.value)
    yield records[-1].offset, _pack(records[first:])


def _run_position(connection: Connection, run: str) -> int:
    row = connection.execute("SELECT position FROM runs WHERE run = ?", (run,)).fetchone()
    return 0 if row is None else int(row[0])


def _is_new(connection: Connection, key: str, id_: str) -> bool:
    return connection.execute("INSERT OR IGNORE INTO returned VALUES (?, ?)", (key, id_)).rowcount == 1
