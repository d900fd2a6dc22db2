"""What people call periods, and which ones a page offers."""

from datetime import date, datetime, timedelta

from babel.dates import format_date

from livelihood.instants import Instant, from_datetime, to_datetime
from livelihood.periods import Period
from web.formats import Formats
from web.languages import Message, _

_YEAR = {"en": "y", "zh": "y年"}
_QUARTER = {"en": "'Q'Q y", "zh": "y年第Q季度"}
_MONTH = {"en": "MMMM y", "zh": "y年M月"}
_SHORT_MONTH = {"en": "MMM y", "zh": "y年M月"}
_SHORT_DAY = {"en": "d MMM", "zh": "M月d日"}


def period_title(period: Period, formats: Formats) -> Message | str:
    """What people call a period, as "March 2026"."""
    if period.start is None:
        return _("All time")
    first = to_datetime(period.start, formats.zone).date()
    text, code = period.text, formats.language.code
    if "W" in text:
        return _("Week from %(day)s", day=formats.day(period.start))
    if len(text) == len("2026-03-04"):
        return formats.day(period.start)
    pattern = _YEAR if len(text) == len("2026") else _QUARTER if "Q" in text else _MONTH
    return format_date(first, pattern[code], locale=formats.language.locale)


def offered(as_of: Instant, formats: Formats) -> list[str]:
    """The periods a page offers at an instant: all time, then from the year to the day it lies in."""
    today = to_datetime(as_of, formats.zone).date()
    before = today.replace(day=1) - timedelta(days=1)
    year, week, _day = today.isocalendar()
    return [
        "all",
        f"{today.year}",
        f"{today.year}-Q{(today.month + 2) // 3}",
        f"{today:%Y-%m}",
        f"{before:%Y-%m}",
        f"{year}-W{week:02}",
        f"{today}",
    ]


def month_title(month: str, formats: Formats) -> str:
    """A month as "Mar 2026", for axes."""
    year, number = map(int, month.split("-"))
    return format_date(
        date(year, number, 1), _SHORT_MONTH[formats.language.code], locale=formats.language.locale
    )


def day_title(day: str, formats: Formats) -> str:
    """A day as "4 Mar", for axes."""
    return format_date(
        date.fromisoformat(day), _SHORT_DAY[formats.language.code], locale=formats.language.locale
    )


def beginning(day: str, formats: Formats) -> Instant:
    """The instant at which a local day begins."""
    there = date.fromisoformat(day)
    return from_datetime(datetime(there.year, there.month, there.day, tzinfo=formats.zone))
