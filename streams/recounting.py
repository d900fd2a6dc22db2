"""Recounting: what a partition's tables must say, worked out from its log and nothing else.

The plain way, which the processor is held to: fold all facts of each issue, contribute, sum. No state,
row or timer is asked; of what the store holds only the live instant of its tables is taken.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from livelihood.alerts import schedule
from livelihood.bundles import TELLING, is_child, parts_of
from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.contribution import Dimensions, counted, sums_of
from livelihood.effects import apply
from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import ordered
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.numbers import numbers_of
from livelihood.ports import CATALOGUE, EVENT, IMPORT_END, EventLog, Record
from livelihood.promises import Catalogue
from streams.incoming import Incoming

#: Records held at a time, of about half a kilobyte each. A longer log is read more than once, each time
#: for another share of its issues.
HELD_RECORDS = 500_000
#: Records read at a time.
READ_RECORDS = 5_000

#: One number of one row: whose, of which month ("" for stocks), and which sum (see measures.py).
Cell = tuple[Dimensions, str, int]
#: What an alert is about: issue, obligation, kind, level, due, cycle.
About = tuple[str, str, str, int, Instant, str]


@dataclass(kw_only=True)
class Share:
    """What the log alone says of a share of a partition's issues."""

    #: Cells that are nothing may be among them.
    cells: Counter[Cell] = field(default_factory=Counter)
    issues: int = 0
    #: The alerts that stand.
    standing: set[About] = field(default_factory=set)
    #: Channel, number and issue of each number by which one is found.
    numbers: set[tuple[str, str, str]] = field(default_factory=set)
    #: Issues whose facts could not be worked on.
    failed: list[str] = field(default_factory=list)


@dataclass
class _Run:
    """An import, as its records show it."""

    clock: Instant
    open: bool = True


class Recount:
    """The recount of one partition up to an offset, share by share."""

    def __init__(
        self, log: EventLog, partition: int, end: int, live: Instant, set_aside: frozenset[int] = frozenset()
    ) -> None:
        """`live` is the live instant of the tables; `set_aside` are offsets that could not be worked on."""
        self._log = log
        self._partition = partition
        self._end = end
        self._live = live
        self._set_aside = set_aside
        self.shares = max(1, -(-end // HELD_RECORDS))

    def share_of(self, issue: str) -> int:
        """The share an issue is counted in, with all of its bundle."""
        return crc32(root_of(issue).encode()) % self.shares

    def share(
        self, number: int, as_of: Instant | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> Share:
        """One share, as of the tables' own instant or another; `progress` is told each offset come to."""
        families: dict[str, list[Record]] = {}
        published: list[CatalogueVersion] = []
        runs: dict[str, _Run] = {}
        for records in self._records():
            for record in records:
                if record.control == CATALOGUE:
                    published.append(CatalogueVersion.model_validate_json(record.value))
                    continue
                if record.run:
                    run = runs.setdefault(record.run, _Run(record.received))
                    run.clock = max(run.clock, record.received)
                    if record.control != EVENT:
                        run.open = record.control != IMPORT_END
                if record.control == EVENT and self.share_of(record.key) == number:
                    families.setdefault(record.key, []).append(record)
            progress(records[-1].offset)
        catalogue = Catalogue(published or [NOTHING_PUBLISHED])
        clocks = {name: run.clock for name, run in runs.items() if run.open}
        share = Share()
        while families:
            root, records = families.popitem()
            try:
                family = _Family(root, catalogue)
                for record in records:
                    if record.offset not in self._set_aside:
                        family.receive(record)
                family.count(share, clocks, self._live, as_of)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                share.failed.append(root)
        return share

    def _records(self) -> Iterator[Sequence[Record]]:
        """The log up to the end that is asked for."""
        offset = 0
        while offset < self._end and (records := self._log.read(self._partition, offset, READ_RECORDS)):
            offset = records[-1].offset + 1
            if records := [record for record in records if record.offset < self._end]:
                yield records


class _Family:
    """An issue, or a bundle with all its parts."""

    def __init__(self, root: str, catalogue: Catalogue) -> None:
        self._root = root
        self._catalogue = catalogue
        #: Issue -> (source, id) -> fact.
        self._facts: dict[str, dict[tuple[str, str], Fact]] = {}
        #: Issue -> the import whose clock it keeps; empty: the live one.
        self._run: dict[str, str] = {}

    def receive(self, record: Record) -> None:
        """Take in one record; what is no event, repeats another or contradicts it, adds nothing."""
        incoming = Incoming(record)
        fact, issue = incoming.fact, incoming.issue
        if incoming.problem or fact is None:
            return
        live = not record.run and fact.kind != Kind.ABSORBED
        run = self._run.setdefault(issue, record.run)
        if live:
            run = self._run[issue] = ""
        known = self._facts.setdefault(issue, {})
        if (fact.source, fact.id) in known:
            return
        known[fact.source, fact.id] = fact
        if is_child(issue) and fact.kind in TELLING:
            # What a part tells its bundle brings that to the present too.
            if self._root in self._run:
                self._run[self._root] = "" if live else self._run[self._root]
            elif parts_of(issue, known.values(), self._catalogue):
                self._run[self._root] = run

    def count(self, share: Share, clocks: dict[str, Instant], live: Instant, as_of: Instant | None) -> None:
        """Add what each issue contributes, as of its clock or another instant, and the alerts that stand."""
        facts = {issue: list(known.values()) for issue, known in self._facts.items()}
        for child in [issue for issue in facts if is_child(issue)]:
            parts = parts_of(child, facts[child], self._catalogue)
            if parts:
                facts.setdefault(self._root, []).extend(parts)
        for issue_id, held in facts.items():
            placed = ordered(held, self._catalogue)
            if not placed:
                continue
            clock = max(clocks.get(self._run.get(issue_id, ""), live), placed[-1][0][0])
            at = clock if as_of is None else as_of
            issue = Issue()
            for (instant, *_), fact in placed:
                if instant > at:
                    break
                apply(issue, fact, instant, self._catalogue)
            share.issues += 1
            for dimensions, shape in counted(issue_id, issue, at, self._catalogue):
                for (month, measure), amount in sums_of(shape):
                    share.cells[dimensions, month, measure] += amount
            if as_of is None:
                share.numbers.update((*number, issue_id) for number in numbers_of(issue_id, issue))
                share.standing.update(
                    (issue_id, alarm.obligation, alarm.kind, alarm.level, alarm.due, alarm.cycle)
                    for alarm in schedule(issue, self._catalogue)
                    if alarm.at <= at
                )
