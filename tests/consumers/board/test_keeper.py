"""Live tables against tables read anew, and streams against both, whatever happened meanwhile."""

from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from consumers.board.keeper import Keeper
from consumers.board.past import read_lines
from consumers.board.places import Place, place_of
from consumers.board.shown import Published, json_of
from consumers.board.view import View
from livelihood.catalogue import NOTHING_PUBLISHED
from livelihood.promises import Catalogue
from livelihood.rollup import Line
from tests.consumers.board.towns import LIVE, SETTINGS, town_with
from tests.streams.conftest import Town, make_version
from tests.streams.test_engine import sizes, step


def plain(line: Line) -> tuple[Any, ...]:
    """A line as a value, without the sums that are nothing."""
    sums = {measure: amount for measure, amount in line.sums.items() if amount}
    return line.commitment, line.dimensions, sums, line.oldest_open, line.last_change


def keeper_of(town: Town) -> Keeper:
    return Keeper(town.reader, lambda: Catalogue(town.published or [NOTHING_PUBLISHED]), lambda: None)


def published(keeper: Keeper, view: View) -> Published:
    kept = keeper.kept(view)
    assert kept is not None
    return kept.published


class Client:
    """Follows a table by what a stream would send it, now by this server, now by that."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.lines: dict[str, bytes] = {}
        self.place: Place | None = None

    def look(self, keeper: Keeper) -> None:
        kept = keeper.kept(self.view)
        assert kept is not None
        found = kept.published
        touched = None
        if self.place is not None and self.place.is_of(found.place) and found.place.has_reached(self.place):
            touched = keeper.touched(kept, self.place, found)
        if touched is None:
            # All that there is: a snapshot.
            self.lines = {}
        for one in found.lines:
            if touched is None or one.number in touched:
                self.lines[key_of(one.line)] = one.json
        self.place = place_of(str(found.place))


def test_who_comes_again_after_another_catalogue_is_told_everything(found) -> None:
    town = found()
    old, client = keeper_of(town), Client(View(by=("origin",)))
    steps = [("tell", [("a", 0, 0, 0), ("a", 1, 0, 500)]), ("idle", 0)]
    with town_with(town, steps, (1_000, 1_000), lambda: None):
        old.look()
        client.look(old)
        before = client.place
        town.publish(make_version("2"))
        old.look()
        assert before is not None
        assert not before.is_of(published(old, client.view).place)


def key_of(line: Line) -> str:
    return repr((line.commitment, line.dimensions))


@SETTINGS
@given(st.lists(step, max_size=25), sizes, st.randoms(use_true_random=False))
def test_live_tables_are_those_that_are_read_anew(found, steps, sizes, chance) -> None:
    town = found()
    old, views = keeper_of(town), list(LIVE)
    clients = [Client(view) for view in LIVE]

    def look() -> None:
        if chance.random() < 0.5:
            old.look()
            for view in chance.sample(views, 3):
                published(old, view)
            for client in clients:
                if chance.random() < 0.3:
                    client.look(old)

    with town_with(town, steps, sizes, look):
        old.look()
        new = keeper_of(town)
        new.look()
        zone = town.catalogue.latest.time_zone
        for view in LIVE:
            expected = read_lines(town.reader, town.catalogue, view)
            for keeper in (old, new):
                there = published(keeper, view)
                assert list(map(plain, (one.line for one in there.lines))) == list(map(plain, expected)), view
                assert [one.json for one in there.lines] == [
                    json_of(line, view.by, ZoneInfo(zone)) for line in expected
                ]
                assert there.as_of == town.ledger.clock
        for client in clients:
            # A client may go on at another server.
            client.look(new)
            now = {key_of(one.line): one.json for one in published(new, client.view).lines}
            assert client.lines == now
