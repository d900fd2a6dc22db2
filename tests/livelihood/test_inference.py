import csv
import gzip
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livelihood.inference import TOLERANCE, explains, fit
from livelihood.instants import DAY, MINUTE, Instant, from_datetime, parse
from livelihood.limits import Limit, due_after
from livelihood.workcalendars import shipped_calendar
from livelihood.worktime import WorkCalendar

REQUESTS = Path(__file__).resolve().parents[2] / "examples" / "boston" / "requests-2011h2.csv.gz"
ZONE = ZoneInfo("America/New_York")
CALENDAR = WorkCalendar(
    shipped_calendar(
        "monday-friday", time_zone="America/New_York", opening={"mon-fri": ["08:30-17:00"]}, cut_off="17:00"
    )
)
CHINA = WorkCalendar(
    shipped_calendar(
        "cn-mainland", time_zone="Asia/Shanghai", opening={"mon-fri": ["08:30-12:00", "14:00-17:30"]}
    )
)
MONDAY = parse("2011-07-11T10:00:00-04:00")
limits = st.one_of(
    st.integers(1, 60).map(lambda n: f"{n} working_days"),
    st.integers(1, 100).map(lambda n: f"{n} days_then_next_working"),
    st.integers(1, 400).map(lambda n: f"{n} calendar"),
    st.integers(1, 60).map(lambda n: f"{n}h calendar"),
    st.integers(1, 60).map(lambda n: f"{n}h working_hours"),
).map(Limit.parse)


@settings(max_examples=60)
@given(limits, st.sampled_from([CALENDAR, CHINA]), st.integers(0, 40 * 24 * 60))
def test_the_rule_behind_stated_deadlines_is_found_or_one_that_explains_as_many(
    limit: Limit, calendar: WorkCalendar, offset: int
) -> None:
    opened = [MONDAY + offset * MINUTE + number * 1013 * MINUTE for number in range(60)]
    stated = [(start, due_after(start, limit, calendar) - number) for number, start in enumerate(opened)]
    wrong = [
        (start, start + 77 * DAY + 12345 * MINUTE + number * DAY) for number, start in enumerate(opened[:20])
    ]
    [found] = fit([("repair", start, due) for start, due in stated + wrong], calendar)
    assert found.limit is not None
    assert found.cases == 80
    assert found.explained >= 60
    assert all(explains(found.limit, start, due, calendar, TOLERANCE) for start, due in stated)


def test_services_without_targets_or_without_a_rule_have_no_standard() -> None:
    cases: list[tuple[str, Instant, Instant | None]] = [("notice", MONDAY, None), ("notice", MONDAY, None)]
    cases += [("odd", MONDAY, MONDAY + number * 100 * MINUTE + 7 * MINUTE) for number in range(1, 9)]
    odd, notice = sorted(fit(cases, CALENDAR), key=lambda one: one.without_target)
    assert (notice.limit, notice.cases, notice.explained, notice.without_target) == (None, 0, 0, 2)
    assert odd.limit is None
    assert odd.cases == 8


def test_a_target_that_stands_for_none_is_a_case_no_rule_explains() -> None:
    never = from_datetime(datetime(9999, 12, 31, tzinfo=ZONE))
    [found] = fit([("repair", MONDAY, MONDAY + 3 * DAY)] * 3 + [("repair", MONDAY, never)], CALENDAR)
    assert (found.cases, found.explained) == (4, 3)


def test_of_rules_that_no_case_tells_apart_whole_weeks_are_taken_and_the_others_named() -> None:
    starts = [MONDAY + number * DAY for number in range(30)]
    for text, other in (("10 working_days", "14 days_then_next_working"), ("1 working_days", None)):
        cases = [("repair", start, due_after(start, Limit.parse(text), CALENDAR)) for start in starts]
        [found] = fit(cases, CALENDAR)
        assert str(found.limit) == (other or text)
    assert [str(limit) for limit in found.equally] == ["1 days_then_next_working"]


@pytest.fixture(scope="module")
def boston() -> list[tuple[str, Instant, Instant | None]]:
    def instant(text: str) -> Instant:
        return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZONE))

    with gzip.open(REQUESTS, "rt", encoding="utf-8") as lines:
        return [
            (row["type"], instant(row["open_dt"]), instant(row["target_dt"]) if row["target_dt"] else None)
            for row in csv.DictReader(lines)
        ]


def test_one_rule_per_service_explains_more_than_99_percent_of_a_real_citys_targets(
    boston: list[tuple[str, Instant, Instant | None]],
) -> None:
    found = {one.service: one for one in fit(boston, CALENDAR)}
    assert sum(one.cases for one in found.values()) == 47_270
    assert sum(one.explained for one in found.values() if one.limit) >= 0.992 * 47_270
    for service, limit in {
        "Schedule a Bulk Item Pickup": "2 working_days",
        "Request for Pothole Repair": "2 working_days",
        "Tree Emergencies": "1 working_days",
        "Building Inspection Request": "3 working_days",
        "Street Light Outages": "14 days_then_next_working",
        "Graffiti Removal": "63 days_then_next_working",
        "Unsatisfactory Living Conditions": "120 calendar",
        "Tree Maintenance Requests": "545 calendar",
        "Pothole Repair (Internal)": "None",
    }.items():
        assert str(found[service].limit) == limit


def test_days_of_24_exact_hours_would_explain_far_fewer(
    boston: list[tuple[str, Instant, Instant | None]],
) -> None:
    # Why `calendar` counts days on the calendar on the wall: 120 days over a change of the clocks.
    stated = [case for case in boston if case[0] == "Unsatisfactory Living Conditions" and case[2]]
    explained = {
        text: sum(
            explains(Limit.parse(text), start, due, CALENDAR, TOLERANCE) for _, start, due in stated if due
        )
        for text in ("120 calendar", "2880h calendar")
    }
    assert explained == {"120 calendar": 2258, "2880h calendar": 467}
