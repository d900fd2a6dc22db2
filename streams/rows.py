"""The rows of one partition: absolute sums, kept current by the movements of each commit."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from livelihood.movements import split_key
from livelihood.ports import StateStore
from streams.names import NumberedNames

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode

#: Rows kept between batches; one takes about a kilobyte, and a batch touches some hundreds.
MOST_ROWS = 20_000


class Rows:
    """The rows that were touched of late."""

    def __init__(self, store: StateStore, partition: int, names: NumberedNames) -> None:
        self._store = store
        self._partition = partition
        self._names = names
        self._rows: dict[tuple[int, str], dict[int, int]] = {}

    def move(self, movements: Sequence[int]) -> dict[tuple[int, str], bytes]:
        """Apply movements to the rows they leave and enter; those that changed, packed."""
        gained: dict[tuple[int, str], dict[int, int]] = {}
        counts = Counter(movements[1::3])
        for key, count in counts.items():
            if key < 0:
                if -key in counts:
                    continue
                key, count = -key, -count
            else:
                count -= counts.get(-key, 0)
            if count:
                dimensions, shape = split_key(key)
                for month, sums in self._names.sums(shape):
                    gains = gained.get((dimensions, month))
                    if gains is None:
                        gains = gained[dimensions, month] = {}
                    for measure, amount in sums:
                        gains[measure] = gains.get(measure, 0) + amount * count
        changed = {row: gains for row, gains in gained.items() if any(gains.values())}
        self._load([row for row in changed if row not in self._rows])
        packed: dict[tuple[int, str], bytes] = {}
        for row, gains in changed.items():
            measures = self._rows[row]
            for measure, amount in gains.items():
                value = measures.get(measure, 0) + amount
                if value:
                    measures[measure] = value
                else:
                    measures.pop(measure, None)
            packed[row] = _encode(measures)
        if len(self._rows) > MOST_ROWS:
            # The others are in the store by the time they are asked for again.
            self._rows = {row: self._rows[row] for row in packed}
        return packed

    def _load(self, keys: Sequence[tuple[int, str]]) -> None:
        if keys:
            loaded = self._store.load_rows(self._partition, keys)
            for key in keys:
                self._rows[key] = _decode(loaded[key]) if key in loaded else {}
