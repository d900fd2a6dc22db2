from datetime import date

import pytest

from livelihood.deadline_explained import explain_due_after, explain_shift_due
from livelihood.deadline_steps import Deadline, Paused
from livelihood.instants import parse
from livelihood.limits import Limit, shift_due
from livelihood.workcalendars import shipped_calendar
from livelihood.worktime import WorkCalendar

# That an explained deadline is the very same as the quick one is a property in test_limits.py.

FEDERAL = WorkCalendar(
    shipped_calendar(
        "us-federal", time_zone="America/New_York", opening={"mon-fri": ["08:30-17:00"]}, cut_off="17:00"
    )
)
CHINA = WorkCalendar(
    shipped_calendar(
        "cn-mainland",
        time_zone="Asia/Shanghai",
        opening={"mon-fri": ["08:30-12:00", "14:00-17:30"]},
        cut_off="17:00",
    )
)


def codes(start: str, limit: str, calendar: WorkCalendar) -> list[str]:
    return [step.code for step in explain_due_after(parse(start), Limit.parse(limit), calendar).steps]


@pytest.mark.parametrize(
    ("calendar", "start", "limit", "expected"),
    [
        (FEDERAL, "2011-07-05T10:00:00-04:00", "2 working_days", "opened counted"),
        (FEDERAL, "2011-07-01T17:20:00-04:00", "2 working_days", "opened holidays after_cut_off counted"),
        (
            FEDERAL,
            "2011-07-02T18:20:00-04:00",
            "2 working_days",
            "opened holidays not_worked after_cut_off counted",
        ),
        (FEDERAL, "2011-07-01T10:00:00-04:00", "2 working_days", "opened holidays counted"),
        (
            FEDERAL,
            "2011-06-29T10:00:00-04:00",
            "3 days_then_next_working",
            "opened counted holidays moved_on",
        ),
        (FEDERAL, "2011-07-01T10:00:00-04:00", "30 calendar", "opened counted"),
        (FEDERAL, "2011-03-11T02:30:00-05:00", "2 calendar", "opened clock_changed counted"),
        (FEDERAL, "2011-11-04T01:30:00-04:00", "2 calendar", "opened clock_changed counted"),
        (CHINA, "2025-09-30T10:00:00+08:00", "3 working_days", "opened holidays make_up_day counted"),
        (CHINA, "2026-02-13T16:00:00+08:00", "4 working_hours", "opened make_up_day counted"),
        (CHINA, "2026-03-02T13:00:00+08:00", "1 working_hours", "opened outside_hours counted"),
        (CHINA, "2026-03-02T17:10:00+08:00", "1 working_hours", "opened after_cut_off counted"),
        (CHINA, "2026-12-30T10:00:00+08:00", "2 working_days", "opened counted not_published"),
    ],
)
def test_the_steps_say_what_led_to_the_deadline_and_nothing_else(
    calendar: WorkCalendar, start: str, limit: str, expected: str
) -> None:
    assert codes(start, limit, calendar) == expected.split()


def test_holidays_in_a_row_are_one_step_with_the_weekend_between_them() -> None:
    deadline = explain_due_after(parse("2025-09-30T10:00:00+08:00"), Limit.parse("3 working_days"), CHINA)
    holidays = deadline.steps[1]
    assert holidays.code == "holidays"
    assert (holidays.first, holidays.last) == (date(2025, 10, 1), date(2025, 10, 8))


def test_a_pause_becomes_a_step_and_may_make_the_deadline_provisional() -> None:
    limit = Limit.parse("2 working_days")
    before = explain_due_after(parse("2026-12-28T10:00:00+08:00"), limit, CHINA)
    pause = (parse("2026-12-28T14:00:00+08:00"), parse("2026-12-30T17:00:00+08:00"))
    after = explain_shift_due(before, *pause, limit, CHINA)
    assert not before.provisional
    assert after.provisional
    assert after.due == shift_due(before.due, *pause, limit, CHINA)
    assert after.steps[-2] == Paused(since=pause[0], until=pause[1], due_before=before.due, due=after.due)
    assert [step.code for step in after.steps].count("not_published") == 1
    assert [step.code for step in explain_shift_due(after, *pause, limit, CHINA).steps].count(
        "not_published"
    ) == 1


def test_a_deadline_written_as_json_has_readable_times_and_is_read_as_the_same() -> None:
    deadline = explain_due_after(parse("2025-09-30T17:10:00+08:00"), Limit.parse("3 working_days"), CHINA)
    text = deadline.model_dump_json()
    assert '"due":"2025-10-13T00:30:00Z"' in text
    assert Deadline.model_validate_json(text) == deadline
