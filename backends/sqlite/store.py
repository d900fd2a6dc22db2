"""What the worker keeps: states, timers, rows, names, movements, the outbox and the position."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from backends.checks import InvalidCommit, check_commit
from backends.sqlite import outbox, pages, tables
from backends.sqlite.files import BUSY_SECONDS, Database, only
from backends.sqlite.folding import Folding
from backends.sqlite.recent import Changes
from backends.sqlite.schema import STATE
from backends.sqlite.states import States
from livelihood.instants import Instant
from livelihood.ports import Answer, Commit, Fenced, Outgoing, Position, StateStore

_POSITION = "SELECT epoch, sequence, committed_epoch, next_offset, movement_bytes, sent FROM position"
_PUT_POSITION = """
    UPDATE position SET sequence = ?, committed_epoch = ?, next_offset = ?, movement_bytes = ?, ledger = ?"""


class SqliteStore(StateStore):
    """The one partition's state. One worker writes, under the lease; its epoch refuses any other."""

    def __init__(self, folder: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the state of a data folder, made where it is missing.

        Unavailable when it cannot be opened; the message says what to do.
        """
        self._database = Database(folder, STATE, busy_seconds=busy_seconds)
        self._forget()

    def _forget(self) -> None:
        """Keep nothing in memory; it is read again when it is needed."""
        self._states = States()
        self._folding = Folding(self._states.recent)

    def take(self, partition: int) -> Position:
        """Become the owner: raises the epoch and reads back where the work stands."""
        only(partition)
        self._forget()
        with self._database.writing() as connection:
            connection.execute("UPDATE position SET epoch = epoch + 1")
            return tables.position(connection)

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one."""
        only(partition)
        with self._database.snapshot() as connection:
            return self._states.load(connection, issues)

    def load_archive(self, partition: int, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        only(partition)
        with self._database.reading() as connection:
            return tables.archive(connection, issue)

    def due(self, partition: int, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """Issues of a clock whose timer is due by `until`, earliest first, with their states."""
        only(partition)
        with self._database.snapshot() as connection:
            return self._states.due(connection, clock, until, limit)

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        only(partition)
        with self._database.snapshot() as connection:
            return tables.names(connection)

    def load_rows(self, partition: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The packed rows of those keys that have one."""
        only(partition)
        with self._database.reading() as connection:
            return tables.rows(connection, keys)

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """States in order of issue, in steps; the cursor is the last issue."""
        only(partition)
        with self._database.snapshot() as connection:
            return self._states.scan(connection, cursor, limit)

    def commit(self, partition: int, commit: Commit) -> Answer:
        """Apply whole or not at all.

        Fenced when epoch or sequence do not continue what is held; InvalidCommit (a ValueError) when
        the commit is not well formed; Unavailable when it cannot be written now.
        """
        only(partition)
        check_commit(commit)
        try:
            return self._commit(commit, Changes.of(commit))
        except BaseException:
            # Whether it came to be on disk may be unknown; what is in memory is read again.
            self._forget()
            raise

    def _commit(self, commit: Commit, changes: Changes) -> Answer:
        with self._database.writing() as connection:
            row = connection.execute(_POSITION).fetchone()
            epoch, sequence, committed_epoch, next_offset, movement_bytes, sent = row
            if _is_applied(epoch, sequence, committed_epoch, commit):
                return Answer.ALREADY_APPLIED
            if commit.next_offset < next_offset:
                raise InvalidCommit(f"from offset {next_offset} back to {commit.next_offset}")
            self._states.recent.refresh(connection)
            if stateless := self._states.without(connection, changes):
                raise InvalidCommit(f"a timer, lateness or orphan of {min(stateless)!r}, which has no state")
            self._folding.step(connection, len(changes.states))
            piece = changes.pack() if changes else b""
            if piece:
                connection.execute("INSERT INTO recent VALUES (?, ?)", (commit.sequence, piece))
            tables.put(connection, commit)
            outbox.put(connection, commit.outbox, sent)
            movement_bytes = pages.append(connection, movement_bytes, commit.movements)
            connection.execute(
                _PUT_POSITION,
                (commit.sequence, commit.epoch, commit.next_offset, movement_bytes, commit.ledger),
            )
        self._folding.committed(commit.sequence, changes, len(piece))
        return Answer.APPLIED

    def outbox(self, partition: int, limit: int) -> list[tuple[int, Outgoing]]:
        """What waits to leave, oldest first, each with its number."""
        only(partition)
        with self._database.reading() as connection:
            return outbox.waiting(connection, limit)

    def sent(self, partition: int, through: int) -> None:
        """The log has acknowledged the outbox up to and with this number: remove it."""
        only(partition)
        with self._database.writing() as connection:
            outbox.remove(connection, through)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_applied(epoch: int, sequence: int, committed_epoch: int, commit: Commit) -> bool:
    """Whether a commit is the last one applied; False when it is the next one, Fenced when neither."""
    if commit.epoch == epoch:
        if commit.sequence == sequence + 1:
            return False
        if commit.sequence == sequence and commit.epoch == committed_epoch:
            return True
    raise Fenced(
        f"commit {commit.sequence} under epoch {commit.epoch} does not continue"
        f" {sequence} under epoch {epoch}; another worker has taken the partition"
    )
