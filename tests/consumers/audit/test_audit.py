"""Who read what: the page, what it is narrowed to, and the same as a file."""

import csv
import io

import pytest

from livelihood.instants import DAY
from livelihood.personal import Look, record_look
from tests.sites import Browser, Site
from web.accounts import Role

LOOKS = [
    ("account lin", "MC-1"),
    ("account wang", "MC-2"),
    ("command line, root", "MC-1"),
    ("=cmd()", "MC-3"),
]


@pytest.fixture
def chen(site: Site) -> Browser:
    """An administrator, on a site where somebody looked on each of the last days."""
    for days, (who, issue) in enumerate(LOOKS):
        look = Look(when=site.now[0] - days * DAY, who=who, issue=issue)
        record_look(site.engine.vault, look)
    site.add_account("chen", Role.ADMIN)
    return site.browser("chen")


def rows(answer: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.removeprefix("\ufeff"))))[1:]


@pytest.mark.parametrize(
    ("query", "issues"),
    [
        ("", ["MC-3", "MC-1", "MC-2", "MC-1"]),
        ("issue=MC-1", ["MC-1", "MC-1"]),
        ("issue=MC", []),
        ("who=ACCOUNT", ["MC-2", "MC-1"]),
        # By the day of the town, whose morning it is.
        ("since=2026-03-03", ["MC-2", "MC-1"]),
        ("until=2026-03-02", ["MC-3", "MC-1"]),
        ("since=2026-03-03&until=2026-03-03&who=wang", ["MC-2"]),
        ("until=9999-12-31", ["MC-3", "MC-1", "MC-2", "MC-1"]),
        ("since=soon", ["MC-3", "MC-1", "MC-2", "MC-1"]),
    ],
)
def test_the_page_and_the_file_have_what_is_asked_for(chen: Browser, query: str, issues: list[str]) -> None:
    found = rows(chen.get(f"/audit/file?{query}").text)
    assert [issue for _, _, issue in found] == issues
    page = chen.get(f"/audit?{query}").text
    # The latest comes first there.
    places = [page.find(f">{issue}</a>") for issue in dict.fromkeys(reversed(issues))]
    assert -1 not in places
    assert places == sorted(places)
    assert page.count("<time ") == len(issues)


def test_no_program_for_tables_takes_a_name_for_a_formula(chen: Browser) -> None:
    assert rows(chen.get("/audit/file").text)[0][1] == "'=cmd()"
