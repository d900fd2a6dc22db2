"""When the open issues of some dimensions were submitted, and the oldest of them, as they come and go."""

from heapq import heapify, heappop, heappush

from livelihood.instants import Instant

#: Left in the heap though gone, beside as many as there are.
_SLACK = 64


class Oldest:
    """A multiset of instants whose least is at hand."""

    __slots__ = ("_counts", "_heap")

    def __init__(self) -> None:
        # Below zero where a page of movements ends between an issue's leaving and its entering.
        self._counts: dict[Instant, int] = {}
        self._heap: list[Instant] = []

    def add(self, since: Instant, count: int) -> None:
        """Add so many of an instant; take them away where `count` is negative."""
        before = self._counts.get(since, 0)
        if before + count:
            self._counts[since] = before + count
        else:
            del self._counts[since]
        if before <= 0 < before + count:
            heappush(self._heap, since)
        while self._heap and self._counts.get(self._heap[0], 0) <= 0:
            heappop(self._heap)
        if len(self._heap) > 2 * len(self._counts) + _SLACK:
            self._heap = [at for at, held in self._counts.items() if held > 0]
            heapify(self._heap)

    @property
    def first(self) -> Instant | None:
        """The least; None where there is none."""
        return self._heap[0] if self._heap else None
