from collections.abc import Callable
from typing import Any

import pytest

from livelihood.events import Kind
from livelihood.instants import DAY, iso, parse
from producers.mapping import Mapping, parse_mapping
from producers.rows import Reject, Request, RowReader
from producers.tables import Row

Cells = Callable[..., list[str]]
Read = Callable[..., Request | Reject]


@pytest.fixture
def read(mapping: Mapping, columns: list[str], cells: Cells, now: int) -> Read:
    reader = RowReader(mapping, columns, now)
    return lambda **changed: reader.read(Row(line=7, values=cells(**changed)))


def submitted(request: Request | Reject) -> Any:
    assert isinstance(request, Request)
    return request.events[0].data


def test_a_row_becomes_a_submission_and_how_it_ended(read: Read) -> None:
    request = read()
    assert isinstance(request, Request)
    first, last = request.events
    assert (first.id, first.subject, first.source) == ("1:submitted", "1", "/imports/town")
    assert (first.kind, last.kind) == (Kind.SUBMITTED, Kind.RESOLVED)
    assert first.time.isoformat() == "2011-07-01T12:00:00+00:00"
    assert first.recorded == first.time
    assert last.id == "1:resolved"
    data = submitted(request)
    assert (data.service, data.department, data.area) == (
        "request-for-pothole-repair",
        "PWDx",
        "jamaica-plain",
    )
    assert first.channel == last.channel == "self-service"
    assert data.target.isoformat() == "2011-07-05T12:00:00+00:00"
    assert data.target_stated
    assert last.data.outcome == "fixed"  # type: ignore[attr-defined]
    assert request.label is True


def test_an_empty_target_means_that_none_was_promised(read: Read) -> None:
    assert submitted(read(target="")).target is None
    assert submitted(read(target="")).target_stated


def test_free_text_reaches_no_event(read: Read) -> None:
    request = read(how="call Ann at 617 555 0100, ann@example.org")
    assert isinstance(request, Request)
    text = b"".join(event.to_json() for event in request.events)
    assert b"617" not in text
    assert b"ann" not in text.lower().replace(b"channel", b"")


@pytest.mark.parametrize(
    ("changed", "reason", "column"),
    [
        ({"id": " "}, "missing_id", "id"),
        ({"id": "##"}, "missing_id", "id"),
        ({"id": "x" * 200}, "bad_id", "id"),
        ({"opened": ""}, "missing_time", "opened"),
        ({"opened": "yesterday"}, "unreadable_time", "opened"),
        ({"closed": "2011-02-30 00:00:00"}, "unreadable_time", "closed"),
        ({"target": "soon"}, "unreadable_time", "target"),
        ({"closed": "2011-06-30 08:00:00"}, "closed_before_opened", "closed"),
        ({"closed": ""}, "closed_without_time", "closed"),
        ({"opened": "2013-01-01 00:00:00", "closed": "", "status": "Open"}, "in_the_future", "opened"),
        ({"closed": "2013-01-01 00:00:00"}, "in_the_future", "closed"),
        ({"service": ""}, "missing_service", "service"),
        ({"channel": ""}, "missing_channel", "channel"),
        ({"status": "Lost"}, "unknown_status", "status"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_reason_and_column(
    read: Read, changed: dict[str, str], reason: str, column: str
) -> None:
    reject = read(**changed)
    assert isinstance(reject, Reject)
    assert (reject.line, reject.reason, reject.column) == (7, reason, column)


def test_a_reject_holds_none_of_the_cells_but_the_id(read: Read) -> None:
    assert read(opened="call 617 555 0100") == Reject(
        line=7, reason="unreadable_time", column="opened", id="1"
    )


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"target": "2059-12-31 19:00:00"}, "target_far"),
        ({"target": "2011-06-30 08:00:00"}, "target_before_opening"),
        ({"status": "Open"}, "open_with_closing_time"),
    ],
)
def test_a_strange_row_is_imported_and_said_to_be_strange(
    read: Read, changed: dict[str, str], doubt: str
) -> None:
    request = read(**changed)
    assert isinstance(request, Request)
    assert request.doubts == (doubt,)


@pytest.mark.parametrize(("word", "kind"), [("Refused", Kind.REJECTED), ("Cancelled", Kind.WITHDRAWN)])
def test_the_status_tells_how_it_ended(read: Read, word: str, kind: Kind) -> None:
    request = read(status=word)
    assert isinstance(request, Request)
    assert request.events[-1].kind == kind


def test_staff_withdraw_only_by_a_confirmed_call(read: Read) -> None:
    for channel, confirmed in (("Self Service", False), ("Crew", True)):
        request = read(status="Cancelled", channel=channel)
        assert isinstance(request, Request)
        assert request.events[-1].data.confirmed_call is confirmed  # type: ignore[attr-defined]


