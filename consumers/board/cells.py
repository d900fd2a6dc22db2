"""The issues behind a figure: whoever counts in a line's sum, found by a pass over all of them."""

from collections.abc import Iterator

from consumers.board.answers import Cell, IssueRow
from consumers.board.view import NoView, View
from consumers.tables import NotThere, facts_of, scan_packed
from livelihood.contribution import (
    ENDINGS,
    Dimensions,
    Shape,
    counted,
    outcome_of,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)
from livelihood.event_data import OUTCOMES
from livelihood.fold import fold
from livelihood.instants import Instant
from livelihood.issue import Issue, state_at
from livelihood.ledger import unpack_ledger
from livelihood.measures import RATES, SUM, SUMS
from livelihood.movements import split_key
from livelihood.periods import Within
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.rollup import OPEN_OUTCOME, Table, within
from livelihood.state import Glimpse, IssueState, Step, all_steps, glimpse, unpack
from web.problems import no_such

#: Where something counts, and as what.
Place = tuple[Dimensions, Shape]


def _cells() -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    found = {name: (frozenset([SUM[name]]), frozenset[int]()) for name in SUMS}
    for rate, (numerator, denominator) in RATES.items():
        more, less = _signed(numerator)
        whole, _ = _signed(denominator)
        found[f"{rate}.numerator"] = more, less
        found[f"{rate}.denominator"] = whole, frozenset()
        found[f"{rate}.rest"] = (less, frozenset()) if less else (whole - more, more)
    return found


def _signed(parts: tuple[str, ...]) -> tuple[frozenset[int], frozenset[int]]:
    more = frozenset(SUM[part] for part in parts if not part.startswith("-"))
    return more, frozenset(SUM[part[1:]] for part in parts if part.startswith("-"))


#: Figure -> the sums an issue counts in that is behind it, and those it must not count in. Beside every sum
#: there are the numerator of each rate, its denominator, and the rest: what keeps it from being whole.
CELLS = _cells()


class Behind:
    """Says of an issue whether it is behind a figure of a line."""

    def __init__(self, catalogue: Catalogue, view: View, cell: Cell) -> None:
        if cell.measure not in CELLS:
            raise NoView(
                "measure", f"no issues are listed by {cell.measure[:80]!r}; docs/api.md has the names"
            )
        outcomes = (*OUTCOMES, *ENDINGS, OPEN_OUTCOME)
        if (outcome := cell.dimensions.get("outcome", OPEN_OUTCOME)) not in outcomes:
            raise NoView("outcome", no_such("outcome", outcome, outcomes), outcome)
        if view.known_at is not None:
            raise NotThere("issues are listed as known now; leave known_at out")
        self._cell = cell
        self.period = view.span(catalogue.latest)
        self.more, self.less = CELLS[cell.measure]
        self._table = Table(catalogue.latest, tuple(cell.dimensions), None, view.filters)
        self._labels = self.period.months if self.period.whole_months else frozenset([Within.IN])
        self.labelled = catalogue if self.period.whole_months else catalogue.relabelled(Within(self.period))

    def has(self, places: list[Place]) -> bool:
        """Whether an issue that counts in these places, its own first, is one of them."""
        outcome = outcome_of(places[0][1])
        sums = {
            measure
            for dimensions, shape in places
            if self.is_line(dimensions, outcome)
            for measure, amount in within(sums_of(shape), self._labels)
            if amount
        }
        return not sums.isdisjoint(self.more) and sums.isdisjoint(self.less)

    def is_line(self, dimensions: Dimensions, outcome: str) -> bool:
        """Whether issues of these dimensions count in the line."""
        return any(
            line.commitment == self._cell.commitment and line.dimensions == self._cell.dimensions
            for line in self._table.lines_of(dimensions, outcome)
        )


def read_issues(reader: Reader, catalogue: Catalogue, view: View, cell: Cell) -> list[IssueRow]:
    """All issues behind a figure, by deadline; NoView where it is none, NotThere where none can be listed."""
    behind = Behind(catalogue, view, cell)
    found = [
        row
        for partition in range(reader.partitions)
        for row in _of_partition(reader, partition, catalogue, view, behind)
    ]
    return sorted(found, key=lambda row: (row.due is None, row.due or 0, row.id))


def _of_partition(
    reader: Reader, partition: int, catalogue: Catalogue, view: View, behind: Behind
) -> Iterator[IssueRow]:
    ledger = unpack_ledger(reader.position(partition).ledger)
    dimensions, shapes = reader.names(partition)
    # Most issues count where and as others do.
    known: dict[Step, bool] = {}

    def is_behind(keys: Step) -> bool:
        found = known.get(keys)
        if found is None:
            places = [
                (unpack_dimensions(dimensions[row]), unpack_shape(shapes[shape]))
                for row, shape in map(split_key, keys)
            ]
            found = known[keys] = bool(places) and behind.has(places)
        return found

    for issue_id, packed in scan_packed(reader, partition):
        if behind.period.whole_months:
            keys = _seen(glimpse(packed), view.as_of)
            if keys is not None and not is_behind(keys):
                continue
        state = unpack(packed)
        now = max(state.clock, ledger.clock_of(state.run)) if view.as_of is None else view.as_of
        issue = _issue_at(reader, catalogue, issue_id, state, now)
        if behind.period.whole_months and (view.as_of is None or state.wake is None or now < state.wake):
            # As it was counted, which is what the table says.
            counts = is_behind(_applied(reader, issue_id, state, view.as_of))
        else:
            places = counted(issue_id, issue, now, behind.labelled)
            counts = bool(places) and behind.has(places)
        if counts:
            yield IssueRow(id=issue_id, issue=issue, state=state_at(issue, now, catalogue), due=issue.due)


def _seen(state: Glimpse, as_of: Instant | None) -> Step | None:
    """Where and as what an issue was counted at an instant, where a glimpse tells; else None."""
    if as_of is None:
        return state.trail[-1][1:] if state.trail else ()
    if not state.trail or as_of < state.trail[0][0] or (state.wake is not None and as_of >= state.wake):
        return None
    return next(step[1:] for step in reversed(state.trail) if step[0] <= as_of)


def _applied(reader: Reader, issue_id: str, state: IssueState, as_of: Instant | None) -> Step:
    """Where and as what an issue was counted at an instant."""
    if as_of is None:
        return state.applied
    older = reader.archive(issue_id) if state.segments else ()
    return next((step[1:] for step in reversed(all_steps(state, older)) if step[0] <= as_of), ())


def _issue_at(reader: Reader, catalogue: Catalogue, issue_id: str, state: IssueState, at: Instant) -> Issue:
    if at >= state.last[0]:
        return state.issue
    return fold(facts_of(reader, issue_id, state), catalogue, at)
