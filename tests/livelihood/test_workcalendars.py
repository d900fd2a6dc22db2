import tomllib
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from livelihood.tables import SHIPPED, shipped_table
from livelihood.workcalendars import Calendar, Hours, shipped_calendar

BOSTON = """
code = "boston"
time_zone = "America/New_York"
opening = {mon = ["08:30-17:00"], tue = ["08:30-12:00", "14:00-17:30"], wed-fri = [["9:00", "24:00"]]}
cut_off = 17:00:00
holidays = [2011-07-04]
make_up_days = ["2011-07-09"]
covered_through = 2011-12-31
"""


def built(**changes: Any) -> Calendar:
    return Calendar.model_validate(tomllib.loads(BOSTON) | changes)


def test_a_calendar_is_read_as_a_catalogue_writes_it() -> None:
    calendar = built()
    assert calendar.opening["tue"] == (Hours(510, 720), Hours(840, 1050))
    assert calendar.opening["fri"] == (Hours(540, 1440),)
    assert calendar.cut_off == 17 * 60
    assert "sat" not in calendar.opening


def test_a_calendar_written_back_is_read_as_the_same() -> None:
    calendar = built()
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
    assert Calendar.model_validate(calendar.model_dump()) == calendar
    assert calendar.model_dump()["opening"]["mon"] == ["08:30-17:00"]


def test_holidays_are_not_worked_and_make_up_days_have_the_first_working_weekdays_hours() -> None:
    calendar = built()
    assert not calendar.is_working_day(date(2011, 7, 4))
    assert calendar.hours_on(date(2011, 7, 4)) == ()
    assert calendar.hours_on(date(2011, 7, 9)) == calendar.opening["mon"]
    assert calendar.hours_on(date(2011, 7, 10)) == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"opening": {}}, "opening hours are missing"),
        ({"opening": {"mon": []}}, "no weekday has opening hours"),
        ({"opening": {"monday": ["08:30-17:00"]}}, "write mon, tue"),
        ({"opening": {"fri-mon": ["08:30-17:00"]}}, "is no weekday"),
        ({"opening": {"mon-fri": ["08:30-17:00"], "tue": ["09:00-12:00"]}}, "tue are given twice"),
        ({"opening": {"mon": "08:30-17:00"}}, "must be a list"),
        ({"opening": {"mon": ["08:30"]}}, 'for instance "08:30-12:00"'),
        ({"opening": {"mon": ["17:00-08:30"]}}, "split hours that pass midnight"),
        ({"opening": {"mon": ["08:30-08:30"]}}, "do not end after they begin"),
        ({"opening": {"mon": ["08:30-25:00"]}}, "'25:00' is no time of day"),
        ({"opening": {"mon": ["08:30-24:30"]}}, "'24:30' is no time of day"),
        ({"opening": {"mon": ["08:30-12:00", "11:00-17:00"]}}, "08:30-12:00 and 11:00-17:00 of mon overlap"),
        ({"cut_off": "5 pm"}, "is no time of day"),
        ({"cut_off": "08:30"}, "not after the opening at 08:30 on mon"),
        ({"time_zone": "Boston"}, "for instance Asia/Shanghai"),
        ({"make_up_days": ["2011-07-04"]}, "both a holiday and a make-up day"),
        ({"covered_through": "2011-06-30"}, "2011-07-09 is listed, but covered_through is 2011-06-30"),
        ({"include": "france"}, "use one of cn-mainland, monday-friday, us-federal"),
        ({"include": "us-federal", "holidays": 4}, "lists of dates"),
        ({"lunch": "12:00"}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        built(**changes)


@pytest.mark.parametrize("table", SHIPPED)
def test_a_shipped_table_is_copied_into_the_calendar(table: str) -> None:
    calendar = shipped_calendar(table, time_zone="UTC")
    assert calendar.holidays == shipped_table(table).holidays
    assert calendar.make_up_days == shipped_table(table).make_up_days
    assert calendar.covered_through == shipped_table(table).covered_through


def test_days_listed_beside_an_included_table_win_over_it() -> None:
    calendar = Calendar.model_validate(
        {
            "code": "town",
            "time_zone": "Asia/Shanghai",
            "include": "cn-mainland",
            "opening": {"mon-fri": ["09:00-17:00"]},
            "holidays": ["2025-10-11", "2025-12-24"],
            "make_up_days": ["2025-10-08"],
        }
    )
    assert not calendar.is_working_day(date(2025, 10, 11))
    assert not calendar.is_working_day(date(2025, 12, 24))
    assert calendar.is_working_day(date(2025, 10, 8))
    assert not calendar.is_working_day(date(2025, 10, 7))


def test_an_unknown_shipped_table_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="cn-mainland, monday-friday, us-federal"):
        shipped_table("mars")


def test_a_shipped_table_needs_no_opening_hours_beside_it() -> None:
    calendar = Calendar.model_validate({"code": "cn", "time_zone": "Asia/Shanghai", "include": "cn-mainland"})
    assert calendar.opening["fri"] == (Hours(540, 1020),)
    assert "sat" not in calendar.opening
