"""Times as people write and read them."""

from zoneinfo import ZoneInfo

import pytest

from cli.failures import USAGE, Failure
from cli.moments import length_text, moment_text, parse_moment, parse_speed
from livelihood.instants import DAY, HOUR, MINUTE, SECOND, parse

BOSTON = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2012-01-01", "2012-01-01T00:00:00-05:00"),
        ("2011-07-01", "2011-07-01T00:00:00-04:00"),
        ("2012-01-01T17:00", "2012-01-01T17:00:00-05:00"),
        ("2012-01-01 17:00:30", "2012-01-01T17:00:30-05:00"),
        ("2012-01-01T17:00Z", "2012-01-01T17:00:00+00:00"),
        ("2012-01-01T17:00:00+08:00", "2012-01-01T17:00:00+08:00"),
    ],
)
def test_a_moment_without_an_offset_is_meant_by_the_jurisdictions_clocks(text: str, meant: str) -> None:
    assert parse_moment(text, BOSTON, "--as-of") == parse(meant)


@pytest.mark.parametrize("text", ["tomorrow", "2012-13-01", "2012", "", "12:00"])
def test_what_is_no_moment_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(
        Failure, match=r"--since: .* write 2012-01-01, 2012-01-01T17:00 \(America/New_York\)"
    ) as error:
        parse_moment(text, BOSTON, "--since")
    assert error.value.status == USAGE


@pytest.mark.parametrize(
    ("text", "speed"),
    [("1d/s", DAY), ("3d/s", 3 * DAY), ("12h", 12 * HOUR), ("1.5 w/s", 252 * HOUR), ("90m/s", 90 * MINUTE)],
)
def test_a_speed_is_time_that_passes_in_a_second(text: str, speed: int) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["fast", "0d/s", "-1d/s", "3", "3d/m"])
def test_what_is_no_speed_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(Failure, match=r"--speed: .* write 12h/s, 3d/s or 1w/s"):
        parse_speed(text)


def test_seconds_are_written_only_where_there_are_some() -> None:
    assert moment_text(parse("2012-01-01T00:00:00-05:00"), BOSTON) == "Sun 1 Jan 2012 00:00"
    assert moment_text(parse("2012-01-01T00:00:05-05:00"), BOSTON) == "Sun 1 Jan 2012 00:00:05"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (5 * SECOND, "5 s"), (25 * MINUTE, "25 min"), (3 * HOUR, "3 h"), (3 * HOUR + 5 * MINUTE, "3 h 5 min"),
        (2 * DAY + 3 * HOUR, "2 d 3 h"), (1_000 * DAY + 3 * HOUR, "1,000 d"),
    ],
)  # fmt: skip
def test_a_length_is_written_in_its_two_largest_units(length: int, text: str) -> None:
    assert length_text(length) == text
