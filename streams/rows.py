"""The rows of one partition: absolute sums, kept current by the movements of each commit."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from livelihood.movements import split_key
from livelihood.ports import StateStore
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

    def move(self, movements: Sequence[int]) -> dict[tuple[int, str], bytes]:
        """Apply movements to the rows they leave and enter; those that changed, packed."""
        names = self._names
        # By row and measure, each as one number (see names.py).
        gained: dict[int, int] = {}
        get = gained.get
        counts = Counter(movements[1::3])
        for key, count in counts.items():
            if key < 0:
                if -key in counts:
                    continue
                key, count = -key, -count
            else:
                count -= counts.get(-key, 0)
            if count:
                row, shape = split_key(key)
                base = row << CELL_BITS
                for cell, amount in names.cells(shape):
                    cell += base
                    gained[cell] = get(cell, 0) + amount * count
        changed: dict[int, list[tuple[int, int]]] = {}
        for cell, amount in gained.items():
            if amount:
                changed.setdefault(cell >> MEASURE_BITS, []).append((cell & _MEASURE, amount))
        keys = {number: names.row_of(number << MEASURE_BITS) for number in changed}
        self._load([key for key in keys.values() if key not in self._rows])
        packed: dict[tuple[int, str], bytes] = {}
        for number, changes in changed.items():
            key_of_row = keys[number]
            row_ = self._rows[key_of_row]
            for measure, amount in changes:
                value = row_.get(measure, 0) + amount
                if value:
                    row_[measure] = value
                else:
                    row_.pop(measure, None)
            packed[key_of_row] = _encode(row_)
        return packed

    def _load(self, keys: Sequence[tuple[int, str]]) -> None:
        if keys:
            loaded = self._store.load_rows(self._partition, keys)
            for key in keys:
                self._rows[key] = _decode(loaded[key]) if key in loaded else {}
