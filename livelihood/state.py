"""What is kept of one issue between events: its facts, what they fold to, and what was done about it."""

from binascii import crc32

import msgspec

from livelihood.alerts import Alarm
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue

#: Raised when the fold, a shape or this layout changes meaning; an older state is folded again.
FOLD_VERSION = 1
#: With more facts than this the older half moves to the archive, so that an event costs the same
#: however many came before it.
MOST_FACTS = 64

#: (instant, dimensions' id, shape's id, ...): where an issue counted from an instant on.
Step = tuple[int, ...]


class IssueState(msgspec.Struct, array_like=True, gc=False):
    """The packed state of one issue. `trail` is what its contribution was, exactly as applied."""

    fold_version: int = FOLD_VERSION
    #: How many catalogue versions were published when it was folded.
    catalogue: int = 0
    issue: Issue = msgspec.field(default_factory=Issue)
    #: In the order they came; older ones may be in the archive.
    facts: list[Fact] = []
    trail: list[Step] = []
    #: Time has been let pass up to here.
    clock: Instant = 0
    #: The next instant at which time alone changes something.
    wake: Instant | None = None
    #: The place in the total order of the last fact folded.
    last: tuple[Instant, int, str, str] = (-(1 << 62), 0, "", "")
    #: The import whose clock the issue keeps; empty: the live clock.
    run: str = ""
    #: Alerts that stand.
    raised: list[Alarm] = []
    #: How many alerts there were, and the ids of those that were cleared.
    sequence: int = 0
    told: list[str] = []
    #: Archived segments, and a short hash of each archived fact's id.
    segments: int = 0
    archived: bytes = b""

    @property
    def applied(self) -> Step:
        """The dimensions and shapes last applied, without the instant."""
        return self.trail[-1][1:] if self.trail else ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(IssueState)
_FACTS = msgspec.msgpack.Decoder(list[Fact])
pack = _ENCODER.encode


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


def unpack_facts(packed: bytes) -> list[Fact]:
    """An archived segment."""
    return _FACTS.decode(packed)


def hash_of(fact: Fact) -> bytes:
    """Four bytes that tell most ids apart; a match is looked up in the archive."""
    return crc32(f"{fact.source}\0{fact.id}".encode()).to_bytes(4, "big")


def archive_older(state: IssueState) -> bytes:
    """Move the older facts out, once there are more than MOST_FACTS; the packed segment."""
    older, state.facts = state.facts[: MOST_FACTS // 2], state.facts[MOST_FACTS // 2 :]
    state.archived += b"".join(hash_of(fact) for fact in older)
    state.segments += 1
    return pack(older)


def may_be_archived(state: IssueState, fact: Fact) -> bool:
    """Whether a fact of that id could be among the archived."""
    wanted = hash_of(fact)
    place = state.archived.find(wanted)
    while place >= 0 and place % 4:
        place = state.archived.find(wanted, place + 1)
    return place >= 0
