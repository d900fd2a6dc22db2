"""Local times of a city's table, read as instants.

A table says "2011-11-06 01:30:00" and leaves the offset to the reader. Twice a year that is not
enough: an hour that the clocks repeat is taken as its first pass, and an hour they skip is read as
though they had not been moved yet, which shifts it forward. Both are what PEP 495 calls fold=0.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import Instant, from_datetime

#: Formats that datetime.fromisoformat reads ten times faster than strptime; the length shows that
#: every part is there.
_ISO_LENGTHS = {"%Y-%m-%d %H:%M:%S": 19, "%Y-%m-%dT%H:%M:%S": 19, "%Y-%m-%d %H:%M": 16, "%Y-%m-%d": 10}
#: The word that stands for a format in a mapping: RFC 3339, where an offset in the text counts.
ISO = "iso"
#: A date without a time says only "some time that day"; its last second claims no more than that.
END_OF_DAY = time(23, 59, 59)

Side = Literal["start", "end"]


class UnreadableTime(ValueError):
    """A text that none of the formats fits."""


class LocalTimes:
    """Reads one kind of time: the formats it may come in, and the zone it is meant in."""

    def __init__(self, formats: Sequence[str], zone: str, day: Side) -> None:
        self._formats = [(text, _ISO_LENGTHS.get(text), not _has_hours(text)) for text in formats]
        self._zone = ZoneInfo(zone)
        self.side = day

    def read(self, text: str) -> Instant:
        """The instant of a text; UnreadableTime when no format fits or there is no such date."""
        return from_datetime(self.local(text))

    def local(self, text: str) -> datetime:
        """The aware datetime of a text, in the zone it was meant in."""
        for format_, length, date_only in self._formats:
            try:
                if format_ == ISO:
                    moment = datetime.fromisoformat(text)
                    date_only = len(text) <= 10
                elif length is not None:
                    if len(text) != length:
                        continue
                    moment = datetime.fromisoformat(text)
                else:
                    moment = datetime.strptime(text, format_)  # noqa: DTZ007 (the zone comes below)
            except ValueError:
                continue
            if date_only and self.side == "end":
                moment = datetime.combine(moment.date(), END_OF_DAY)
            return self._placed(moment)
        raise UnreadableTime(f"{text!r} fits none of the formats {', '.join(f[0] for f in self._formats)}")

    def is_date_of(self, moment: Instant, other: Instant) -> bool:
        """Whether a moment, read here, may be no more than the date of another: its local midnight."""
        if not any(date_only or format_ == ISO for format_, _, date_only in self._formats):
            return False
        local, of = (datetime.fromtimestamp(one / 1e6, self._zone) for one in (moment, other))
        return local.time() == time() and local.date() == of.date()

    def days_later(self, start: Instant, days: int) -> Instant:
        """The instant so many local calendar dates after a start's date, at this reader's side of the day."""
        date = (datetime.fromtimestamp(start / 1e6, self._zone) + timedelta(days=days)).date()
        return from_datetime(
            self._placed(datetime.combine(date, END_OF_DAY if self.side == "end" else time()))
        )

    def _placed(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone, fold=0)
        if not EARLIEST <= moment < LATEST:
            years = f"{EARLIEST.year} to {LATEST.year - 1}"
            raise UnreadableTime(
                f"{moment.isoformat()} is outside the years {years}: a mistake, or meant as none"
            )
        return moment


def _has_hours(format_: str) -> bool:
    return any(directive in format_ for directive in ("%H", "%I", "%c", "%X", "%s"))
