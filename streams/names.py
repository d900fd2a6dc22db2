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


#: A cell is one measure of one month in one row, as one number: dimensions, month, measure.
MEASURE_BITS = 12
CELL_BITS = 28
_CELL = (1 << CELL_BITS) - 1
#: (cell without its dimensions, amount), ...
Cells = tuple[tuple[int, int], ...]


class NumberedNames:
    """All names of one partition, and those given since the last commit."""

    def __init__(self, dimensions: Mapping[int, bytes], shapes: Mapping[int, bytes]) -> None:
        self._dimensions = {unpack_dimensions(packed): number for number, packed in dimensions.items()}
        self._shapes = {unpack_shape(packed): number for number, packed in shapes.items()}
        self._shape_of = {number: shape for shape, number in self._shapes.items()}
        self._months: dict[str, int] = {}
        self._month_of: list[str] = []
        self._cells: dict[int, Cells] = {}
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

    def cells(self, shape: int) -> Cells:
        """What a shape adds to its row's cells."""
        cells = self._cells.get(shape)
        if cells is None:
            cells = self._cells[shape] = self._as_cells(dict(sums_of(self._shape_of[shape])))
        return cells

    def row_of(self, cell: int) -> tuple[int, str]:
        """The row a cell belongs to: its dimensions' number and its month."""
        return cell >> CELL_BITS, self._month_of[(cell & _CELL) >> MEASURE_BITS]

    def _as_cells(self, sums: dict[tuple[str, int], int]) -> Cells:
        cells = []
        for (month, measure), amount in sums.items():
            number = self._months.get(month)
            if number is None:
                number = self._months[month] = len(self._months)
                self._month_of.append(month)
            if amount:
                cells.append((number << MEASURE_BITS | measure, amount))
        return tuple(cells)

    def take_new(self) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """The names given since the last call, packed, for the commit."""
        new = self.new_dimensions, self.new_shapes
        self.new_dimensions, self.new_shapes = {}, {}
        return new
