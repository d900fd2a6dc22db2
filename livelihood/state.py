"""What is kept of one issue between events: its facts, what they fold to, and what was done about it."""

from binascii import crc32
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from livelihood.alerts import Alarm
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue

#: Raised when the fold, a shape or this layout changes meaning; an older state is folded again.
FOLD_VERSION = 3
#: With more facts than this, all but half as many move to the archive, so that an event costs the
#: same however many came before it.
MOST_FACTS = 64

#: Of more sealed events than these, the places of the first and of the latest are kept.
MOST_SEALED = 200
#: What a record with something sealed has in it, and hardly any other.
_SEALED_MARK = b'"personal"'

#: (instant, key, ...): where and as what an issue counted from an instant on (see movements.py).
Step = tuple[int, ...]

if TYPE_CHECKING:
    #: A fact as it is held: itself until the state is packed, and packed from then on.
    Held = msgspec.Raw | Fact
else:
    Held = msgspec.Raw


class Checkpoint(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the facts that took effect up to an instant fold to, so that they need not be folded again."""

    through: Instant
    issue: Issue


class Segment(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A record of an issue's archive: facts and the part of the trail they left."""

    facts: list[msgspec.Raw]
    steps: list[Step]


class IssueState(msgspec.Struct, array_like=True, gc=False):
    """The packed state of one issue. `trail` is what its contribution was, exactly as applied."""

    fold_version: int = FOLD_VERSION
    #: The latest `recorded` of a fact about what was before it: late ones and corrections.
    late: Instant = 0
    issue: Issue = msgspec.field(default_factory=Issue)
    #: Facts in the order they came, each left packed: most are never looked at again. Older ones may be
    #: in the archive; `all_facts` gives them all.
    held: list[Held] = []
    #: Four bytes of each fact's id, archived ones too: tells most new events from repeats.
    ids: bytes = b""
    trail: list[Step] = []
    #: Time has been let pass up to here.
    clock: Instant = 0
    #: The next instant at which time alone changes something.
    wake: Instant | None = None
    #: When the last fact folded took effect, and the rank of its kind.
    last: tuple[Any, ...] = (-(1 << 62), 0)
    #: The import whose clock the issue keeps; empty: the live clock.
    run: str = ""
    #: Alerts that stand.
    raised: tuple[Alarm, ...] = ()
    #: How many alerts there were, and the ids of those that were cleared.
    sequence: int = 0
    told: tuple[str, ...] = ()
    #: The ids of events that corrections were about, whether these have come or not.
    corrected: tuple[str, ...] = ()
    #: How many segments the archive has, and how many of them hold steps that a later fold undid.
    segments: int = 0
    undone: int = 0
    #: Every archived fact is in it; None while nothing is archived.
    checkpoint: Checkpoint | None = None
    #: The numbers by which it can be found, exactly as the index was told.
    numbered: tuple[tuple[str, str], ...] = ()
    #: Where in the log the events are that have something sealed, in the order they came.
    sealed: tuple[int, ...] = ()

    @property
    def applied(self) -> Step:
        """The keys last applied, without the instant."""
        return self.trail[-1][1:] if self.trail else ()


class Glimpse(msgspec.Struct, array_like=True, gc=False):
    """The first part of a packed state, where and as what it counts, read in a fraction of the time."""

    fold_version: int
    late: Instant
    issue: msgspec.Raw
    held: msgspec.Raw
    ids: msgspec.Raw
    trail: list[Step]
    clock: Instant
    wake: Instant | None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(IssueState)
_FACT = msgspec.msgpack.Decoder(Fact)
_SEGMENT = msgspec.msgpack.Decoder(Segment)
_ISSUE = msgspec.msgpack.Decoder(Issue)
pack = _ENCODER.encode
glimpse = msgspec.msgpack.Decoder(Glimpse).decode

_SHORT_BYTES = 4
_CORRECTED = Kind.CORRECTED


class NewerData(RuntimeError):
    """The data were written by a newer version of this software."""


def unpack(packed: bytes) -> IssueState:
    """A state as stored; NewerData when this software is too old to read it."""
    try:
        state = _DECODER.decode(packed)
    except msgspec.ValidationError as error:
        raise NewerData(f"a stored issue has a layout unknown here ({error}); update the software") from None
    if state.fold_version > FOLD_VERSION:
        raise NewerData("a stored issue was folded by a newer version; update the software")
    return state


def short_id(fact: Fact) -> bytes:
    """Four bytes of a fact's id, as `ids` has them."""
    return crc32(fact.id.encode()).to_bytes(_SHORT_BYTES, "big")


def hold(state: IssueState, fact: Fact, short: bytes) -> None:
    """Add a fact, whose short id that is."""
    state.held.append(fact)
    state.ids += short
    if fact.kind == _CORRECTED and fact.data[0] not in state.corrected:
        state.corrected = (*state.corrected, fact.data[0])


def note_sealed(state: IssueState, offset: int, value: bytes) -> None:
    """Remember where an event with something sealed is; what was sealed is not part of the state."""
    if _SEALED_MARK in value:
        kept = state.sealed if len(state.sealed) < MOST_SEALED else (state.sealed[0], *state.sealed[2:])
        state.sealed = (*kept, offset)


def all_facts(state: IssueState, segments: Iterable[bytes] = ()) -> list[Fact]:
    """All facts of an issue, those of its archived segments first."""
    archived = [_FACT.decode(raw) for segment in segments for raw in _SEGMENT.decode(segment).facts]
    return [*archived, *(one if isinstance(one, Fact) else _FACT.decode(one) for one in state.held)]


def all_steps(state: IssueState, segments: Iterable[bytes] = ()) -> list[Step]:
    """The whole trail of an issue, the archived part first."""
    valid = [_SEGMENT.decode(segment) for segment in segments][state.undone :]
    return [*(step for segment in valid for step in segment.steps), *state.trail]


def copy_of(issue: Issue) -> Issue:
    """A copy that can be folded further while the first stays."""
    return _ISSUE.decode(pack(issue))


def may_hold(state: IssueState, short: bytes) -> bool:
    """Whether the issue may have a fact of that short id already; if so, `all_facts` tells."""
    ids = state.ids
    place = ids.find(short)
    while place >= 0 and place % _SHORT_BYTES:
        place = ids.find(short, place + 1)
    return place >= 0


def replace_facts(state: IssueState, facts: Iterable[Fact]) -> None:
    """Hold these facts instead of those not archived."""
    kept = state.ids[: len(state.ids) - _SHORT_BYTES * len(state.held)]
    state.held, state.ids = [], kept
    for fact in facts:
        hold(state, fact, short_id(fact))


def archive(state: IssueState, facts: list[Fact], kept: list[Fact], checkpoint: Checkpoint) -> bytes:
    """Move facts, and the steps they left, to the archive; the packed segment.

    The checkpoint covers all of them. The last step before it stays, as what the next one follows.
    """
    steps = [step for step in state.trail if step[0] <= checkpoint.through][:-1]
    archived_before = state.ids[: len(state.ids) - _SHORT_BYTES * len(state.held)]
    state.ids = b"".join([archived_before, *map(short_id, facts), *map(short_id, kept)])
    state.held = [*kept]
    state.trail = state.trail[len(steps) :]
    state.checkpoint = checkpoint
    state.segments += 1
    return pack(Segment([msgspec.Raw(pack(fact)) for fact in facts], steps))


def identity(fact: Fact) -> tuple[str, str]:
    """What tells a fact from others."""
    return fact.source, fact.id
