from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from livelihood.deadline_explained import explain_due_after
from livelihood.instants import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, parse, to_datetime
from livelihood.limits import (
    Limit,
    Unit,
    counted_start,
    due_after,
    fraction_point,
    is_provisional,
    later,
    nominal,
    shift_due,
)
from livelihood.workcalendars import shipped_calendar
from livelihood.worktime import WorkCalendar

BREAKS = {"mon-fri": ["08:30-12:00", "14:00-17:30"]}
HALF_SATURDAY = {"mon-fri": ["08:30-17:00"], "sat": ["09:30-12:00"]}


def compiled(table: str, zone: str, opening: dict[str, list[str]], cut_off: str | None) -> WorkCalendar:
    return WorkCalendar(shipped_calendar(table, time_zone=zone, opening=opening, cut_off=cut_off))


BOSTON = compiled("monday-friday", "America/New_York", {"mon-fri": ["08:30-17:00"]}, "17:00")
FEDERAL = compiled("us-federal", "America/New_York", HALF_SATURDAY, None)
CHINA = compiled("cn-mainland", "Asia/Shanghai", BREAKS, "17:00")
CALENDARS = [
    BOSTON,
    FEDERAL,
    CHINA,
    compiled("monday-friday", "America/Sao_Paulo", BREAKS, "16:00"),
    compiled("us-federal", "Australia/Lord_Howe", {"mon-sun": ["00:00-24:00"]}, "02:00"),
]
#: (calendar, a day around which its holidays, its clocks or the year do something)
SEASONS = [
    (BOSTON, date(2011, 3, 12)),
    (BOSTON, date(2011, 11, 5)),
    (FEDERAL, date(2021, 12, 30)),
    (CHINA, date(2025, 9, 29)),
    (CHINA, date(2026, 2, 12)),
    (CHINA, date(2026, 9, 28)),
    (CHINA, date(2026, 12, 30)),
    (CALENDARS[3], date(2017, 10, 14)),
    (CALENDARS[4], date(2024, 4, 6)),
]


def midnight(day: date) -> Instant:
    return from_datetime(datetime.combine(day, datetime.min.time(), UTC))


starts = st.one_of(
    st.tuples(
        st.sampled_from(CALENDARS), st.integers(midnight(date(2004, 1, 1)), midnight(date(2027, 6, 1)))
    ),
    st.sampled_from(SEASONS).flatmap(
        lambda season: st.tuples(
            st.just(season[0]),
            st.integers(-4 * 96, 8 * 96).map(lambda quarters: midnight(season[1]) + quarters * 15 * MINUTE),
        )
    ),
)
limits = st.one_of(
    st.integers(1, 40).map(lambda n: Limit(unit=Unit.WORKING_DAYS, days=n)),
    st.integers(1, 70).map(lambda n: Limit(unit=Unit.DAYS_THEN_NEXT_WORKING, days=n)),
    st.builds(
        lambda n, h, s: Limit(unit=Unit.CALENDAR, days=n, hours=h, seconds=s),
        st.integers(0, 400),
        st.integers(0, 50),
        st.integers(0, 59),
    ),
    st.builds(
        lambda h, m: Limit(unit=Unit.WORKING_HOURS, hours=h, minutes=m),
        st.integers(0, 80),
        st.integers(1, 59),
    ),
)


