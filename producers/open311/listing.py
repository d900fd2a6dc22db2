"""Which issues and updates there are by time: an index of its own, made from the states and kept by the log.

States are found by their issue only. This index lies in a file that SQLite removes with the connection, a
part of it in memory; nothing is lost with it, for whoever needs it next makes it again. docs/open311.md says
what that costs.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.instants import Instant
from livelihood.lifecycle import State
from livelihood.ports import EVENT, EventLog, Reader, Record
from livelihood.state import all_facts, unpack
from producers.open311.parameters import Wanted, Window

#: Memory for the index's pages, in KiB.
_CACHE_KIB = 32 * 1024
#: States and records taken at a time.
_STEP = 2_000

#: What is news to whoever follows a request.
_NEWS = frozenset(
    {
        *(Kind.ACCEPTED, Kind.ASSIGNED, Kind.TRANSFER_OFFERED, Kind.TRANSFER_ACCEPTED, Kind.RETURNED),
        *(Kind.RECLASSIFIED, Kind.PAUSED, Kind.RESUMED, Kind.EXTENSION_GRANTED, Kind.PROGRESS_REPORTED),
        *(Kind.COMMENTED, Kind.RESOLVED, Kind.REJECTED, Kind.WITHDRAWN, Kind.MERGED, Kind.CLOSED),
        Kind.REOPENED,
    }
)

_SCHEMA = """
CREATE TABLE issues (issue TEXT PRIMARY KEY, submitted INTEGER, service TEXT, is_open INTEGER) WITHOUT ROWID;
CREATE INDEX by_submission ON issues (submitted, issue, service, is_open);
CREATE TABLE updates (
    recorded INTEGER, issue TEXT, source TEXT, id TEXT,
    PRIMARY KEY (recorded, issue, source, id)) WITHOUT ROWID;
CREATE TABLE texts (
    issue TEXT, source TEXT, id TEXT, sealed TEXT, PRIMARY KEY (issue, source, id)) WITHOUT ROWID;
