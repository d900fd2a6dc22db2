"""What events do to an issue's deadlines: pauses, extensions, reclassification, mergers.

The rules are MEASURES.md's; handlers are as in effects.py, whose table names them.
"""

# ruff: noqa: ARG001 - every handler of the table takes the same four arguments

from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of, set_due, shifted
from livelihood.limits import due_after, later
from livelihood.promises import Catalogue


def mark(issue: Issue, at: Instant, measure: str, department: str = "") -> None:
    """Count something beside the rates: for the lead, or for a department named."""
    issue.marks = [*issue.marks, (at, measure, department)]


def reclassified(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """The deadline is recomputed from submission; a longer one after the old had passed changes nothing.

    No effect where it is of that service already.
    """
    (service,) = fact.data
    if service == issue.service:
        return False
    mark(issue, at, "reclassified")
    issue.service = service
    promise = promise_of(issue, catalogue)
    issue.commitment = promise.commitment
    if issue.stated:
        return True
    if promise.resolution is None:
        fresh = None
    else:
        fresh = due_after(issue.submitted, promise.resolution, promise.calendar)
    passed = issue.due is not None and issue.due < at
    if not passed or (fresh is not None and issue.due is not None and fresh < issue.due):
        gained = (issue.due or 0) - (issue.due_original or 0) if issue.due is not None else 0
        issue.due_original = fresh
        # Pauses and extensions granted so far keep what they gave.
        set_due(issue, None if fresh is None else fresh + gained, promise)
        if issue.paused is not None:
            issue.due_unpaused = issue.due
    return True


def paused(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect for a reason the standard does not allow, past its largest total, or past the deadline."""
    (reason,) = fact.data
    promise = promise_of(issue, catalogue)
    pauses = promise.standard.pauses
    if pauses is None or reason not in pauses.reasons or (issue.due is not None and issue.due < at):
        return False
    until = later(at, pauses.max_total, promise.calendar) - issue.paused_elapsed
    if until <= at:
        return False
    issue.paused = at
    issue.pause_until = until
    issue.due_unpaused = issue.due
    # Until it ends the pause counts as lasting its longest, so the deadline never passes within it.
    set_due(issue, shifted(issue, issue.due, until, promise), promise)
    late_claim(issue, fact, at)
    return True


def resumed(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """The clock goes on."""
    end_pause(issue, at, catalogue)


def end_pause(issue: Issue, at: Instant, catalogue: Catalogue) -> None:
    """Start the clock again, if it stands; the deadline moves by what the pause took."""
    if issue.paused is None:
        return
    promise = promise_of(issue, catalogue)
    set_due(issue, shifted(issue, issue.due_unpaused, at, promise), promise)
    issue.paused_elapsed += at - issue.paused
    issue.paused_working += promise.calendar.working_between(issue.paused, at)
    issue.paused = issue.pause_until = issue.due_unpaused = None


def extension_asked(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """Remembers who asked: the same may not grant it."""
    issue.asker = fact.actor or fact.source


def extension_granted(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> bool:
    """No effect after the deadline, by who asked for it, or where it gives no more time."""
    (until,) = fact.data
    if issue.due is None or at > issue.due or until <= issue.due:
        return False
    if issue.asker is not None and issue.asker == (fact.actor or fact.source):
        return False
    issue.asker = None
    promise = promise_of(issue, catalogue)
    if issue.pause_until is not None:
        issue.due_unpaused = until
        until = shifted(issue, until, issue.pause_until, promise)
    set_due(issue, until, promise)
    late_claim(issue, fact, at)
    return True


def extension_refused(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """The request is settled."""
    issue.asker = None


def late_claim(issue: Issue, fact: Fact, at: Instant) -> None:
    """Count what was claimed later than its channel may claim."""
    if at > fact.time:
        mark(issue, at, "reported_late")


def absorbed(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """The survivor of a merger keeps the earliest deadline."""
    _, due = fact.data
    if due is not None and (issue.due is None or due < issue.due):
        set_due(issue, due, promise_of(issue, catalogue))
        issue.due_original = min(due, issue.due_original or due)
