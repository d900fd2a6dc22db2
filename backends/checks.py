"""What every backend checks before it writes anything, so that all of them refuse the same."""

from collections.abc import Sequence

from livelihood.ports import (
    CATALOGUE,
    EVENT,
    IMPORT_BEGIN,
    IMPORT_CLOCK,
    IMPORT_END,
    Commit,
    NewRecord,
    Outgoing,
    Refused,
)

#: The largest record a log takes, in bytes. Kafka's brokers refuse more than 1 MiB with all it is
#: wrapped in unless told otherwise, and data must be able to move from one engine to the other.
LARGEST_RECORD_BYTES = 1_000_000
#: The size of one movement; pages of movements hold whole ones (see livelihood/movements.py).
MOVEMENT_BYTES = 24
#: Where things leave to.
TOPICS = frozenset({"alert", "dead_letter", "event"})

_CONTROLS = frozenset({EVENT, IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END, CATALOGUE})


class InvalidCommit(ValueError):
    """A commit that is not well formed; nothing of it was applied. A fault of this software."""


def check_records(records: Sequence[NewRecord]) -> None:
    """Refused where the log cannot hold one of the records."""
    for key, value, _, control, _ in records:
        if len(value) > LARGEST_RECORD_BYTES:
            raise Refused(f"a record of {len(value):,} bytes; the log takes {LARGEST_RECORD_BYTES:,} at most")
        if control not in _CONTROLS:
            raise Refused(f"a record of the unknown kind {control!r}")
        if not key and control == EVENT:
            raise Refused("an event without a key; the key is its root issue")


def check_outgoing(outgoing: Sequence[Outgoing]) -> None:
    """ValueError where something would leave to nowhere or could not be recognised again."""
    for topic, identity, _, value in outgoing:
        if topic not in TOPICS:
            raise ValueError(f"nothing leaves to {topic!r}; known are {', '.join(sorted(TOPICS))}")
        if not identity or type(value) is not bytes:
            raise ValueError(f"what leaves to {topic!r} needs an id and a value of bytes")


def check_commit(commit: Commit) -> None:
    """InvalidCommit where a part is not what the port says it is."""
    packed = (commit.states, commit.archive, commit.dimensions, commit.shapes, commit.rows)
    values = [commit.ledger, commit.movements]
    for part in packed:
        # Types by the set: a tenth of the time of looking at each in Python.
        if not set(map(type, part.values())) <= {bytes}:
            raise InvalidCommit("a packed value that is not bytes")
    if not set(map(type, values)) <= {bytes}:
        raise InvalidCommit("a ledger or movements that are not bytes")
    if len(commit.movements) % MOVEMENT_BYTES:
        raise InvalidCommit(f"{len(commit.movements)} bytes of movements are no whole number of them")
    if "" in commit.states:
        raise InvalidCommit("a state without an issue")
    if any(issue not in commit.states for *_, issue in commit.numbers):
        raise InvalidCommit("a number of an issue whose state is not in the commit")
    try:
        check_outgoing(commit.outbox)
    except ValueError as error:
        raise InvalidCommit(str(error)) from None
