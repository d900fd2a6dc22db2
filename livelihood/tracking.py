"""Tracking: how time and events change an issue's state, its contribution and its alerts.

`Tracker.advance` lets time pass, `Tracker.take` lets an event in. Both write what must follow, the
movements between rows and the alerts, into the tracker's lists. An event that fits at the end is
applied; any other folds the issue again and corrects the trail it left in the tables.
"""

from collections.abc import Callable, Iterable
from enum import Enum

from livelihood.alerts import next_alarm, schedule
from livelihood.claims import Place, effective, place
from livelihood.contribution import changes_at
from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import ordered
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.promises import Catalogue
from livelihood.state import (
    FOLD_VERSION,
    MOST_FACTS,
    Checkpoint,
    IssueState,
    all_facts,
    all_steps,
    archive,
    copy_of,
    hold,
    identity,
    may_hold,
    replace_facts,
    short_id,
)
from livelihood.telling import Teller, stands
from livelihood.trail import Names, Trails

_BEFORE_ALL: Instant = -(1 << 62)
#: Kinds that may move other facts in the order.
_REORDERS = frozenset({Kind.SUBMITTED, Kind.CORRECTED})
#: Kinds that change neither an issue's contribution nor when time next changes it.
_REMARKS = frozenset(
    {
        Kind.TRANSFER_OFFERED,
        Kind.EXTENSION_ASKED,
        Kind.EXTENSION_REFUSED,
        Kind.PROGRESS_REPORTED,
        Kind.COMMENTED,
    }
)
# Looked up here: an enum's members are slow to reach, and this is on the path of every event.
_SUBMITTED, _CORRECTED, _ORPHAN = Kind.SUBMITTED, Kind.CORRECTED, State.ORPHAN


class Reception(Enum):
    """What became of an event."""

    TAKEN = "taken"
    REPEAT = "repeat"
    CONFLICT = "conflict"


