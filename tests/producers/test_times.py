from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.instants import from_datetime, iso, parse
from producers.times import LocalTimes, UnreadableTime

BOSTON = "America/New_York"


def read(text: str, *formats: str, day: str = "start", zone: str = BOSTON) -> str:
    return iso(LocalTimes(formats or ("%Y-%m-%d %H:%M:%S",), zone, day).read(text))  # type: ignore[arg-type]


def test_a_local_time_takes_the_offset_of_its_day() -> None:
    assert read("2011-07-01 08:30:00") == "2011-07-01T12:30:00Z"
    assert read("2011-12-01 08:30:00") == "2011-12-01T13:30:00Z"


def test_an_hour_the_clocks_repeat_is_its_first_pass() -> None:
    assert read("2011-11-06 01:30:00") == "2011-11-06T05:30:00Z"


def test_an_hour_the_clocks_skip_is_shifted_forward() -> None:
    assert read("2011-03-13 02:30:00") == "2011-03-13T07:30:00Z"  # 03:30 by the moved clock


def test_a_date_without_a_time_lies_at_the_side_of_the_day_asked_for() -> None:
    assert read("1/30/20", "%m/%d/%y", zone="UTC") == "2020-01-30T00:00:00Z"
    assert read("1/30/20", "%m/%d/%y", day="end", zone="UTC") == "2020-01-30T23:59:59Z"
    assert read("2020-01-30", "%Y-%m-%d", day="end", zone="UTC") == "2020-01-30T23:59:59Z"


def test_formats_are_tried_in_order() -> None:
    assert read("02/01/2020 00:00", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", zone="UTC").startswith("2020-01-02")
    assert read("02/28/2020 00:00", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", zone="UTC").startswith("2020-02-28")


def test_an_offset_in_the_text_counts_where_the_format_is_iso() -> None:
    assert read("2011-07-01T08:30:00+08:00", "iso") == "2011-07-01T00:30:00Z"
    assert read("2011-07-01T08:30:00.250", "iso") == "2011-07-01T12:30:00.250000Z"


@pytest.mark.parametrize("text", ["", "never", "2011-02-30 00:00:00", "2011-07-01", "2011-07-01 08:30:00 "])
def test_a_text_that_fits_no_format_is_refused(text: str) -> None:
    with pytest.raises(UnreadableTime, match="fits none of the formats"):
        read(text)


def test_a_time_that_has_no_utc_counterpart_is_refused() -> None:
    with pytest.raises(UnreadableTime, match="outside the years"):
        read("9999-12-31 23:00:00")


def test_days_are_counted_on_the_local_date() -> None:
    times = LocalTimes(("%m/%d/%y",), "America/Chicago", "end")
    opened = parse("2020-01-07T23:30:00-06:00")  # already the 8th in UTC
    assert iso(times.days_later(opened, 0)) == "2020-01-08T05:59:59Z"
    assert iso(times.days_later(opened, 36)) == "2020-02-13T05:59:59Z"


@given(st.integers(0, 4_000_000_000))
def test_the_quick_path_reads_what_strptime_reads(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    quick = LocalTimes(("%Y-%m-%d %H:%M:%S",), "UTC", "start")
    slow = LocalTimes(("%H:%M:%S %Y-%m-%d",), "UTC", "start")
    expected = from_datetime(moment)
    assert quick.read(f"{moment:%Y-%m-%d %H:%M:%S}") == expected
    assert slow.read(f"{moment:%H:%M:%S} {moment:%Y-%m-%d}") == expected
