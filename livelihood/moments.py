"""Instants as people write them: a date, a time on the wall, a time with its offset."""

from datetime import date, datetime, tzinfo

from livelihood.instants import Instant, from_datetime


def read_moment(text: str, zone: tzinfo) -> Instant:
    """The instant a person means: a date is its beginning; without an offset the zone's clocks count.

    ValueError says how to write one.
    """
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text[:100]!r} is no date or time; write 2012-01-01, 2012-01-01T17:00"
            f" ({zone}) or 2012-01-01T17:00-05:00"
        ) from None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
