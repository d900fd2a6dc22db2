"""Instants as people write them: a date, a time on the wall, a time with its offset."""

from datetime import date, datetime, tzinfo

from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import Instant, from_datetime


def read_moment(text: str, zone: tzinfo) -> Instant:
    """The instant a person means: a date is its beginning; without an offset the zone's clocks count.

    ValueError says how to write one, and from when to when times go.
    """
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text[:100]!r} is no date or time; write 2012-01-01, 2012-01-01T17:00"
            f" ({zone}) or 2012-01-01T17:00-05:00"
        ) from None
    instant = from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    if not from_datetime(EARLIEST) <= instant < from_datetime(LATEST):
        raise ValueError(f"{text!r}: expected a time from {EARLIEST.year} to before {LATEST.year}")
    return instant
