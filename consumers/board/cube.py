"""The cube: how many issues of each shape count under which dimensions, made of movements alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from consumers.board.days import Days
from consumers.board.names import Names
from consumers.board.oldest import Oldest
from livelihood.instants import Instant
from livelihood.movements import split_key

#: Dimensions' number and an outcome: what the lines of any table are told apart by.
Row = tuple[int, str]


@dataclass(slots=True)
class Changes:
    """What some movements changed."""

    #: Key -> how many more count so. What came and went is left out.
    counts: dict[int, int] = field(default_factory=dict)
    #: Row -> the last of the movements that touched it.
    touched: dict[Row, Instant] = field(default_factory=dict)
    #: Numbers of the dimensions whose oldest open issue may be another one.
    opened: set[int] = field(default_factory=set)


class Cube:
    """Of all partitions. Keys are those of movements.py with the numbers of `names`."""

    def __init__(self, time_zone: str) -> None:
        self.names = Names()
        self.counts: dict[int, int] = {}
        #: Row -> when something in it changed last.
        self.changed: dict[Row, Instant] = {}
        #: Dimensions' number -> when their open issues were submitted.
        self.opened: dict[int, Oldest] = {}
        self.days = Days(time_zone)

    def apply(self, instants: Sequence[int], keys: Sequence[int], submitted: Sequence[int]) -> Changes:
        """Count movements in; what they changed."""
        changes = Changes()
        occurred = Counter(keys)
        about = {key: split_key(key) for key in {abs(key) for key in occurred}}
        by_day = {key: (row, self.names.by_day[shape]) for key, (row, shape) in about.items()}
        self.days.count(instants, keys, submitted, by_day)
        for key in about:
            count = occurred.get(key, 0) - occurred.get(-key, 0)
            if count:
                changes.counts[key] = count
                total = self.counts.get(key, 0) + count
                if total:
                    self.counts[key] = total
                else:
                    del self.counts[key]
        self._note_changed(zip(instants, keys, strict=True), about, changes)
        self._note_open(zip(keys, submitted, strict=True), about, changes)
        return changes

    def _note_changed(
        self, entries: Iterable[tuple[Instant, int]], about: Mapping[int, tuple[int, int]], changes: Changes
    ) -> None:
        latest: dict[int, Instant] = {}
        for at, key in entries:
            if at > latest.get(key, at - 1):
                latest[key] = at
        for key, at in latest.items():
            number, shape = about[abs(key)]
            row = number, self.names.outcomes[shape]
            if at > self.changed.get(row, at - 1):
                self.changed[row] = changes.touched[row] = at

    def _note_open(
        self, entries: Iterable[tuple[int, Instant]], about: Mapping[int, tuple[int, int]], changes: Changes
    ) -> None:
        rows = {key: row for key, (row, shape) in about.items() if self.names.is_open[shape]}
        # An open issue that becomes open otherwise leaves and enters: most of it comes to nothing.
        moved: dict[tuple[int, Instant], int] = {}
        for key, since in entries:
            row = rows.get(abs(key))
            if row is not None:
                place = row, since
                moved[place] = moved.get(place, 0) + (1 if key > 0 else -1)
        for (row, since), count in moved.items():
            if count:
                oldest = self.opened.get(row)
                if oldest is None:
                    oldest = self.opened[row] = Oldest()
                before = oldest.first
                oldest.add(since, count)
                if oldest.first != before:
                    changes.opened.add(row)