"""


class Update(NamedTuple):
    """An event that is news to who follows a request."""

    recorded: Instant
    issue: str
    source: str
    id: str


class _Personal(msgspec.Struct, frozen=True):
    personal: str | None = None


class _Heard(msgspec.Struct, frozen=True):
    """What of a record the index needs."""

    subject: str
    source: str
    id: str
    data: _Personal = _Personal()


_HEARD = msgspec.json.Decoder(_Heard)


class Listing:
    """The index of one process; safe to use from several threads."""

    def __init__(self, log: EventLog, reader: Reader, *, has_texts: bool) -> None:
        """Made when first asked. `has_texts`: sealed texts are found by it too, at the price of reading the
        whole log once.
        """
        self._log = log
        self._reader = reader
        self._has_texts = has_texts
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        #: Partition -> (the store's data it was made from, the next record to hear).
        self._heard: dict[int, tuple[str, int]] = {}

    def requests(self, wanted: Wanted, hidden: Iterable[str]) -> list[str]:
        """The issues asked for by time, newest first; never those of hidden services."""
        window = wanted.window
        hidden, services = list(hidden), list(wanted.services)
        conditions = ["submitted BETWEEN ? AND ?"]
        values: list[object] = [window.since, window.until]
        if wanted.is_open is not None:
            conditions.append("is_open = ?")
            values.append(wanted.is_open)
        # As JSON: there may be more of them than a statement has places.
        for names, verb in ((services, "IN"), (hidden, "NOT IN")):
            if names:
                conditions.append(f"service {verb} (SELECT value FROM json_each(?))")
                values.append(_json(names))
        found = self._ask(
            f"SELECT issue FROM issues WHERE {' AND '.join(conditions)}"
            " ORDER BY submitted DESC, issue DESC LIMIT ? OFFSET ?",
            [*values, window.rows, window.skip],
        )
        return [issue for (issue,) in found]

    def updates(self, window: Window) -> list[Update]:
        """The updates recorded in a stretch of time, oldest first."""
        found = self._ask(
            "SELECT recorded, issue, source, id FROM updates WHERE recorded BETWEEN ? AND ?"
            " ORDER BY recorded, issue, source, id LIMIT ? OFFSET ?",
            [window.since, window.until, window.rows, window.skip],
        )
        return [Update(*row) for row in found]

    def texts(self, issues: Iterable[str]) -> dict[tuple[str, str, str], str]:
        """(issue, source, id) of events of those issues with something personal -> that, sealed."""
        found = self._ask(
            "SELECT issue, source, id, sealed FROM texts WHERE issue IN (SELECT value FROM json_each(?))",
            [_json(issues)],
        )
        return {(issue, source, id_): sealed for issue, source, id_, sealed in found}

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._forget()

    def _ask(self, statement: str, values: list[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            connection = self._current()
            return connection.execute(statement, values).fetchall()

    def _current(self) -> sqlite3.Connection:
        """The index, which has all that the worker has worked on; Unavailable from log or reader."""
        positions = [self._reader.position(partition) for partition in range(self._reader.partitions)]
        for partition, position in enumerate(positions):
            born, heard = self._heard.get(partition, (position.born, 0))
            if born != position.born or heard > position.next_offset:
                # The tables were made anew, or are another's.
                self._forget()
        connection = self._connection
        if connection is None:
            # Private to this connection, and on the disk beyond its cache.
            connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            connection.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE_KIB};"
                + _SCHEMA
            )
            self._connection = connection
        try:
            for partition, position in enumerate(positions):
                if partition not in self._heard:
                    self._fill(connection, partition, position.next_offset)
                    self._heard[partition] = (position.born, position.next_offset)
                self._follow(connection, partition, position.next_offset)
        except BaseException:
            # What was taken in halfway would be missed for good.
            self._forget()
            raise
        return connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._heard.clear()

    def _fill(self, connection: sqlite3.Connection, partition: int, end: int) -> None:
        cursor: str | None = ""
        while cursor is not None:
            states, cursor = self._reader.scan(partition, cursor, _STEP)
            self._take(connection, states)
        if self._has_texts:
            for _, records in self._records(partition, 0, end):
                self._take_texts(connection, map(_heard_of, records))

    def _follow(self, connection: sqlite3.Connection, partition: int, end: int) -> None:
        born, start = self._heard[partition]
        for offset, records in self._records(partition, start, end):
            heard = [one for one in map(_heard_of, records) if one is not None]
            if self._has_texts:
                self._take_texts(connection, heard)
            # What happens to a part happens to its bundle.
            issues = {name for one in heard for name in (one.subject, root_of(one.subject))}
            self._take(connection, self._reader.states(issues).items())
            self._heard[partition] = (born, offset)

    def _records(self, partition: int, offset: int, end: int) -> Iterator[tuple[int, list[Record]]]:
        while offset < end:
            records = self._log.read(partition, offset, min(_STEP, end - offset))
            # A log may have places that hold no record.
            offset = records[-1].offset + 1 if records else end
            yield offset, records

    def _take(self, connection: sqlite3.Connection, states: Iterable[tuple[str, bytes]]) -> None:
        issues, updates = [], []
        for name, packed in states:
            state = unpack(packed)
            if state.issue.state == State.ORPHAN:
                continue
            archived = self._reader.archive(name) if state.segments else ()
            updates += [
                (fact.recorded, name, fact.source, fact.id)
                for fact in all_facts(state, archived)
                if fact.kind in _NEWS
            ]
            # A person's request is the bundle; its parts are the departments' own business.
            if root_of(name) == name:
                issues.append((name, state.issue.submitted, state.issue.service, state.issue.open))
        connection.execute("BEGIN")
        connection.executemany("REPLACE INTO issues VALUES (?, ?, ?, ?)", issues)
        connection.executemany("INSERT OR IGNORE INTO updates VALUES (?, ?, ?, ?)", updates)
        connection.execute("COMMIT")

    def _take_texts(self, connection: sqlite3.Connection, heard: Iterable[_Heard | None]) -> None:
        rows = [
            (one.subject, one.source, one.id, one.data.personal)
            for one in heard
            if one is not None and one.data.personal is not None
        ]
        connection.execute("BEGIN")
        connection.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")


def _json(names: Iterable[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


def _heard_of(record: Record) -> _Heard | None:
    if record.control != EVENT:
        return None
    try:
        return _HEARD.decode(record.value)
    except msgspec.DecodeError:
        # A dead letter: no state knows of it.
        return None
