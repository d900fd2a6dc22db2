"""What a query asks for: windows of 90 days, pages, and errors that name the parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.instants import DAY, parse
from producers.open311.documents import Trouble
from producers.open311.parameters import LONGEST_SPAN, MOST_ROWS, parameters_of, wanted_of, window_of

NOW = parse("2012-06-01T12:00:00Z")


def window(**sent: str) -> tuple[int, int]:
    found = window_of(parameters_of(sent.items()), NOW)
    return found.since, found.until


def test_without_dates_the_last_ninety_days_are_meant() -> None:
    assert window() == (NOW - 90 * DAY, NOW)
    assert window(start_date="", end_date=" ") == (NOW - 90 * DAY, NOW)


def test_one_date_alone_means_ninety_days_from_it_or_up_to_it() -> None:
    at = parse("2011-07-01T00:00:00Z")
    assert window(start_date="2011-07-01T00:00:00Z") == (at, at + 90 * DAY)
    assert window(end_date="2011-07-01T00:00:00Z") == (at - 90 * DAY, at)


def test_a_plus_that_was_not_quoted_is_understood() -> None:
    assert window(start_date="2011-07-01T08:00:00 08:00")[0] == parse("2011-07-01T00:00:00Z")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"start_date": "2011-07-01"}, "start_date"),
        ({"end_date": "2011-07-01T00:00:00"}, "end_date"),
        ({"end_date": "9999-12-31T00:00:00Z"}, "end_date"),
        ({"start_date": "2011-07-02T00:00:00Z", "end_date": "2011-07-01T00:00:00Z"}, "end_date"),
        ({"start_date": "2011-01-01T00:00:00Z", "end_date": "2011-07-01T00:00:00Z"}, "90 days"),
        ({"status": "fixed"}, "status"),
        ({"page": "0"}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"page_size": "²"}, "page_size"),
        ({"service_request_id": ",".join(map(str, range(1001)))}, "service_request_id"),
    ],
)
def test_what_cannot_be_understood_is_named(sent: dict[str, str], said: str) -> None:
    with pytest.raises(Trouble, match=said) as trouble:
        wanted_of(parameters_of(sent.items()), NOW)
    assert trouble.value.status == 400


def test_ids_override_all_else_and_lists_come_with_commas_or_one_by_one() -> None:
    pairs = [("service_code", "a,b"), ("service_code", "c"), ("status", "open,CLOSED")]
    wanted = wanted_of(parameters_of(pairs), NOW)
    assert wanted.services == ("a", "b", "c")
    assert wanted.is_open is None
    ids = wanted_of(parameters_of([("service_request_id", "1, 2,1"), ("status", "nonsense")]), NOW)
    assert ids.ids == ("1", "2")


def test_pages_follow_one_another() -> None:
    found = window_of(parameters_of([("page", "3"), ("page_size", "50")]), NOW)
    assert (found.skip, found.rows) == (100, 50)
    assert window_of({}, NOW).rows == MOST_ROWS


@given(
    st.dictionaries(
        st.sampled_from(["start_date", "end_date", "status", "page", "page_size", "service_code"]),
        st.one_of(st.text(max_size=30), st.datetimes().map(lambda one: f"{one.isoformat()}Z")),
    )
)
def test_any_query_is_a_window_of_ninety_days_at_most_or_an_error_of_its_own(sent: dict[str, str]) -> None:
    try:
        found = wanted_of(parameters_of(sent.items()), NOW).window
    except Trouble:
        return
    assert 0 <= found.until - found.since <= LONGEST_SPAN
    assert 1 <= found.rows <= MOST_ROWS