class Tracker(Trails):
    """Tracks issues under one catalogue."""

    def __init__(
        self, catalogue: Catalogue, names: Names, archive: Callable[[str], Iterable[bytes]] = lambda _: ()
    ) -> None:
        """`archive` gives an issue's stored segments, oldest first; new ones gather in `segments`."""
        super().__init__(catalogue, names)
        self._stored = archive
        self.teller = Teller(catalogue)
        self.segments: dict[tuple[str, int], bytes] = {}

    def advance(self, issue_id: str, state: IssueState, until: Instant, now: Instant | None) -> None:
        """Let time pass: what falls due by `until` is counted and raised, each at its own instant.

        `now` is when that is found out; None within an import, whose alerts are old news.
        """
        at, issue = state.wake, state.issue
        if at is not None and at <= until:
            alarms = schedule(issue, self.catalogue)
            while at is not None and at <= until:
                self.recount(state, at)
                for alarm in alarms:
                    if alarm.at <= at and not stands(alarm, state.raised):
                        found = at if now is None else max(now, at)
                        self.teller.raise_(issue_id, state, alarm, found, now is None)
                at = self._next_change(issue, at)
            state.wake = at
        if until > state.clock:
            state.clock = until

    def take(self, issue_id: str, state: IssueState, fact: Fact, received: Instant, live: bool) -> Reception:
        """Let an event in that was received then; what was due by then comes first."""
        if state.wake is not None and state.wake <= received:
            self.advance(issue_id, state, received, received if live else None)
        elif received > state.clock:
            state.clock = received
        short, is_first = short_id(fact), not state.ids
        if not is_first and may_hold(state, short):
            for known in self.facts(issue_id, state):
                if known.id == fact.id and known.source == fact.source:
                    return _again(known, fact)
        at = effective(fact, self.catalogue)
        if at > state.clock:
            # From a clock ahead of the log's: what falls due between the two comes first.
            self.advance(issue_id, state, at, received if live else None)
        hold(state, fact, short)
        issue, kind = state.issue, fact.kind
        where = (at, kind)
        fits = (
            where > state.last
            and (not state.trail or at >= state.trail[-1][0])
            and (is_first or kind != _SUBMITTED or issue.state != _ORPHAN)
            and kind != _CORRECTED
            and fact.id not in state.corrected
        )
        if fits:
            state.last = where
            paused = issue.pause_until is not None
            takes_effect = apply(issue, fact, at, self.catalogue)
            if not (paused or (takes_effect and kind not in _REMARKS) or state.wake is None):
                # Nothing has changed, nor has when time next changes something.
                return self._taken(issue_id, state)
            self.count(issue_id, state, at, kind)
            if at < state.clock:
                self.pass_time(state, at, state.clock)
        else:
            self._refold_for(issue_id, state, fact, at)
        self._conclude(issue_id, state, fact.id, live)
        return self._taken(issue_id, state)

    def _taken(self, issue_id: str, state: IssueState) -> Reception:
        if len(state.held) > MOST_FACTS:
            self._shorten(issue_id, state)
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
        self._conclude(issue_id, state, cause, live)

    def refold_as_of_clock(self, issue_id: str, state: IssueState, cause: str, live: bool) -> None:
        """Fold again after a change of the catalogue or the fold, and tell what that changes."""
        self.refold(issue_id, state)
        self._conclude(issue_id, state, cause, live)

    def refold(self, issue_id: str, state: IssueState) -> None:
        """Fold the issue again from all its facts, and correct the trail it left in the tables."""
        segments = self._segments(issue_id, state)
        facts = all_facts(state, segments)
        old, was_submitted = all_steps(state, segments), state.issue.submitted
        state.issue, state.trail, state.checkpoint = Issue(), [], None
        state.fold_version = FOLD_VERSION
        state.undone = state.segments
        order = ordered(facts, self.catalogue)
        through = None
        if segments:
            archived = {identity(fact) for fact in facts[: len(facts) - len(state.held)]}
            through = max(at for (at, *_), fact in order if identity(fact) in archived)
        self._fold(issue_id, state, order, _BEFORE_ALL, through)
        self.correct(old, was_submitted, state.trail, state.issue.submitted)

    def facts(self, issue_id: str, state: IssueState) -> list[Fact]:
        """All facts of an issue, archived ones first."""
        return all_facts(state, self._segments(issue_id, state))

    def _segments(self, issue_id: str, state: IssueState) -> list[bytes]:
        if not state.segments:
            return []
        fresh = (self.segments.get((issue_id, number)) for number in range(1, state.segments + 1))
        return [*self._stored(issue_id), *(segment for segment in fresh if segment is not None)]

    def _refold_for(self, issue_id: str, state: IssueState, fact: Fact, at: Instant) -> None:
        """Fold again what a fact changes that came too late to be applied last."""
        checkpoint = state.checkpoint
        if checkpoint is None or at <= checkpoint.through or fact.kind in _REORDERS:
            self.refold(issue_id, state)
            return
        facts = all_facts(state)
        if any(held.id in state.corrected for held in facts):
            self.refold(issue_id, state)
            return
        order = self._after(facts, checkpoint.through)
        old = state.trail
        state.issue = copy_of(checkpoint.issue)
        state.trail = [step for step in old if step[0] <= checkpoint.through]
        self._fold(issue_id, state, order, checkpoint.through, None)
        self.correct(old, state.issue.submitted, state.trail, state.issue.submitted)

    def _fold(
        self,
        issue_id: str,
        state: IssueState,
        order: list[tuple[Place, Fact]],
        clock: Instant,
        through: Instant | None,
    ) -> None:
        """Fold facts onto a state that stands at `clock`; leaves a checkpoint of those up to `through`."""
        issue = state.issue
        made, self.movements = self.movements, []
        for where, fact in order:
            at = where[0]
            if through is not None and at > through:
                state.checkpoint, through = Checkpoint(through, copy_of(issue)), None
            state.last = where[:2]
            self.pass_time(state, clock, at)
            apply(issue, fact, at, self.catalogue)
            self.count(issue_id, state, at, fact.kind)
            clock = at
        if through is not None:
            state.checkpoint = Checkpoint(through, copy_of(issue))
        state.clock = max(state.clock, clock)
        self.pass_time(state, clock, state.clock)
        self.movements = made

    def _shorten(self, issue_id: str, state: IssueState) -> None:
        """Move the older facts to the archive, and fold them into the checkpoint."""
        facts = all_facts(state)
        if sum(fact.kind != Kind.PART for fact in facts) <= MOST_FACTS:
            return
        through, issue = _BEFORE_ALL, Issue()
        if not state.segments:
            order = ordered(facts, self.catalogue)
        elif state.checkpoint is None or any(fact.id in state.corrected for fact in facts):
            order = ordered(self.facts(issue_id, state), self.catalogue)
        else:
            through, issue = state.checkpoint.through, copy_of(state.checkpoint.issue)
            order = self._after(facts, through)
        held = {identity(fact): fact for fact in facts if fact.kind != Kind.PART}
        instants = [at for (at, *_), fact in order if identity(fact) in held]
        if len(instants) > MOST_FACTS // 2:
            through = instants[-MOST_FACTS // 2 - 1]
        # What is archived already stays covered, though facts that came late lie before it.
        archived = [at for (at, *_), fact in order if fact.kind != Kind.PART and identity(fact) not in held]
        through = max([through, *archived])
        kept = {identity(fact) for (at, *_), fact in order if at > through}
        for (at, *_), fact in order:
            if at <= through:
                apply(issue, fact, at, self.catalogue)
        moved = [fact for key, fact in held.items() if key not in kept]
        stay = [fact for fact in facts if fact.kind == Kind.PART or identity(fact) in kept]
        segment = archive(state, moved, stay, Checkpoint(through, issue))
        self.segments[issue_id, state.segments] = segment

    def _after(self, facts: Iterable[Fact], through: Instant) -> list[tuple[Place, Fact]]:
        """Facts, none of them corrected, that take effect after an instant past the submission."""
        placed = ((place(fact, self.catalogue), fact) for fact in facts)
        return sorted((where, fact) for where, fact in placed if where[0] > through)

    def _conclude(self, issue_id: str, state: IssueState, cause: str, live: bool) -> None:
        """After the event `cause`: tell what that changes, and find out when time next changes something."""
        alarm = next_alarm(state.issue, _BEFORE_ALL, self.catalogue)
        if state.raised or (alarm is not None and alarm <= state.clock):
            self.teller.reconcile(issue_id, state, cause, not live)
        state.wake = self._next_change(state.issue, state.clock)

    def _next_change(self, issue: Issue, after: Instant) -> Instant | None:
        """When time next changes something of an issue; None: never."""
        first = next_alarm(issue, after, self.catalogue)
        for at in changes_at(issue):
            if at > after and (first is None or at < first):
                first = at
        return first


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
