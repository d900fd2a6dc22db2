"""The history of one issue: every fact, what it did, how the deadline came about, who held it how long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from livelihood.deadline_explained import explain_due_after
from livelihood.deadline_steps import Deadline, Extended, Opened, Paused, Stated, Step
from livelihood.effects import HANDLERS, apply
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact
from livelihood.fold import ordered
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of, state_at
from livelihood.lifecycle import TRANSITIONS, State
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.state import all_facts, unpack


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One fact in an issue's timeline."""

    #: When it took effect, or would have.
    at: Instant
    fact: Fact
    #: Where the issue stood after it.
    state: State
    #: Why it had no effect; empty where it had one.
    ignored: str = ""

    @property
    def kind(self) -> Kind:
        """What the fact says."""
        return Kind(self.fact.kind)

    @property
    def data(self) -> dict[str, Any]:
        """What it says in detail, empty values left out; moments as `Instant`."""
        names = DATA_FIELDS.get(self.fact.kind, ("child", "outcome"))
        pairs = zip(names, self.fact.data, strict=True)
        return {name: value for name, value in pairs if value not in (None, False, [], "")}


@dataclass(kw_only=True)
class Held:
    """How long a department had the lead, in microseconds."""

    department: str
    since: Instant
    until: Instant
    elapsed: int
    #: Inside opening hours.
    working: int


@dataclass(kw_only=True)
class History:
    """One issue as of an instant, and how it came to be so."""

    id: str
    as_of: Instant
    issue: Issue
    state: State
    entries: list[Entry] = field(default_factory=list)
    #: The resolution deadline with its steps; None where nothing was promised.
    deadline: Deadline | None = None
    acceptance: Deadline | None = None
    held: list[Held] = field(default_factory=list)


def read_history(
    reader: Reader, catalogue: Catalogue, issue_id: str, as_of: Instant | None, now: Instant
) -> History | None:
    """The history of an issue; None where there is no fact of it by then.

    Without `as_of` it is of all that is known, and stands for `now`, or the last fact if that is later.
    """
    packed = reader.states([issue_id]).get(issue_id)
    if packed is None:
        return None
    state = unpack(packed)
    older: Iterable[bytes] = reader.archive(issue_id) if state.segments else ()
    facts = all_facts(state, older)
    history = history_of(issue_id, facts, catalogue, max(now, state.last[0]) if as_of is None else as_of)
    return history if history.entries else None


def history_of(issue_id: str, facts: Iterable[Fact], catalogue: Catalogue, as_of: Instant) -> History:
    """The history its facts make, up to an instant."""
    issue = Issue()
    history = History(id=issue_id, as_of=as_of, issue=issue, state=State.ORPHAN)
    arithmetic = _Arithmetic(catalogue)
    holders: list[tuple[Instant, str]] = []
    placed = ordered(facts, catalogue)
    known = {fact.id for _, fact in placed}
    for (at, *_), fact in placed:
        if at > as_of:
            break
        before = State(issue.state)
        effect = apply(issue, fact, at, catalogue)
        history.entries.append(
            Entry(
                at=at,
                fact=fact,
                state=State(issue.state),
                ignored="" if effect else _why(fact, before, known),
            )
        )
        if effect:
            arithmetic.follow(issue, fact, at)
            holder = issue.department if issue.open else ""
            if not holders or holders[-1][1] != holder:
                holders.append((at, holder))
    history.state = state_at(issue, as_of, catalogue)
    history.deadline = arithmetic.deadline(issue)
    history.acceptance = arithmetic.acceptance(issue)
    history.held = list(_held(holders, as_of, issue, catalogue))
    return history


def _why(fact: Fact, before: State, known: set[str]) -> str:
    kind = Kind(fact.kind)
    if kind is Kind.CORRECTED:
        # A correction acts by changing the fact it names, which is shown as corrected.
        return "" if fact.data[0] in known else "it corrects an event that is not there"
    if (before, kind) not in TRANSITIONS:
        if before is State.ORPHAN:
            return "the issue was never submitted"
        return f"an issue that is {before.word} cannot be {_PARTICIPLES.get(kind, kind.word)}"
    rule = (getattr(HANDLERS.get(kind), "__doc__", None) or "").partition("No effect")[2].split(".")[0]
    return " ".join(f"no effect{rule}".split()) if rule else "a rule gives it no effect"


