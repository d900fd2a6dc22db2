"""An issue: one person's request as its events, up to some instant, make it."""

import msgspec

from livelihood.instants import Instant
from livelihood.lifecycle import OPEN, State
from livelihood.limits import later
from livelihood.promises import Catalogue, Promise

#: What moved a deadline, see moves.py:
#: (PAUSED, from, to): the clock stood still; while the pause runs, `to` is its latest end;
#: (EXTENDED, when it was granted, until);
#: (NO_LATER, when another issue was merged in, its deadline).
Move = tuple[int, Instant, Instant]
PAUSED, EXTENDED, NO_LATER = 0, 1, 2


class Issue(msgspec.Struct, array_like=True, gc=False):
    """One person's request as its events, up to some instant, make it."""

    state: int = State.ORPHAN
    #: When the person submitted; the clock starts here.
    submitted: Instant = 0
    service: str = ""
    #: The lead unit, changed only by an accepted transfer.
    department: str = ""
    area: str | None = None
    #: The area its rows are kept under, from a bounded list.
    row_area: str = ""
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
    #: The last instant anything happened.
    changed: Instant = 0
    visits: int | None = None
    #: When the person was first asked for an answer, and the answers.
    asked: Instant | None = None
    solved: bool | None = None
    satisfied: bool | None = None
    #: The resolution deadline before anything moved it, the service whose limit set it where that
    #: is no longer the issue's own, and what moved it since.
    first_due: Instant | None = None
    due_service: str = ""
    moves: tuple[Move, ...] = ()
    #: After reopening, for alerts, since the first deadline stays for the rate: the limit's own
    #: deadline, how many moves came before it, and the deadline they made of it.
    rework_first: Instant | None = None
    rework_moves: int = 0
    rework_due: Instant | None = None
    #: A running pause: since when, and until when at the latest.
    paused: Instant | None = None
    pause_until: Instant | None = None
    #: Elapsed time of the pauses that ended, and working time within them.
    paused_elapsed: int = 0
    paused_working: int = 0
    #: Who asked for the extension that is not yet decided: actor, where known, and source.
    askers: tuple[tuple[str | None, str], ...] = ()
    #: Counts that stand beside the rates: (when first on that day, measure, department or "" for the
    #: lead, how often on that day).
    marks: tuple[tuple[Instant, str, str, int], ...] = ()
    #: Of a bundle: child -> its outcome, empty while it is open; and whether it was they that settled it.
    parts: dict[str, str] | None = None
    by_parts: bool = False
    #: (channel, number): what further systems call it.
    numbers: tuple[tuple[str, str], ...] = ()
    #: In this cycle, when somebody last said to have seen it and to act, and by when it is to be done.
    acknowledged: Instant | None = None
    expected: Instant | None = None
    #: Who contested a count, actor, where known, and source, while that is not answered.
    contested: tuple[str | None, str] | None = None

    @property
    def open(self) -> bool:
        """Submitted and not yet answered."""
        return self.state in OPEN


def promise_of(issue: Issue, catalogue: Catalogue) -> Promise:
    """What was promised for the issue, by the catalogue in force when it was submitted."""
    return catalogue.promise(issue.submitted, issue.service, issue.urgency, issue.channel, issue.area)


def promised_deadline(issue: Issue, catalogue: Catalogue) -> Promise:
    """The promise its resolution deadline rests on: of another service where reclassifying came too late."""
    service = issue.due_service or issue.service
    return catalogue.promise(issue.submitted, service, issue.urgency, issue.channel, issue.area)


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
