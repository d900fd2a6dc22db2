"""The processor: a batch of records and what falls due, turned into one Commit.

It knows no technology: states come in packed, the Commit goes out packed, and what it must read
meanwhile (archives, rows) comes through a store's port. After a failed commit a processor is thrown
away with all it holds; the next one starts from what the store holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

import msgspec

from livelihood.bundles import is_child, parts_of
from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.envelope import EVENT_MODELS, root_of, type_of
from livelihood.events import AbsorbedData, Kind
from livelihood.facts import Fact, Undecodable, decode
from livelihood.instants import Instant, to_datetime
from livelihood.issue import Issue
from livelihood.ledger import Ledger, Run, pack_ledger
from livelihood.lifecycle import State
from livelihood.movements import pack_movements
from livelihood.ports import CATALOGUE, EVENT, IMPORT_END, Commit, Outgoing, Record, StateStore
from livelihood.promises import Catalogue
from livelihood.state import MOST_FACTS, IssueState, all_facts, archive_older, pack, unpack
from livelihood.tracking import Reception, Tracker
from streams.names import CELL_BITS, MEASURE_BITS, NumberedNames

_encode_row = msgspec.msgpack.Encoder().encode
_decode_row = msgspec.msgpack.Decoder(dict[int, int]).decode
_encode_json = msgspec.json.Encoder().encode

_MEASURE = (1 << MEASURE_BITS) - 1

#: Kinds after which a bundle must hear of its part.
_TELLING = frozenset(
    {Kind.SUBMITTED, Kind.RESOLVED, Kind.REJECTED, Kind.WITHDRAWN, Kind.MERGED, Kind.REOPENED, Kind.CORRECTED}
)


class Incoming:
    """A record read from the log and decoded, before any state is loaded."""

    __slots__ = ("fact", "issue", "problem", "record")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.issue = ""
        self.fact: Fact | None = None
        self.problem = ""
        if record.control == EVENT:
            try:
                self.issue, self.fact = decode(record.value, record.received)
            except Undecodable as error:
                self.problem = str(error)
            else:
                if root_of(self.issue) != record.key:
                    self.problem = f"the key is {record.key!r}, not the root of {self.issue!r}"


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
        self._published = list(published)
        self._names = NumberedNames(*store.names(partition))
        self._states: dict[str, IssueState] = {}
        self._was_orphan: set[str] = set()
        self._rows: dict[tuple[int, str], dict[int, int]] = {}
        self._outbox: list[Outgoing] = []
        self._late: dict[str, Instant] = {}
        self._tracker = self._track(Catalogue(self._published or [NOTHING_PUBLISHED]))

    def _track(self, catalogue: Catalogue) -> Tracker:
        return Tracker(catalogue, self._names, self._archive)

    def _archive(self, issue: str) -> Iterator[bytes]:
        yield from self._store.load_archive(self._partition, issue)

    def process(
        self,
        batch: Sequence[Incoming],
        packed: dict[str, bytes],
        due: Iterable[tuple[str, bytes]],
        live_until: Instant | None,
        commit: Commit,
    ) -> Commit:
        """Take in a batch, then let time pass for what is due; fills in and returns the commit.

        `packed` holds the states the batch touches (see `touched`), `due` the issues whose timers are
        due; `live_until` is how far the live clock may go, None where it stands still.
        """
        states = self._states = {issue: unpack(state) for issue, state in packed.items()}
        for issue, state_due in due:
            if issue not in states:
                states[issue] = unpack(state_due)
        self._was_orphan = {issue for issue, state in states.items() if state.issue.state == State.ORPHAN}
        for incoming in batch:
            if incoming.record.control != EVENT:
                self._control(incoming.record)
            elif incoming.problem:
                self._refuse(incoming.record, incoming.problem)
            else:
                self._receive(incoming)
        if live_until is not None and live_until > self.ledger.live:
            self.ledger.live = live_until
        for issue, state in states.items():
            if state.wake is not None:
                self._let_time_pass(issue, state, state.wake)
        return self._finish(commit)

    def touched(self, batch: Sequence[Incoming]) -> set[str]:
        """The issues whose states a batch needs: its own and the bundles they belong to."""
        issues = {incoming.issue for incoming in batch if incoming.issue}
        return issues | {root_of(issue) for issue in issues}

    def refold(self, packed: Sequence[tuple[str, bytes]], commit: Commit) -> Commit:
        """One bounded step of the pass over all issues after a change of the catalogue's past."""
        self._states = {}
        for issue, state in packed:
            self._state(issue, unpack(state))
        self.ledger.refolding = packed[-1][0] if packed else None
        return self._finish(commit)

    def _receive(self, incoming: Incoming) -> None:
        record, issue, fact = incoming.record, incoming.issue, incoming.fact
        assert fact is not None
        state = self._states.get(issue)
        if state is None:
            state = self._states[issue] = IssueState(catalogue=len(self._published), run=record.run)
        elif state.catalogue != len(self._published):
            self._state(issue, state)
        live = not record.run
        if live:
            state.run = ""
        else:
            self._run(record)
        reception = self._tracker.take(issue, state, fact, record.received, live)
        if reception is Reception.CONFLICT:
            self._refuse(record, f"event {fact.id!r} of {fact.source!r} came before with other content")
        elif reception is Reception.TAKEN:
            if fact.recorded > fact.time:
                self._late[issue] = max(self._late.get(issue, fact.recorded), fact.recorded)
            if fact.kind == Kind.MERGED and state.issue.state == State.MERGED:
                self._absorb(issue, state.issue, fact)
            if is_child(issue) and fact.kind in _TELLING:
                self._tell_bundle(issue, state, record.received, live)

    def _tell_bundle(self, child: str, state: IssueState, received: Instant, live: bool) -> None:
        bundle = root_of(child)
        parent = self._states.get(bundle)
        if parent is None:
            parent = self._states[bundle] = IssueState(catalogue=len(self._published), run=state.run)
        facts = all_facts(state, self._archive(child) if state.segments else ())
        parts = parts_of(child, facts, self._tracker.catalogue)
        self._tracker.replace_parts(bundle, parent, child, parts, received, live)

    def _absorb(self, issue: str, merged: Issue, fact: Fact) -> None:
        """Tell the survivor, wherever it is, by an event of its own."""
        (into,) = fact.data
        moment = to_datetime(merged.settled or fact.time)
        event = EVENT_MODELS[Kind.ABSORBED](
            type=type_of(Kind.ABSORBED),
            source="/processor",
            id=f"{issue}:{fact.id}:absorbed",
            subject=into,
            time=moment,
            recorded=moment,
            channel=fact.channel,
            data=AbsorbedData(merged=issue, due=None if merged.due is None else to_datetime(merged.due)),
        )
        self._outbox.append(Outgoing("event", event.id, event.key, event.to_json()))

    def _refuse(self, record: Record, reason: str) -> None:
        """To the dead letters, once, with the reason; the record itself stays in the log."""
        letter = {
            "partition": self._partition,
            "offset": record.offset,
            "key": record.key,
            "received": record.received,
            "reason": reason,
        }
        identity = f"{self._partition}-{record.offset}"
        self._outbox.append(Outgoing("dead_letter", identity, record.key, _encode_json(letter)))

    def _run(self, record: Record) -> Run:
        """The import a record belongs to, its clock moved to the record."""
        run = self.ledger.runs.setdefault(record.run, Run(record.received))
        run.clock = max(run.clock, record.received)
        return run

    def _control(self, record: Record) -> None:
        ledger = self.ledger
        if record.run:
            run = self._run(record)
            run.open = record.control != IMPORT_END
        elif record.control == CATALOGUE:
            since = len(self._published)
            self._published.append(CatalogueVersion.model_validate_json(record.value))
            ledger.catalogues = len(self._published)
            catalogue = Catalogue(self._published)
            before = self._tracker
            self._tracker = self._track(catalogue)
            self._tracker.movements, self._tracker.teller.told = before.movements, before.teller.told
            if catalogue.changes_past(since):
                ledger.refolding = ""

    def _state(self, issue: str, state: IssueState) -> None:
        """A loaded state, folded again where the catalogue changed what holds for it."""
        self._states[issue] = state
        if self._tracker.catalogue.changes_past(state.catalogue):
            self._tracker.refold_as_of_clock(issue, state, not state.run)
        state.catalogue = len(self._published)

    def _let_time_pass(self, issue: str, state: IssueState, wake: Instant) -> None:
        run = self.ledger.runs.get(state.run) if state.run else None
        if run is not None and run.open:
            if wake <= run.clock:
                self._tracker.advance(issue, state, run.clock, None)
        else:
            state.run = ""
            if wake <= self.ledger.live:
                self._tracker.advance(issue, state, self.ledger.live, self.ledger.live)

    def _finish(self, commit: Commit) -> Commit:
        tracker = self._tracker
        for issue, state in self._states.items():
            while len(state.held) > MOST_FACTS:
                segment = archive_older(state)
                commit.archive[issue, state.segments] = segment
            commit.states[issue] = pack(state)
            commit.timers[issue] = None if state.wake is None else (state.run, state.wake)
            if state.issue.state == State.ORPHAN:
                commit.orphans[issue] = min(fact.time for fact in all_facts(state))
            elif issue in self._was_orphan:
                commit.orphans[issue] = None
        self._sum_up(commit)
        commit.movements = pack_movements(tracker.movements)
        commit.dimensions, commit.shapes = self._names.take_new()
        # In the order they were raised; an issue's own stay in theirs.
        tracker.teller.told.sort(key=attrgetter("raised"))
        commit.outbox = [
            *(
                Outgoing("alert", alert.id, root_of(alert.issue), _encode_json(alert))
                for alert in tracker.teller.told
            ),
            *self._outbox,
        ]
        commit.late, self._late = self._late, {}
        commit.ledger = pack_ledger(self.ledger)
        tracker.movements, tracker.teller.told, self._outbox = [], [], []
        return commit

    def _sum_up(self, commit: Commit) -> None:
        """Apply the movements to the rows they leave and enter; rows are absolute."""
        names = self._names
        cells: dict[int, int] = {}
        get = cells.get
        for _, before, after, _ in self._tracker.movements:
            first = 0
            if before and after and before[0] == after[0]:
                # Most movements stay in their row, and most pairs of shapes come again.
                first = 2
                base = after[0] << CELL_BITS
                for cell, amount in names.delta(before[1], after[1]):
                    cells[base + cell] = get(base + cell, 0) + amount
            for step, sign in ((before, -1), (after, 1)):
                for place in range(first, len(step), 2):
                    base = step[place] << CELL_BITS
                    for cell, amount in names.cells(step[place + 1]):
                        cells[base + cell] = get(base + cell, 0) + sign * amount
        changed: dict[int, list[tuple[int, int]]] = {}
        for cell, amount in cells.items():
            if amount:
                changed.setdefault(cell >> MEASURE_BITS, []).append((cell & _MEASURE, amount))
        rows = self._rows
        keys = {number: names.row_of(number << MEASURE_BITS) for number in changed}
        missing = [key for key in keys.values() if key not in rows]
        if missing:
            loaded = self._store.load_rows(self._partition, missing)
            for key in missing:
                rows[key] = _decode_row(loaded[key]) if key in loaded else {}
        for number, changes in changed.items():
            key = keys[number]
            row = rows[key]
            for measure, amount in changes:
                value = row.get(measure, 0) + amount
                if value:
                    row[measure] = value
                else:
                    row.pop(measure, None)
            commit.rows[key] = _encode_row(row)
