from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livelihood.instants import DAY, HOUR, MINUTE, from_datetime, to_datetime
from livelihood.workcalendars import WEEKDAYS, Calendar, shipped_calendar
from livelihood.worktime import WorkCalendar

BREAKS = {"mon-fri": ["08:30-12:00", "14:00-17:30"]}
AROUND_THE_CLOCK = {"mon-sun": ["00:00-24:00"]}
NIGHTS = {"mon": ["22:00-24:00"], "tue-sat": ["00:00-03:30", "22:00-24:00"], "sun": ["00:00-03:30"]}

#: (calendar, a date around which its zone's clocks or its holidays do something)
PLACES = [
    (shipped_calendar("us-federal", time_zone="America/New_York", opening=BREAKS), date(2011, 3, 13)),
    (
        shipped_calendar("us-federal", time_zone="America/New_York", opening=AROUND_THE_CLOCK),
        date(2011, 11, 6),
    ),
    (shipped_calendar("us-federal", time_zone="America/New_York", opening=NIGHTS), date(2011, 3, 13)),
    (shipped_calendar("monday-friday", time_zone="America/St_Johns", opening=NIGHTS), date(2010, 11, 7)),
    (shipped_calendar("cn-mainland", time_zone="Asia/Shanghai", opening=BREAKS), date(2025, 10, 1)),
    (shipped_calendar("cn-mainland", time_zone="Asia/Shanghai", opening=BREAKS), date(2026, 2, 14)),
    (shipped_calendar("cn-mainland", time_zone="Asia/Shanghai", opening=BREAKS), date(2026, 12, 30)),
    (
        shipped_calendar("monday-friday", time_zone="Pacific/Apia", opening=AROUND_THE_CLOCK),
        date(2011, 12, 29),
    ),
    (shipped_calendar("monday-friday", time_zone="Australia/Lord_Howe", opening=NIGHTS), date(2024, 4, 7)),
    (shipped_calendar("monday-friday", time_zone="America/Sao_Paulo", opening=NIGHTS), date(2017, 10, 15)),
]
COMPILED = [(WorkCalendar(calendar), day) for calendar, day in PLACES]
cases = st.sampled_from(COMPILED).flatmap(
    lambda place: st.tuples(
        st.just(place[0]),
        st.integers(-3 * 24 * 60, 6 * 24 * 60).map(lambda minutes: midnight(place[1]) + minutes * MINUTE),
    )
)


def midnight(day: date) -> int:
    return from_datetime(datetime.combine(day, datetime.min.time(), UTC))


def works(calendar: Calendar, day: date) -> bool:
    """The rule in its plainest form."""
    if day in calendar.make_up_days:
        return True
    return day not in calendar.holidays and WEEKDAYS[day.weekday()] in calendar.opening


def is_open(calendar: Calendar, minute: int) -> bool:
    """Whether the offices are open during the minute that begins at an instant, asked of the clock there."""
    local = to_datetime(minute, ZoneInfo(calendar.time_zone))
    if not works(calendar, local.date()):
        return False
    hours = calendar.opening.get(WEEKDAYS[local.weekday()]) or calendar.opening["mon"]
    return any(opens <= local.hour * 60 + local.minute < closes for opens, closes in hours)


@settings(max_examples=60)
@given(cases, st.integers(0, 8 * 24 * 60))
def test_working_time_is_the_number_of_minutes_at_which_the_offices_are_open(
    case: tuple[WorkCalendar, int], minutes: int
) -> None:
    calendar, since = case
    until = since + minutes * MINUTE
    walked = sum(is_open(calendar.calendar, minute) for minute in range(since, until, MINUTE))
    assert calendar.working_between(since, until) == walked * MINUTE
    assert calendar.working_between(until, since) == -walked * MINUTE


@settings(max_examples=60)
@given(cases, st.integers(1, 24 * 60))
def test_adding_working_time_walks_through_so_many_open_minutes(
    case: tuple[WorkCalendar, int], minutes: int
) -> None:
    calendar, since = case
    at, left = since, minutes
    while left:
        left -= is_open(calendar.calendar, at)
        at += MINUTE
    assert calendar.add_working(since, minutes * MINUTE) == at


@given(cases, st.integers(0, 200 * HOUR), st.integers(0, 200 * HOUR))
def test_working_time_adds_up_to_the_microsecond(
    case: tuple[WorkCalendar, int], first: int, second: int
) -> None:
    calendar, since = case
    end = calendar.add_working(since, first)
    assert calendar.working_between(since, end) == first
    assert calendar.add_working(end, second) == calendar.add_working(since, first + second)
    if first:
        assert calendar.working_between(since, end - 1) == first - 1


@given(cases)
def test_the_next_opening_is_the_instant_itself_while_the_offices_are_open(
    case: tuple[WorkCalendar, int],
) -> None:
    calendar, instant = case
    opening = calendar.next_open(instant)
    assert is_open(calendar.calendar, opening)
    assert (opening == instant) == is_open(calendar.calendar, instant)
    assert calendar.working_between(instant, opening) == 0


@given(
    st.sampled_from([place for place, _ in COMPILED if place.calendar.time_zone != "Pacific/Apia"]),
    st.dates(date(2005, 1, 1), date(2030, 12, 31)),
    st.integers(0, 40),
)
def test_working_days_are_found_as_by_walking(calendar: WorkCalendar, day: date, n: int) -> None:
    walked, left = day, n
    while not works(calendar.calendar, walked) or left:
        left -= works(calendar.calendar, walked)
        walked += timedelta(1)
    assert calendar.nth_working_day(day, n) == walked
    assert calendar.is_working_day(day) == works(calendar.calendar, day)


def test_a_day_the_zone_skipped_is_no_working_day() -> None:
    samoa = WorkCalendar(shipped_calendar("monday-friday", time_zone="Pacific/Apia"))
    assert samoa.is_working_day(date(2011, 12, 29))
    assert not samoa.is_working_day(date(2011, 12, 30))
    assert samoa.nth_working_day(date(2011, 12, 29), 1) == date(2012, 1, 2)


def test_the_order_of_questions_changes_no_answer() -> None:
    asked = [(WorkCalendar(PLACES[4][0]), order) for order in ([2011, 2059, 1950], [1950, 2011, 2059])]
    answers = [
        {
            year: calendar.working_between(midnight(date(year, 1, 1)), midnight(date(year, 6, 1)))
            for year in order
        }
        for calendar, order in asked
    ]
    assert answers[0] == answers[1]


def test_what_lies_past_the_published_holidays_is_provisional() -> None:
    china = WorkCalendar(shipped_calendar("cn-mainland", time_zone="Asia/Shanghai"))
    new_year = from_datetime(datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert not china.provisional(new_year - 1)
    assert china.provisional(new_year)
    plain = WorkCalendar(shipped_calendar("monday-friday", time_zone="Asia/Shanghai"))
    assert not plain.provisional(midnight(date(2150, 1, 1)))


def test_counts_that_leave_the_years_1900_to_2199_are_refused() -> None:
    calendar = WorkCalendar(PLACES[0][0])
    late = midnight(date(2199, 12, 20))
    for ask in (
        lambda: calendar.add_working(late, 100 * DAY),
        lambda: calendar.nth_working_day(date(2199, 12, 20), 30),
        lambda: calendar.working_between(late, late + 400 * DAY),
        lambda: calendar.nth_working_day(date(1, 1, 1), 1),
    ):
        with pytest.raises(ValueError, match="1900 to 2199"):
            ask()


def test_a_negative_length_of_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        COMPILED[0][0].add_working(0, -1)
