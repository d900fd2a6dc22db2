"""Periods: a day, week, month, quarter, year or all, by the jurisdiction's calendar on the wall."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import SLOT, Instant, from_datetime

_EXAMPLES = "2011, 2011-Q3, 2011-08, 2011-W31, 2011-08-14 or all"
_FORMS = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>\d\d)|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?",
    re.ASCII,
)


@dataclass(slots=True, frozen=True)
class Period:
    """The time from `start` to before `end`; both None for all time."""

    text: str
    start: Instant | None
    end: Instant | None
    #: The months it is made of, where it is made of whole months; None for all of them.
    months: frozenset[str] | None
    #: Whether rows, which are kept by month, can answer it.
    whole_months: bool

    def has(self, month: str) -> bool:
        """Whether a month's sums belong to the period."""
        return self.months is None or month in self.months

    def contains(self, instant: Instant) -> bool:
        """Whether an instant lies in the period."""
        return self.start is None or self.end is None or self.start <= instant < self.end


def parse_period(text: str, time_zone: str) -> Period:
    """The period a text names; ValueError says how to write one."""
    if text == "all":
        return Period(text, None, None, None, whole_months=True)
    form = _FORMS.fullmatch(text)
    if form is None:
        raise ValueError(f"{text[:100]!r} is no period: write {_EXAMPLES}")
    year = int(form["year"])
    try:
        if not EARLIEST.year <= year < LATEST.year:
            raise ValueError(f"years go from {EARLIEST.year} to {LATEST.year - 1}")
        if form["week"]:
            first = date.fromisocalendar(year, int(form["week"]), 1)
            last = first + timedelta(days=6)
        elif form["day"]:
            first = last = date(year, int(form["month"]), int(form["day"]))
        else:
            first_month, count = 1, 12
            if form["quarter"]:
                first_month, count = int(form["quarter"]) * 3 - 2, 3
            elif form["month"]:
                first_month, count = int(form["month"]), 1
            first = date(year, first_month, 1)
            after = first_month + count
            last = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    except ValueError as error:
        raise ValueError(f"{text[:100]!r} is no period ({error}): write {_EXAMPLES}") from None
    zone = ZoneInfo(time_zone)
    start, end = (
        from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))
        for day in (first, last + timedelta(days=1))
    )
    whole = not (form["week"] or form["day"])
    months = (
        frozenset(f"{year}-{month:02}" for month in range(first.month, last.month + 1)) if whole else None
    )
    return Period(text, start, end, months, whole_months=whole)


class Within(dict[int, str]):
    """Stands in for `Months` where a period is shorter than a month: in the period, or not."""

    IN, OUT = "in", "out"

    def __init__(self, period: Period) -> None:
        super().__init__()
        self._period = period

    def __missing__(self, slot: int) -> str:
        # Days begin at the beginning of a slot, so a slot lies in a period whole or not at all.
        label = self[slot] = self.IN if self._period.contains(slot * SLOT) else self.OUT
        return label
