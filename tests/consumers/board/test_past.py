"""Series, months and the issues behind figures, against tables and a plain recount."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from consumers.board.answers import Cell, Point, Unit
from consumers.board.cells import CELLS, read_issues
from consumers.board.days import points_of
from consumers.board.keeper import Keeper
from consumers.board.past import Added, days_of, is_counted, months_of, read_days, read_lines, read_months
from consumers.board.view import View
from consumers.tables import read_table
from livelihood.catalogue import ALL
from livelihood.contribution import counted, outcome_of, sums_of
from livelihood.instants import DAY, HOUR, Instant, from_datetime, to_datetime
from livelihood.measures import SUM
from livelihood.movements import columns, split_key
from livelihood.rollup import Filters, Line, within
from tests.consumers.board.towns import SETTINGS, town_with
from tests.streams.conftest import Town
from tests.streams.test_engine import Labels, Oracle, sizes, step

VIEWS = [View(), View(filters=Filters(department=("roads",))), View(commitment="roads"), View(commitment=ALL)]


def nobody() -> None:
    """Looks at nothing on the way."""


def sums_of_line(town: Town, view: View) -> dict[str, dict[str, int]]:
    """Commitment -> measure -> count, read anew."""
    query = replace(view.table_query(town.catalogue.latest), instants=False)
    lines = read_table(town.reader, town.catalogue, query)
    return {line.commitment: {name: line.sums.get(SUM[name], 0) for name in SUM} for line in lines}


def end_of(day: str, zone: ZoneInfo) -> Instant:
    after = date.fromisoformat(day) + timedelta(days=1)
    return from_datetime(datetime(after.year, after.month, after.day, tzinfo=zone)) - 1


@SETTINGS
@given(
    st.lists(step, min_size=5, max_size=25),
    sizes,
    st.sampled_from(VIEWS[:2]),
    st.sampled_from([0, 7 * HOUR, 2 * DAY]),
)
def test_a_series_says_day_by_day_what_the_tables_of_these_days_say(
    found: Callable[[], Town],
    steps: list[tuple[str, object]],
    sizes: tuple[int, int],
    view: View,
    ago: Instant,
) -> None:
    with town_with(found(), steps, sizes, nobody) as town:
        zone = ZoneInfo(town.catalogue.latest.time_zone)
        # What is said of now may be a few minutes ahead.
        moved = (at for page in town.reader.movements(0) for at in columns(page)[0])
        as_of = town.ledger.live - ago if ago else max([town.ledger.live, *moved])
        asked = replace(view, as_of=as_of) if ago else view
        last = to_datetime(as_of, zone).toordinal()
        added = read_days(town.reader, town.catalogue, asked)
        for commitment, days in added.items():
            points = points_of(days, "day", None, last)
            for point in points:
                if date.fromisoformat(point.day).toordinal() not in days and point is not points[-1]:
                    continue
                until = min(end_of(point.day, zone), as_of)
                of_day = sums_of_line(town, replace(view, period=point.day, as_of=as_of))[commitment]
                then = sums_of_line(town, replace(view, as_of=until))[commitment]
                assert point.received == of_day["received"]
                assert (point.open, point.overdue) == (then["open"], then["overdue"])
            resolved = sum(point.resolved for point in points)
            now = sums_of_line(town, replace(view, as_of=as_of))[commitment]
            assert resolved == now["resolved"]
            assert sum(point.received for point in points) == now["received"]
            check_units(days, points, last)
        if not ago:
            assert added == kept_days(town, view)


def check_units(days: dict[int, list[int]], points: list[Point], last: int) -> None:
    """Weeks and months hold the days they are made of."""
    units: tuple[Unit, ...] = ("week", "month")
    for unit in units:
        together = points_of(days, unit, None, last)
        assert sum(point.received for point in together) == sum(point.received for point in points)
        assert sum(point.resolved for point in together) == sum(point.resolved for point in points)
        assert together[-1:] == [] or (together[-1].open, together[-1].overdue) == (
            points[-1].open,
            points[-1].overdue,
        )


def kept_days(town: Town, view: View) -> Added:
    keeper = keeper_of(town)
    with keeper.held() as held:
        assert held is not None
        cube, _ = held
        return days_of(cube.days, enumerate(cube.names.dimensions), town.catalogue, view)


def keeper_of(town: Town) -> Keeper:
    keeper = Keeper(town.reader, lambda: town.catalogue, lambda: None)
    keeper.look()
    return keeper


@SETTINGS
@given(st.lists(step, max_size=15), sizes, st.sampled_from(VIEWS), st.sampled_from([0, 7 * HOUR, 2 * DAY]))
def test_months_are_the_tables_of_these_months(
    found: Callable[[], Town],
    steps: list[tuple[str, object]],
    sizes: tuple[int, int],
    view: View,
    ago: Instant,
) -> None:
    with town_with(found(), steps, sizes, nobody) as town:
        catalogue, now = town.catalogue, town.ledger.live
        for asked in (view, replace(view, as_of=now - ago), replace(view, known_at=now - ago)):
            months = read_months(town.reader, catalogue, asked)
            for month in {"2026-01", "2026-02", "2026-03", *months}:
                expected = sums_of_line(town, replace(asked, period=month))[view.commitment or ALL]
                line = months.get(month, Line("", {}))
                for name, amount in expected.items():
                    if month in months or name not in ("open", "due_soon", "overdue"):
                        assert line.sums.get(SUM[name], 0) == amount, (month, name)
        assert {month: line.sums for month, line in kept_months(town, view).items()} == {
            month: line.sums for month, line in read_months(town.reader, catalogue, view).items()
        }


def kept_months(town: Town, view: View) -> dict[str, Line]:
    with keeper_of(town).held() as held:
        assert held is not None
        names, counts = held[0].names, held[0].counts
        placed = ((split_key(key), count) for key, count in counts.items())
        of_view = (
            (names.shapes[shape], count)
            for (row, shape), count in placed
            if is_counted(names.dimensions[row], town.catalogue, view)
        )
        return months_of(of_view, view.span(town.catalogue.latest), view.commitment or ALL)


@SETTINGS
@given(
    st.lists(step, max_size=15),
    sizes,
    st.sampled_from(["all", "2026-02", "2026-W09", "2026-02-27"]),
    st.sampled_from([None, 0, 7 * HOUR, 2 * DAY, -5 * HOUR]),
)
def test_the_issues_behind_a_figure_are_those_that_a_recount_counts_in_it(
    found: Callable[[], Town],
    steps: list[tuple[str, object]],
    sizes: tuple[int, int],
    period: str,
    ago: Instant | None,
) -> None:
    with town_with(found(), steps, sizes, nobody) as town:
        as_of = None if ago is None else town.ledger.live - ago
        view = View(period=period, as_of=as_of)
        oracle = Oracle(town)
        labels = Labels(view.span(town.catalogue.latest), town.catalogue.latest.time_zone)
        catalogue = town.catalogue.relabelled(labels)
        for line in read_lines(town.reader, town.catalogue, replace(view, by=("department", "outcome"))):
            for measure, (more, less) in list(CELLS.items())[::3]:
                cell = Cell(commitment=line.commitment, dimensions=line.dimensions, measure=measure)
                rows = read_issues(town.reader, town.catalogue, view, cell)
                expected = set()
                for issue_id, issue, at in oracle.folded(as_of, None):
                    sums = {
                        measure
                        for row, shape in counted(issue_id, issue, at, catalogue)
                        for measure, amount in within(sums_of(shape), ["in"])
                        if amount and of_line(row, outcome_of(shape), line)
                    }
                    if sums & more and not sums & less:
                        expected.add(issue_id)
                assert {row.id for row in rows} == expected, (cell, view)
                assert len(rows) == len(expected)


def of_line(row: object, outcome: str, line: Line) -> bool:
    """Whether issues of these dimensions and this outcome count in a line."""
    said = {"department": row.department, "outcome": outcome or "open"}
    commitment, part = row.commitment, row.part
    if line.commitment not in (ALL if not part else "", commitment):
        return False
    return all(said[name] == value for name, value in line.dimensions.items())
