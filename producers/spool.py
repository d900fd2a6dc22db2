"""The spool: an import's events brought into time order, in bounded memory, on the disk.

A city's file is sorted by opening while its closings follow years later, so events are gathered
first and sorted by SQLite, whose sorter merges runs from the disk. The sorted events are numbered
from 1: an interrupted import goes on after the number it had reached.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from livelihood.envelope import RequestEvent
from livelihood.instants import Instant, from_datetime

#: Memory SQLite may use for its pages, in KiB.
_CACHE_KIB = 16 * 1024
#: What this code understands; a spool of another version is made anew.
_VERSION = 1

Seen = Literal["new", "same", "other"]


class SpoolError(Exception):
    """The spool cannot be written: a full disk or a folder without permission."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spooled:
    """One event in its place."""

    #: Its place among all events of the import, from 1.
    number: int
    time: Instant
    #: The issue's root, by which the log is keyed.
    key: str
    #: The event's canonical JSON.
    value: bytes


class SpoolWriter:
    """Gathers events in any order; `finish` sorts them. Until then nothing is readable."""

    def __init__(self, path: Path) -> None:
        """Begin a spool at a path, throwing away what an interrupted one left there."""
        self.path = path
        #: How many events it holds.
        self.total = 0
        self._partial = path.with_name(path.name + ".partial")
        try:
            self._partial.parent.mkdir(parents=True, exist_ok=True)
            self._partial.unlink(missing_ok=True)
            self._connection = sqlite3.connect(self._partial, isolation_level=None)
            # Nothing here outlives a crash, so nothing is paid for surviving one.
            self._connection.executescript(f"""
                PRAGMA journal_mode = OFF;
                PRAGMA synchronous = OFF;
                PRAGMA cache_size = -{_CACHE_KIB};
                PRAGMA temp_store = FILE;
                CREATE TABLE row_seen (id TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE gathered (time INTEGER, rank INTEGER, id TEXT, key TEXT, value BLOB);
                CREATE TABLE clock_mark (position INTEGER PRIMARY KEY);
                CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
                BEGIN;
            """)
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"cannot write {path}: {error}") from None

    def see(self, id_: str, content: bytes) -> Seen:
        """Note a row by its id: new, a repeat of the same, or one of other content under the same id."""
        digest = hashlib.blake2b(content, digest_size=16).digest()
        found = self._do("SELECT digest FROM row_seen WHERE id = ?", (id_,)).fetchone()
        if found is not None:
            return "same" if found[0] == digest else "other"
        self._do("INSERT INTO row_seen VALUES (?, ?)", (id_, digest))
        return "new"

    def add(self, event: RequestEvent) -> None:
        """Put an event in."""
        self._do(
            "INSERT INTO gathered VALUES (?, ?, ?, ?, ?)",
            (from_datetime(event.time), int(event.kind), event.id, event.key, event.to_json()),
        )
        self.total += 1

    def finish(self, about: dict[str, str]) -> None:
        """Sort by time, rank of the kind and id, and make the spool readable, whole or not at all."""
        connection = self._connection
        self._do("CREATE TABLE spooled (number INTEGER PRIMARY KEY, time INTEGER, key TEXT, value BLOB)")
        self._do(
            "INSERT INTO spooled (time, key, value)"
            " SELECT time, key, value FROM gathered ORDER BY time, rank, id"
        )
        self._do("CREATE INDEX by_time ON spooled (time)")
        for item in about.items():
            self._do("INSERT INTO about VALUES (?, ?)", item)
        for table in ("gathered", "row_seen"):
            self._do(f"DROP TABLE {table}")
        self._do(f"PRAGMA user_version = {_VERSION}")
        self._do("COMMIT")
        connection.close()
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        self._partial.replace(self.path)

    def abandon(self) -> None:
        """Throw the unfinished spool away."""
        self._connection.close()
        self._partial.unlink(missing_ok=True)

    def _do(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise SpoolError(f"cannot write {self._partial}: {error}") from None


class Spool:
    """A finished spool, read in order from any number on."""

    def __init__(self, path: Path) -> None:
        """Open a finished spool; FileNotFoundError where there is none or it is of another version."""
        if not path.exists():
            raise FileNotFoundError(path)
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version != _VERSION:
                raise FileNotFoundError(path)
            self.about = dict(self._connection.execute("SELECT name, value FROM about"))
            last = self._connection.execute("SELECT coalesce(max(number), 0) FROM spooled").fetchone()
            self.total = int(last[0])
        except sqlite3.DatabaseError:
            self._connection.close()
            raise FileNotFoundError(path) from None
        except FileNotFoundError:
            self._connection.close()
            raise

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def after(self, number: int, until: Instant | None = None) -> Iterator[Spooled]:
        """The events after a number, those before the instant `until` only, in order."""
        last = self.reach(until)
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(
                "SELECT number, time, key, value FROM spooled"
                " WHERE number > ? AND number <= ? ORDER BY number",
                (number, last),
            )
            for place, time, key, value in cursor:
                yield Spooled(number=place, time=time, key=key, value=value)

    def reach(self, until: Instant | None) -> int:
        """The number of the last event before an instant; of the very last where there is none."""
        if until is None:
            return self.total
        found = self._connection.execute(
            "SELECT number FROM spooled WHERE time < ? ORDER BY time DESC, number DESC LIMIT 1", (until,)
        ).fetchone()
        return 0 if found is None else int(found[0])

    def time_of(self, number: int) -> Instant | None:
        """The time of an event by its number; None where there is none."""
        found = self._connection.execute("SELECT time FROM spooled WHERE number = ?", (number,)).fetchone()
        return None if found is None else int(found[0])

    def mark_clock(self, position: int) -> None:
        """Note that the run's record at a position is about to be no event but its clock."""
        try:
            self._connection.execute("INSERT OR REPLACE INTO clock_mark VALUES (?)", (position,))
        except sqlite3.Error as error:
            raise SpoolError(f"cannot write {self._path}: {error}") from None

    def published(self, position: int) -> int:
        """How many events are among the first so many records of the run: not its begin, not its clock.

        One more than there are events once its end is there too.
        """
        marks = self._connection.execute(
            "SELECT count(*) FROM clock_mark WHERE position < ?", (position,)
        ).fetchone()
        return max(position - 1 - int(marks[0]), 0)

    def delete(self) -> None:
        """Remove the spool: the import has ended and the log holds everything."""
        self._connection.close()
        with suppress(OSError):
            self._path.unlink()
