"""What each kind of event does to an issue: the routing table at the end is the specification.

The rules are MEASURES.md's ("Rules that keep it honest", docs/measures.md). Every handler takes the
issue, the fact, the instant it counts from and the catalogue, and changes the issue; one that
answers False says that the fact has no effect, and its docstring says why.
"""

# ruff: noqa: ARG001 - every handler of the table takes the same four arguments

from collections.abc import Callable
from typing import Any

from livelihood.deadline_effects import (
    absorbed,
    end_pause,
    extension_asked,
    extension_granted,
    extension_refused,
    late_claim,
    mark,
    paused,
    reclassified,
    resumed,
)
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of, reopen_until, set_due
from livelihood.lifecycle import OPEN, SETTLED, TRANSITIONS, State
from livelihood.limits import due_after
from livelihood.measures import bucket_of
from livelihood.promises import Catalogue


def apply(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """Let a fact take effect at an instant; False where the life cycle or a rule gives it none.

    Facts come in the order of fold.py. The issue is changed in place.
    """
    if issue.pause_until is not None and at > issue.pause_until:
        end_pause(issue, issue.pause_until, catalogue)
        issue.state = State.ASSIGNED
    after = TRANSITIONS.get((issue.state, fact.kind))
    if after is None:
        return False
    handler = HANDLERS.get(fact.kind)
    if handler is not None and handler(issue, fact, at, catalogue) is False:
        return False
    if fact.kind not in _SET_STATE:
        issue.state = after
    if at > issue.changed:
        issue.changed = at
    return True


def _submitted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    service, area, department, urgency, _, _, _, number, target, stated, _, parts, _ = fact.data
    issue.submitted = at
    issue.service = service
    issue.area = area
    issue.urgency = urgency
    issue.channel = fact.channel
    issue.number = number
    issue.cycle, issue.cycle_from = fact.id, at
    issue.stated = stated or target is not None
    if parts:
        issue.parts = dict.fromkeys(parts, False)
    promise = promise_of(issue, catalogue)
    issue.department = department or promise.department
    issue.commitment = promise.commitment
    if issue.stated:
        set_due(issue, target, promise)
    elif promise.resolution is not None:
        set_due(issue, due_after(at, promise.resolution, promise.calendar), promise)
    issue.due_original = issue.due
    if promise.acceptance is not None:
        issue.acceptance_due = due_after(at, promise.acceptance, promise.calendar)
    if issue.due is not None and fact.recorded > issue.due:
        mark(issue, at, "late_on_arrival")


def _accepted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    if issue.accepted is None:
        issue.accepted = at


def _transfer_accepted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect where the unit leads already."""
    (to,) = fact.data
    if to == issue.department:
        return False
    mark(issue, at, "transferred_out", issue.department)
    mark(issue, at, "transferred_in", to)
    if issue.due is not None and issue.due < at:
        mark(issue, at, "late_on_arrival", to)
    issue.department = to
    _accepted(issue, fact, at, catalogue)
    return True


def _returned(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    mark(issue, at, "returned")


def _visit(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    issue.visits = (issue.visits or 0) + 1


def _followed_up(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    mark(issue, at, "followed_up")


def _settle(issue: Issue, at: Instant, outcome: str, catalogue: Catalogue) -> None:
    end_pause(issue, at, catalogue)
    issue.settled = at
    issue.outcome = outcome
    if outcome not in _NOT_DONE:
        calendar = promise_of(issue, catalogue).calendar
        working = calendar.working_between(issue.submitted, at) - issue.paused_working
        # Pauses count in the elapsed time only: the person waited all the while.
        issue.times = bucket_of(at - issue.submitted), bucket_of(max(working, 0))
    if issue.accepted is None:
        issue.accepted = at


#: Ways to settle an issue that are no resolution.
_NOT_DONE = frozenset({"rejected", "withdrawn", "merged"})


def _resolved(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect on a bundle, which is done when its parts are."""
    if issue.parts:
        return False
    outcome, visits = fact.data
    if visits is not None:
        issue.visits = visits
    _settle(issue, at, outcome, catalogue)
    late_claim(issue, fact, at)
    return True


def _rejected(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    _settle(issue, at, "rejected", catalogue)
    late_claim(issue, fact, at)


def _withdrawn(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """Only the person's own channel, or a confirmed call, withdraws."""
    (confirmed_call,) = fact.data
    if fact.channel != issue.channel and not confirmed_call:
        return False
    channel = catalogue.latest.channels.get(fact.channel)
    if not confirmed_call and channel is not None and channel.origin != "person":
        return False
    _settle(issue, at, "withdrawn", catalogue)
    return True


def _merged(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    _settle(issue, at, "merged", catalogue)


def _reopened(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect after the standard's window: that is a new, linked issue."""
    promise = promise_of(issue, catalogue)
    if issue.settled is None or at > reopen_until(issue, catalogue):
        return False
    mark(issue, at, "reopened")
    issue.settled, issue.outcome, issue.times = None, "", None
    issue.cycle, issue.cycle_from = fact.id, at
    rework = promise.standard.rework or promise.resolution
    issue.rework_due = due_after(at, rework, promise.calendar) if rework is not None else None
    return True


def _rated(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    solved, satisfied = fact.data
    issue.asked = True
    issue.solved = solved if solved is not None else issue.solved
    issue.satisfied = satisfied if satisfied is not None else issue.satisfied


def _part(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """A part of a bundle settled or opened again; no effect where the bundle does not name it."""
    child, outcome = fact.data
    if issue.parts is None or child not in issue.parts:
        return False
    issue.parts = {**issue.parts, child: bool(outcome)}
    if all(issue.parts.values()):
        if issue.state in OPEN:
            _settle(issue, at, outcome, catalogue)
            issue.state = State.RESOLVED
    elif issue.state in SETTLED and issue.state is not State.CLOSED:
        mark(issue, at, "reopened")
        issue.settled, issue.outcome, issue.times = None, "", None
        issue.cycle, issue.cycle_from = fact.id, at
        issue.state = State.REOPENED
    return True


Handler = Callable[[Issue, Fact, Instant, Catalogue], Any]

#: What each kind does beyond the change of state; a kind that is missing does nothing more.
HANDLERS: dict[int, Handler] = {
    Kind.SUBMITTED: _submitted,
    Kind.ACCEPTED: _accepted,
    Kind.TRANSFER_ACCEPTED: _transfer_accepted,
    Kind.RETURNED: _returned,
    Kind.RECLASSIFIED: reclassified,
    Kind.PAUSED: paused,
    Kind.RESUMED: resumed,
    Kind.EXTENSION_ASKED: extension_asked,
    Kind.EXTENSION_GRANTED: extension_granted,
    Kind.EXTENSION_REFUSED: extension_refused,
    Kind.VISIT_RECORDED: _visit,
    Kind.FOLLOWED_UP: _followed_up,
    Kind.ABSORBED: absorbed,
    Kind.RESOLVED: _resolved,
    Kind.REJECTED: _rejected,
    Kind.WITHDRAWN: _withdrawn,
    Kind.MERGED: _merged,
    Kind.REOPENED: _reopened,
    Kind.RATED: _rated,
    Kind.PART: _part,
}

#: Kinds whose handler sets the state itself.
_SET_STATE = frozenset({Kind.PART})
