"""Dimensions and shapes of all partitions, by numbers of the board's own, and what a shape stands for."""

from collections.abc import Iterable

from consumers.board.days import Four, counts_of
from livelihood.contribution import (
    Dimensions,
    Shape,
    Sums,
    outcome_of,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)
from livelihood.measures import SUM
from livelihood.movements import key_of, split_key
from livelihood.ports import Reader

_OPEN = SUM["open"]


class Names:
    """Each number is a place in these lists."""

    def __init__(self) -> None:
        self.dimensions: list[Dimensions] = []
        self.shapes: list[Shape] = []
        #: Of each shape: what it adds, how it ended, what it is counted as by day, and whether it is open.
        self.sums: list[Sums] = []
        self.outcomes: list[str] = []
        self.by_day: list[Four] = []
        self.is_open: list[bool] = []
        self._numbers: dict[Dimensions | Shape, int] = {}

    def dimensions_number(self, dimensions: Dimensions) -> int:
        """The number of some dimensions; a new one for new ones."""
        number = self._numbers.get(dimensions)
        if number is None:
            number = self._numbers[dimensions] = len(self.dimensions)
            self.dimensions.append(dimensions)
        return number

    def shape_number(self, shape: Shape) -> int:
        """The number of a shape."""
        # A shape is never equal to dimensions: these begin with a text and end with a truth.
        number = self._numbers.get(shape)
        if number is None:
            number = self._numbers[shape] = len(self.shapes)
            self.shapes.append(shape)
            self.sums.append(sums_of(shape))
            self.outcomes.append(outcome_of(shape))
            self.by_day.append(counts_of(shape))
            self.is_open.append(any(measure == _OPEN for (_, measure), _ in self.sums[-1]))
        return number


class PartitionNames:
    """Turns a partition's keys into the board's."""

    def __init__(self, names: Names, partition: int) -> None:
        self._names = names
        self._partition = partition
        self._dimensions: dict[int, int] = {}
        self._shapes: dict[int, int] = {}
        #: Keys met before, each with its sign.
        self._keys: dict[int, int] = {}

    def translated(self, reader: Reader, keys: Iterable[int]) -> list[int]:
        """The same keys by the board's numbers, in order. Names that are new are read."""
        known = self._keys
        new = {abs(key) for key in set(keys).difference(known)}
        if new:
            self._learn(reader, new)
            for key in new:
                dimensions, shape = split_key(key)
                own = key_of(self._dimensions[dimensions], self._shapes[shape])
                known[key], known[-key] = own, -own
        return [known[key] for key in keys]

    def _learn(self, reader: Reader, keys: Iterable[int]) -> None:
        places = [split_key(key) for key in keys]
        rows = {row for row, _ in places}.difference(self._dimensions)
        shapes = {shape for _, shape in places}.difference(self._shapes)
        if not (rows or shapes):
            return
        found = reader.named(self._partition, sorted(rows), sorted(shapes))
        for number, packed in found[0].items():
            self._dimensions[number] = self._names.dimensions_number(unpack_dimensions(packed))
        for number, packed in found[1].items():
            self._shapes[number] = self._names.shape_number(unpack_shape(packed))
