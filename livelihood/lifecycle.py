"""The life cycle of an issue, as data: one table of (state, kind of event) -> state.

docs/life-cycle.md mirrors this table and a test compares the two. An event the table does not
allow in a state changes nothing and is kept in the issue's history as ignored.
"""

from enum import IntEnum

from livelihood.events import Kind


class State(IntEnum):
    """Where an issue stands."""

    #: Events came, but no submission yet.
    ORPHAN = 0
    SUBMITTED = 1
    ACCEPTED = 2
    ASSIGNED = 3
    PAUSED = 4
    REOPENED = 5
    RESOLVED = 6
    CLOSED = 7
    REJECTED = 8
    WITHDRAWN = 9
    MERGED = 10

    @property
    def word(self) -> str:
        """The state as docs and pages write it."""
        return self.name.lower()


#: Being worked on, or waiting to be.
OPEN = frozenset({State.SUBMITTED, State.ACCEPTED, State.ASSIGNED, State.PAUSED, State.REOPENED})
#: Answered.
SETTLED = frozenset({State.RESOLVED, State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})

#: Kinds that say something about an issue, in any state after its submission, and leave the state.
_REMARKS = (
    Kind.RECLASSIFIED,
    Kind.PROGRESS_REPORTED,
    Kind.VISIT_RECORDED,
    Kind.COMMENTED,
    Kind.FOLLOWED_UP,
    Kind.ABSORBED,
    Kind.PART,
    Kind.NUMBERED,
    Kind.CONTESTED,
    Kind.CONTEST_ANSWERED,
)
_WORK = (
    Kind.TRANSFER_OFFERED,
    Kind.EXTENSION_ASKED,
    Kind.EXTENSION_GRANTED,
    Kind.EXTENSION_REFUSED,
    Kind.ACKNOWLEDGED,
)
_ENDINGS = {
    Kind.RESOLVED: State.RESOLVED,
    Kind.REJECTED: State.REJECTED,
    Kind.WITHDRAWN: State.WITHDRAWN,
    Kind.MERGED: State.MERGED,
}


def _table() -> dict[tuple[int, int], State]:
    table: dict[tuple[int, int], State] = {(State.ORPHAN, Kind.SUBMITTED): State.SUBMITTED}
    for state in OPEN:
        table |= {(state, kind): state for kind in (*_REMARKS, *_WORK)}
        table |= {(state, kind): ending for kind, ending in _ENDINGS.items()}
        # Whoever takes the lead has not accepted yet; a return goes back to the dispatcher.
        table[state, Kind.TRANSFER_ACCEPTED] = state if state is State.PAUSED else State.ACCEPTED
        table[state, Kind.ASSIGNED] = state if state is State.PAUSED else State.ASSIGNED
        table[state, Kind.RETURNED] = state if state is State.PAUSED else State.SUBMITTED
        table[state, Kind.PAUSED] = State.PAUSED
    # A unit may take on what was put on its desk, and what waits: to accept is not to resume.
    for state in (State.SUBMITTED, State.ASSIGNED, State.REOPENED):
        table[state, Kind.ACCEPTED] = State.ACCEPTED
    table[State.PAUSED, Kind.ACCEPTED] = State.PAUSED
    del table[State.PAUSED, Kind.PAUSED]
    table[State.PAUSED, Kind.RESUMED] = State.ASSIGNED
    for state in SETTLED:
        table |= {(state, kind): state for kind in (*_REMARKS, Kind.RATED) if kind is not Kind.RECLASSIFIED}
    for state in (State.RESOLVED, State.REJECTED):
        table[state, Kind.REOPENED] = State.REOPENED
        table[state, Kind.CLOSED] = State.CLOSED
    return table


#: The life cycle. What is missing is not allowed.
TRANSITIONS: dict[tuple[int, int], State] = _table()
