"""Deadlines: every obligation of an issue, with the steps that led to its instant."""

from livelihood.alerts import Obligation
from livelihood.deadline_explained import explain_due_after, explain_shift_due
from livelihood.deadline_steps import (
    Deadline,
    Extended,
    MergedIn,
    NotPublished,
    Opened,
    Reopened,
    Stated,
    Step,
)
from livelihood.instants import Instant
from livelihood.issue import EXTENDED, NO_LATER, PAUSED, Issue, Move, promise_of, promised_deadline
from livelihood.limits import Limit
from livelihood.moves import moved
from livelihood.promises import Catalogue
from livelihood.worktime import WorkCalendar


def deadlines(issue: Issue, catalogue: Catalogue) -> dict[Obligation, Deadline]:
    """What the issue has to meet, by obligation; one that was not promised is left out.

    The resolution deadline is the one that counts for the rate, reopened or not.
    """
    found: dict[Obligation, Deadline] = {}
    if issue.acceptance_due is not None:
        promise = promise_of(issue, catalogue)
        found["acceptance"] = _first(
            issue.submitted, issue.acceptance_due, promise.acceptance, promise.calendar
        )
    if issue.due is not None:
        promise = promised_deadline(issue, catalogue)
        limit = None if issue.stated else promise.resolution
        deadline = None
        if issue.first_due is not None:
            deadline = _first(issue.submitted, issue.first_due, limit, promise.calendar, stated=issue.stated)
        for move in issue.moves:
            deadline = _moved(issue.submitted, deadline, move, limit, promise.calendar)
        assert deadline is not None
        found["resolution"] = deadline
    return found


def rework_deadline(issue: Issue, catalogue: Catalogue) -> Deadline | None:
    """What a reopened issue has to meet, for alerts; None where it never was, or nothing was promised."""
    if issue.rework_first is None:
        return None
    own, promise = promise_of(issue, catalogue), promised_deadline(issue, catalogue)
    deadline: Deadline | None = _first(
        issue.cycle_from, issue.rework_first, own.standard.rework or own.resolution, own.calendar
    )
    limit = promise.standard.rework or (None if issue.stated else promise.resolution)
    for move in issue.moves[issue.rework_moves :]:
        if move[0] != NO_LATER:
            deadline = _moved(issue.cycle_from, deadline, move, limit, promise.calendar)
    assert deadline is not None
    opened, *steps = deadline.steps
    assert isinstance(opened, Opened)
    return deadline.model_copy(update={"steps": (Reopened(at=opened.at), *steps)})


def _first(
    start: Instant, due: Instant, limit: Limit | None, calendar: WorkCalendar, *, stated: bool = False
) -> Deadline:
    if limit is not None:
        explained = explain_due_after(start, limit, calendar)
        if explained.due == due:
            return explained
    # Stated, or promised for a service that the issue turned out not to be of when it was too late.
    steps: tuple[Step, ...] = (Opened(at=start), Stated(due=due)) if stated else (Opened(at=start),)
    return Deadline(due=due, steps=steps)


def _moved(
    start: Instant, deadline: Deadline | None, move: Move, limit: Limit | None, calendar: WorkCalendar
) -> Deadline | None:
    """The deadline after a move, with a step where that changed it."""
    before = None if deadline is None else deadline.due
    due = moved(before, (move,), limit, calendar)
    if due is None or due == before:
        return deadline
    what, since, until = move
    steps = () if deadline is None else deadline.steps
    if deadline is not None and what == PAUSED:
        return explain_shift_due(deadline, since, until, limit, calendar)
    steps = tuple(step for step in steps if not isinstance(step, NotPublished)) or (Opened(at=start),)
    if before is not None and what == EXTENDED:
        return Deadline(due=due, steps=(*steps, Extended(due_before=before, due=due)))
    return Deadline(due=due, steps=(*steps, MergedIn(due_before=before, due=due)))
