from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livelihood.instants import DAY, HOUR, MINUTE, from_datetime, to_datetime
from livelihood.localtime import LocalTime, date_of, day_of

#: Between them: whole and half hours, changes at 00:00, 00:01 and 24:00, a skipped day, the southern half.
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
KNOWN: dict[str, LocalTime] = {}
#: (zone, a date near which its clocks changed)
CHANGES = [
    ("America/New_York", date(2011, 3, 13)),
    ("America/New_York", date(2011, 11, 6)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Havana", date(2024, 11, 3)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Europe/London", date(2024, 3, 31)),
    ("Asia/Shanghai", date(1988, 4, 17)),
]


def local_time(zone: str) -> LocalTime:
    return KNOWN.setdefault(zone, LocalTime(zone))


def midnight(day: date) -> int:
    return from_datetime(datetime.combine(day, datetime.min.time(), UTC))


instants = st.integers(midnight(date(1965, 1, 1)), midnight(date(2040, 1, 1)))
near_changes = st.sampled_from(CHANGES).flatmap(
    lambda change: st.tuples(
        st.just(change[0]), st.integers(-2 * DAY, 3 * DAY).map(lambda off: midnight(change[1]) + off)
    )
)


@given(st.one_of(near_changes, st.tuples(st.sampled_from(ZONES), instants)))
def test_an_instant_splits_into_what_the_clocks_there_show(case: tuple[str, int]) -> None:
    zone, instant = case
    day, time_of_day = local_time(zone).split(instant)
    shown = to_datetime(instant, ZoneInfo(zone)).replace(tzinfo=None)
    assert datetime.combine(date_of(day), datetime.min.time()) + timedelta(microseconds=time_of_day) == shown


@given(st.one_of(near_changes, st.tuples(st.sampled_from(ZONES), instants)))
def test_joining_what_was_split_gives_the_instant_or_the_first_that_shows_the_same(
    case: tuple[str, int],
) -> None:
    zone, instant = case
    local = local_time(zone)
    joined = local.join(*local.split(instant))
    assert joined == instant or (joined < instant and local.split(joined) == local.split(instant))


@given(near_changes, st.integers(0, 23 * 60), st.integers(1, 24 * 60))
@example(("America/St_Johns", midnight(date(2010, 11, 6))), 22 * 60, 120)
def test_spans_hold_exactly_the_minutes_at_which_the_clocks_show_those_times(
    case: tuple[str, int], start: int, length: int
) -> None:
    zone, instant = case
    local = local_time(zone)
    day, end = local.split(instant)[0], min(start + length, 24 * 60)
    spans = local.spans(day, start * MINUTE, end * MINUTE)
    noon = day * DAY + 12 * HOUR
    walked = [
        minute
        for minute in range(noon - 39 * HOUR, noon + 39 * HOUR, MINUTE)
        if local.split(minute)[0] == day and start * MINUTE <= local.split(minute)[1] < end * MINUTE
    ]
    assert [minute for first, last in spans for minute in range(first, last, MINUTE)] == walked


@pytest.mark.parametrize(
    ("day", "hour", "minute", "expected"),
    [
        (date(2011, 3, 13), 2, 30, "2011-03-13T07:30:00+00:00"),  # skipped: 03:30 summer time
        (date(2011, 11, 6), 1, 30, "2011-11-06T05:30:00+00:00"),  # twice: the first, still summer time
        (date(2011, 11, 6), 2, 0, "2011-11-06T07:00:00+00:00"),
    ],
)
def test_a_skipped_time_is_meant_after_the_change_and_a_double_one_the_first_time(
    day: date, hour: int, minute: int, expected: str
) -> None:
    joined = local_time("America/New_York").join(day_of(day), hour * HOUR + minute * MINUTE)
    assert joined == from_datetime(datetime.fromisoformat(expected))


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_time_outside_1900_to_2199_is_refused_with_a_hint(year: int) -> None:
    local = local_time("Asia/Shanghai")
    day = day_of(date(year, 6, 1))
    with pytest.raises(ValueError, match="1900 to 2199"):
        local.split(day * DAY)
    with pytest.raises(ValueError, match="1900 to 2199"):
        local.join(day, 0)
