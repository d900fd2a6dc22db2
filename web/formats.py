"""Instants, lengths of time and numbers as people of each language write them."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from livelihood.instants import DAY, HOUR, MINUTE, SECOND, Instant, iso, to_datetime
from web.languages import Language

#: Skeletons would leave the weekday's place to each release of CLDR.
_MOMENT = {"en": "EEE d MMM y, HH:mm", "zh": "y年M月d日（EEE）HH:mm"}
_DAY = {"en": "EEE d MMM y", "zh": "y年M月d日（EEE）"}
_MONTH = {"en": "MMMM y", "zh": "y年M月"}
_SHORT = {"en": "d MMM, HH:mm", "zh": "M月d日 HH:mm"}

#: A space at which no line ends.
_JOINED = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Formats:
    """Writes for one language, in the jurisdiction's time zone."""

    language: Language
    zone: ZoneInfo

    def moment(self, instant: Instant) -> str:
        """As "Wed 25 Nov 2026, 17:45"."""
        return format_datetime(self._local(instant), _MOMENT[self.language.code], locale=self.language.locale)

    def short(self, instant: Instant) -> str:
        """As "25 Nov, 17:45", for lists."""
        return format_datetime(self._local(instant), _SHORT[self.language.code], locale=self.language.locale)

    def day(self, instant: Instant) -> str:
        """As "Wed 25 Nov 2026"."""
        return format_date(self._local(instant), _DAY[self.language.code], locale=self.language.locale)

    def date(self, day: date) -> str:
        """A day of the calendar, as "Wed 25 Nov 2026"."""
        return format_date(day, _DAY[self.language.code], locale=self.language.locale)

    def month(self, month: str) -> str:
        """A month, "2026-11", as "November 2026"."""
        first = date.fromisoformat(f"{month}-01")
        return format_date(first, _MONTH[self.language.code], locale=self.language.locale)

    def time(self, instant: Instant) -> str:
        """As "17:45"."""
        return format_time(self._local(instant), "HH:mm", locale=self.language.locale)

    def field(self, instant: Instant) -> str:
        """As a form's field for date and time has it: local, without an offset."""
        return f"{self._local(instant):%Y-%m-%dT%H:%M}"

    def machine(self, instant: Instant) -> str:
        """As RFC 3339, for scripts."""
        return iso(instant, self.zone)

    def length(self, length: int) -> str:
        """A length of time in its two largest units, as "3 days 4 hours"."""
        sizes = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
        for place, (size, _) in enumerate(sizes):
            if length >= size:
                parts = [self._amount(length // size, size)]
                if place + 1 < len(sizes):
                    smaller = sizes[place + 1][0]
                    if rest := length % size // smaller:
                        parts.append(self._amount(rest, smaller))
                return " ".join(parts)
        return self._amount(max(length, 0) // SECOND, SECOND)

    def rough(self, length: int) -> str:
        """A length of time in its largest unit, as "3 days", for tables."""
        for size in (DAY, HOUR, MINUTE):
            if length >= size:
                return self._amount(length // size, size)
        return self._amount(max(length, 0) // SECOND, SECOND)

    def hours(self, length: int) -> str:
        """Opening time in hours and minutes: a day of it would be taken for 24 hours."""
        hours, rest = divmod(max(length, 0), HOUR)
        parts = [self._amount(hours, HOUR)] if hours else []
        if rest >= MINUTE or not hours:
            parts.append(self._amount(rest // MINUTE, MINUTE))
        return " ".join(parts)

    def number(self, number: float) -> str:
        """A number with its groups of digits."""
        return format_decimal(number, locale=self.language.locale)

    def percent(self, share: float) -> str:
        """A share as "75.4 %", with one digit behind the point. The two are never on two lines."""
        return format_percent(share, f"0.0{_JOINED}%", locale=self.language.locale)

    def share(self, share: float) -> str:
        """A share that was set, or need not be told to the last digit: as "95 %"."""
        return format_percent(share, f"0.#{_JOINED}%", locale=self.language.locale)

    def whole(self, share: float) -> str:
        """A share as "17 %", where a digit behind the point would say no more."""
        return format_percent(share, f"0{_JOINED}%", locale=self.language.locale)

    def _amount(self, count: int, size: int) -> str:
        unit = {DAY: "day", HOUR: "hour", MINUTE: "minute", SECOND: "second"}[size]
        # A threshold beyond reach keeps the unit asked for.
        seconds = count * size // SECOND
        return format_timedelta(seconds, granularity=unit, threshold=1e9, locale=self.language.locale)  # type: ignore[arg-type]

    def _local(self, instant: Instant) -> datetime:
        return to_datetime(instant, self.zone)
