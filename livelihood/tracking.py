"""Tracking: how time and events change an issue's state, its contribution and its alerts.

`Tracker.advance` lets time pass, `Tracker.take` lets an event in. Both write what must follow, the
movements between rows and the alerts, into the tracker's lists. An event that fits at the end is
applied; any other folds the issue again and corrects the trail it left in the tables.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple, Protocol

from livelihood.alerts import next_alarm, schedule
from livelihood.contribution import Dimensions, Shape, changes_at, counted, shape_of
from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import ordered, place
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.promises import Catalogue
from livelihood.state import FOLD_VERSION, IssueState, Step, all_facts, hold, may_hold, replace_facts
from livelihood.telling import Teller, stands

_BEFORE_ALL: Instant = -(1 << 62)


class Names(Protocol):
    """Numbers for dimensions and shapes, which repeat from issue to issue."""

    def dimensions(self, dimensions: Dimensions) -> int:
        """The number of some dimensions."""

    def shape(self, shape: Shape) -> int:
        """The number of a shape."""


class Movement(NamedTuple):
    """From an instant on, an issue counts as `after` where it counted as `before`."""

    at: Instant
    before: Step
    after: Step
    #: When the issue was submitted, for the oldest open one.
    submitted: Instant


class Reception(Enum):
    """What became of an event."""

    TAKEN = "taken"
    REPEAT = "repeat"
    CONFLICT = "conflict"


class Tracker:
    """Tracks issues under one catalogue."""

    def __init__(
        self, catalogue: Catalogue, names: Names, archive: Callable[[str], Iterable[bytes]] = lambda _: ()
    ) -> None:
        self.catalogue = catalogue
        self._names = names
        self._archive = archive
        self.movements: list[Movement] = []
        self.teller = Teller(catalogue)

    def advance(self, issue_id: str, state: IssueState, until: Instant, now: Instant | None) -> None:
        """Let time pass: what falls due by `until` is counted and raised, each at its own instant.

        `now` is when that is found out; None within an import, whose alerts are old news.
        """
        wake = state.wake
        if wake is not None and wake <= until:
            issue = state.issue
            alarms = schedule(issue, self.catalogue)
            instants = {at for at in changes_at(issue) if state.clock < at <= until}
            instants.update(alarm.at for alarm in alarms if state.clock < alarm.at <= until)
            for at in sorted(instants):
                self._recount(state, at)
                for alarm in alarms:
                    if alarm.at <= at and not stands(alarm, state.raised):
                        self.teller.raise_(issue_id, state, alarm, at if now is None else now, now is None)
            state.clock = until
            state.wake = self._next(state)
        elif until > state.clock:
            state.clock = until

    def take(self, issue_id: str, state: IssueState, fact: Fact, received: Instant, live: bool) -> Reception:
        """Let an event in that was received then; what was due by then comes first."""
        if state.wake is not None and state.wake <= received:
            self.advance(issue_id, state, received, received if live else None)
        elif received > state.clock:
            state.clock = received
        if state.ids and may_hold(state, fact):
            for known in self._facts(issue_id, state):
                if known.id == fact.id and known.source == fact.source:
                    return _again(known, fact)
        where = place(fact, self.catalogue)
        hold(state, fact)
        issue = state.issue
        at = where[0]
        fits = (
            where > state.last
            and (not state.trail or at >= state.trail[-1][0])
            and fact.kind != Kind.CORRECTED
            and (issue.state != State.ORPHAN or len(state.held) == 1)
        )
        if fits:
            # Its channel's clock may be ahead of ours; what falls due until then has its instant too.
            self._pass(state, state.clock, at)
            apply(issue, fact, at, self.catalogue)
            state.last = where
            self._count(issue_id, state, at)
            if at < state.clock:
                self._pass(state, at, state.clock)
            if at > state.clock:
                state.clock = at
        else:
            self.refold(issue_id, state)
        self.teller.reconcile(issue_id, state, fact.id, not live)
        state.wake = self._next(state)
        return Reception.TAKEN

    def replace_parts(
        self,
        issue_id: str,
        state: IssueState,
        child: str,
        parts: list[Fact],
        cause: str,
        received: Instant,
        live: bool,
    ) -> None:
        """Tell a bundle what became of one of its parts (see bundles.py), by the event `cause`."""
        self.advance(issue_id, state, received, received if live else None)
        held = all_facts(state)
        others = [fact for fact in held if fact.kind != Kind.PART or fact.source != child]
        if len(others) + len(parts) == len(held) and all(fact in held for fact in parts):
            return
        replace_facts(state, others + parts)
        self.refold(issue_id, state)
        self.teller.reconcile(issue_id, state, cause, not live)
        state.wake = self._next(state)

    def refold_as_of_clock(self, issue_id: str, state: IssueState, cause: str, live: bool) -> None:
        """Fold again after a change of the catalogue or the fold, and tell what that changes."""
        self.refold(issue_id, state)
        self.teller.reconcile(issue_id, state, cause, not live)
        state.wake = self._next(state)

    def refold(self, issue_id: str, state: IssueState) -> None:
        """Fold the issue again from all its facts, and correct the trail it left in the tables."""
        facts = self._facts(issue_id, state)
        old, was_submitted = state.trail, state.issue.submitted
        issue = state.issue = Issue()
        state.trail = []
        state.fold_version = FOLD_VERSION
        made, self.movements = self.movements, []
        clock = _BEFORE_ALL
        for where, fact in ordered(facts, self.catalogue):
            at, state.last = where[0], where
            self._pass(state, clock, at)
            apply(issue, fact, at, self.catalogue)
            self._count(issue_id, state, at)
            clock = at
        self._pass(state, clock, state.clock)
        self.movements = made
        self._correct(old, was_submitted, state.trail, issue.submitted)

    def _facts(self, issue_id: str, state: IssueState) -> list[Fact]:
        return all_facts(state, self._archive(issue_id) if state.segments else ())

    def _correct(self, old: list[Step], was_submitted: Instant, new: list[Step], submitted: Instant) -> None:
        """Undo what was applied, then apply what should have been; what is the same stays."""
        same = 0
        if was_submitted == submitted:
            while same < min(len(old), len(new)) and old[same] == new[same]:
                same += 1
        for trail, when, undo in ((old, was_submitted, True), (new, submitted, False)):
            before = trail[same - 1][1:] if same else ()
            for at, *step in trail[same:]:
                after = tuple(step)
                pair = (after, before) if undo else (before, after)
                self._move(at, *pair, when)
                before = after

    def _pass(self, state: IssueState, since: Instant, until: Instant) -> None:
        """Count what time alone changes in (since, until]."""
        for instant in sorted(at for at in changes_at(state.issue) if since < at <= until):
            self._recount(state, instant)

    def _count(self, issue_id: str, state: IssueState, at: Instant) -> None:
        """Move the issue's contribution to what it is from an instant on."""
        names = self._names
        flat: list[int] = []
        for dimensions, shape in counted(issue_id, state.issue, at, self.catalogue):
            flat.append(names.dimensions(dimensions))
            flat.append(names.shape(shape))
        after = tuple(flat)
        trail = state.trail
        before = trail[-1][1:] if trail else ()
        if after != before:
            self._move(at, before, after, state.issue.submitted)
            trail.append((at, *after))

    def _move(self, at: Instant, before: Step, after: Step, submitted: Instant) -> None:
        if len(before) == len(after) and before[2:] == after[2:]:
            before, after = before[:2], after[:2]
        self.movements.append(Movement(at, before, after, submitted))

    def _recount(self, state: IssueState, at: Instant) -> None:
        """Move the contribution to what time alone makes of it: the same rows, another shape."""
        trail = state.trail
        shape = shape_of(state.issue, at, self.catalogue)
        if shape is None or not trail:
            return
        before = trail[-1][1:]
        number = self._names.shape(shape)
        if number != before[1]:
            row = before[0]
            self.movements.append(Movement(at, before[:2], (row, number), state.issue.submitted))
            trail.append((at, row, number, *before[2:]))

    def _next(self, state: IssueState) -> Instant | None:
        """The next instant at which something happens by itself."""
        clock = state.clock
        wake = next_alarm(state.issue, clock, self.catalogue)
        for at in changes_at(state.issue):
            if at > clock and (wake is None or at < wake):
                wake = at
        return wake


def _again(known: Fact, fact: Fact) -> Reception:
    """The same event again, or another one under its id. When it was recorded may differ."""
    same = (known.kind, known.time, known.channel, known.actor, known.data) == (
        fact.kind,
        fact.time,
        fact.channel,
        fact.actor,
        fact.data,
    )
    return Reception.REPEAT if same else Reception.CONFLICT
