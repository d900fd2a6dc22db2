"""Generates livelihood/tables/ from the `holidays` library: python scripts/holiday_tables.py

Run it when a year's holidays have been published and the library knows them: in mainland China the State
Council's General Office publishes the next year in November. First raise CN_LAST_YEAR, then run, then
run the tests, which compare the table with chinesecalendar.
"""

import textwrap
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path

import holidays

TABLES = Path(__file__).resolve().parents[1] / "livelihood" / "tables"

#: The library has the notices from 2001 on.
CN_FIRST_YEAR = 2001
#: The last year whose notice is published. For later years the library silently guesses: statutory days
#: without the days moved to and from weekends. That is why the table ends here and says so.
CN_LAST_YEAR = 2026
#: The Uniform Monday Holiday Act is in force from 1971 on.
US_FIRST_YEAR = 1971
#: These follow from rules in law, so any year can be worked out, until the law changes.
US_LAST_YEAR = 2099

CN_TEMPLATE = '''"""Mainland China: holidays, and weekend days worked in their place. Generated; do not edit.

Source: the notices on holiday arrangements that the State Council's General Office publishes each year,
as collected by the Python library `holidays`. Written by scripts/holiday_tables.py.
"""

COVERED_THROUGH = "{last_year}-12-31"

HOLIDAYS = """
{holidays}
"""

MAKE_UP_DAYS = """
{make_up_days}
"""
'''

US_TEMPLATE = '''"""United States: federal holidays and the days they are observed. Generated; do not edit.

Source: 5 U.S.C. 6103 and Executive Order 11582 (observance), as worked out by the Python library
`holidays`. Days given by a president's order for one year only are not in it. Written by
scripts/holiday_tables.py.
"""

COVERED_THROUGH = "{last_year}-12-31"

HOLIDAYS = """
{holidays}
"""
'''


def lines(days: Iterable[date]) -> str:
    """One line per year, a long one continued under the same year."""
    written = []
    for year, group in groupby(sorted(days), key=lambda day: day.year):
        text = " ".join(f"{day:%m-%d}" for day in group)
        written += [f"{year} {part}" for part in textwrap.wrap(text, 100, break_on_hyphens=False)]
    return "\n".join(written)


def cn_mainland() -> str:
    """The module's text."""
    # A year more on either side: a notice may move days across the year's end.
    found = holidays.country_holidays("CN", years=range(CN_FIRST_YEAR, CN_LAST_YEAR + 2))
    years = range(CN_FIRST_YEAR, CN_LAST_YEAR + 1)
    make_up_days = {day for day in found.weekend_workdays if day.year in years}
    if unpublished := set(years) - {day.year for day in make_up_days}:
        raise SystemExit(
            f"the library has no make-up days for {sorted(unpublished)}: is the notice published?"
        )
    return CN_TEMPLATE.format(
        last_year=CN_LAST_YEAR,
        holidays=lines(day for day in found if day.year in years and day not in make_up_days),
        make_up_days=lines(make_up_days),
    )


def us_federal() -> str:
    """The module's text."""
    found = holidays.country_holidays("US", years=range(US_FIRST_YEAR - 1, US_LAST_YEAR + 2))
    years = range(US_FIRST_YEAR, US_LAST_YEAR + 1)
    return US_TEMPLATE.format(
        last_year=US_LAST_YEAR, holidays=lines(day for day in found if day.year in years)
    )


def modules() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    return {TABLES / "cn_mainland.py": cn_mainland(), TABLES / "us_federal.py": us_federal()}


if __name__ == "__main__":
    for path, text in modules().items():
        path.write_text(text, encoding="utf-8")
