"""Reading tables: live from the rows, of the past from the movements, in detail from the states."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec

from consumers.extremes import Extremes
from livelihood.bundles import parts_of
from livelihood.contribution import (
    Dimensions,
    Shape,
    counted,
    dimensions_of,
    outcome_of,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.ledger import unpack_ledger
from livelihood.movements import counts_as_of, split_key
from livelihood.periods import Period, Within
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.rollup import ALL_ISSUES, Filters, Line, Table, add_sums, within
from livelihood.state import IssueState, Step, all_facts, all_steps, unpack

_decode_row = msgspec.msgpack.Decoder(dict[int, int]).decode
#: States read at a time in a pass over all of them.
SCANNED = 2_000


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a table is asked for."""

    period: Period
    commitment: str | None = None
    by: Sequence[str] = ()
    filters: Filters = ALL_ISSUES
    #: None: as it stands now.
    as_of: Instant | None = None
    #: None: as known now.
    known_at: Instant | None = None
    #: Whether the oldest open issue and the last change are wanted: they cost more than all the rest.
    instants: bool = True


class NotThere(ValueError):
    """What is asked for cannot be known; the message says what can."""


def read_table(reader: Reader, catalogue: Catalogue, query: Query) -> list[Line]:
    """The lines of a table. NotThere for an instant the data cannot speak of."""
    as_of = query.as_of
    if query.known_at is not None:
        if as_of is not None and as_of > query.known_at:
            raise NotThere("as-of lies after known-at: what happens later cannot be known then")
        as_of = query.known_at if as_of is None else as_of
    known = catalogue if query.known_at is None else catalogue.as_known(query.known_at)
    table = Table(catalogue.latest, query.by, query.commitment, query.filters)
    for partition in range(reader.partitions):
        late = [] if as_of is None else _late(reader, partition, catalogue, query, as_of)
        if known is not catalogue or not query.period.whole_months:
            _add_states(table, reader, partition, known, query, as_of)
        elif as_of is None and "outcome" not in query.by:
            # Rows do not tell outcomes apart; movements do.
            _add_rows(table, reader, partition, query.period)
        else:
            _add_movements(table, reader, partition, query, as_of, late)
            if as_of is not None and as_of > _counted_until(reader, partition):
                _let_time_pass(table, reader, partition, catalogue, query, as_of)
        if query.instants:
            _add_instants(table, reader, partition, as_of, late)
    return table.lines()


def _add_rows(table: Table, reader: Reader, partition: int, period: Period) -> None:
    dimensions, _ = reader.names(partition)
    lines = {number: table.lines_of(unpack_dimensions(packed)) for number, packed in dimensions.items()}
    for (number, month), packed in reader.rows(partition):
        if not month or period.has(month):
            sums = _decode_row(packed).items()
            for line in lines[number]:
                add_sums(line, sums)


def _add_movements(
    table: Table,
    reader: Reader,
    partition: int,
    query: Query,
    as_of: Instant | None,
    late: "Sequence[_Late]",
) -> None:
    dimensions, shapes = names_of(reader, partition)
    months = query.period.months
    sums = {number: within(sums_of(shape), months) for number, shape in shapes.items()}
    outcomes = {number: outcome_of(shape) for number, shape in shapes.items()}
    # Rows that count in the same lines are taken together: there are far more rows than lines.
    counts_of_row: dict[tuple[int, str], dict[int, int]] = {}
    counts: dict[tuple[int, ...], tuple[list[Line], dict[int, int]]] = {}
    for number, shape, count in counts_as_of(reader.movements(partition), as_of):
        place = number, outcomes[shape]
        shape_counts = counts_of_row.get(place)
        if shape_counts is None:
            lines = table.lines_of(dimensions[number], outcomes[shape])
            _, shape_counts = counts.setdefault(tuple(map(id, lines)), (lines, {}))
            counts_of_row[place] = shape_counts
        shape_counts[shape] = shape_counts.get(shape, 0) + count
    for lines, shape_counts in counts.values():
        for shape, count in shape_counts.items():
            for line in lines:
                add_sums(line, sums[shape], count)
    for one in late:
        assert as_of is not None
        # What was recorded only later is taken out again.
        for issue, times in ((one.now, -1), (one.known, 1)):
            for row, shape_then in counted(one.id, issue, as_of, one.catalogue):
                for line in table.lines_of(row, issue.outcome):
                    add_sums(line, within(sums_of(shape_then), months), times)


def _let_time_pass(
    table: Table, reader: Reader, partition: int, catalogue: Catalogue, query: Query, as_of: Instant
) -> None:
    """What time alone changes up to an instant that no worker has reached yet is in no movement."""
    dimensions, shapes = names_of(reader, partition)
    months = query.period.months
    for issue_id, packed in reader.waking(partition, as_of):
        state = unpack(packed)
        older: Iterable[bytes] = reader.archive(issue_id) if state.segments else ()
        applied: Step = ()
        for at, *step in all_steps(state, older):
            if at <= as_of:
                applied = tuple(step)
        for row, shape in map(split_key, applied):
            for line in table.lines_of(dimensions[row], outcome_of(shapes[shape])):
                add_sums(line, within(sums_of(shapes[shape]), months), -1)
        issue = state.issue if as_of >= state.last[0] else fold(all_facts(state, older), catalogue, as_of)
        for row_then, shape_then in counted(issue_id, issue, as_of, catalogue):
            for line in table.lines_of(row_then, issue.outcome):
                add_sums(line, within(sums_of(shape_then), months))


