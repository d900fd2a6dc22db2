"""Views: from an address and back to it, and what is said of one that is none."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.board.view import NONE, NoView, View
from livelihood.catalogue import ALL
from livelihood.catalogue_reading import parse_catalogue
from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import from_datetime, parse
from livelihood.rollup import BREAKDOWNS, Filters
from tests.sites import MINGCHUAN

VERSION = parse_catalogue(MINGCHUAN)
_MOMENTS = st.none() | st.integers(from_datetime(EARLIEST), from_datetime(LATEST) - 1)
_CODES = st.lists(st.sampled_from(["", "roads", "道路", "a.b:c-1"]), max_size=3, unique=True).map(tuple)
_FILTERS = st.builds(
    Filters, department=_CODES, area=_CODES, channel=_CODES, service=_CODES, origin=_CODES, category=_CODES
)
VIEWS = st.builds(
    View,
    commitment=st.sampled_from([None, ALL, *VERSION.commitments, *VERSION.projects]),
    by=st.lists(st.sampled_from(BREAKDOWNS), unique=True).map(tuple),
    period=st.sampled_from(["all", "2026", "2026-Q1", "2026-03", "2026-W10", "2026-03-04"]),
    filters=_FILTERS,
    as_of=_MOMENTS,
    known_at=_MOMENTS,
    search=st.text(max_size=20).map(str.strip),
    sort=st.sampled_from(["", "open", "-on_time_rate"]),
    page=st.integers(1, 1_000_000),
    size=st.integers(1, 1_000),
)


def read(query: str) -> View:
    return View.parse(dict(parse_qsl(query)), VERSION)


@given(VIEWS)
def test_a_view_is_an_address_and_the_address_is_that_view(view: View) -> None:
    if view.as_of is not None and view.known_at is not None:
        view = replace(view, as_of=min(view.as_of, view.known_at))
    assert read(view.query()) == view


def test_what_is_as_usual_is_not_said() -> None:
    assert View().query() == ""
    assert read("") == View()
    assert View(by=("area", "origin"), filters=Filters(area=("", "old-town"))).query() == (
        f"by=area,origin&area={NONE},old-town"
    )


def test_moments_are_read_as_people_write_them_in_the_zone_of_the_place() -> None:
    assert read("as_of=2026-03-04").as_of == parse("2026-03-04T00:00:00+08:00")
    assert read("as_of=2026-03-04T10:00").as_of == parse("2026-03-04T10:00:00+08:00")
    # A plus that was not escaped comes as a space.
    assert read("as_of=2026-03-04T10:00+09:00").as_of == parse("2026-03-04T10:00:00+09:00")


def test_all_names_all_commitments() -> None:
    assert View.parse({}, VERSION, "all").commitment is None
    assert View.parse({}, VERSION, ALL).commitment == ALL


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=colour", "by"),
        ("period=2026-13", "period"),
        ("as_of=soon", "as_of"),
        ("known_at=2026-02-30", "known_at"),
        ("as_of=2026-03-05&known_at=2026-03-04", "as_of"),
        ("page=0", "page"),
        ("size=2000", "size"),
        ("page=٣", "page"),
        ("page=" + "1" * 5_000, "page"),
        ("as_of=9999-12-31T23:59:59-05:00", "as_of"),
        ("known_at=0001-01-01", "known_at"),
        ("period=9999-12-31", "period"),
        ("period=9999-W52", "period"),
        ("period=0001", "period"),
        ("commitment=none-such", "commitment"),
    ],
)
def test_an_address_that_names_no_view_is_said_to_with_the_parameter(query: str, field: str) -> None:
    with pytest.raises(NoView) as said:
        read(query)
    assert said.value.field == field
