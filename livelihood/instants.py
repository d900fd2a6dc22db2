"""Instants: the one representation of a moment, and its conversions.

An `Instant` is an int, microseconds since 1970-01-01T00:00:00Z. Integers compare, add and pack
ten times faster than aware datetimes and lose nothing that Python's datetime can hold.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

Instant = int

MILLISECOND: int = 1_000
SECOND: int = 1_000_000
MINUTE: int = 60 * SECOND
HOUR: int = 60 * MINUTE
DAY: int = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: Local days begin at a multiple of this in every zone, so an instant's month is its slot's month.
SLOT: int = 15 * MINUTE
_SLOTS_A_DAY = DAY // SLOT
#: Thirty years of slots.
_MOST_SLOTS = 1_000_000


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime; ValueError for a naive one, which names no instant."""
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC, for instance 2011-07-01T08:30:00-04:00")
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: Instant, zone: tzinfo = UTC) -> datetime:
    """The aware datetime of an instant in a zone."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment if zone is UTC else moment.astimezone(zone)


def parse(text: str) -> Instant:
    """The instant of an RFC 3339 text; ValueError says what is wrong with it."""
    return from_datetime(datetime.fromisoformat(text))


def iso(instant: Instant, zone: tzinfo = UTC) -> str:
    """RFC 3339 text of an instant, with the zone's offset, and "Z" for UTC."""
    text = to_datetime(instant, zone).isoformat()
    return text.replace("+00:00", "Z") if zone is UTC else text


class Months(dict[int, str]):
    """Local months ("2011-07") in one jurisdiction: `months[instant // SLOT]`, each found out once.

    A dict, because looking one up is the most frequent thing a worker does.
    """

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(zone)
        # The month of a day's slots, by the day in UTC; empty where the month changes within it.
        self._days: dict[int, str] = {}

    def __missing__(self, slot: int) -> str:
        if len(self) > _MOST_SLOTS:
            self.clear()
        day = slot // _SLOTS_A_DAY
        of_day = self._days.get(day)
        if of_day is None:
            first, last = (self._find(edge) for edge in (day * _SLOTS_A_DAY, (day + 1) * _SLOTS_A_DAY - 1))
            of_day = self._days[day] = first if first == last else ""
        month = self[slot] = of_day or self._find(slot)
        return month

    def _find(self, slot: int) -> str:
        return to_datetime(slot * SLOT, self._zone).strftime("%Y-%m")
