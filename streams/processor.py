"""The processor: a batch of records and what falls due, turned into one Commit.

It knows no technology: states come in packed, the Commit goes out packed, and what it must read
meanwhile (archives, rows, bundles) comes through a store's port. After a failed commit a processor is
thrown away with all it holds; the next one starts from what the store holds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

import msgspec

from livelihood.bundles import TELLING, is_child, parts_of
from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.ledger import Ledger, Run, pack_ledger, unpack_ledger
from livelihood.lifecycle import State
from livelihood.movements import pack_movements
from livelihood.numbers import renumber
from livelihood.ports import CATALOGUE, IMPORT_END, Commit, Outgoing, Record, StateStore
from livelihood.promises import Catalogue
from livelihood.state import FOLD_VERSION, IssueState, note_sealed, pack, unpack
from livelihood.tracking import Reception, Tracker
from streams.incoming import Incoming
from streams.names import NumberedNames
from streams.outgoing import absorbed, letter_of_issue, letter_of_record
from streams.rows import Rows

_encode_json = msgspec.json.Encoder().encode
# Looked up here: an enum's members are slow to reach, and this is on the path of every event.
_ABSORBED, _CORRECTED, _MERGED_BY = Kind.ABSORBED, Kind.CORRECTED, Kind.MERGED
_ORPHAN, _MERGED = State.ORPHAN, State.MERGED

#: What working on one record or one issue may fail with, because of what it says. Anything else is no
#: fault of the data, and stops the worker.
_UNWORKABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(slots=True, kw_only=True)
class Due:
    """That time has passed: how far, and whom it concerns."""

    #: How far the live clock may go; None: it stands still.
    live_until: Instant | None = None
    #: Issues whose timers are due, with their states.
    states: list[tuple[str, bytes]] = field(default_factory=list)
    #: Clocks by which more is due than is given here; "" is the live one.
    owed: set[str] = field(default_factory=set)
    #: Ended imports whose clock no issue with a timer keeps any more.
    left: list[str] = field(default_factory=list)


class Processor:
    """Works on one partition, from one position on."""

    def __init__(
        self,
        store: StateStore,
        partition: int,
        ledger: Ledger,
        published: Sequence[CatalogueVersion],
    ) -> None:
        self._store = store
        self._partition = partition
        self.ledger = ledger
        if ledger.fold_version != FOLD_VERSION:
            ledger.refolding, ledger.fold_version = "", FOLD_VERSION
        self._published = list(published)
        self._names = NumberedNames(*store.names(partition))
        self._rows = Rows(store, partition, self._names)
        self._states: dict[str, IssueState] = {}
        self._was_orphan: set[str] = set()
        self._late: set[str] = set()
        self._outbox: list[Outgoing] = []
        self._tracker = self._track(self._published)
        #: What is being worked on, for the case that it cannot be.
        self._at: Incoming | str | None = None
        #: Issues that could not be worked on in this commit, and why.
        self._given_up: dict[str, str] = {}

    def _track(self, published: Sequence[CatalogueVersion]) -> Tracker:
        stored = partial(self._store.load_archive, self._partition)
        return Tracker(Catalogue(published or [NOTHING_PUBLISHED]), self._names, stored)

    def touched(self, batch: Sequence[Incoming]) -> set[str]:
        """The issues whose states a batch needs: its own and the bundles they belong to."""
        issues = {incoming.issue for incoming in batch if incoming.issue}
        return issues | {root_of(issue) for issue in issues if is_child(issue)}

    def process(
        self, batch: Sequence[Incoming], packed: dict[str, bytes], due: Due, commit: Commit
    ) -> Commit:
        """Take in a batch, then let time pass for what is due; fills in and returns the commit.

        `packed` holds the states the batch touches (see `touched`). A new version of the catalogue
        ends a batch, so that time up to it passes under the old one.
        """
        return self._attempts(lambda: self._process(batch, packed, due), commit)

    def refold(self, page: Sequence[tuple[str, bytes]], cursor: str | None, commit: Commit) -> Commit:
        """One bounded step of the pass over all issues after a change of what holds for past ones."""
        bundles = {root_of(issue) for issue, _ in page if is_child(issue)} - {issue for issue, _ in page}
        packed = self._store.load(self._partition, bundles) | dict(page)
        return self._attempts(lambda: self._refold([issue for issue, _ in page], cursor, packed), commit)

    def _attempts(self, work: Callable[[], None], commit: Commit) -> Commit:
        """Work, each time without what could not be worked on the time before; that is refused."""
        before, self._given_up = pack_ledger(self.ledger), {}
        while True:
            self._begin()
            try:
                work()
                break
            except _UNWORKABLE as error:
                reason = f"could not be worked on: {type(error).__name__}: {error}"
                if isinstance(self._at, Incoming):
                    self._at.problem = reason
                elif self._at is not None and self._at not in self._given_up:
                    self._given_up[self._at] = reason
                else:
                    raise
                self.ledger = unpack_ledger(before)
        for issue, reason in self._given_up.items():
            # It is not looked at again before its next event.
            self._states[issue].wake = None
            self._outbox.append(letter_of_issue(issue, commit.sequence, reason))
        return self._finish(commit)

    def _begin(self) -> None:
        self._at = None
        self._states, self._was_orphan, self._late, self._outbox = {}, set(), set(), []
        self._tracker.movements, self._tracker.teller.told, self._tracker.segments = [], [], {}

    def _load(self, packed: Iterable[tuple[str, bytes]]) -> None:
        states = self._states
        for issue, state in packed:
            if issue not in states:
                loaded = states[issue] = unpack(state)
                if loaded.issue.state == _ORPHAN:
                    self._was_orphan.add(issue)

    def _process(self, batch: Sequence[Incoming], packed: dict[str, bytes], due: Due) -> None:
        ledger = self.ledger
        for left in due.left:
            ledger.runs.pop(left, None)
        self._load([*packed.items(), *due.states])
        version: Incoming | None = None
        for incoming in batch:
            self._at, record = incoming, incoming.record
            if incoming.problem:
                self._outbox.append(letter_of_record(self._partition, record, incoming.problem))
            elif incoming.fact is not None:
                self._receive(incoming, incoming.fact)
            elif record.run:
                self._run(record).open = record.control != IMPORT_END
            elif record.control == CATALOGUE:
                version = incoming
        until = ledger.live if due.live_until is None else max(due.live_until, ledger.live)
        clocks = {name: run.clock for name, run in ledger.runs.items() if run.open}
        for issue, state in self._states.items():
            wake, run_name = state.wake, state.run
            if wake is None or issue in self._given_up:
                continue
            if wake <= clocks.get(run_name, until) or (run_name and run_name not in clocks):
                self._at = issue
                self._let_time_pass(issue, state, wake, until)
        if "" not in due.owed:
            ledger.live = until
        for name, run in ledger.runs.items():
            if run.open and name not in due.owed:
                run.counted = run.clock
        self._at = version
        if version is not None:
            self._announce(version.record)

    def _receive(self, incoming: Incoming, fact: Fact) -> None:
        record, issue = incoming.record, incoming.issue
        received, live = record.received, not record.run
        state = self._states.get(issue)
        if state is None:
            state = self._states[issue] = IssueState(run=record.run)
        if not live:
            self._run(record)
        elif fact.kind == _ABSORBED and self._keeps_import_clock(state):
            # Sent back by ourselves: it does not bring the survivor into the present.
            received, live = self.ledger.clock_of(state.run), False
        else:
            state.run = ""
        was_merged = state.issue.state == _MERGED
        reception = self._tracker.take(issue, state, fact, received, live)
        if reception is Reception.CONFLICT:
            reason = f"event {fact.id!r} of {fact.source!r} came before with other content"
            self._outbox.append(letter_of_record(self._partition, record, reason))
        elif reception is Reception.TAKEN:
            note_sealed(state, record.offset, record.value)
            if fact.recorded > fact.time or fact.kind == _CORRECTED:
                self._note_late(issue, state, fact)
            if state.issue.state == _MERGED and not was_merged:
                facts = [fact] if fact.kind == _MERGED_BY else self._tracker.facts(issue, state)
                self._outbox += absorbed(issue, state.issue, facts, self._tracker.catalogue)
            if fact.kind in TELLING and is_child(issue):
                self._tell_bundle(issue, state, fact.id, received, live)
                bundle = root_of(issue)
                if issue in self._late and bundle in self._states:
                    self._note_late(bundle, self._states[bundle], fact)

    def _note_late(self, issue: str, state: IssueState, fact: Fact) -> None:
        state.late = max(state.late, fact.recorded)
        self._late.add(issue)

    def _tell_bundle(self, child: str, state: IssueState, cause: str, received: Instant, live: bool) -> None:
        parts = parts_of(child, self._tracker.facts(child, state), self._tracker.catalogue)
        bundle = root_of(child)
        parent = self._states.get(bundle)
        if parent is None:
            if not parts:
                return
            parent = self._states[bundle] = IssueState(run=state.run)
        if live:
            parent.run = ""
        self._tracker.replace_parts(bundle, parent, child, parts, cause, received, live)

    def _run(self, record: Record) -> Run:
        """The import a record belongs to, its clock moved to the record."""
        runs, received = self.ledger.runs, record.received
        run = runs.get(record.run) or runs.setdefault(record.run, Run(received))
        run.clock = max(run.clock, received)
        return run

    def _keeps_import_clock(self, state: IssueState) -> bool:
        return (run := self.ledger.runs.get(state.run)) is not None and run.open

    def _let_time_pass(self, issue: str, state: IssueState, wake: Instant, live_until: Instant) -> None:
        run = self.ledger.runs.get(state.run) if state.run else None
        if run is not None and wake <= run.clock:
            # What falls due by an import's clock does so then, however its records are batched.
            self._tracker.advance(issue, state, run.clock, None)
        if run is None or not run.open:
            state.run = ""
            if state.wake is not None and state.wake <= live_until:
                self._tracker.advance(issue, state, live_until, live_until)

    def _announce(self, record: Record) -> None:
        """A version of the catalogue applies from here on."""
        published = [*self._published, CatalogueVersion.model_validate_json(record.value)]
        before, after = self._tracker, self._track(published)
        after.movements, after.teller.told = before.movements, before.teller.told
        after.segments = before.segments
        self._published, self._tracker = published, after
        self.ledger.catalogues = len(published)
        if after.catalogue.changes_past(len(published) - 1):
            self.ledger.refolding = ""

    def _refold(self, page: Sequence[str], cursor: str | None, packed: dict[str, bytes]) -> None:
        tracker, ledger = self._tracker, self.ledger
        self._load(packed.items())
        before = self._track(self._published[:-1])
        before.movements, before.teller.told = tracker.movements, tracker.teller.told
        before.segments = tracker.segments
        for issue in page:
            if issue in self._given_up:
                continue
            self._at, state = issue, self._states[issue]
            live, clock = not self._keeps_import_clock(state), ledger.clock_of(state.run)
            cause = f"fold:{FOLD_VERSION}"
            if state.fold_version == FOLD_VERSION:
                # What fell due before the new version did so under the old one.
                before.advance(issue, state, clock, clock if live else None)
                cause = f"catalogue:{tracker.catalogue.latest.version}"
            tracker.refold_as_of_clock(issue, state, cause, live)
            if is_child(issue):
                self._tell_bundle(issue, state, cause, state.clock, live)
        ledger.refolding = cursor

    def _finish(self, commit: Commit) -> Commit:
        tracker, projects = self._tracker, self._tracker.catalogue.latest.projects
        for issue, state in self._states.items():
            if state.issue.number or state.issue.numbers or state.numbered:
                renumber(issue, state, commit.numbers)
            commit.states[issue] = pack(state)
            commit.timers[issue] = None if state.wake is None else (state.run, state.wake)
            if state.issue.state == _ORPHAN and issue not in projects:
                commit.orphans[issue] = min(fact.time for fact in self._tracker.facts(issue, state))
            elif issue in self._was_orphan:
                commit.orphans[issue] = None
        commit.late = {issue: self._states[issue].late for issue in self._late}
        commit.rows = self._rows.move(tracker.movements)
        commit.movements, commit.archive = pack_movements(tracker.movements), tracker.segments
        commit.dimensions, commit.shapes = self._names.take_new()
        # In the order they were raised; an issue's own stay in theirs.
        told = sorted(tracker.teller.told, key=attrgetter("raised"))
        alerts = [Outgoing("alert", alert.id, root_of(alert.issue), _encode_json(alert)) for alert in told]
        commit.outbox = alerts + self._outbox
        commit.ledger = pack_ledger(self.ledger)
        return commit
