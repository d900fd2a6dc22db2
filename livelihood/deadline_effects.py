"""What pauses, extensions, reclassifications and mergers do to an issue's deadlines."""

# ruff: noqa: ARG001 - every handler of the table takes the same four arguments

from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import EXTENDED, NO_LATER, PAUSED, Issue, promise_of
from livelihood.limits import Limit, Unit, due_after, later
from livelihood.marks import mark, mark_late_claim
from livelihood.moves import set_deadlines
from livelihood.promises import Catalogue, Promise


def first_deadline(start: Instant, limit: Limit | None, promise: Promise) -> Instant | None:
    """The deadline of a limit, if there is one."""
    return None if limit is None else due_after(start, limit, promise.calendar)


def reclassified(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """Deadlines are recomputed from submission; a longer one after the old had passed changes nothing.

    No effect where it is of that service already.
    """
    (service,) = fact.data
    if service == issue.service:
        return False
    mark(issue, at, "reclassified", catalogue)
    due, first_due, due_service = issue.due, issue.first_due, issue.due_service or issue.service
    issue.service, issue.due_service = service, ""
    promise = promise_of(issue, catalogue)
    issue.commitment = promise.commitment
    if issue.accepted is None:
        fresh = first_deadline(issue.submitted, promise.acceptance, promise)
        issue.acceptance_due = _recomputed(issue.acceptance_due, fresh, at)
    if issue.rework_first is not None:
        fresh = first_deadline(issue.cycle_from, promise.standard.rework or promise.resolution, promise)
        issue.rework_first = _recomputed(issue.rework_first, fresh, at)
    if not issue.stated:
        issue.first_due = first_deadline(issue.submitted, promise.resolution, promise)
    set_deadlines(issue, catalogue)
    if _recomputed(due, issue.due, at) != issue.due:
        issue.first_due, issue.due_service = first_due, due_service
        set_deadlines(issue, catalogue)
    return True


def _recomputed(old: Instant | None, fresh: Instant | None, at: Instant) -> Instant | None:
    """The deadline after a reclassification, from the old one and what it would be from submission."""
    if old is not None and old < at and (fresh is None or fresh > old):
        return old
    return fresh


def _running(issue: Issue) -> Instant | None:
    """The resolution deadline someone works towards: after a reopening, that of the rework."""
    return issue.due if issue.rework_due is None else issue.rework_due


def paused(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect for a reason the standard does not allow, past its largest total, or past the deadline."""
    (reason,) = fact.data
    promise = promise_of(issue, catalogue)
    pauses = promise.standard.pauses
    running = _running(issue)
    if pauses is None or reason not in pauses.reasons or (running is not None and running <= at):
        return False
    until = later(at, pauses.max_total, promise.calendar)
    if pauses.max_total.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS):
        if issue.paused_working:
            left = promise.calendar.working_between(at, until) - issue.paused_working
            until = promise.calendar.add_working(at, max(left, 0))
    else:
        until -= issue.paused_elapsed
    if until <= at:
        return False
    issue.paused = at
    issue.pause_until = until
    # Until it ends the pause counts as lasting its longest, so the deadline never passes within it.
    issue.moves = (*issue.moves, (PAUSED, at, until))
    set_deadlines(issue, catalogue)
    mark_late_claim(issue, fact, at, catalogue)
    return True


def resumed(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """The pause ends, and the deadline moves by what it really took."""
    end_pause(issue, at, catalogue)


def end_pause(issue: Issue, at: Instant, catalogue: Catalogue) -> None:
    """End the running pause, if there is one."""
    since, until = issue.paused, issue.pause_until
    if since is None or until is None:
        return
    running = (PAUSED, since, until)
    issue.moves = tuple((PAUSED, since, at) if move == running else move for move in issue.moves)
    issue.paused = issue.pause_until = None
    issue.paused_elapsed += at - since
    issue.paused_working += promise_of(issue, catalogue).calendar.working_between(since, at)
    set_deadlines(issue, catalogue)


def extension_asked(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """Remember who asked: nobody grants their own wish."""
    issue.askers = (*issue.askers, (fact.actor, fact.source))[-_MOST_ASKERS:]


#: Who asked is kept of so many; nobody asks so often but to fill memory.
_MOST_ASKERS = 20


def extension_granted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect after the deadline, by who asked for it, or where it gives no more time.

    Who acted is the actor; where either leaves that out, it must at least be another source.
    """
    (until,) = fact.data
    running = _running(issue)
    if running is None or at > running or (until <= running and issue.paused is None):
        return False
    if any(is_same(fact, *asker) for asker in issue.askers):
        return False
    issue.askers = ()
    issue.moves = (*issue.moves, (EXTENDED, at, until))
    set_deadlines(issue, catalogue)
    mark_late_claim(issue, fact, at, catalogue)
    return True


def is_same(fact: Fact, actor: str | None, source: str) -> bool:
    """Whether who says this is who acted before: the same actor, or, where either is not named, source."""
    return fact.actor == actor if fact.actor and actor else fact.source == source


def extension_refused(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """What was asked for is decided."""
    issue.askers = ()


def absorbed(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """The survivor of a merger keeps the earliest deadline."""
    _, due = fact.data
    if due is not None:
        issue.moves = (*issue.moves, (NO_LATER, at, due))
        set_deadlines(issue, catalogue)