def test_an_id_that_no_issue_may_have_is_made_one_and_kept_as_the_channels_number(read: Read) -> None:
    request = read(id="2011/07 #4~2")
    assert isinstance(request, Request)
    assert request.id == "2011-07-4-2"
    assert submitted(request).number == "2011/07 #4~2"
    assert submitted(read()).number is None


def test_a_row_with_a_fault_is_rejected_for_it(mapping: Mapping, columns: list[str], now: int) -> None:
    reader = RowReader(mapping, columns, now)
    reject = reader.read(Row(line=3, values=["1"], fault="wrong_columns"))
    assert reject == Reject(line=3, reason="wrong_columns")


def test_events_may_be_recorded_when_they_are_imported(
    mapping: Mapping, columns: list[str], cells: Cells, now: int
) -> None:
    reader = RowReader(mapping.model_copy(update={"recorded": "import"}), columns, now)
    request = reader.read(Row(line=2, values=cells()))
    assert isinstance(request, Request)
    assert {event.recorded.isoformat() for event in request.events if event.recorded} == {
        "2012-06-01T12:00:00+00:00"
    }


DATES = """
name = "dates"
time_zone = "America/Chicago"
id = "CASE ID"
channel = {code = "web"}
service = {code = "pothole"}
outcome = {default = "fixed"}
coordinates = {latitude = "LAT", longitude = "LON", decimals = 2, bounds = [38.0, -95.0, 40.0, -94.0]}
[opened]
columns = ["DAY", "HOUR"]
formats = ["%m/%d/%y %I:%M %p"]
[closed]
columns = ["CLOSED"]
formats = ["%m/%d/%y"]
days_after_opening = "DAYS"
"""


def dated(now: str, *values: str) -> Request | Reject:
    mapping = parse_mapping(DATES, "dates")
    reader = RowReader(mapping, ["CASE ID", "DAY", "HOUR", "CLOSED", "DAYS", "LAT", "LON"], parse(now))
    return reader.read(Row(line=2, values=list(values)))


def ended(request: Request | Reject) -> str:
    assert isinstance(request, Request)
    return iso(round(request.events[-1].time.timestamp()) * 1_000_000)


def test_a_date_and_a_time_column_are_one_time_and_a_closing_date_is_the_end_of_its_day() -> None:
    request = dated(
        "2021-01-01T00:00:00Z", "7", "1/7/20", "12:59 PM", "1/7/20", "0", "39.014495", "-94.527365"
    )
    assert isinstance(request, Request)
    assert request.events[0].time.isoformat() == "2020-01-07T18:59:00+00:00"
    assert ended(request) == "2020-01-08T05:59:59Z"
    assert (submitted(request).latitude, submitted(request).longitude) == (39.01, -94.53)


def test_where_the_closing_date_is_empty_the_days_to_close_tell_it() -> None:
    assert (
        ended(dated("2021-01-01T00:00:00Z", "7", "1/7/20", "12:59 PM", "", "36", "", ""))
        == "2020-02-13T05:59:59Z"
    )
    open_ = dated("2021-01-01T00:00:00Z", "7", "1/7/20", "12:59 PM", "", "", "", "")
    assert isinstance(open_, Request)
    assert len(open_.events) == 1
    assert dated("2021-01-01T00:00:00Z", "7", "1/7/20", "12:59 PM", "", "many", "", "") == Reject(
        line=2, reason="unreadable_time", column="DAYS", id="7"
    )


def test_a_closing_dated_today_is_not_in_the_future() -> None:
    values = ("7", "1/7/20", "12:59 PM", "1/7/20", "0", "", "")
    assert isinstance(dated("2020-01-07T19:00:00Z", *values), Request)
    assert isinstance(dated("2020-01-06T19:00:00Z", *values), Reject)


@pytest.mark.parametrize(
    "place", [("35.797519", "-103.890579"), ("north", "west"), ("nan", "nan"), ("inf", "0")]
)
def test_a_place_out_of_bounds_is_left_out_and_reported(place: tuple[str, str]) -> None:
    request = dated("2021-01-01T00:00:00Z", "7", "1/7/20", "12:59 PM", "", "", *place)
    assert isinstance(request, Request)
    assert request.doubts == ("point_out_of_bounds",)
    assert submitted(request).latitude is None


def test_how_far_a_target_may_lie_is_the_mappings_to_say(
    mapping: Mapping, columns: list[str], cells: Cells, now: int
) -> None:
    reader = RowReader(mapping.model_copy(update={"farthest_target_days": 3}), columns, now)
    request = reader.read(Row(line=2, values=cells()))
    assert isinstance(request, Request)
    assert request.doubts == ("target_far",)
    assert now % DAY  # the instant of the tests is in the middle of a day
