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
    first_deadline,
    is_same,
    paused,
    reclassified,
    resumed,
)
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of
from livelihood.lifecycle import TRANSITIONS, State
from livelihood.limits import fraction_point
from livelihood.marks import mark
from livelihood.promises import Catalogue
from livelihood.settling import closed, merged, part, rejected, reopened, resolved, withdrawn

#: Of further systems, beside the one it was submitted with: an issue's state holds them all.
MOST_NUMBERS = 50


def apply(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """Let a fact take effect at an instant; False where the life cycle or a rule gives it none.

    Facts come in the order of fold.py. The issue is changed in place.
    """
    if issue.pause_until is not None and at > issue.pause_until:
        end_pause(issue, issue.pause_until, catalogue)
        issue.state = State.ASSIGNED
    kind = fact.kind
    after = TRANSITIONS.get((issue.state, kind))
    if after is None:
        return False
    handler = HANDLERS.get(kind)
    if handler is not None and handler(issue, fact, at, catalogue) is False:
        return False
    if kind != _PART:
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
        issue.parts = dict.fromkeys(parts, "")
    promise = promise_of(issue, catalogue)
    issue.department = department or promise.department
    issue.commitment, issue.row_area = promise.commitment, promise.area
    due = target if issue.stated else first_deadline(at, promise.resolution, promise)
    issue.first_due = issue.due = issue.due_original = due
    if due is not None:
        limit = None if issue.stated else promise.resolution
        issue.reminder = fraction_point(at, due, promise.standard.reminder, limit, promise.calendar)
        if fact.recorded > due:
            mark(issue, at, "late_on_arrival", catalogue)
    issue.acceptance_due = first_deadline(at, promise.acceptance, promise)


def _accepted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    if issue.accepted is None:
        issue.accepted = at


def _transfer_accepted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect where the unit leads already."""
    (to,) = fact.data
    if to == issue.department:
        return False
    mark(issue, at, "transferred_out", catalogue, issue.department)
    mark(issue, at, "transferred_in", catalogue, to)
    if issue.due is not None and issue.due < at:
        mark(issue, at, "late_on_arrival", catalogue, to)
    issue.department = to
    _accepted(issue, fact, at, catalogue)
    return True


def _returned(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    mark(issue, at, "returned", catalogue)


def _visit(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    issue.visits = (issue.visits or 0) + 1


def _followed_up(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    mark(issue, at, "followed_up", catalogue)


def _rated(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    solved, satisfied = fact.data
    issue.asked = at if issue.asked is None else issue.asked
    issue.solved = solved if solved is not None else issue.solved
    issue.satisfied = satisfied if satisfied is not None else issue.satisfied


def _numbered(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect where that number is known already, or fifty others are."""
    known = (fact.channel, fact.data[0])
    if known in issue.numbers or len(issue.numbers) >= MOST_NUMBERS:
        return False
    issue.numbers = (*issue.numbers, known)
    return True


def _acknowledged(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    issue.acknowledged, (issue.expected,) = at, fact.data


def _contested(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    issue.contested = fact.actor, fact.source


def _contest_answered(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect where nothing is contested, or by who contested it."""
    if issue.contested is None or is_same(fact, *issue.contested):
        return False
    issue.contested = None
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
    Kind.RESOLVED: resolved,
    Kind.REJECTED: rejected,
    Kind.WITHDRAWN: withdrawn,
    Kind.MERGED: merged,
    Kind.CLOSED: closed,
    Kind.REOPENED: reopened,
    Kind.RATED: _rated,
    Kind.PART: part,
    Kind.NUMBERED: _numbered,
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.CONTESTED: _contested,
    Kind.CONTEST_ANSWERED: _contest_answered,
}

#: Its handler sets the state itself.
_PART = Kind.PART
