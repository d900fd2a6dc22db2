"""Instants on the command line: read as people write them, written as people read them."""

import re
from zoneinfo import ZoneInfo

from cli.failures import USAGE, Failure
from livelihood.instants import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime
from livelihood.moments import read_moment

_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])(?:/s)?")
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


def parse_moment(text: str, zone: ZoneInfo, option: str) -> Instant:
    """The instant a person means: a date is its beginning; without an offset the zone's clocks count.

    Failure says how to write one.
    """
    try:
        return read_moment(text, zone)
    except ValueError as error:
        raise Failure(f"{option}: {error}.", USAGE) from None


def parse_speed(text: str) -> Instant:
    """Time that passes in a second: "1d/s" is a day; Failure says how to write one."""
    found = _SPEED.fullmatch(text.strip())
    speed = round(float(found[1]) * _UNITS[found[2]]) if found else 0
    if not speed:
        raise Failure(f"--speed: {text!r} is no speed; write 12h/s, 3d/s or 1w/s.", USAGE)
    return speed


def moment_text(instant: Instant, zone: ZoneInfo) -> str:
    """As "Sun 1 Jan 2012 00:00", with seconds only where there are some."""
    local = to_datetime(instant, zone)
    time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b %Y} {time}"


def day_text(instant: Instant, zone: ZoneInfo) -> str:
    """As "1 Jan 2012"."""
    local = to_datetime(instant, zone)
    return f"{local.day} {local:%b %Y}"


def length_text(length: int) -> str:
    """A length of time in its two largest units: "3 d 4 h", "25 min"."""
    if length < MINUTE:
        return f"{length / SECOND:.0f} s"
    for unit, name, smaller, smaller_name in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min")):
        if length >= unit:
            whole, rest = divmod(length, unit)
            part = rest // smaller
            return f"{whole:,} {name}" + (f" {part} {smaller_name}" if part and whole < 100 else "")
    return f"{length // MINUTE} min"
