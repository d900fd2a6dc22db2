"""What a query or form asks for, checked. A parameter that is empty counts as one that was not sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import DAY, Instant, from_datetime
from producers.open311.documents import Trouble

#: Name -> its values in the order they were sent, none of them empty.
Parameters = Mapping[str, list[str]]

#: "Default query limit is a span of 90 days or first 1000 requests returned, whichever is smallest."
LONGEST_SPAN: Instant = 90 * DAY
MOST_ROWS = 1_000

#: A "+" that nobody quoted arrives as a space.
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time, both ends included, and which part of what it holds."""

    since: Instant
    until: Instant
    #: How many to pass over, and how many to give.
    skip: int = 0
    rows: int = MOST_ROWS


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which service requests are asked for."""

    #: If there are any, nothing else counts.
    ids: tuple[str, ...]
    services: tuple[str, ...]
    #: None: whether open or closed.
    is_open: bool | None
    window: Window


def parameters_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names and values as they were sent."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            found.setdefault(name, []).append(value.strip())
    return found


def one(parameters: Parameters, name: str) -> str | None:
    """A parameter's value; the last one where it was sent several times."""
    values = parameters.get(name)
    return values[-1] if values else None


def several(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Values sent with commas between them, or one by one."""
    values = (value.strip() for sent in parameters.get(name, ()) for value in sent.split(","))
    return tuple(dict.fromkeys(value for value in values if value))


def moment(parameters: Parameters, name: str) -> Instant | None:
    """A date and time; Trouble where it is none."""
    sent = one(parameters, name)
    if sent is None:
        return None
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub("+", sent))
        if found.tzinfo is not None and EARLIEST <= found < LATEST:
            return from_datetime(found)
    except (ValueError, OverflowError):
        pass
    raise Trouble(
        400,
        f"{name}: expected a time with its offset from UTC, from {EARLIEST.year} to before {LATEST.year},"
        " for instance 2010-05-24T00:00:00Z",
    )


def window_of(parameters: Parameters, now: Instant) -> Window:
    """The stretch of time asked for: by default the 90 days before now; Trouble says what is wrong."""
    since, until = moment(parameters, "start_date"), moment(parameters, "end_date")
    if since is None:
        until = now if until is None else until
        since = until - LONGEST_SPAN
    elif until is None:
        until = since + LONGEST_SPAN
    if until < since:
        raise Trouble(400, "end_date lies before start_date")
    if until - since > LONGEST_SPAN:
        raise Trouble(400, "start_date and end_date are more than 90 days apart; ask for one part at a time")
    rows = _count(parameters, "page_size", MOST_ROWS, MOST_ROWS)
    return Window(since=since, until=until, skip=rows * (_count(parameters, "page", 1, 10**9) - 1), rows=rows)


def wanted_of(parameters: Parameters, now: Instant) -> Wanted:
    """Which service requests are asked for; Trouble says what is wrong."""
    ids = several(parameters, "service_request_id")
    if len(ids) > MOST_ROWS:
        raise Trouble(400, f"service_request_id: {MOST_ROWS:,} at a time at most")
    if ids:
        window = Window(since=0, until=0)
        return Wanted(ids=ids, services=(), is_open=None, window=window)
    status = {one.lower() for one in several(parameters, "status")}
    if unknown := status - {"open", "closed"}:
        raise Trouble(400, f"status: {min(unknown)[:40]!r} is none; expected open, closed, or both")
    return Wanted(
        ids=(),
        services=several(parameters, "service_code"),
        is_open=None if len(status) != 1 else status == {"open"},
        window=window_of(parameters, now),
    )


def _count(parameters: Parameters, name: str, default: int, most: int) -> int:
    sent = one(parameters, name)
    if sent is None:
        return default
    if re.fullmatch(r"[0-9]{1,9}", sent) and 1 <= int(sent) <= most:
        return int(sent)
    raise Trouble(400, f"{name}: expected a whole number from 1 to {most:,}")
