"""Counts over time: what each local day added, per dimensions, from movements alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from consumers.board.answers import Point, Unit
from livelihood.contribution import Shape, sums_of
from livelihood.instants import SLOT, to_datetime
from livelihood.measures import SUM
from livelihood.movements import split_key

#: What is counted by day, in the order of a day's counts.
COUNTED = ("received", "resolved", "open", "overdue")
_PLACES = {SUM[name]: place for place, name in enumerate(COUNTED)}
_RECEIVED, _RESOLVED, _OPEN, _OVERDUE = range(4)
#: [received, resolved, open, overdue] that a day added.
Counts = list[int]
#: The same, of one issue.
Four = tuple[int, int, int, int]


class DayOf(dict[int, int]):
    """The local day, as date.toordinal counts, of `instant // SLOT`, each found out once."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(zone)

    def __missing__(self, slot: int) -> int:
        day = self[slot] = to_datetime(slot * SLOT, self._zone).toordinal()
        return day


def counts_of(shape: Shape) -> Four:
    """What an issue of that shape is counted as."""
    found = [0, 0, 0, 0]
    for (_, measure), amount in sums_of(shape):
        if measure in _PLACES:
            found[_PLACES[measure]] += amount
    return found[0], found[1], found[2], found[3]


class Days:
    """What each day added, by the number of its dimensions, whatever numbers those are."""

    def __init__(self, zone: str) -> None:
        self._day_of = DayOf(zone)
        #: Dimensions' number -> day -> what it added.
        self.added: dict[int, dict[int, Counts]] = {}

    def count(
        self,
        instants: Sequence[int],
        keys: Sequence[int],
        submitted: Sequence[int],
        counts: Mapping[int, tuple[int, Four]],
    ) -> None:
        """Count the entries of a page; `counts` has, of each key, the dimensions' number and its counts."""
        day_of = self._day_of
        days = (day_of[at // SLOT] for at in instants)
        came = (day_of[at // SLOT] for at in submitted)
        for (key, day, since), times in Counter(zip(keys, days, came, strict=True)).items():
            number, (received, resolved, open_, overdue) = counts[abs(key)]
            times = times if key > 0 else -times
            added = self.added.setdefault(number, {})
            if received:
                # Counted on the day it came, whoever has it now: the table of that day says the same.
                added.setdefault(since, [0, 0, 0, 0])[_RECEIVED] += received * times
            if resolved or open_ or overdue:
                on_day = added.setdefault(day, [0, 0, 0, 0])
                on_day[_RESOLVED] += resolved * times
                on_day[_OPEN] += open_ * times
                on_day[_OVERDUE] += overdue * times

    def add_to(self, total: dict[int, Counts], number: int) -> None:
        """Add what each day added to some dimensions."""
        for day, counts in self.added.get(number, {}).items():
            held = total.get(day)
            if held is None:
                total[day] = counts[:]
            else:
                for place, amount in enumerate(counts):
                    held[place] += amount


def points_of(total: dict[int, Counts], unit: Unit, first: int | None, last: int) -> list[Point]:
    """The points of a series from one day to another, both within; with None, from the first of all.

    `last` is the day of the instant the series stands for: no later day has come.
    """
    busy = [day for day, counts in total.items() if any(counts)]
    if not busy:
        return []
    begin = min(busy) if first is None else first
    stock = [0, 0]
    for day in sorted(day for day in busy if day < begin):
        stock[0] += total[day][_OPEN]
        stock[1] += total[day][_OVERDUE]
    points = []
    for start, end in _spans(unit, begin, last):
        received = resolved = 0
        for day in range(max(start, begin), min(end, last + 1)):
            if day in total:
                counts = total[day]
                received += counts[_RECEIVED]
                resolved += counts[_RESOLVED]
                stock[0] += counts[_OPEN]
                stock[1] += counts[_OVERDUE]
        points.append(Point(date.fromordinal(start).isoformat(), received, resolved, *stock))
    return points


def begin_of(unit: Unit, day: int) -> int:
    """The first day of the week or month a day is in."""
    if unit == "week":
        return day - date.fromordinal(day).weekday()
    return date.fromordinal(day).replace(day=1).toordinal() if unit == "month" else day


def back(unit: Unit, day: int, many: int) -> int:
    """The first day of the unit that is so many before the one a day is in."""
    day = begin_of(unit, day)
    for _ in range(many):
        day = begin_of(unit, day - 1)
    return day


def _spans(unit: Unit, first: int, last: int) -> Iterator[tuple[int, int]]:
    start = begin_of(unit, first)
    while start <= last:
        then = date.fromordinal(start)
        if unit == "month":
            after = (then.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal()
        else:
            after = start + (7 if unit == "week" else 1)
        yield start, after
        start = after


def key_counts(keys: Iterable[int], shapes: dict[int, Shape]) -> dict[int, tuple[int, Four]]:
    """Of each key without its sign, the dimensions' number and what its shape is counted as."""
    found: dict[int, tuple[int, Four]] = {}
    for key in {abs(key) for key in keys}:
        number, shape = split_key(key)
        found[key] = number, counts_of(shapes[shape])
    return found
