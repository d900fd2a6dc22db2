"""A Commit as the script wants it: a plan of names and numbers, and all values in one string."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from backends.redis.cold import ColdStates
from backends.redis.keys import PAGE_BYTES, member, number_field, row_field, score
from livelihood.instants import Instant
from livelihood.ports import Commit

_encode = msgspec.msgpack.Encoder().encode


class Plan(msgspec.Struct, kw_only=True):
    """What scripts/commit.lua reads; members stand for issues (see keys.py)."""

    epoch: int
    sequence: int
    next_offset: int
    #: Issues that must have a state though this commit gives them none.
    held: list[str]
    #: (bucket, issues), their states in the same order.
    states: list[tuple[str, list[str]]]
    #: (bucket, issues that are cold now, [issue, place, issue, place, ...]).
    cold: list[tuple[str, list[str], list[str | int]]]
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
    #: (field, issues that it names from here on, issues that it no longer names).
    numbers: list[tuple[str, list[str], list[str]]]
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
    held: list[str] = []
    kept: defaultdict[str, list[str]] = defaultdict(list)
    gone: defaultdict[str, tuple[list[str], list[str | int]]] = defaultdict(lambda: ([], []))
    by_clock: defaultdict[str, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    stopped: list[str] = []
    for issue, timer in timers.items():
        name = member(issue)
        if issue in places:
            issues, stubs = gone[name[:2]]
            issues.append(issue)
            stubs += (issue, places[issue])
        elif issue in states:
            kept[name[:2]].append(issue)
        else:
            held.append(name)
        if timer is None:
            stopped.append(name)
        else:
            timed, at = by_clock[timer[0]]
            timed.append(name)
            at.append(score(timer[1]))
    for issue in states.keys() - timers.keys():
        kept[member(issue)[:2]].append(issue)
    held += map(member, (commit.late.keys() | commit.orphans.keys()) - states.keys())
    outbox = list(map(_encode, commit.outbox))
    values = [states[issue] for issues in kept.values() for issue in issues]
    for part in (commit.archive, commit.dimensions, commit.shapes, commit.rows):
        values += part.values()
    values += outbox
    named: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for (channel, number, issue), holds in commit.numbers.items():
        named[number_field(channel, number)][0 if holds else 1].append(issue)
    orphans = {issue: since for issue, since in commit.orphans.items() if since is not None}
    plan = Plan(
        epoch=commit.epoch,
        sequence=commit.sequence,
        next_offset=commit.next_offset,
        held=held,
        states=list(kept.items()),
        cold=[(bucket, *of_bucket) for bucket, of_bucket in gone.items()],
        timers=[(clock, *of_clock) for clock, of_clock in by_clock.items()],
        stopped=stopped,
        late=(list(map(member, commit.late)), _scores(commit.late.values())),
        orphans=(list(orphans), _scores(orphans.values())),
        found=[issue for issue, since in commit.orphans.items() if since is None],
        archive=list(commit.archive),
        dimensions=list(commit.dimensions),
        shapes=list(commit.shapes),
        rows=list(map(row_field, commit.rows)),
        numbers=[(name, *issues) for name, issues in named.items()],
        leaving=len(outbox),
        sizes=list(map(len, values)),
    )
    return _encode(plan), b"".join(values)


def _scores(instants: Iterable[Instant]) -> list[int]:
    return list(map(score, instants))
