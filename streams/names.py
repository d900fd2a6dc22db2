"""Numbers for dimensions and shapes: both repeat, so states and movements hold small integers."""

from collections.abc import Mapping

import msgspec

from livelihood.contribution import (
    Dimensions,
    Shape,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)

_pack = msgspec.msgpack.Encoder().encode

#: What a shape adds to the sums of its row, by month: (month, ((number of the sum, amount), ...)), ...
ByMonth = tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


class NumberedNames:
    """All names of one partition, and those given since the last commit."""

    def __init__(self, dimensions: Mapping[int, bytes], shapes: Mapping[int, bytes]) -> None:
        self._dimensions = {unpack_dimensions(packed): number for number, packed in dimensions.items()}
        self._shapes = {unpack_shape(packed): number for number, packed in shapes.items()}
        self._shape_of = {number: shape for shape, number in self._shapes.items()}
        self._sums: dict[int, ByMonth] = {}
        self.new_dimensions: dict[int, bytes] = {}
        self.new_shapes: dict[int, bytes] = {}

    def dimensions(self, dimensions: Dimensions) -> int:
        """The number of some dimensions, given now if they are new."""
        number = self._dimensions.get(dimensions)
        if number is None:
            number = self._dimensions[dimensions] = len(self._dimensions)
            self.new_dimensions[number] = _pack(dimensions)
        return number

    def shape(self, shape: Shape) -> int:
        """The number of a shape, given now if it is new."""
        number = self._shapes.get(shape)
        if number is None:
            number = self._shapes[shape] = len(self._shapes)
            self._shape_of[number] = shape
            self.new_shapes[number] = _pack(shape)
        return number

    def sums(self, shape: int) -> ByMonth:
        """What a shape adds to the sums of its row, by month."""
        sums = self._sums.get(shape)
        if sums is None:
            by_month: dict[str, list[tuple[int, int]]] = {}
            for (month, measure), amount in sums_of(self._shape_of[shape]):
                by_month.setdefault(month, []).append((measure, amount))
            sums = self._sums[shape] = tuple((month, tuple(found)) for month, found in by_month.items())
        return sums

    def take_new(self) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """The names given since the last call, packed, for the commit."""
        new = self.new_dimensions, self.new_shapes
        self.new_dimensions, self.new_shapes = {}, {}
        return new
