"""An issue: one person's request as its events, up to some instant, make it."""

import msgspec

from livelihood.instants import Instant
from livelihood.lifecycle import OPEN, State
from livelihood.limits import fraction_point, later, shift_due
from livelihood.promises import Catalogue, Promise


class Issue(msgspec.Struct, array_like=True, gc=False):
    """One person's request as its events, up to some instant, make it."""

    state: int = State.ORPHAN
    #: When the person submitted; the clock starts here.
    submitted: Instant = 0
    service: str = ""
    #: The lead unit, changed only by an accepted transfer.
    department: str = ""
    area: str | None = None
    channel: str = ""
    urgency: str | None = None
    number: str | None = None
    commitment: str = ""
    #: The channel's system states the deadline; the standard then only adds reminder and ladder.
    stated: bool = False
    #: The effective resolution deadline; None: no deadline.
    due: Instant | None = None
    #: As if no pause or extension had been granted.
    due_original: Instant | None = None
    #: When the resolution is due soon.
    reminder: Instant | None = None
    acceptance_due: Instant | None = None
    accepted: Instant | None = None
    #: When it was resolved, rejected, withdrawn or merged.
    settled: Instant | None = None
    #: The outcome, or "rejected", "withdrawn", "merged".
    outcome: str = ""
    #: Of a resolved one: the buckets of its elapsed and working time (see measures.py).
    times: tuple[int, int] | None = None
    #: The event that opened the present cycle: the submission or a reopening.
    cycle: str = ""
    cycle_from: Instant = 0
    #: For alerts after reopening; the first deadline stays for the rate.
    rework_due: Instant | None = None
    #: The last instant anything happened.
    changed: Instant = 0
    visits: int | None = None
    #: Asked for an answer, and the answers.
    asked: bool = False
    solved: bool | None = None
    satisfied: bool | None = None
    #: A running pause: since when, until when at the latest, and the deadline without it.
    paused: Instant | None = None
    pause_until: Instant | None = None
    due_unpaused: Instant | None = None
    #: Elapsed time of the pauses that ended, and working time within them.
    paused_elapsed: int = 0
    paused_working: int = 0
    #: Who asked for the running extension.
    asker: str | None = None
    #: Counts that stand beside the rates: (instant, measure, department or "" for the lead).
    marks: list[tuple[Instant, str, str]] = []
    #: Of a bundle: child -> settled.
    parts: dict[str, bool] | None = None

    @property
    def open(self) -> bool:
        """Submitted and not yet answered."""
        return self.state in OPEN


def promise_of(issue: Issue, catalogue: Catalogue) -> Promise:
    """What was promised for the issue, by the catalogue in force when it was submitted."""
    return catalogue.promise(issue.submitted, issue.service, issue.urgency, issue.channel, issue.area)


def set_due(issue: Issue, due: Instant | None, promise: Promise) -> None:
    """Move the resolution deadline, and the reminder point with it."""
    issue.due = due
    if due is None:
        issue.reminder = None
    else:
        limit = None if issue.stated else promise.resolution
        issue.reminder = fraction_point(
            issue.submitted, due, promise.standard.reminder, limit, promise.calendar
        )


def shifted(issue: Issue, due: Instant | None, until: Instant, promise: Promise) -> Instant | None:
    """A deadline moved by the running pause, were it to last until then."""
    if due is None or issue.paused is None:
        return due
    limit = None if issue.stated else promise.resolution
    return shift_due(due, issue.paused, until, limit, promise.calendar)


def reopen_until(issue: Issue, catalogue: Catalogue) -> Instant:
    """Until when a settled issue may be reopened; after that it is closed."""
    promise = promise_of(issue, catalogue)
    return later(issue.settled or 0, promise.standard.reopen_window, promise.calendar)


def state_at(issue: Issue, as_of: Instant, catalogue: Catalogue) -> State:
    """Where the issue stands, what time alone brings included: pauses expire, settled issues close."""
    state = State(issue.state)
    if state is State.PAUSED and issue.pause_until is not None and as_of > issue.pause_until:
        return State.ASSIGNED
    if state in (State.RESOLVED, State.REJECTED) and as_of > reopen_until(issue, catalogue):
        return State.CLOSED
    return state
