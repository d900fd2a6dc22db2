"""States that are often touched, kept in memory: where the store is another machine, reading is waiting."""

from collections.abc import Iterable

from livelihood.instants import Instant
from livelihood.ports import Answer, Commit, Outgoing, Position, StateStore

#: What a state takes in memory beside its own bytes and its issue's: two objects and their place, which may
#: be one of a table just made twice as large.
ENTRY_BYTES = 250
#: How full a generation is when the next one begins: with less room left, each commit would count it anew.
_FULL = 7 / 8


class Hot:
    """States of one partition, each packed, in two generations.

    What is touched is in the young one. When that has its half of the limit, it becomes the old one, and
    what was not touched since the time before is forgotten. Nothing is done for a single state, which
    matters: a list in the order of use cost a fifth of all a worker does.
    """

    def __init__(self) -> None:
        self._young: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}
        #: Of the young ones: counted, and at most added since.
        self._counted = self._added = 0
        self._old_size = 0

    @property
    def size(self) -> int:
        """Bytes of memory, at most."""
        return self._counted + self._added + self._old_size

    def get(self, issues: Iterable[str]) -> tuple[dict[str, bytes], list[str]]:
        """The states that are kept, and the issues of which none is."""
        young, old = self._young, self._old
        found, missing = {}, []
        for issue in issues:
            state = young.get(issue)
            if state is None:
                state = old.get(issue)
                if state is None:
                    missing.append(issue)
                    continue
                young[issue] = state
                self._added += len(issue) + len(state) + ENTRY_BYTES
            found[issue] = state
        return found, missing

    def put(self, states: dict[str, bytes], limit: int) -> None:
        """Keep states, and of all that are kept the most recently touched within `limit` bytes."""
        self._young.update(states)
        self._added += _size(states)
        half = limit // 2
        if self._counted + self._added > half:
            # Many were there before, so they did not add what they were taken for.
            self._counted, self._added = _size(self._young), 0
            if self._counted > half * _FULL:
                self._old, self._old_size = self._young, self._counted
                self._young, self._counted = {}, 0
                if self._old_size > limit:
                    self._old, self._old_size = {}, 0


def _size(states: dict[str, bytes]) -> int:
    return sum(map(len, states)) + sum(map(len, states.values())) + ENTRY_BYTES * len(states)


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
        found, missing = hot.get(issues)
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
