"""A vault in one SQLite file, in a folder of its own that only its owner may look into."""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from livelihood.ports import Unavailable
from livelihood.safekeeping import Drawer, Place

FILE_NAME = "keys.sqlite"
#: Marks a file as ours, in PRAGMA application_id: "KEYS" in ASCII.
APPLICATION_ID = 0x4B455953
VERSION = 1
#: Only the owner reads, writes and looks in.
FOLDER_RIGHTS, FILE_RIGHTS = 0o700, 0o600
#: How long a process waits while another one writes, or reads what is to be scrubbed.
BUSY_SECONDS = 10.0
_SCRUB_PAUSE_SECONDS = 0.02
#: Rows read at a time while a drawer is gone through.
_PAGE_ROWS = 1_000

_DDL = """
CREATE TABLE IF NOT EXISTS vault (
    drawer TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (drawer, name)) WITHOUT ROWID;
"""


class _Asked:
    """Values to be added, and what became of them."""

    def __init__(self, values: Sequence[tuple[Place, bytes]]) -> None:
        self.values = values
        self.found: list[bytes] = []
        self.error: BaseException | None = None
        self.done = False


class SqliteVault:
    """What lies in the folder; made, with rights for its owner only, where it is missing."""

    def __init__(self, folder: Path, *, name: str = FILE_NAME, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open it. Unavailable where that cannot be, or where others than its owner may read it."""
        self.path = folder / name
        self._busy_seconds = busy_seconds
        # A connection is in one transaction, so threads that share it take turns.
        self._turn = threading.RLock()
        #: What is to be added, by all threads.
        self._waiting: deque[_Asked] = deque()
        _make_folder(folder, self.path)
        with self._explaining():
            self._connection = sqlite3.connect(
                self.path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        connection = self._connection
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application, version) not in ((0, 0), (APPLICATION_ID, VERSION)):
            raise Unavailable(f"{self.path} was made by other software, or a newer version of this one")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # What is removed is written over with zeros, in the write-ahead log's copy of the page too.
        connection.execute("PRAGMA secure_delete = ON")
        if version == 0:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_DDL)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")

    def get(self, drawer: Drawer, name: str) -> bytes | None:
        """What lies under a name."""
        return self.get_all([Place(drawer, name)])[0]

    def get_all(self, places: Sequence[Place]) -> list[bytes | None]:
        """What lies at each place, at one moment."""
        with self._transaction("BEGIN"):
            return [self._get(place) for place in places]

    def put(self, drawer: Drawer, name: str, value: bytes) -> None:
        """Keep a value, in place of what lay there; durable once this returns."""
        with self._transaction("BEGIN IMMEDIATE"):
            self._connection.execute("INSERT OR REPLACE INTO vault VALUES (?, ?, ?)", (drawer, name, value))

    def add(self, drawer: Drawer, name: str, value: bytes) -> bytes:
        """Keep a value unless something lies there; what lies there then, the same for all who ask."""
        return self.add_all([(Place(drawer, name), value)])[0]

    def add_all(self, values: Sequence[tuple[Place, bytes]]) -> list[bytes]:
        """As `add` for each of them; durable all at once."""
        asked = _Asked(values)
        self._waiting.append(asked)
        with self._turn:
            if not asked.done:
                # With it goes whatever else waits by now: the disk is waited for once.
                group = [self._waiting.popleft() for _ in range(len(self._waiting))]
                try:
                    with self._transaction("BEGIN IMMEDIATE"):
                        for one in group:
                            one.found = [self._add(place, value) for place, value in one.values]
                except BaseException as error:
                    for one in group:
                        one.error = error
                    raise
                finally:
                    for one in group:
                        one.done = True
        if asked.error is not None:
            raise Unavailable(str(asked.error)) from asked.error
        return asked.found

    def replace(self, drawer: Drawer, name: str, old: bytes, new: bytes) -> bool:
        """Keep a value in place of that one; nothing is done where another lies there by now, or none."""
        with self._transaction("BEGIN IMMEDIATE"):
            statement = "UPDATE vault SET value = ? WHERE drawer = ? AND name = ? AND value = ?"
            return self._connection.execute(statement, (new, drawer, name, old)).rowcount == 1

    def delete(self, drawer: Drawer, name: str) -> bool:
        """Remove; whether there was anything."""
        return self.delete_all([Place(drawer, name)]) == 1

    def delete_all(self, places: Sequence[Place]) -> int:
        """Remove all of them, durably all at once; how many there were."""
        with self._transaction("BEGIN IMMEDIATE"):
            statement = "DELETE FROM vault WHERE drawer = ? AND name = ?"
            return sum(self._connection.execute(statement, place).rowcount for place in places)

    def scrub(self) -> None:
        """Return when nothing of what was removed or replaced is in the file or its write-ahead log."""
        limit = time.monotonic() + self._busy_seconds
        while True:
            with self._turn, self._explaining():
                busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return
            if time.monotonic() > limit:
                raise Unavailable(f"{self.path} is read by another process all the while; try again")
            time.sleep(_SCRUB_PAUSE_SECONDS)

    def items(self, drawer: Drawer) -> Iterator[tuple[str, bytes]]:
        """All of a drawer, by name; read in pages, so that nobody waits."""
        after = ""
        statement = "SELECT name, value FROM vault WHERE drawer = ? AND name > ? ORDER BY name LIMIT ?"
        while True:
            with self._turn, self._explaining():
                page = self._connection.execute(statement, (drawer, after, _PAGE_ROWS)).fetchall()
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            after = page[-1][0]

    def drawers(self) -> list[Drawer]:
        """The drawers with something in them."""
        with self._turn, self._explaining():
            rows = self._connection.execute("SELECT DISTINCT drawer FROM vault ORDER BY drawer").fetchall()
        return [drawer for (drawer,) in rows]

    def _add(self, place: Place, value: bytes) -> bytes:
        held = self._get(place)
        if held is None:
            self._connection.execute("INSERT INTO vault VALUES (?, ?, ?)", (*place, value))
        return value if held is None else held

    def _get(self, place: Place) -> bytes | None:
        statement = "SELECT value FROM vault WHERE drawer = ? AND name = ?"
        row = self._connection.execute(statement, place).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._turn, self._explaining():
            self._connection.execute(begin)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # After some errors SQLite has rolled back by itself.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise Unavailable(f"the vault {self.path} cannot be used now: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Unavailable(f"the vault {self.path} is damaged ({error}); restore a backup") from error

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _make_folder(folder: Path, file: Path) -> None:
    """Make folder and file with rights for the owner alone; Unavailable where others may look in."""
    try:
        folder.mkdir(mode=FOLDER_RIGHTS, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, FILE_RIGHTS))
        open_to_others = [path for path in (folder, file) if path.stat().st_mode & 0o077]
    except OSError as error:
        raise Unavailable(f"{file} cannot be opened: {error.strerror}; correct the rights of it") from None
    if open_to_others:
        path = open_to_others[0]
        rights = FOLDER_RIGHTS if path == folder else FILE_RIGHTS
        raise Unavailable(f"others than its owner may use {path}: chmod {rights:o} {path}")