def _add_states(
    table: Table, reader: Reader, partition: int, catalogue: Catalogue, query: Query, as_of: Instant | None
) -> None:
    """A period shorter than a month, or a catalogue that was corrected since: the issues are asked."""
    labelled, labels = catalogue, query.period.months
    if not query.period.whole_months:
        labelled, labels = catalogue.relabelled(Within(query.period)), frozenset([Within.IN])
    ledger = unpack_ledger(reader.position(partition).ledger)
    counts: Counter[tuple[Dimensions, str, Shape]] = Counter()
    for issue_id, state in scan_states(reader, partition):
        # As it stands now: by the clock the issue keeps, which may be an import's.
        now = max(state.clock, ledger.clock_of(state.run)) if as_of is None else as_of
        if query.known_at is None and now >= state.last[0]:
            issue = state.issue
        else:
            facts = facts_of(reader, issue_id, state)
            if query.known_at is not None:
                facts = _known(reader, facts, query.known_at, catalogue)
            issue = fold(facts, catalogue, now)
        for dimensions, shape in counted(issue_id, issue, now, labelled):
            counts[dimensions, issue.outcome, shape] += 1
    # Within one period most issues are of few shapes.
    for (dimensions, outcome, shape), count in counts.items():
        sums = within(sums_of(shape), labels)
        for line in table.lines_of(dimensions, outcome):
            add_sums(line, sums, count)


def _add_instants(
    table: Table, reader: Reader, partition: int, as_of: Instant | None, late: "Sequence[_Late]"
) -> None:
    """The oldest issue still open and the last change: what cannot be summed."""
    extremes = Extremes(reader, partition, *names_of(reader, partition), as_of)
    for row, outcome, at in extremes.last_changes():
        for line in table.lines_of(row, outcome):
            if line.last_change is None or at > line.last_change:
                line.last_change = at
    # What late events change is counted beside it: the issues are few, and one of them may be the oldest.
    changed: Counter[tuple[Dimensions, Instant]] = Counter()
    for one in late:
        for issue, times in ((one.now, -1), (one.known, 1)):
            if issue.open:
                changed[dimensions_of(one.id, issue), issue.submitted] += times
    oldest: dict[Dimensions, Instant] = {}
    for row, since, count in chain(extremes.open_since(), ((*key, 0) for key in list(changed))):
        if count + changed.pop((row, since), 0) > 0 and since < oldest.get(row, since + 1):
            oldest[row] = since
    for row, since in oldest.items():
        for line in table.lines_of(row):
            if line.oldest_open is None or since < line.oldest_open:
                line.oldest_open = since


@dataclass(frozen=True, slots=True)
class _Late:
    """An issue of which something was recorded only later, about a time before."""

    id: str
    #: As of the instant asked for, as known now.
    now: Issue
    #: The same, by what was known at the instant asked for.
    known: Issue
    catalogue: Catalogue


def _late(reader: Reader, partition: int, catalogue: Catalogue, query: Query, as_of: Instant) -> list[_Late]:
    found: list[_Late] = []
    if query.known_at is not None:
        for issue_id, packed in reader.late(partition, query.known_at):
            facts = facts_of(reader, issue_id, unpack(packed))
            known = _known(reader, facts, query.known_at, catalogue)
            found.append(
                _Late(issue_id, fold(facts, catalogue, as_of), fold(known, catalogue, as_of), catalogue)
            )
    return found


def names_of(reader: Reader, partition: int) -> tuple[dict[int, Dimensions], dict[int, Shape]]:
    """A partition's dimensions and shapes by their numbers."""
    dimensions, shapes = reader.names(partition)
    return (
        {number: unpack_dimensions(packed) for number, packed in dimensions.items()},
        {number: unpack_shape(packed) for number, packed in shapes.items()},
    )


def scan_states(reader: Reader, partition: int) -> Iterator[tuple[str, IssueState]]:
    """Every issue of a partition, once."""
    for issue_id, packed in scan_packed(reader, partition):
        yield issue_id, unpack(packed)


def scan_packed(reader: Reader, partition: int) -> Iterator[tuple[str, bytes]]:
    """The same, each state as it is stored."""
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = reader.scan(partition, cursor, SCANNED)
        yield from page


def facts_of(reader: Reader, issue_id: str, state: IssueState) -> list[Fact]:
    """All facts of an issue, those in the archive too."""
    older: Iterable[bytes] = reader.archive(issue_id) if state.segments else ()
    return all_facts(state, older)


def _known(reader: Reader, facts: list[Fact], known_at: Instant, catalogue: Catalogue) -> list[Fact]:
    """Those recorded by an instant; what a bundle heard of its parts, by what was known of them."""
    known = [fact for fact in facts if fact.recorded <= known_at and fact.kind != Kind.PART]
    children = {fact.source for fact in facts if fact.kind == Kind.PART}
    if children:
        for child, packed in reader.states(children).items():
            of_child = facts_of(reader, child, unpack(packed))
            known += parts_of(child, [fact for fact in of_child if fact.recorded <= known_at], catalogue)
    return known


def _counted_until(reader: Reader, partition: int) -> Instant:
    """Up to when what time alone changes is among a partition's movements."""
    return unpack_ledger(reader.position(partition).ledger).counted


def open_imports(reader: Reader) -> dict[str, Instant]:
    """Imports whose end is still to come, and the instant each stands at; their issues keep that clock."""
    return {
        name: run.clock
        for partition in range(reader.partitions)
        for name, run in unpack_ledger(reader.position(partition).ledger).runs.items()
        if run.open
    }


def clock_of(reader: Reader, partition: int) -> Instant:
    """The instant a partition's tables stand for."""
    return unpack_ledger(reader.position(partition).ledger).clock
