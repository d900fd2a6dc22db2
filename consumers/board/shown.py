"""Lines as they are shown: nobody changes them any more, and each has its JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from consumers.board.places import Place
from consumers.objects import object_of
from livelihood.instants import Instant
from livelihood.rollup import Line


class Shown(NamedTuple):
    """A line as it was published."""

    line: Line
    #: The line as JSON, one object, as `livelihood table --format json` has it.
    json: bytes
    #: The line's own number in its table, which stays.
    number: int = 0
    #: Counts all changes of lines of the table; a line's own is the last of its.
    change: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """A table of one moment."""

    #: All traffic first, then in the catalogue's order.
    lines: tuple[Shown, ...]
    #: The same by their numbers.
    by_number: dict[int, Shown]
    #: The last change of any of its lines.
    change: int
    place: Place
    as_of: Instant


def json_of(line: Line, by: Sequence[str], zone: ZoneInfo) -> bytes:
    """A line as JSON."""
    return msgspec.json.encode(object_of(line, by, zone))
