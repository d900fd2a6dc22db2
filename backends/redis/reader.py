"""What dashboards, exports and the command line read, beside workers that go on working."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from backends.redis.cold import ColdStates
from backends.redis.reads import Reads
from backends.redis.server import Server
from livelihood.envelope import root_of
from livelihood.instants import Instant
from livelihood.movements import ENTRY_BYTES
from livelihood.partitions import partition_of
from livelihood.ports import Position, Reader

#: States read at a time where there may be many.
_STEP = 1_000


class RedisReader(Reader):
    """Reads all partitions and writes nothing. Each call sees whole commits only."""

    def __init__(
        self, url: str, *, prefix: str, partitions: int, cold: ColdStates, checks: bool = True
    ) -> None:
        """Connect, as RedisStore does."""
        self._server = Server(url, checks=checks)
        self._reads = Reads(self._server, prefix, cold)
        self._partitions = partitions

    @property
    def partitions(self) -> int:
        """How many partitions there are."""
        return self._partitions

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read within, scans and archives left out, is of one moment of each partition.

        What work that goes on has changed raises Moved when it is read.
        """
        return self._reads.snapshot()

    def position(self, partition: int) -> Position:
        """Where the partition's work stands."""
        return self._reads.moment(partition).position

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        return self._reads.names(partition)

    def named(
        self, partition: int, dimensions: Sequence[int], shapes: Sequence[int]
    ) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """Those of these numbers."""
        return self._reads.named(partition, "dimensions", dimensions), self._reads.named(
            partition, "shapes", shapes
        )

    def rows(self, partition: int) -> Iterator[tuple[tuple[int, str], bytes]]:
        """All rows."""
        yield from self._reads.rows(partition).items()

    def movements(self, partition: int, after: int = 0) -> Iterator[bytes]:
        """All movements but the first `after`, those there are at the first look, in pages."""
        return self._reads.movements(partition, after * ENTRY_BYTES)

    def states(self, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one, whatever their partitions."""
        by_partition: dict[int, list[str]] = {}
        for issue in issues:
            by_partition.setdefault(self._partition_of(issue), []).append(issue)
        found: dict[str, bytes] = {}
        for partition, wanted in by_partition.items():
            found |= self._reads.load(partition, wanted)
        return found

    def archive(self, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        partition = self._partition_of(issue)
        return self._reads.archive(partition, issue)

    def _partition_of(self, issue: str) -> int:
        return partition_of(root_of(issue), self._partitions)

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """About `limit` states and the cursor that goes on after them; None: these were the last."""
        return self._reads.scan(partition, cursor, limit)

    def late(self, partition: int, known_at: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues with an event recorded after `known_at` that claims an earlier time."""
        return self._in_steps(partition, self._reads.late(partition, known_at))

    def waking(self, partition: int, until: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues whose timer, by whatever clock, is due by then."""
        return self._in_steps(partition, self._reads.waking(partition, until))

    def _in_steps(self, partition: int, issues: list[str]) -> Iterator[tuple[str, bytes]]:
        for first in range(0, len(issues), _STEP):
            yield from self._reads.load(partition, issues[first : first + _STEP]).items()

    def orphans(self, partition: int, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""
        return self._reads.orphans(partition, limit)

    def numbered(self, channel: str, number: str) -> list[str]:
        """The issues that a channel has that number for, in order; every partition is asked."""
        found: list[str] = []
        for partition in range(self._partitions):
            found += self._reads.numbered(partition, channel, number)
        return sorted(found)

    def numbers(self, partition: int) -> Iterator[tuple[str, str, str]]:
        """All there are: channel, number, issue."""
        return self._reads.numbers(partition)

    def close(self) -> None:
        """Close all connections."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
