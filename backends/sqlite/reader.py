"""What dashboards, exports and the command line read, beside a worker that goes on working."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from backends.sqlite import pages, tables
from backends.sqlite.files import BUSY_SECONDS, Database, only
from backends.sqlite.schema import LOG, STATE
from backends.sqlite.states import States
from livelihood.instants import Instant
from livelihood.movements import ENTRY_BYTES
from livelihood.ports import Position, Published, Reader

_TABLES = {"alert": "alerts", "dead_letter": "dead_letters"}
_OUTGOING = {
    topic: f"SELECT place, id, value FROM {table} WHERE place > ? ORDER BY place LIMIT ?"
    for topic, table in _TABLES.items()
}
_LAST = {topic: f"SELECT coalesce(max(place), 0) FROM {table}" for topic, table in _TABLES.items()}
#: States read at a time where there may be many.
_STEP = 1_000


class SqliteReader(Reader, Published):
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
            return tables.position(connection)

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        only(partition)
        with self._state.snapshot() as connection:
            return tables.names(connection)

    def named(
        self, partition: int, dimensions: Sequence[int], shapes: Sequence[int]
    ) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """Those of these numbers."""
        only(partition)
        with self._state.snapshot() as connection:
            return tables.named(connection, dimensions, shapes)

    def rows(self, partition: int) -> Iterator[tuple[tuple[int, str], bytes]]:
        """All rows."""
        only(partition)
        with self._state.reading() as connection:
            found = tables.all_rows(connection)
        for dimensions, month, measures in found:
            yield (dimensions, month), measures

    def movements(self, partition: int, after: int = 0) -> Iterator[bytes]:
        """All movements but the first `after`, in order, in pages of whole entries."""
        only(partition)
        return pages.read(self._state, after * ENTRY_BYTES)

    def states(self, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one."""
        with self._state.snapshot() as connection:
            return self._states.load(connection, issues)

    def archive(self, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        with self._state.reading() as connection:
            return tables.archive(connection, issue)

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """States in order of issue, in steps; the cursor is the last issue."""
        only(partition)
        with self._state.snapshot() as connection:
            return self._states.scan(connection, cursor, limit)

    def late(self, partition: int, known_at: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues with an event recorded after `known_at` that claims an earlier time."""
        only(partition)
        with self._state.snapshot() as connection:
            issues = self._states.late(connection, known_at)
        yield from self._in_steps(issues)

    def waking(self, partition: int, until: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues whose timer, by whatever clock, is due by then."""
        only(partition)
        with self._state.snapshot() as connection:
            issues = self._states.waking(connection, until)
        yield from self._in_steps(issues)

    def _in_steps(self, issues: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        # So that no transaction is held open between them and not all states are in memory.
        for first in range(0, len(issues), _STEP):
            yield from self.states(issues[first : first + _STEP]).items()

    def orphans(self, partition: int, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""
        only(partition)
        with self._state.snapshot() as connection:
            return self._states.orphans(connection, limit)

    def numbered(self, channel: str, number: str) -> list[str]:
        """The issues that a channel has that number for, in order."""
        with self._state.reading() as connection:
            return tables.numbered(connection, channel, number)

    def numbers(self, partition: int) -> Iterator[tuple[str, str, str]]:
        """All there are: channel, number, issue."""
        only(partition)
        with self._state.reading() as connection:
            found = tables.numbers(connection)
        return iter(found)

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """Alerts or dead letters in order, after a place: (place, id, JSON)."""
        only(partition)
        with self._log.reading() as connection:
            return connection.execute(_OUTGOING[topic], (after, limit)).fetchall()

    def last(self, topic: str, partition: int) -> int:
        """The place of the last alert or dead letter."""
        only(partition)
        with self._log.reading() as connection:
            (place,) = connection.execute(_LAST[topic]).fetchone()
        return int(place)

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
