"""What dashboards, exports and the command line read, beside a worker that goes on working."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from backends.sqlite import pages, tables
from backends.sqlite.files import BUSY_SECONDS, Database, only
from backends.sqlite.schema import LOG, STATE
from backends.sqlite.states import States
from livelihood.instants import Instant
from livelihood.ports import Position, Reader

_OUTGOING = {
    topic: f"SELECT place, id, value FROM {table} WHERE place > ? ORDER BY place LIMIT ?"
    for topic, table in (("alert", "alerts"), ("dead_letter", "dead_letters"))
}
#: States read at a time where there may be many.
_STEP = 1_000


class SqliteReader(Reader):
    """Reads both files and writes to neither. Each call sees whole commits only; `snapshot` one moment."""

    def __init__(self, folder: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open a data folder that has data; NoData, or another Unavailable, when that cannot be."""
        self._state = Database(folder, STATE, read_only=True, busy_seconds=busy_seconds)
        self._states = States()
        try:
            self._log = Database(folder, LOG, read_only=True, busy_seconds=busy_seconds)
        except BaseException:
            self._state.close()
            raise

    @property
    def partitions(self) -> int:
        """One."""
        return 1

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within is of one moment. Keep it short: the files grow meanwhile."""
        with ExitStack() as stack:
            # The state first, so that the log holds all that the state has worked on.
            stack.enter_context(self._state.snapshot())
            stack.enter_context(self._log.snapshot())
            yield

    def position(self, partition: int) -> Position:
        """Where the work stands."""
        only(partition)
        with self._state.reading() as connection:
            row = connection.execute("SELECT epoch, sequence, next_offset, ledger FROM position").fetchone()
        epoch, sequence, next_offset, ledger = row
        return Position(epoch=epoch, sequence=sequence, next_offset=next_offset, ledger=ledger)

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        only(partition)
        with self._state.snapshot() as connection:
            return tables.names(connection)

    def rows(self, partition: int) -> Iterator[tuple[tuple[int, str], bytes]]:
        """All rows."""
        only(partition)
        with self._state.reading() as connection:
            found = tables.all_rows(connection)
        for dimensions, month, measures in found:
            yield (dimensions, month), measures

    def movements(self, partition: int) -> Iterator[bytes]:
        """All movements, in pages."""
        only(partition)
        return pages.read(self._state)

    def states(self, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one."""
        with self._state.snapshot() as connection:
            return self._states.load(connection, issues)

    def archive(self, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        with self._state.reading() as connection:
            return tables.archive(connection, issue)

    def scan(self, partition: int, after: str, limit: int) -> list[tuple[str, bytes]]:
        """States in order of issue, after one."""
        only(partition)
        with self._state.snapshot() as connection:
            return self._states.scan(connection, after, limit)

    def late(self, partition: int, known_at: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues with an event recorded after `known_at` that claims an earlier time."""
        only(partition)
        with self._state.snapshot() as connection:
            issues = self._states.late(connection, known_at)
        # In steps, so that no transaction is held open between them and not all states are in memory.
        for first in range(0, len(issues), _STEP):
            yield from self.states(issues[first : first + _STEP]).items()

    def orphans(self, partition: int, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""
        only(partition)
        with self._state.snapshot() as connection:
            return self._states.orphans(connection, limit)

    def outgoing(self, topic: str, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """Alerts or dead letters in order, after a place: (place, id, JSON)."""
        with self._log.reading() as connection:
            return connection.execute(_OUTGOING[topic], (after, limit)).fetchall()

    def catalogues(self) -> list[bytes]:
        """Every published version of the catalogue, in order, as JSON."""
        with self._log.reading() as connection:
            return [
                value for (value,) in connection.execute('SELECT value FROM catalogues ORDER BY "offset"')
            ]

    def close(self) -> None:
        """Give the files back."""
        self._state.close()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
