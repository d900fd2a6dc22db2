"""What moves a deadline once it is set: pauses, extensions, mergers. And the deadlines that result.

An issue keeps the first deadline and the moves since, in order, and its deadline is worked out from
both. So a reclassification needs only another first deadline, and an explanation only the list.
"""

from collections.abc import Iterable

from livelihood.instants import Instant
from livelihood.issue import EXTENDED, NO_LATER, PAUSED, Issue, Move, promised_deadline
from livelihood.limits import Limit, fraction_point, shift_due
from livelihood.promises import Catalogue
from livelihood.worktime import WorkCalendar


def moved(
    first: Instant | None, moves: Iterable[Move], limit: Limit | None, calendar: WorkCalendar
) -> Instant | None:
    """A deadline after the moves, each of which counts only if it was made before the deadline."""
    due = first
    for what, since, until in moves:
        if what == NO_LATER:
            due = until if due is None else min(due, until)
        elif due is None:
            continue
        elif what == PAUSED:
            due = shift_due(due, since, until, limit, calendar) if since < due else due
        elif what == EXTENDED and since <= due < until:
            due = until
    return due


def _reminder(issue: Issue, limit: Limit | None, share: float, calendar: WorkCalendar) -> Instant | None:
    """When the issue is due soon: when that share of the time is used up, pauses left out.

    An extension or a merger sets it anew, from submission to the new deadline.
    """
    if issue.due is None:
        return None
    start, due = issue.submitted, issue.first_due
    point = None if due is None else fraction_point(start, due, share, limit, calendar)
    for move in issue.moves:
        what, since, until = move
        after = moved(due, (move,), limit, calendar)
        if after == due or after is None:
            continue
        due = after
        if what != PAUSED or point is None:
            point = fraction_point(start, due, share, limit, calendar)
        elif since < point:
            point = shift_due(point, since, until, limit, calendar)
        else:
            # It was due soon before; nobody is reminded of a clock that stands still.
            point = until
    if issue.paused is not None and issue.pause_until is not None and point is not None:
        point = max(point, issue.pause_until)
    return point if point is None else min(point, issue.due)


def set_deadlines(issue: Issue, catalogue: Catalogue) -> None:
    """Work out the resolution deadlines, and with them the reminder point, from the moves so far."""
    promise = promised_deadline(issue, catalogue)
    limit = None if issue.stated else promise.resolution
    calendar = promise.calendar
    issue.due = moved(issue.first_due, issue.moves, limit, calendar)
    mergers = [move for move in issue.moves if move[0] == NO_LATER]
    issue.due_original = moved(issue.first_due, mergers, limit, calendar)
    issue.reminder = _reminder(issue, limit, promise.standard.reminder, calendar)
    if issue.rework_first is not None:
        since = (move for move in issue.moves[issue.rework_moves :] if move[0] != NO_LATER)
        issue.rework_due = moved(issue.rework_first, since, promise.standard.rework or limit, calendar)
