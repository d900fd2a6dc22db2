"""How far a subscription's alerts were dealt with, as the position of its endpoint.

What a message tells is decided, and kept with the position, before the message is made; so it is the same
message, with the same id, whoever makes it again after a crash.
"""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from livelihood.instants import Instant

#: Several messages of one issue each, or one that tells of several.
What = Literal["each", "digest", "held", "flood"]

#: One for each partition of the alerts: the place of the last that was dealt with.
Places = tuple[int, ...]


class Cut(msgspec.Struct, frozen=True):
    """What is to be made next, of what was told up to some places."""

    what: What
    until: Places
    #: When it was decided.
    at: Instant


class Position(msgspec.Struct, frozen=True):
    """Where a subscription stands."""

    #: What is told at once was told up to here.
    told: Places
    #: What waits for a digest was in one up to here, or was told with what came later of its issue.
    digested: Places
    #: When it was last looked whether a digest is due.
    looked: Instant
    cut: Cut | None = None
    #: How many alerts its messages have told so far.
    count: int = 0


class NoPosition(ValueError):
    """A position of other partitions than there are now: the data were moved since."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Position).decode


def text_of(position: Position) -> str:
    """A position as an endpoint keeps it."""
    return _encode(position).decode()


def position_of(text: str, ends: Sequence[int]) -> Position:
    """The position of a text; NoPosition where the alerts, which end there, are not those it was of."""
    try:
        position = _decode(text)
    except msgspec.DecodeError:
        raise NoPosition("this is none of a subscription's positions") from None
    places = [position.told, position.digested, *([position.cut.until] if position.cut else [])]
    for one in places:
        if len(one) != len(ends) or any(place > end for place, end in zip(one, ends, strict=True)):
            raise NoPosition("the alerts are not those this was of: the data were moved, or made again")
    return position


def count_of(text: str) -> int:
    """How many alerts were told up to a position; 0 where it is none."""
    try:
        return _decode(text).count
    except msgspec.DecodeError:
        return 0


def span_of(position: Position) -> str:
    """What a message tells, as links name it: what it is, from where, and up to where."""
    assert position.cut is not None
    places = (position.digested, position.told, position.cut.until)
    return "-".join([position.cut.what, *(".".join(map(str, one)) for one in places)])


def position_at(span: str, ends: Sequence[int]) -> Position:
    """The position of a span, with its cut; NoPosition where it is none of these alerts."""
    found = _SPAN.fullmatch(span)
    if found is None:
        raise NoPosition("this names no message")
    digested, told, until = (
        tuple(map(int, found[name].split("."))) for name in ("digested", "told", "until")
    )
    what: What = found["what"]  # type: ignore[assignment]
    position = Position(told=told, digested=digested, looked=0, cut=Cut(what, until, 0))
    return position_of(text_of(position), ends)


_PLACES = r"\d{1,18}(\.\d{1,18})*"
_SPAN = re.compile(
    rf"(?P<what>digest|held|flood)-(?P<digested>{_PLACES})-(?P<told>{_PLACES})-(?P<until>{_PLACES})", re.ASCII
)


def beginning(ends: Sequence[int], now: Instant) -> Position:
    """Where a new subscription stands: it hears what is raised from now on."""
    return Position(told=tuple(ends), digested=tuple(ends), looked=now)
