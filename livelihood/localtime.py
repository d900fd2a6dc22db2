"""Local days and times of day of one time zone, exact through daylight saving, fast everywhere else.

A local day is an int, days since 1970-01-01 on the calendar on the wall; a time of day is an int,
microseconds that a clock on the wall shows past 00:00.

Two rules hold where the clocks change (they are those of RFC 5545, section 3.3.5):
- a local time that is skipped names the instant as far after the change as it is written after the last
  time before the change: 02:30 on a day that goes from 02:00 to 03:00 is 03:30;
- a local time that happens twice names the first.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from livelihood.instants import DAY, HOUR, SECOND, Instant, from_datetime, to_datetime

_ORDINAL_OF_DAY_0 = date(1970, 1, 1).toordinal()
_MIDNIGHT_OF_DAY_0 = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock on the wall shows no zone

#: Enough for every case of a living person. Years outside are mistakes ("9999-12-31" for "none"), and
#: working them out would cost memory for thousands of years of days.
FIRST_DAY: int = date(1900, 1, 1).toordinal() - _ORDINAL_OF_DAY_0
LAST_DAY: int = date(2199, 12, 31).toordinal() - _ORDINAL_OF_DAY_0


def day_of(value: date) -> int:
    """The local day of a date."""
    return value.toordinal() - _ORDINAL_OF_DAY_0


def date_of(day: int) -> date:
    """The date of a local day."""
    return date.fromordinal(day + _ORDINAL_OF_DAY_0)


def check_day(day: int) -> None:
    """ValueError when a day lies outside the years that calendars are worked out for."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(
            "a time outside the years 1900 to 2199: check whether it is a mistake, or means none"
        )


class LocalTime:
    """Splits instants of one zone into local day and time of day, and joins them again.

    Offsets are remembered per day, so only the days beside a change of the clocks ask the zone's rules.
    Methods raise ValueError outside the years 1900 to 2199.
    """

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        # None stands for a day on which, or next to which, the offset changes.
        self._offset_by_utc_day: dict[int, int | None] = {}
        self._offset_by_local_day: dict[int, int | None] = {}

    def split(self, instant: Instant) -> tuple[int, int]:
        """Local day and time of day of an instant."""
        utc_day = instant // DAY
        try:
            offset = self._offset_by_utc_day[utc_day]
        except KeyError:
            offset = self._learn_utc_day(utc_day)
        if offset is None:
            offset = self._exact_offset(instant)
        return divmod(instant + offset, DAY)

    def join(self, day: int, time_of_day: int) -> Instant:
        """The instant at which the clocks show a time of day on a local day (see the module's two rules)."""
        try:
            offset = self._offset_by_local_day[day]
        except KeyError:
            offset = self._learn_local_day(day)
        if offset is None:
            wall = _MIDNIGHT_OF_DAY_0 + timedelta(days=day, microseconds=time_of_day)
            return from_datetime(wall.replace(tzinfo=self.zone))
        return day * DAY + time_of_day - offset

    def spans(self, day: int, start: int, end: int) -> list[tuple[Instant, Instant]]:
        """All instants at which the clocks show start <= time of day < end on a local day, in order.

        One span on most days; none where the clocks skip it; two where they show it twice.
        """
        try:
            offset = self._offset_by_local_day[day]
        except KeyError:
            offset = self._learn_local_day(day)
        midnight = day * DAY
        if offset is not None:
            return [(midnight + start - offset, midnight + end - offset)]
        found = []
        for since, until, segment_offset in self._segments(midnight - DAY, midnight + 2 * DAY):
            first = max(since, midnight + start - segment_offset)
            last = min(until, midnight + end - segment_offset)
            if first < last:
                found.append((first, last))
        return found

    def _learn_utc_day(self, utc_day: int) -> int | None:
        check_day(utc_day)
        start, end = self._exact_offset(utc_day * DAY), self._exact_offset((utc_day + 1) * DAY)
        offset = start if start == end else None
        self._offset_by_utc_day[utc_day] = offset
        return offset

    def _learn_local_day(self, day: int) -> int | None:
        check_day(day)
        # Offsets are less than a day, so a local day lies within these three days of UTC.
        midnights = [self._exact_offset(utc_day * DAY) for utc_day in range(day - 1, day + 3)]
        offset = midnights[0] if len(set(midnights)) == 1 else None
        self._offset_by_local_day[day] = offset
        return offset

    def _exact_offset(self, instant: Instant) -> int:
        offset = to_datetime(instant, self.zone).utcoffset()
        assert offset is not None
        return offset // timedelta(microseconds=1)

    def _segments(self, since: Instant, until: Instant) -> list[tuple[Instant, Instant, int]]:
        """The stretches of constant offset in a short span of time: (since, until, offset)."""
        edges = [since]
        offsets = [self._exact_offset(since)]
        for probe in range(since, until, 6 * HOUR):
            earlier, later = probe, min(probe + 6 * HOUR, until)
            if self._exact_offset(later) == offsets[-1]:
                continue
            while later - earlier > SECOND:  # zones change on whole seconds
                middle = (earlier + later) // (2 * SECOND) * SECOND
                if self._exact_offset(middle) == offsets[-1]:
                    earlier = middle
                else:
                    later = middle
            edges.append(later)
            offsets.append(self._exact_offset(later))
        return list(zip(edges, [*edges[1:], until], offsets, strict=True))