def due_by_walking(start: Instant, limit: Limit, calendar: WorkCalendar) -> Instant:
    """The rules day by day on the calendar on the wall; working hours on top of worktime's own oracle."""
    facts = calendar.calendar
    zone = ZoneInfo(facts.time_zone)
    local = to_datetime(start, zone).replace(tzinfo=None)
    day, time = local.date(), local.time()

    def instant() -> Instant:
        return from_datetime(datetime.combine(day, time, zone))

    if limit.unit is Unit.CALENDAR:
        if not limit.days:
            return start + limit.length
        day += timedelta(limit.days)
        return instant() + limit.length
    is_late = facts.cut_off is not None and time.hour * 60 + time.minute >= facts.cut_off
    if limit.unit is Unit.WORKING_HOURS and not (is_late and facts.is_working_day(day)):
        return calendar.add_working(start, limit.length)
    while not facts.is_working_day(day):
        day += timedelta(1)
    if is_late:
        day += timedelta(1)
        while not facts.is_working_day(day):
            day += timedelta(1)
        opens = facts.hours_on(day)[0].opens
        time = time.replace(hour=opens // 60, minute=opens % 60, second=0, microsecond=0)
    if limit.unit is Unit.WORKING_HOURS:
        return calendar.add_working(instant(), limit.length)
    left = limit.days
    while left:
        day += timedelta(1)
        left -= limit.unit is Unit.DAYS_THEN_NEXT_WORKING or facts.is_working_day(day)
    while not facts.is_working_day(day):
        day += timedelta(1)
    return instant()


@given(starts, limits)
@example((BOSTON, parse("2011-11-06T01:30:00-05:00")), Limit.parse("1 working_days"))
@example((BOSTON, parse("2011-03-11T02:30:00-05:00")), Limit.parse("2 calendar"))
def test_a_deadline_is_what_walking_through_the_days_gives(
    case: tuple[WorkCalendar, Instant], limit: Limit
) -> None:
    calendar, start = case
    assert due_after(start, limit, calendar) == due_by_walking(start, limit, calendar)


@given(starts, limits)
def test_the_explained_deadline_is_the_very_same(case: tuple[WorkCalendar, Instant], limit: Limit) -> None:
    calendar, start = case
    explained = explain_due_after(start, limit, calendar)
    assert explained.due == due_after(start, limit, calendar)
    assert explained.provisional == is_provisional(explained.due, limit, calendar)


@given(starts, limits)
def test_a_deadline_is_never_before_the_start_and_the_start_counts_no_earlier(
    case: tuple[WorkCalendar, Instant], limit: Limit
) -> None:
    calendar, start = case
    assert start <= counted_start(start, limit, calendar) <= due_after(start, limit, calendar)


@pytest.mark.parametrize(
    ("calendar", "start", "limit", "due"),
    [
        # Rows of the city's own file, and its rules.
        (BOSTON, "2011-07-01T02:18:31-04:00", "2 working_days", "2011-07-05T02:18:31-04:00"),
        (BOSTON, "2011-07-01T01:32:33-04:00", "14 days_then_next_working", "2011-07-15T01:32:33-04:00"),
        (BOSTON, "2011-07-01T17:00:00-04:00", "2 working_days", "2011-07-06T08:30:00-04:00"),
        (BOSTON, "2011-07-02T10:00:00-04:00", "1 working_days", "2011-07-05T10:00:00-04:00"),
        (BOSTON, "2011-07-02T18:00:00-04:00", "1 working_days", "2011-07-06T08:30:00-04:00"),
        (BOSTON, "2011-07-05T10:00:00-04:00", "5 days_then_next_working", "2011-07-11T10:00:00-04:00"),
        # Days keep the time of day over a change of the clocks; hours are exact.
        (BOSTON, "2011-11-04T10:00:00-04:00", "1 working_days", "2011-11-07T10:00:00-05:00"),
        (BOSTON, "2011-11-04T10:00:00-04:00", "3 calendar", "2011-11-07T10:00:00-05:00"),
        (BOSTON, "2011-11-04T10:00:00-04:00", "72h calendar", "2011-11-07T09:00:00-05:00"),
        (BOSTON, "2011-03-11T10:00:00-05:00", "3 calendar", "2011-03-14T10:00:00-04:00"),
        (BOSTON, "2011-03-11T02:30:00-05:00", "2 calendar", "2011-03-13T03:30:00-04:00"),
        # National Day and Mid-Autumn 2025: off 1 to 8 October, 28 September and 11 October worked.
        (CHINA, "2025-09-27T10:00:00+08:00", "1 working_days", "2025-09-29T10:00:00+08:00"),
        (CHINA, "2025-09-30T10:00:00+08:00", "3 working_days", "2025-10-11T10:00:00+08:00"),
        (CHINA, "2025-09-30T10:00:00+08:00", "3 days_then_next_working", "2025-10-09T10:00:00+08:00"),
        # Spring Festival 2026: off 15 to 23 February, 14 and 28 February worked.
        (CHINA, "2026-02-13T16:00:00+08:00", "4h working_hours", "2026-02-14T11:00:00+08:00"),
        (CHINA, "2026-02-14T17:10:00+08:00", "1 working_hours", "2026-02-24T09:30:00+08:00"),
        (CHINA, "2026-02-27T10:00:00+08:00", "1 working_days", "2026-02-28T10:00:00+08:00"),
        # The noon break, and a start outside hours.
        (CHINA, "2026-03-02T11:30:00+08:00", "1 working_hours", "2026-03-02T14:30:00+08:00"),
        (CHINA, "2026-03-02T13:00:00+08:00", "90m working_hours", "2026-03-02T15:30:00+08:00"),
        (CHINA, "2026-03-07T19:00:00+08:00", "30m working_hours", "2026-03-09T09:00:00+08:00"),
        (CHINA, "2026-03-02T14:00:00+08:00", "210m working_hours", "2026-03-02T17:30:00+08:00"),
        # The year's end.
        (CHINA, "2025-12-31T10:00:00+08:00", "2 working_days", "2026-01-05T10:00:00+08:00"),
        (FEDERAL, "2021-12-30T10:00:00-05:00", "1 working_days", "2022-01-03T10:00:00-05:00"),
    ],
)
def test_deadlines_worked_out_by_hand(calendar: WorkCalendar, start: str, limit: str, due: str) -> None:
    assert due_after(parse(start), Limit.parse(limit), calendar) == parse(due)


@given(limits)
def test_a_limit_written_down_is_read_as_the_same(limit: Limit) -> None:
    assert Limit.parse(str(limit)) == limit
    assert Limit.model_validate_json(limit.model_dump_json()) == limit
    assert hash(Limit.parse(str(limit))) == hash(limit)


@pytest.mark.parametrize(
    ("text", "unit", "length", "written"),
    [
        ("2 working_days", Unit.WORKING_DAYS, 2 * DAY, "2 working_days"),
        ("120 calendar", Unit.CALENDAR, 120 * DAY, "120 calendar"),
        ("36h calendar", Unit.CALENDAR, 36 * HOUR, "36h calendar"),
        ("90m calendar", Unit.CALENDAR, 90 * MINUTE, "1h30m calendar"),
        ("1d12h calendar", Unit.CALENDAR, 36 * HOUR, "1d12h calendar"),
        ("4h working_hours", Unit.WORKING_HOURS, 4 * HOUR, "4h working_hours"),
        ("4 working_hours", Unit.WORKING_HOURS, 4 * HOUR, "4h working_hours"),
        ("14 days_then_next_working", Unit.DAYS_THEN_NEXT_WORKING, 14 * DAY, "14 days_then_next_working"),
        ("0s", Unit.CALENDAR, 0, "0s calendar"),
        ("15s calendar", Unit.CALENDAR, 15 * SECOND, "15s calendar"),
    ],
)
def test_limits_are_written_short(text: str, unit: Unit, length: int, written: str) -> None:
    limit = Limit.parse(text)
    assert (limit.unit, nominal(limit), str(limit)) == (unit, length, written)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no limit"),
        ("2", "is no limit"),
        ("2d", "is no limit"),
        ("two working_days", "is no limit"),
        ("2 workdays", '"2 working_days"'),
        ("-2 working_days", "is no limit"),
        ("2.5 working_days", "is no limit"),
        ("2 working_days later", "is no limit"),
        ("2d working_hours", "write hours"),
        ("4h working_days", "counts whole days"),
        ("90m days_then_next_working", "counts whole days"),
        ("0 working_days", "at least 1"),
        ("0 working_hours", "at least 1"),
        ("99999 calendar", "less than or equal to 36500"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_a_way_to_write_it(text: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Limit.parse(text)


@given(starts, limits, st.integers(-50 * HOUR, 100 * HOUR), st.integers(0, 300 * HOUR))
def test_a_pause_moves_a_deadline_by_what_it_took_from_the_time_allowed(
    case: tuple[WorkCalendar, Instant], limit: Limit, since: int, length: int
) -> None:
    calendar, due = case
    since = due - since
    moved = shift_due(due, since, since + length, limit, calendar)
    assert moved >= due
    if since > due:
        assert moved == due
    elif limit.unit is Unit.CALENDAR:
        assert moved - due == length
    elif limit.unit is Unit.DAYS_THEN_NEXT_WORKING:
        assert moved == due if not length else moved - due >= length
        assert not length or calendar.is_working_day(to_datetime(moved, calendar.local.zone).date())
    else:
        taken = calendar.working_between(since, since + length)
        assert calendar.working_between(due, moved) == taken


@given(starts, limits, st.integers(1, 90 * HOUR), st.integers(1, 90 * HOUR), st.integers(0, 90 * HOUR))
def test_pauses_in_the_working_units_and_in_elapsed_time_add_up_whatever_their_order(
    case: tuple[WorkCalendar, Instant], limit: Limit, first: int, second: int, apart: int
) -> None:
    assume(limit.unit is not Unit.DAYS_THEN_NEXT_WORKING)
    calendar, due = case
    a = (due - first - second - apart - HOUR, due - second - apart - HOUR)
    b = (due - second - HOUR, due - HOUR)
    forward = shift_due(shift_due(due, *a, limit, calendar), *b, limit, calendar)
    backward = shift_due(shift_due(due, *b, limit, calendar), *a, limit, calendar)
    assert forward == backward


def test_pauses_worked_out_by_hand() -> None:
    due = parse("2026-03-06T10:00:00+08:00")  # a Friday
    pause = (parse("2026-03-02T16:30:00+08:00"), parse("2026-03-03T09:30:00+08:00"))  # two working hours
    for limit, moved in (
        ("4 working_days", "2026-03-06T12:00:00+08:00"),
        ("28 working_hours", "2026-03-06T12:00:00+08:00"),
        ("4 calendar", "2026-03-07T03:00:00+08:00"),
        ("4 days_then_next_working", "2026-03-09T03:00:00+08:00"),
    ):
        assert shift_due(due, *pause, Limit.parse(limit), CHINA) == parse(moved)
    assert shift_due(due, *pause, None, CHINA) == parse("2026-03-07T03:00:00+08:00")


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        shift_due(DAY, HOUR, HOUR - 1, None, CHINA)


@given(starts, limits, st.floats(0, 1), st.floats(0, 1))
def test_the_reminder_point_lies_in_the_time_allowed_and_moves_with_the_fraction(
    case: tuple[WorkCalendar, Instant], limit: Limit, one: float, other: float
) -> None:
    calendar, start = case
    due = due_after(start, limit, calendar)
    low, high = sorted((one, other))
    points = [fraction_point(start, due, fraction, limit, calendar) for fraction in (0, low, high, 1)]
    assert points == sorted(points)
    assert start <= points[0]
    assert points[-1] <= due
    if limit.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS):
        assert calendar.working_between(points[-1], due) == 0
    else:
        assert points[-1] == due


def test_reminder_points_worked_out_by_hand() -> None:
    start, due = parse("2026-03-06T16:00:00+08:00"), parse("2026-03-10T16:00:00+08:00")  # Friday to Tuesday
    assert fraction_point(start, due, 0.5, Limit.parse("2 working_days"), CHINA) == parse(
        "2026-03-09T16:00:00+08:00"
    )
    assert fraction_point(start, due, 0.5, Limit.parse("4 calendar"), CHINA) == parse(
        "2026-03-08T16:00:00+08:00"
    )
    assert fraction_point(start, due, 0.5, None, CHINA) == parse("2026-03-08T16:00:00+08:00")
    with pytest.raises(ValueError, match="between 0 and 1"):
        fraction_point(start, due, 1.1, None, CHINA)


def test_what_follows_a_deadline_knows_no_cut_off() -> None:
    closing = parse("2026-03-02T17:30:00+08:00")
    limit = Limit.parse("1 working_days")
    assert later(closing, limit, CHINA) == parse("2026-03-03T17:30:00+08:00")
    assert due_after(closing, limit, CHINA) == parse("2026-03-04T08:30:00+08:00")


@given(starts, limits)
def test_without_a_cut_off_what_follows_is_counted_like_what_was_asked(
    case: tuple[WorkCalendar, Instant], limit: Limit
) -> None:
    _, start = case
    assert later(start, limit, FEDERAL) == due_after(start, limit, FEDERAL)


def test_only_units_that_need_the_calendar_are_provisional() -> None:
    start = parse("2026-12-30T10:00:00+08:00")
    for text, provisional in (
        ("1 working_days", False),
        ("2 working_days", True),
        ("3 days_then_next_working", True),
        ("20 working_hours", True),
        ("90 calendar", False),
    ):
        limit = Limit.parse(text)
        assert is_provisional(due_after(start, limit, CHINA), limit, CHINA) is provisional
