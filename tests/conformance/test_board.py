"""The board on an engine: live tables are those read anew, while work goes on and after it began anew."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consumers.board.keeper import Keeper
from consumers.board.past import read_lines
from consumers.board.view import View
from livelihood.instants import HOUR
from livelihood.promises import Catalogue
from livelihood.rollup import Filters
from livelihood.snapshots import of_one_moment
from tests.conformance.test_whole import Town, event

VIEWS = [
    View(),
    View(by=("department", "outcome")),
    View(by=("area",), filters=Filters(channel=("phone",))),
    View(commitment="roads", by=("origin",)),
]


class Switched:
    """A reader in whose place another can be put, as when a store was lost and made again."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)


def catalogue_of(town: Town) -> Catalogue:
    return Catalogue(town.published)


def check(keeper: Keeper, town: Town) -> None:
    period = town.periods(town.log.look(0))[1]
    for view in [*VIEWS, *(replace(view, period=period) for view in VIEWS)]:
        kept = keeper.kept(view)
        assert kept is not None
        expected = of_one_moment(
            town.reader, lambda view=view: read_lines(town.reader, catalogue_of(town), view)
        )
        shown = [one.line for one in kept.published.lines]
        assert [one.measures() for one in shown] == [one.measures() for one in expected]
        assert [(one.commitment, one.dimensions) for one in shown] == [
            (one.commitment, one.dimensions) for one in expected
        ]


def test_live_tables_are_those_that_are_read_anew_whatever_was_counted_when(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.worker.BATCH_RECORDS", 7)
    town = Town(engine)
    town.worker.step()
    keeper = Keeper(town.reader, lambda: catalogue_of(town), lambda: None)
    keeper.look()
    check(keeper, town)
    for number in range(6):
        for _ in range(number):
            town.worker.step()
        keeper.look()
        check(keeper, town)
    town.work()
    keeper.look()
    assert not keeper.look()
    assert keeper.behind() == [0]
    check(keeper, town)


def test_data_that_were_lost_and_made_again_are_counted_from_the_first(engine: Any, tmp_path: Path) -> None:
    town, other = Town(engine), Town(engine.fresh(tmp_path / "other"))
    town.work()
    other.work()
    now = other.log.look(0)
    other.log.append([event("new", "submitted", now - HOUR, service="pothole", area="north")])
    other.work()
    reader = Switched(town.reader)
    keeper = Keeper(reader, lambda: catalogue_of(town), lambda: None)  # type: ignore[arg-type]
    keeper.look()
    kept = keeper.kept(View())
    assert kept is not None
    before = kept.published.place
    reader.reader = other.reader
    keeper.look()
    assert kept.is_gone
    check(keeper, other)
    again = keeper.kept(View())
    assert again is not None
    assert not before.is_of(again.published.place)


def test_names_are_read_by_their_numbers(engine: Any, work: Any) -> None:
    work.commit(dimensions={0: b"d0", 1: b"d1", 2: b"d2"}, shapes={0: b"s0", 1: b"s1"})
    reader = engine.reader()
    assert reader.named(0, [2, 0], [1]) == ({0: b"d0", 2: b"d2"}, {1: b"s1"})
    assert reader.named(0, [7], []) == ({}, {})
