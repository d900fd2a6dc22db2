"""Deadlines as an iCalendar (RFC 5545), which calendar programs subscribe to by its address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livelihood.instants import Instant, to_datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: How often a program is asked to look again.
REFRESH = "PT1H"
#: A line has at most so many bytes, its end not counted.
_LINE_BYTES = 75


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One deadline."""

    #: The same for as long as it is the same deadline.
    id: str
    at: Instant
    title: str
    description: str
    link: str
    #: The last instant anything happened to its issue.
    changed: Instant
    categories: tuple[str, ...] = ()


def calendar_of(title: str, entries: Iterable[Entry], now: Instant) -> bytes:
    """A calendar of moments that take no time, so that nobody is shown as busy."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//livelihood//deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(title)}",
        f"X-WR-CALNAME:{_text(title)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(entry: Entry, now: Instant) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.id)}"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"LAST-MODIFIED:{_moment(entry.changed)}"
    yield f"DTSTART:{_moment(entry.at)}"
    yield f"SUMMARY:{_text(entry.title)}"
    yield f"DESCRIPTION:{_text(entry.description)}"
    yield f"URL:{entry.link}"
    if entry.categories:
        yield f"CATEGORIES:{','.join(map(_text, entry.categories))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(instant: Instant) -> str:
    return to_datetime(instant).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """A value of text; what would end a line or mean something is written otherwise."""
    shown = "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or one.isprintable())
    return shown.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A line in pieces that are short enough, none of which ends within a character."""
    pieces: list[bytes] = []
    piece = b""
    for one in line:
        encoded = one.encode()
        # What follows the first begins with a space.
        if len(piece) + len(encoded) > _LINE_BYTES - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += encoded
    pieces.append(piece)
    return b"\r\n ".join(pieces) + b"\r\n"