_PARTICIPLES = {
    Kind.TRANSFER_OFFERED: "offered to another unit",
    Kind.TRANSFER_ACCEPTED: "transferred",
    Kind.EXTENSION_ASKED: "extended",
    Kind.EXTENSION_GRANTED: "extended",
    Kind.EXTENSION_REFUSED: "extended",
}


class _Arithmetic:
    """Collects the steps of the resolution deadline as facts take effect."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._steps: list[Step] = []
        #: The steps before the running pause, and since when it runs.
        self._before_pause: list[Step] | None = None
        self._paused_since: Instant = 0
        self._paused_until: Instant = 0
        self._due: Instant | None = None
        self._due_unpaused: Instant | None = None
        self._provisional = False

    def follow(self, issue: Issue, fact: Fact, at: Instant) -> None:
        if self._before_pause is not None and issue.paused is None:
            # One that nobody ended expired by itself before this fact.
            self._end_pause(issue, min(at, self._paused_until))
        if fact.kind == Kind.SUBMITTED or (fact.kind == Kind.RECLASSIFIED and issue.due != self._due):
            self._begin(issue)
        elif fact.kind == Kind.PAUSED:
            self._before_pause, self._paused_since = list(self._steps), at
            self._paused_until = issue.pause_until or at
            self._steps = [*self._steps, *self._pause(issue, self._paused_until)]
        elif fact.kind == Kind.EXTENSION_GRANTED:
            self._extend(issue)
        elif fact.kind == Kind.ABSORBED and issue.due != self._due and issue.due is not None:
            self._steps = [Opened(at=issue.submitted), Stated(due=issue.due)]
        self._due, self._due_unpaused = issue.due, issue.due_unpaused

    def _begin(self, issue: Issue) -> None:
        explained = self._from_standard(issue) if not issue.stated else None
        if explained is not None:
            self._steps, self._provisional = list(explained.steps), explained.provisional
            if issue.due is not None and issue.due != explained.due:
                # What was granted before the issue was found to be of another service.
                self._steps.append(Extended(due_before=explained.due, due=issue.due))
        elif issue.due is not None:
            self._steps = [Opened(at=issue.submitted), Stated(due=issue.due)]

    def _from_standard(self, issue: Issue) -> Deadline | None:
        promise = promise_of(issue, self._catalogue)
        if promise.resolution is None:
            return None
        return explain_due_after(issue.submitted, promise.resolution, promise.calendar)

    def _pause(self, issue: Issue, until: Instant) -> Iterator[Step]:
        before = self._due if self._due_unpaused is None else self._due_unpaused
        if before is not None and issue.due is not None:
            yield Paused(since=self._paused_since, until=until, due_before=before, due=issue.due)

    def _end_pause(self, issue: Issue, at: Instant) -> None:
        assert self._before_pause is not None
        self._steps = [*self._before_pause, *self._pause(issue, at)]
        self._before_pause = None

    def _extend(self, issue: Issue) -> None:
        before, due = self._due, issue.due
        if self._before_pause is not None:
            before, due = self._due_unpaused, issue.due_unpaused
        if before is None or due is None:
            return
        step = Extended(due_before=before, due=due)
        if self._before_pause is None:
            self._steps.append(step)
        else:
            self._before_pause.append(step)
            self._due_unpaused = due
            self._steps = [*self._before_pause, *self._pause(issue, self._paused_until)]

    def deadline(self, issue: Issue) -> Deadline | None:
        if issue.due is None:
            return None
        return Deadline(due=issue.due, steps=tuple(self._steps), provisional=self._provisional)

    def acceptance(self, issue: Issue) -> Deadline | None:
        promise = promise_of(issue, self._catalogue)
        if issue.acceptance_due is None or promise.acceptance is None:
            return None
        return explain_due_after(issue.submitted, promise.acceptance, promise.calendar)


def _held(
    holders: list[tuple[Instant, str]], as_of: Instant, issue: Issue, catalogue: Catalogue
) -> Iterator[Held]:
    """The stretches in which the issue was open, by the unit that had the lead."""
    if not holders:
        return
    calendar = promise_of(issue, catalogue).calendar
    ends = [at for at, _ in holders[1:]] + [as_of]
    for (since, department), until in zip(holders, ends, strict=True):
        if department and until > since:
            working = calendar.working_between(since, until)
            yield Held(
                department=department, since=since, until=until, elapsed=until - since, working=working
            )
