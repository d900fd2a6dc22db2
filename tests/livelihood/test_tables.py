import runpy
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from livelihood.tables import shipped_table
from livelihood.workcalendars import shipped_calendar

ROOT = Path(__file__).resolve().parents[2]


def test_the_tables_are_what_the_script_generates() -> None:
    generated = runpy.run_path(str(ROOT / "scripts" / "holiday_tables.py"))["modules"]()
    assert len(generated) == 2
    assert {path: path.read_text(encoding="utf-8") for path in generated} == generated


def test_the_table_of_mainland_china_agrees_with_an_independent_one_but_for_one_day() -> None:
    # 31 December 2005, a Saturday, was worked for 3 January 2006: in the notice, missing in chinesecalendar.
    calendar = shipped_calendar("cn-mainland", time_zone="Asia/Shanghai")
    days = [date(2004, 1, 1) + timedelta(days) for days in range(23 * 366)]
    differ = [
        day
        for day in days
        if day <= date(2026, 12, 31) and calendar.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert differ == [date(2005, 12, 31)]
    assert calendar.is_working_day(date(2005, 12, 31))


def test_the_table_of_mainland_china_ends_with_the_last_year_published() -> None:
    table = shipped_table("cn-mainland")
    assert table.covered_through == date(2026, 12, 31)
    assert max(table.holidays | table.make_up_days) <= table.covered_through
    assert {day.year for day in table.make_up_days} == set(range(2001, 2027))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2021, 6, 18), False),  # Juneteenth falls on a Saturday and is observed the day before
        (date(2020, 6, 19), True),  # before it was a holiday
        (date(2021, 12, 31), False),  # New Year's Day 2022, observed
        (date(2011, 7, 4), False),
        (date(2011, 7, 5), True),
        (date(2099, 12, 25), False),
    ],
)
def test_federal_holidays_are_in_the_table_on_the_day_they_are_observed(day: date, works: bool) -> None:
    calendar = shipped_calendar("us-federal", time_zone="America/New_York")
    assert calendar.is_working_day(day) == works


def test_plain_monday_to_friday_is_known_for_ever() -> None:
    assert shipped_table("monday-friday").covered_through is None
    assert not shipped_table("monday-friday").holidays
