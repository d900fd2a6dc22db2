"""What cannot be summed: when the oldest issue still open was submitted, and the last change."""

from collections.abc import Iterator

from livelihood.contribution import Dimensions, Shape, outcome_of, sums_of
from livelihood.instants import Instant
from livelihood.measures import SUM
from livelihood.movements import columns, split_key
from livelihood.ports import Reader

_OPEN = SUM["open"]


class Extremes:
    """Both, of one partition as of an instant, from its movements."""

    def __init__(
        self,
        reader: Reader,
        partition: int,
        dimensions: dict[int, Dimensions],
        shapes: dict[int, Shape],
        as_of: Instant | None,
    ) -> None:
        """Reads all movements up to the instant, all there are with None."""
        self._dimensions = dimensions
        self._shapes = shapes
        self._open_shapes = {number for number, shape in shapes.items() if _is_open(shape)}
        #: Key of dimensions and shape -> the last movement into or out of it.
        self._changed: dict[int, Instant] = {}
        #: Dimensions' number -> when submitted -> how many of them are open.
        self._opened: dict[int, dict[Instant, int]] = {}
        # Key -> the counts it changes and by how much; None for what is not open.
        self._changes: dict[int, tuple[dict[Instant, int], int] | None] = {}
        for page in reader.movements(partition):
            self._read(page, as_of)

    def open_since(self) -> Iterator[tuple[Dimensions, Instant, int]]:
        """Where and since when issues are open, and how many."""
        for number, counts in self._opened.items():
            for since, count in counts.items():
                if count:
                    yield self._dimensions[number], since, count

    def last_changes(self) -> Iterator[tuple[Dimensions, str, Instant]]:
        """When what counts in a row, by outcome, changed last."""
        latest: dict[tuple[int, str], Instant] = {}
        outcomes = {number: outcome_of(shape) for number, shape in self._shapes.items()}
        for key, at in self._changed.items():
            number, shape = split_key(abs(key))
            row = (number, outcomes[shape])
            if at > latest.get(row, at - 1):
                latest[row] = at
        for (number, outcome), at in latest.items():
            yield self._dimensions[number], outcome, at

    def _read(self, page: bytes, as_of: Instant | None) -> None:
        instants, keys, submitted = columns(page)
        if as_of is not None and max(instants, default=as_of) > as_of:
            kept = [number for number, at in enumerate(instants) if at <= as_of]
            instants, keys, submitted = (
                type(column)("q", [column[number] for number in kept])
                for column in (instants, keys, submitted)
            )
        changed = self._changed
        for at, key in zip(instants, keys, strict=True):
            if at > changed.get(key, at - 1):
                changed[key] = at
        changes = self._changes
        for key in set(keys).difference(changes):
            changes[key] = self._change_of(key)
        # An open issue that becomes open otherwise leaves and enters next to each other: two look-ups less.
        left: dict[Instant, int] | None = None
        left_since = 0
        for change, since in zip(map(changes.__getitem__, keys), submitted, strict=True):
            if change is None:
                continue
            counts, amount = change
            if amount < 0:
                if left is not None:
                    left[left_since] = left.get(left_since, 0) - 1
                left, left_since = counts, since
            elif counts is left and since == left_since:
                left = None
            else:
                counts[since] = counts.get(since, 0) + 1
        if left is not None:
            left[left_since] = left.get(left_since, 0) - 1

    def _change_of(self, key: int) -> tuple[dict[Instant, int], int] | None:
        number, shape = split_key(abs(key))
        if shape not in self._open_shapes:
            return None
        return self._opened.setdefault(number, {}), 1 if key > 0 else -1


def _is_open(shape: Shape) -> bool:
    return any(measure == _OPEN for (_, measure), _ in sums_of(shape))
