"""States that are often touched, kept in memory: where the store is another machine, reading is waiting."""

from collections import OrderedDict
from collections.abc import Iterable

from livelihood.instants import Instant
from livelihood.ports import Answer, Commit, Outgoing, Position, StateStore

#: What a state takes in memory beside its own bytes and its issue's: two objects and their places.
ENTRY_BYTES = 250


class Hot:
    """States of one partition, each packed, the least recently touched forgotten first."""

    def __init__(self) -> None:
        self.states: OrderedDict[str, bytes] = OrderedDict()
        self.size = 0

    def put(self, states: dict[str, bytes], limit: int) -> None:
        """Keep states, and of all that are kept the most recent within `limit` bytes."""
        kept, size = self.states, self.size
        for issue, state in states.items():
            before = kept.get(issue)
            if before is None:
                size += len(issue) + len(state) + ENTRY_BYTES
            else:
                size += len(state) - len(before)
                kept.move_to_end(issue)
            kept[issue] = state
        while size > limit and kept:
            issue, state = kept.popitem(last=False)
            size -= len(issue) + len(state) + ENTRY_BYTES
        self.size = size


class HotStates(StateStore):
    """A store whose states are kept in memory once they were read or committed.

    Only for a worker's own partitions: nobody else commits to them as long as its commits succeed. When one
    does not, all that is kept of the partition is forgotten. Partitions share `limit_bytes` in equal parts.
    """

    def __init__(self, store: StateStore, limit_bytes: int) -> None:
        self._store = store
        self._limit = limit_bytes
        self._hot: dict[int, Hot] = {}
        #: How many states were asked for, and how many of them the store was asked for.
        self.asked = self.missed = 0

    @property
    def size_bytes(self) -> int:
        """How much memory the kept states take, about."""
        return sum(hot.size for hot in list(self._hot.values()))

    def forget(self, partition: int) -> None:
        """The partition is another's: keep nothing of it."""
        self._hot.pop(partition, None)

    def take(self, partition: int) -> Position:
        """As the store; nothing is kept from before."""
        self.forget(partition)
        position = self._store.take(partition)
        self._hot[partition] = Hot()
        return position

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        """As the store, asked only for what is not kept."""
        hot = self._hot.get(partition)
        if hot is None:
            return self._store.load(partition, issues)
        found: dict[str, bytes] = {}
        missing: list[str] = []
        kept = hot.states
        for issue in issues:
            state = kept.get(issue)
            if state is None:
                missing.append(issue)
            else:
                kept.move_to_end(issue)
                found[issue] = state
        self.asked += len(found) + len(missing)
        self.missed += len(missing)
        if missing:
            loaded = self._store.load(partition, missing)
            hot.put(loaded, self._share)
            found.update(loaded)
        return found

    def commit(self, partition: int, commit: Commit) -> Answer:
        """As the store; afterwards what is kept is what it holds."""
        try:
            answer = self._store.commit(partition, commit)
        except BaseException:
            self.forget(partition)
            raise
        hot = self._hot.get(partition)
        if hot is not None:
            hot.put(commit.states, self._share)
        return answer

    @property
    def _share(self) -> int:
        return self._limit // max(len(self._hot), 1)

    def load_archive(self, partition: int, issue: str) -> list[bytes]:
        """As the store."""
        return self._store.load_archive(partition, issue)

    def due(self, partition: int, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """As the store."""
        return self._store.due(partition, clock, until, limit)

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """As the store."""
        return self._store.names(partition)

    def load_rows(self, partition: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """As the store."""
        return self._store.load_rows(partition, keys)

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """As the store: what a pass reads once is not kept."""
        return self._store.scan(partition, cursor, limit)

    def outbox(self, partition: int, limit: int) -> list[tuple[int, Outgoing]]:
        """As the store."""
        return self._store.outbox(partition, limit)

    def sent(self, partition: int, through: int) -> None:
        """As the store."""
        self._store.sent(partition, through)
