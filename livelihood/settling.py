"""How an issue ends, and opens again: by its own events, or, for a bundle, by those of its parts."""

# ruff: noqa: ARG001 - every handler of the table takes the same four arguments

from livelihood.deadline_effects import end_pause, first_deadline
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of, reopen_until
from livelihood.lifecycle import OPEN, State
from livelihood.marks import mark, mark_late_claim
from livelihood.measures import bucket_of
from livelihood.parts import outcome_of_parts
from livelihood.promises import Catalogue


def _settle(issue: Issue, at: Instant, outcome: str, catalogue: Catalogue) -> None:
    end_pause(issue, at, catalogue)
    issue.settled, issue.outcome, issue.by_parts = at, outcome, False
    if outcome not in _NOT_DONE:
        calendar = promise_of(issue, catalogue).calendar
        working = calendar.working_between(issue.submitted, at) - issue.paused_working
        # Pauses count in the elapsed time only: the person waited all the while.
        issue.times = bucket_of(at - issue.submitted), bucket_of(max(working, 0))
    if issue.accepted is None and outcome not in _LEFT:
        # Who answers has taken it on.
        issue.accepted = at


#: Ways to settle an issue that are no resolution, and those of them that are no answer.
_LEFT = frozenset({"withdrawn", "merged"})
_NOT_DONE = frozenset({"rejected", *_LEFT})


def resolved(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect on a bundle before all its parts are done."""
    if issue.parts and not all(issue.parts.values()):
        return False
    outcome, visits = fact.data
    if visits is not None:
        issue.visits = visits
    _settle(issue, at, outcome, catalogue)
    mark_late_claim(issue, fact, at, catalogue)
    return True


def rejected(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """An answer, on time or late as any other."""
    _settle(issue, at, "rejected", catalogue)
    mark_late_claim(issue, fact, at, catalogue)


def _from_person(issue: Issue, fact: Fact, catalogue: Catalogue) -> bool:
    """Whether the person's own channel says so, or staff after a call with the person."""
    (confirmed_call,) = fact.data
    if confirmed_call:
        return True
    origin = catalogue.channel(fact.channel, fact.recorded).origin
    return fact.channel == issue.channel and origin == "person"


def withdrawn(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect unless it comes from the person's own channel, or after a confirmed call."""
    if not _from_person(issue, fact, catalogue):
        return False
    _settle(issue, at, "withdrawn", catalogue)
    return True


def merged(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """It goes on as part of another, which hears of the deadline by an event of its own."""
    _settle(issue, at, "merged", catalogue)


def closed(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect before the reopening window has passed, unless by the person or after a confirmed call.

    Else it could be shut on them.
    """
    return _from_person(issue, fact, catalogue) or at > reopen_until(issue, catalogue)


def reopened(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect after the standard's window: that is a new, linked issue."""
    if at > reopen_until(issue, catalogue):
        return False
    _reopen(issue, fact, at, catalogue)
    return True


def _reopen(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    promise = promise_of(issue, catalogue)
    mark(issue, at, "reopened", catalogue)
    issue.settled, issue.outcome, issue.times = None, "", None
    issue.acknowledged = issue.expected = None
    issue.cycle, issue.cycle_from = fact.id, at
    issue.rework_first = first_deadline(at, promise.standard.rework or promise.resolution, promise)
    issue.rework_due, issue.rework_moves = issue.rework_first, len(issue.moves)


def part(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """A part of a bundle settled or opened again; no effect where the bundle does not name it.

    A bundle that was settled by its parts opens again with one; what was rejected, withdrawn or merged
    as a whole stays so.
    """
    child, outcome = fact.data
    if issue.parts is None or child not in issue.parts:
        return False
    issue.parts = {**issue.parts, child: outcome}
    if all(issue.parts.values()):
        if issue.state in OPEN:
            done = outcome_of_parts(issue.parts.values())
            _settle(issue, at, done, catalogue)
            issue.state, issue.by_parts = _STATE_OF.get(done, State.RESOLVED), True
    elif issue.by_parts and issue.state in (State.RESOLVED, State.REJECTED):
        _reopen(issue, fact, at, catalogue)
        issue.state = State.REOPENED
    return True


_STATE_OF = {"rejected": State.REJECTED, "withdrawn": State.WITHDRAWN, "merged": State.MERGED}
