"""A Commit as the script wants it: a plan of names and numbers, and all values in one string."""

from collections.abc import Iterable
from itertools import chain

import msgspec

from backends.redis.cold import ColdStates
from backends.redis.keys import PAGE_BYTES, member, row_field, score
from livelihood.instants import Instant
from livelihood.ports import Commit

_pack_outgoing = _encode = msgspec.msgpack.Encoder().encode


class Plan(msgspec.Struct, kw_only=True):
    """What scripts/commit.lua reads; members stand for issues (see keys.py)."""

    epoch: int
    sequence: int
    next_offset: int
    #: Issues that must have a state though this commit gives them none.
    held: list[str]
    states: list[str]
    cold: list[str]
    places: list[int]
    #: (clock, members, scores).
    timers: list[tuple[str, list[str], list[int]]]
    stopped: list[str]
    #: Members and scores.
    late: tuple[list[str], list[int]]
    #: Issues and scores.
    orphans: tuple[list[str], list[int]]
    found: list[str]
    archive: list[tuple[str, int]]
    dimensions: list[int]
    shapes: list[int]
    rows: list[str]
    #: How many go to the outbox.
    leaving: int
    #: Of each value: states, archive, dimensions, shapes, rows, outbox.
    sizes: list[int]
    page: int = PAGE_BYTES


def planned(partition: int, commit: Commit, cold: ColdStates) -> tuple[bytes, bytes]:
    """A commit's plan, packed, and its values. States without a timer go to `cold` first, durably."""
    states, timers = commit.states, commit.timers
    waiting_for_nothing = {
        issue: states[issue] for issue, timer in timers.items() if timer is None and issue in states
    }
    places = cold.put(partition, waiting_for_nothing) if waiting_for_nothing else {}
    members = {issue: member(issue) for issue in {*states, *timers, *commit.late}}
    by_clock: dict[str, tuple[list[str], list[int]]] = {}
    stopped: list[str] = []
    for issue, timer in timers.items():
        if timer is None:
            stopped.append(members[issue])
        else:
            of_clock = by_clock.get(timer[0])
            if of_clock is None:
                of_clock = by_clock[timer[0]] = ([], [])
            of_clock[0].append(members[issue])
            of_clock[1].append(score(timer[1]))
    kept = {issue: state for issue, state in states.items() if issue not in places}
    outbox = list(map(_pack_outgoing, commit.outbox))
    values = [
        *kept.values(),
        *chain.from_iterable(
            part.values() for part in (commit.archive, commit.dimensions, commit.shapes, commit.rows)
        ),
        *outbox,
    ]
    orphans = {issue: since for issue, since in commit.orphans.items() if since is not None}
    plan = Plan(
        epoch=commit.epoch,
        sequence=commit.sequence,
        next_offset=commit.next_offset,
        held=[member(issue) for issue in {*timers, *commit.late, *commit.orphans} - states.keys()],
        states=[members[issue] for issue in kept],
        cold=[members[issue] for issue in places],
        places=list(places.values()),
        timers=[(clock, *of_clock) for clock, of_clock in by_clock.items()],
        stopped=stopped,
        late=([members[issue] for issue in commit.late], _scores(commit.late.values())),
        orphans=(list(orphans), _scores(orphans.values())),
        found=[issue for issue, since in commit.orphans.items() if since is None],
        archive=list(commit.archive),
        dimensions=list(commit.dimensions),
        shapes=list(commit.shapes),
        rows=list(map(row_field, commit.rows)),
        leaving=len(outbox),
        sizes=list(map(len, values)),
    )
    return _encode(plan), b"".join(values)


def _scores(instants: Iterable[Instant]) -> list[int]:
    return list(map(score, instants))
