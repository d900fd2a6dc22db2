"""Dates, lengths and numbers as people of each language write them."""

from zoneinfo import ZoneInfo

import pytest

from livelihood.instants import DAY, HOUR, MINUTE, SECOND, parse
from web.formats import Formats
from web.languages import load_languages

LANGUAGES = load_languages()
AT = parse("2026-03-04T09:05:00Z")


def formats(code: str) -> Formats:
    return Formats(LANGUAGES[code], ZoneInfo("Asia/Shanghai"))


def test_a_moment_is_written_in_the_jurisdictions_zone() -> None:
    assert formats("en").moment(AT) == "Wed 4 Mar 2026, 17:05"
    assert formats("zh").moment(AT) == "2026年3月4日（周三）17:05"
    assert formats("en").day(AT) == "Wed 4 Mar 2026"
    assert formats("zh").short(AT) == "3月4日 17:05"
    assert formats("en").field(AT) == "2026-03-04T17:05"


@pytest.mark.parametrize(
    ("length", "english", "chinese"),
    [
        (3 * DAY + 4 * HOUR + MINUTE, "3 days 4 hours", "3天 4小时"),
        (DAY, "1 day", "1天"),
        (90 * MINUTE, "1 hour 30 minutes", "1小时 30分钟"),
        (61 * SECOND, "1 minute", "1分钟"),
        (5 * SECOND, "5 seconds", "5秒钟"),
        (400 * DAY, "400 days", "400天"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(length: int, english: str, chinese: str) -> None:
    assert formats("en").length(length) == english
    assert formats("zh").length(length) == chinese


def test_numbers_have_groups_and_shares_one_digit() -> None:
    assert formats("en").number(58_251) == "58,251"
    assert formats("zh").percent(0.7543) == "75.4\N{NO-BREAK SPACE}%"
    assert formats("en").share(0.95) == "95\N{NO-BREAK SPACE}%"
    assert formats("en").share(0.975) == "97.5\N{NO-BREAK SPACE}%"
    assert formats("en").whole(0.975) == "98\N{NO-BREAK SPACE}%"
    assert formats("en").rough(3 * DAY + 4 * HOUR) == "3 days"
    assert formats("zh").rough(59 * MINUTE) == "59分钟"


def test_a_month_is_named_as_each_language_writes_it() -> None:
    assert formats("en").month("2026-11") == "November 2026"
    assert formats("zh").month("2026-11") == "2026年11月"
