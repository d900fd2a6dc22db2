"""The data folder: its files, connections and transactions, and what to do when something is wrong."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from backends.sqlite.schema import LOG, STATE, Schema
from livelihood.ports import Unavailable

#: Marks a file as ours, in PRAGMA application_id: "LIVE" in ASCII.
APPLICATION_ID = 0x4C495645
#: How long a process waits while another one writes.
BUSY_SECONDS = 10.0

#: What an error of SQLite means to the person who reads it; {rescue} is the file's own.
_MEANINGS = {
    sqlite3.SQLITE_BUSY: "is locked: another process has been writing for too long; try again",
    sqlite3.SQLITE_LOCKED: "is locked within this process; try again",
    sqlite3.SQLITE_PROTOCOL: "is locked: too many processes open it at once; try again",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; free some space, then start again",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; check it and its space",
    sqlite3.SQLITE_READONLY: "cannot be written; give this user the right to write it and its folder",
    sqlite3.SQLITE_PERM: "cannot be used; give this user the right to read and write it",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; this user needs the right to write it and its folder",
    sqlite3.SQLITE_NOTADB: "is not a database of this software; {rescue}, or name another data folder",
    sqlite3.SQLITE_CORRUPT: "is damaged; {rescue}",
}


class NoData(Unavailable):
    """The data folder holds nothing yet."""


class NewerSchema(Unavailable):
    """The data were written by a newer version of this software."""


class OlderSchema(Unavailable):
    """The data were written by an older version of this software; who opens them to write brings them up."""


class Database:
    """One of the two files, open. Writing takes turns with other processes, whole or not at all."""

    def __init__(
        self, folder: Path, schema: Schema, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file; unless `read_only`, make the folder and both its files where they are missing.

        NoData, NewerSchema or another Unavailable when that cannot be; the message says what to do.
        """
        self.path = folder / schema.file
        self._schema = schema
        # A connection is in one transaction, so threads that share it take turns.
        self._turn = threading.RLock()
        if not read_only:
            _make(folder)
        self._connection = _open(self.path, schema, busy_seconds)
        try:
            with self.reading() as connection:
                # The file keeps these no longer than the connection lives.
                cache_bytes = schema.cache_bytes // 4 if read_only else schema.cache_bytes
                connection.execute(f"PRAGMA cache_size = -{cache_bytes // 1024}")
                connection.execute("PRAGMA synchronous = FULL")
                # Some builds write zeros over what is removed; personal data is protected otherwise.
                connection.execute("PRAGMA secure_delete = OFF")
                connection.execute(f"PRAGMA wal_autocheckpoint = {schema.wal_bytes // schema.page_bytes}")
                connection.execute(f"PRAGMA journal_size_limit = {schema.wal_bytes}")
                if read_only:
                    connection.execute("PRAGMA query_only = ON")
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading; what goes wrong comes as Unavailable."""
        with self._turn:
            try:
                yield self._connection
            except sqlite3.Error as error:
                _explain(error, self.path, self._schema)
                raise

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection within a transaction: on disk when this ends well, else as if it never was."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # After some errors SQLite has rolled back by itself.
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """The connection; all that is read within is of one moment, that of entering the outermost."""
        with self.reading() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                # A transaction's view is fixed by its first look, not by its begin.
                connection.execute("SELECT 1 FROM sqlite_master").fetchone()
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def only(partition: int) -> None:
    """The embedded engine has one partition; IndexError for another."""
    if partition != 0:
        raise IndexError(f"partition {partition}: the embedded engine has one, number 0")


def _missing(path: Path) -> Unavailable:
    """Why a file is not there: a new folder, or one that lost half of itself."""
    others = {other.name for other in path.parent.glob("*.sqlite")} - {path.name}
    if not others:
        return NoData(f"the folder {path.parent} holds no data yet; import or publish something first")
    if path.name == "state.sqlite":
        return Unavailable(
            f"{path.parent} has its log but nothing made from it yet; run livelihood serve, which does that"
        )
    return Unavailable(f"{path} is missing, and the rest is nothing without it; restore it from a backup")


def _open(path: Path, schema: Schema, busy_seconds: float) -> sqlite3.Connection:
    """A connection to a file that must be there, after a look at who wrote it."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}; correct its rights") from None
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        _check(connection, path, schema)
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        _explain(error, path, schema)
        raise
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    application, version = _identity(connection)
    if application != APPLICATION_ID:
        raise Unavailable(f"{path} was made by other software; name another data folder")
    if version > schema.version:
        raise NewerSchema(
            f"{path} was written by a newer version of this software (layout {version}, known here is"
            f" {schema.version}); update the software"
        )
    if version < schema.version:
        raise OlderSchema(
            f"{path} was written by an older version of this software (layout {version}, now it is"
            f" {schema.version}); run livelihood serve, which brings it up to date"
        )


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _make(folder: Path) -> None:
    """Make the folder and its files where they are missing, one process at a time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be the data folder: {error.strerror}; name another, or correct its rights"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if (folder / STATE.file).exists() and not (folder / LOG.file).exists():
            # The log is the truth and the state follows from it; an empty one would be skipped over.
            raise Unavailable(
                f"{folder} holds a {STATE.file} without its {LOG.file}; restore the log from a backup, or"
                " begin anew in another data folder"
            )
        for schema in (LOG, STATE):
            if not (folder / schema.file).exists():
                _create(folder / schema.file, schema)
            elif schema.upgrades:
                _upgrade(folder / schema.file, schema)
    finally:
        os.close(handle)


def _upgrade(path: Path, schema: Schema) -> None:
    """Make a file of an older version one of this, all of it or nothing."""
    # What cannot be opened, or is another's, is explained by who opens it next.
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        application, version = _identity(connection)
        if application == APPLICATION_ID and version < schema.version:
            steps = [schema.upgrades[number] for number in range(version, schema.version)]
            steps.append(f"PRAGMA user_version = {schema.version};")
            connection.executescript("\n".join(["BEGIN IMMEDIATE;", *steps, "COMMIT;"]))


def _create(path: Path, schema: Schema) -> None:
    """Make a file under another name first, so that it appears complete or not at all."""
    unfinished = path.with_suffix(".new")
    try:
        unfinished.unlink(missing_ok=True)
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            connection.execute(f"PRAGMA page_size = {schema.page_bytes}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {schema.version}")
            connection.executescript(schema.ddl)
        finally:
            connection.close()
        # What was written ahead for a file that was removed must not be taken for this one's.
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        unfinished.rename(path)
    except sqlite3.Error as error:
        _explain(error, path, schema)
        raise
    except OSError as error:
        raise Unavailable(f"{path} cannot be made: {error.strerror}; correct the rights or space") from None


def _explain(error: sqlite3.Error, path: Path, schema: Schema) -> None:
    """Raise Unavailable in the words of the person who reads it, unless it is a fault of this software."""
    code = getattr(error, "sqlite_errorcode", None)
    meaning = None if code is None else _MEANINGS.get(code & 0xFF)
    if meaning is not None:
        raise Unavailable(f"{path} {meaning.format(rescue=schema.rescue)} ({error})") from error
