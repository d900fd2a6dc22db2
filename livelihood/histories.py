"""The history of one issue: every fact, what it did, how the deadline came about, who held it how long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from livelihood.deadline_steps import Deadline
from livelihood.deadlines import deadlines, rework_deadline
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
    #: Where the issue stood after it, and the department that then had the lead; empty: none.
    state: State
    department: str
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
    #: Of the rework after the last reopening.
    rework: Deadline | None = None
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
                department=issue.department,
                ignored="" if effect else _why(fact, before, known),
            )
        )
        if effect:
            holder = issue.department if issue.open else ""
            if not holders or holders[-1][1] != holder:
                holders.append((at, holder))
    history.state = state_at(issue, as_of, catalogue)
    explained = deadlines(issue, catalogue)
    history.deadline, history.acceptance = explained.get("resolution"), explained.get("acceptance")
    history.rework = rework_deadline(issue, catalogue)
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
