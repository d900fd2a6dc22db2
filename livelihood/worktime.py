"""Working time: which days are worked, and how much opening time lies between two instants.

Everything is looked up in running totals per day and per stretch of opening hours, worked out for the
years that are asked for, so a question costs the same whether it spans an hour or ten years.
"""

from bisect import bisect_left, bisect_right
from datetime import date

from livelihood.instants import DAY, MINUTE, Instant
from livelihood.localtime import FIRST_DAY, LAST_DAY, LocalTime, check_day, date_of, day_of
from livelihood.workcalendars import Calendar

#: Days worked out around the first day asked for: most cases live within a year of each other.
_FIRST_SPAN_DAYS = 800
#: A local day lies within a day of the same day in UTC; one more for good measure.
_EDGE_DAYS = 2


class _Span:
    """Totals over consecutive days. Never changed once made: readers in other threads see one or the next."""

    __slots__ = (
        "closes",
        "days_before",
        "first_day",
        "known_from",
        "known_until",
        "last_day",
        "opens",
        "total",
        "working_days",
    )

    def __init__(self, calendar: Calendar, local: LocalTime, first_day: int, last_day: int) -> None:
        self.first_day = first_day
        self.last_day = last_day
        #: For each day from first_day: how many working days lie before it in the span.
        self.days_before: list[int] = []
        self.working_days: list[int] = []
        stretches: list[tuple[Instant, Instant]] = []
        for day in range(first_day, last_day + 1):
            self.days_before.append(len(self.working_days))
            hours = calendar.hours_on(date_of(day))
            # A day the zone skipped was nobody's working day (Samoa had no 30 December 2011).
            if hours and local.spans(day, 0, DAY):
                self.working_days.append(day)
                for opens, closes in hours:
                    stretches += local.spans(day, opens * MINUTE, closes * MINUTE)
        # In order but where clocks that pass midnight twice make days interleave.
        stretches.sort()
        self.opens: list[Instant] = [opens for opens, _ in stretches]
        self.closes: list[Instant] = [closes for _, closes in stretches]
        #: For each stretch: the opening time from the span's first to this one's end.
        self.total: list[int] = []
        running = 0
        for opens, closes in stretches:
            running += closes - opens
            self.total.append(running)
        self.known_from = (first_day + _EDGE_DAYS) * DAY
        self.known_until = (last_day - _EDGE_DAYS) * DAY


class WorkCalendar:
    """A `Calendar` compiled for quick answers. Days are local days (see localtime.py).

    Every method raises ValueError for times outside the years 1900 to 2199, and so does a count that
    would end there.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.code = calendar.code
        #: Microseconds past 00:00, or None.
        self.cut_off: int | None = None if calendar.cut_off is None else calendar.cut_off * MINUTE
        self.local = LocalTime(calendar.time_zone)
        #: Instant -> (local day, time of day), and back.
        self.split = self.local.split
        self.join = self.local.join
        self._unknown_from: Instant | None = None
        if calendar.covered_through is not None and day_of(calendar.covered_through) < LAST_DAY:
            self._unknown_from = self.join(day_of(calendar.covered_through) + 1, 0)
        self._span: _Span | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether people work on a date."""
        return self.working_day(day_of(day), 0) == day_of(day)

    def nth_working_day(self, day: date, n: int) -> date:
        """The n-th working day after a date; n = 0: the date itself, or the next working day."""
        return date_of(self.working_day(day_of(day), n))

    def working_day(self, day: int, n: int) -> int:
        """`nth_working_day` for local days: the n-th working day after the first one at or after `day`."""
        span = self._span
        if span is None or day < span.first_day:
            span = self._cover(day, day)
        while True:
            try:
                return span.working_days[span.days_before[day - span.first_day] + n]
            except IndexError:
                span = self._cover(span.first_day, max(day, span.last_day + 1))

    def working_days_between(self, since: int, until: int) -> int:
        """How many working days lie from one local day on and before another; negative if it is earlier."""
        span = self._span
        first, last = min(since, until), max(since, until)
        if span is None or first < span.first_day or last > span.last_day:
            span = self._cover(first, last)
        return span.days_before[until - span.first_day] - span.days_before[since - span.first_day]

    def opens_at(self, day: int) -> int:
        """Time of day at which a working day opens."""
        return self.calendar.hours_on(date_of(day))[0].opens * MINUTE

    def working_between(self, since: Instant, until: Instant) -> int:
        """Opening time from one instant to another, in microseconds; negative when `until` is earlier."""
        span = self._span
        if span is None or min(since, until) < span.known_from or max(since, until) > span.known_until:
            span = self._cover(min(since, until) // DAY, max(since, until) // DAY)
        return _elapsed(span, until) - _elapsed(span, since)

    def add_working(self, since: Instant, length: int) -> Instant:
        """The first instant by which so much opening time has passed; `since` itself for a length of 0.

        ValueError for a negative length.
        """
        if length <= 0:
            if length < 0:
                raise ValueError("a negative length of working time")
            return since
        span = self._span
        if span is None or not span.known_from <= since <= span.known_until:
            span = self._cover(since // DAY, since // DAY)
        wanted = _elapsed(span, since) + length
        while not span.total or wanted > span.total[-1]:
            span = self._cover(span.first_day, span.last_day + 1)
            wanted = _elapsed(span, since) + length
        stretch = bisect_left(span.total, wanted)
        return span.closes[stretch] - (span.total[stretch] - wanted)

    def next_open(self, instant: Instant) -> Instant:
        """The instant itself inside opening hours, else the next opening."""
        return self.add_working(instant, 1) - 1

    def provisional(self, instant: Instant) -> bool:
        """Whether an instant lies past the last date for which holidays are known."""
        return self._unknown_from is not None and instant >= self._unknown_from

    def _cover(self, first_day: int, last_day: int) -> _Span:
        """Works out a longer span, at least twice the last one, so that growing stays cheap over time."""
        check_day(first_day)
        check_day(last_day)
        span = self._span
        size = _FIRST_SPAN_DAYS
        if span is not None:
            first_day = min(first_day, span.first_day)
            last_day = max(last_day, span.last_day)
            size = 2 * len(span.days_before)
        margin = max(0, size - (last_day - first_day + 1)) // 2 + 2 * _EDGE_DAYS
        first_day = max(first_day - margin, FIRST_DAY)
        last_day = min(last_day + margin, LAST_DAY)
        self._span = span = _Span(self.calendar, self.local, first_day, last_day)
        return span


def _elapsed(span: _Span, instant: Instant) -> int:
    """Opening time from the span's start to an instant."""
    stretch = bisect_right(span.opens, instant) - 1
    if stretch < 0:
        return 0
    return span.total[stretch] - max(0, span.closes[stretch] - instant)
