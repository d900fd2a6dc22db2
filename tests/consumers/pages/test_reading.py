"""What pages ask of the board: each shorter way says the same as the long one."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from consumers.board.board import Board
from consumers.board.view import View
from consumers.pages.reading import Reading, rolled_up
from consumers.tables import Query, read_table
from livelihood.instants import DAY, HOUR, parse
from livelihood.periods import parse_period
from livelihood.rollup import Filters
from tests.sites import Site
from web.formats import Formats
from web.languages import load_languages

MIDNIGHT = parse("2026-02-28T00:00:00+08:00")
FORMATS = Formats(load_languages()["en"], ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def reading(mingchuan: Site) -> Iterator[Reading]:
    board = Board(mingchuan.context)
    board.start()
    yield Reading(mingchuan.context, board)
    board.close()


@pytest.mark.parametrize("filters", [Filters(), Filters(origin=("person",)), Filters(area=("riverside",))])
@pytest.mark.parametrize("as_of", [MIDNIGHT, MIDNIGHT + 3 * DAY, MIDNIGHT + 7 * HOUR])
def test_days_up_to_an_instant_are_those_that_a_look_at_the_past_finds(
    reading: Reading, as_of: int, filters: Filters
) -> None:
    view = View(as_of=as_of, filters=filters)
    found, past = reading.by_day(view, 10, FORMATS), reading.board.sparks(view, "day", 11)
    assert {code for code, one in past.items() if one.points} <= found.keys()
    is_midnight = as_of % DAY == MIDNIGHT % DAY
    for code, one in past.items():
        wanted = [(point.day, point.open, point.overdue) for point in one.points]
        # The day that has only begun has nothing of its own yet.
        wanted = wanted[:-1] if is_midnight else wanted[1:]
        got = [(point.day, point.open, point.overdue) for point in found[code].points]
        assert got[-len(wanted) :] == wanted


@pytest.mark.parametrize("by", [(), ("department",), ("origin",), ("origin", "department")])
def test_lines_put_together_are_those_of_a_coarser_table(mingchuan: Site, by: tuple[str, ...]) -> None:
    def lines(by: tuple[str, ...]) -> list[object]:
        query = Query(period=parse_period("all", FORMATS.zone.key), by=by, commitment="streets")
        found = read_table(mingchuan.engine.reader, mingchuan.context.catalogue(), query)
        return [one for one in found if one.commitment == "streets"]

    finest = lines(("department", "area", "origin"))
    assert len(finest) > len(lines(by))
    put_together = rolled_up(finest, by)  # type: ignore[arg-type]
    key = lambda line: tuple(line.dimensions.values())  # noqa: E731
    for one, other in zip(sorted(put_together, key=key), sorted(lines(by), key=key), strict=True):
        assert (one.dimensions, one.measures()) == (other.dimensions, other.measures())  # type: ignore[attr-defined]
