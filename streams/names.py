"""Numbers for dimensions and shapes: both repeat, so states and movements hold small integers."""

from collections.abc import Mapping
from typing import Any, TypeVar

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

_Name = TypeVar("_Name", bound=tuple[Any, ...])


class Numbers(dict[_Name, int]):
    """The number of each name; one that is new is given its number when it is asked for.

    A dict, because looking one up is among the most frequent things a worker does.
    """

    def __init__(self, numbers: Mapping[_Name, int]) -> None:
        super().__init__(numbers)
        #: Those given since the last commit.
        self.new: dict[int, _Name] = {}

    def __missing__(self, name: _Name) -> int:
        number = self[name] = len(self)
        self.new[number] = name
        return number


class NumberedNames:
    """All names of one partition."""

    def __init__(self, dimensions: Mapping[int, bytes], shapes: Mapping[int, bytes]) -> None:
        self.dimensions: Numbers[Dimensions] = Numbers(
            {unpack_dimensions(packed): number for number, packed in dimensions.items()}
        )
        self.shapes: Numbers[Shape] = Numbers(
            {unpack_shape(packed): number for number, packed in shapes.items()}
        )
        self._shape_of = {number: shape for shape, number in self.shapes.items()}
        self._sums: dict[int, ByMonth] = {}

    def sums(self, shape: int) -> ByMonth:
        """What a shape adds to the sums of its row, by month."""
        sums = self._sums.get(shape)
        if sums is None:
            by_month: dict[str, list[tuple[int, int]]] = {}
            for (month, measure), amount in sums_of(self._shape_of.get(shape) or self.shapes.new[shape]):
                by_month.setdefault(month, []).append((measure, amount))
            sums = self._sums[shape] = tuple((month, tuple(found)) for month, found in by_month.items())
        return sums

    def take_new(self) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """The names given since the last call, packed, for the commit."""
        dimensions, shapes = self.dimensions.new, self.shapes.new
        self.dimensions.new, self.shapes.new = {}, {}
        self._shape_of |= shapes
        return (
            {number: _pack(name) for number, name in dimensions.items()},
            {number: _pack(name) for number, name in shapes.items()},
        )
