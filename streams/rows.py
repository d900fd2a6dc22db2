"""The rows of one partition: absolute sums, kept current by the movements of each commit."""

from collections.abc import Sequence

import msgspec

from livelihood.ports import StateStore
from livelihood.trail import Movement
from streams.names import CELL_BITS, MEASURE_BITS, NumberedNames

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode
_MEASURE = (1 << MEASURE_BITS) - 1


class Rows:
    """All rows that were touched since the partition was taken."""

    def __init__(self, store: StateStore, partition: int, names: NumberedNames) -> None:
        self._store = store
        self._partition = partition
        self._names = names
        self._rows: dict[tuple[int, str], dict[int, int]] = {}

    def move(self, movements: Sequence[Movement]) -> dict[tuple[int, str], bytes]:
        """Apply movements to the rows they leave and enter; those that changed, packed."""
        changed: dict[int, list[tuple[int, int]]] = {}
        for cell, amount in self._gained(movements).items():
            if amount:
                changed.setdefault(cell >> MEASURE_BITS, []).append((cell & _MEASURE, amount))
        keys = {number: self._names.row_of(number << MEASURE_BITS) for number in changed}
        self._load([key for key in keys.values() if key not in self._rows])
        packed: dict[tuple[int, str], bytes] = {}
        for number, changes in changed.items():
            key = keys[number]
            row = self._rows[key]
            for measure, amount in changes:
                value = row.get(measure, 0) + amount
                if value:
                    row[measure] = value
                else:
                    row.pop(measure, None)
            packed[key] = _encode(row)
        return packed

    def _gained(self, movements: Sequence[Movement]) -> dict[int, int]:
        """What each cell gains."""
        names = self._names
        cells: dict[int, int] = {}
        get = cells.get
        for _, before, after, _ in movements:
            first = 0
            if before and after and before[0] == after[0]:
                # Most movements stay in their row, and most pairs of shapes come again.
                first = 2
                base = after[0] << CELL_BITS
                for cell, amount in names.delta(before[1], after[1]):
                    cells[base + cell] = get(base + cell, 0) + amount
            for step, sign in ((before, -1), (after, 1)):
                for place in range(first, len(step), 2):
                    base = step[place] << CELL_BITS
                    for cell, amount in names.cells(step[place + 1]):
                        cells[base + cell] = get(base + cell, 0) + sign * amount
        return cells

    def _load(self, keys: Sequence[tuple[int, str]]) -> None:
        if keys:
            loaded = self._store.load_rows(self._partition, keys)
            for key in keys:
                self._rows[key] = _decode(loaded[key]) if key in loaded else {}
