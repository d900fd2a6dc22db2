"""The cells of a row, read as a mapping says: times, codes, an outcome, a place, a label.

Each reader is made once for a table, from one part of its mapping, and then called for every row.
"""

from collections.abc import Callable
from collections.abc import Mapping as Positions
from typing import Literal, TypeVar

from livelihood.event_data import Outcome
from livelihood.instants import Instant
from livelihood.safekeeping import PERSONAL_FIELDS
from producers.mapping import Mapping
from producers.parts import Codes, Fixed, Label, Outcomes, Point, Time
from producers.tables import Fault
from producers.times import UnreadableTime

#: How many different raw texts a column's codes are remembered for.
_REMEMBERED = 10_000

Reason = Literal[
    Fault,
    "missing_id",
    "bad_id",
    "duplicate_id",
    "missing_time",
    "unreadable_time",
    "closed_before_opened",
    "closed_without_time",
    "in_the_future",
    "missing_service",
    "missing_channel",
    "unknown_status",
]
Doubt = Literal[
    "target_far",
    "target_before_opening",
    "open_with_closing_time",
    "point_out_of_bounds",
    "personal_cut",
]

#: Reads something from a row's values.
T = TypeVar("T")
Cells = Callable[[list[str]], T]


class Refused(Exception):
    """A row that cannot be used: why, and the column at fault."""

    def __init__(self, reason: Reason, column: str) -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


class TimeCells:
    """The cells of one time."""

    def __init__(self, time: Time, mapping: Mapping, at: Positions[str, int]) -> None:
        self._times = mapping.times(time)
        self._positions = [at[column] for column in time.columns]
        self._days = at[time.days_after_opening] if time.days_after_opening else None
        self._days_column = time.days_after_opening or ""
        self.column = time.columns[0]
        #: A date without a time means its last second.
        self.ends_day = self._times.side == "end"

    def not_before(self, moment: Instant, opened: Instant) -> Instant:
        """The moment itself; the opening where it is only that day's date, which cannot tell."""
        return opened if moment < opened and self._times.is_date_of(moment, opened) else moment

    def read(self, values: list[str], opened: Instant | None = None) -> Instant | None:
        """The instant in a row's cells, or days after `opened`; None where they are empty."""
        text = " ".join(cell for position in self._positions if (cell := values[position].strip()))
        try:
            if text:
                return self._times.read(text)
            if self._days is None or opened is None or not (days := values[self._days].strip()):
                return None
        except UnreadableTime:
            raise Refused("unreadable_time", self.column) from None
        try:
            return self._times.days_later(opened, int(days))
        except (ValueError, OverflowError):
            raise Refused("unreadable_time", self._days_column) from None


def code_cells(part: Codes | Fixed | None, at: Positions[str, int]) -> Cells[str | None]:
    """Reads a code; always None without a part, always the same where it is fixed."""
    if not isinstance(part, Codes):
        code = part.code if part is not None else None
        return lambda _: code
    position = at[part.column]
    return remembered(part.code, position)


def outcome_cells(part: Outcomes, at: Positions[str, int]) -> Cells[Outcome]:
    """Reads how a resolution ended."""
    if part.column is None:
        return lambda _: part.default
    return remembered(part.outcome, at[part.column])


def point_cells(part: Point | None, at: Positions[str, int]) -> Cells[tuple[float, float] | Doubt | None]:
    """Reads latitude and longitude, rounded; None where they are empty, a doubt where they cannot be."""
    if part is None:
        return lambda _: None
    south, west, north, east = part.bounds or (-90.0, -180.0, 90.0, 180.0)

    def read(values: list[str]) -> tuple[float, float] | Doubt | None:
        texts = values[at[part.latitude]].strip(), values[at[part.longitude]].strip()
        if not all(texts):
            return None
        try:
            latitude, longitude = (round(float(text), part.decimals) for text in texts)
        except ValueError:
            return "point_out_of_bounds"
        inside = south <= latitude <= north and west <= longitude <= east
        return (latitude, longitude) if inside else "point_out_of_bounds"

    return read


def label_cells(part: Label | None, at: Positions[str, int]) -> Cells[bool | None]:
    """Reads the city's verdict: true is on time, None is none."""
    if part is None:
        return lambda _: None

    def read(values: list[str]) -> bool | None:
        word = values[at[part.column]].strip()
        return True if word in part.on_time else False if word in part.late else None

    return read


def remembered(read: Callable[[str], T], position: int) -> Cells[T]:
    """A column's reader that computes each different text once, as far as memory is bounded."""
    known = dict[str, T]()

    def cells(values: list[str]) -> T:
        raw = values[position]
        if raw not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[raw] = read(raw)
        return known[raw]

    return cells


def personal_cells(mapping: Mapping, at: Positions[str, int]) -> Cells[tuple[dict[str, str], bool]]:
    """What a row says of a person, in clear, and whether some of it was too long and is cut off."""
    positions = [(field, at[column], PERSONAL_FIELDS[field]) for field, column in mapping.personal.items()]

    def read(values: list[str]) -> tuple[dict[str, str], bool]:
        found, cut = {}, False
        for field, position, longest in positions:
            text = "".join(one for one in values[position] if one.isprintable() or one in "\n\r\t").strip()
            cut |= len(text) > longest
            if text:
                found[field] = text[:longest]
        return found, cut

    return read
