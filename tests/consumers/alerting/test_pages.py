"""The page of alerts: newest first, narrowed, with what became of each, and told anew only if it changed."""

import re
from typing import Any

import pytest

from livelihood.instants import DAY, to_datetime
from producers.window.acting import new_once
from tests.consumers.public.conftest import publish, told
from tests.sites import Site
from web.accounts import Role

MONDAY = "2026-03-02T09:00:00+08:00"


@pytest.fixture
def town(site: Site) -> Site:
    """Two requests of the streets and one of the water, all overdue since days, and who may look."""
    site.add_account("wang", Role.SUPERVISOR, "streets")
    site.add_account("mayor", Role.VIEWER)
    for issue, service in (("S-1", "pothole"), ("S-2", "street-light"), ("W-1", "no-water")):
        publish(site, told(issue, "submitted", MONDAY, service=service, area="riverside"))
        publish(site, told(issue, "accepted", MONDAY.replace("09:00", "09:05")))
    site.wait(14 * DAY)
    return site


def rows(page: Any) -> list[tuple[str, str]]:
    """What each row says, and of which issue, in their order."""
    return [
        (re.sub(r"<[^>]+>|\s+", " ", row).strip(), re.findall(r"/issues/([^#\"/]+)", row)[0])
        for row in re.findall(r"<tr data-alert.*?</tr>", page.text, re.DOTALL)
    ]


def test_alerts_are_listed_the_newest_first_with_what_stands(town: Site) -> None:
    found = rows(town.browser("mayor").get("/alerts"))
    assert {issue for _, issue in found} == {"S-1", "S-2", "W-1"}
    # The last rung of the ladder comes last of all.
    assert "Escalated" in found[0][0]
    assert "step 2 after the deadline" in found[0][0]
    assert any("Overdue" in said and issue == "W-1" for said, issue in found)
    standing = [said for said, _ in found if "nobody has said to act" in said]
    assert len([said for said in standing if "Overdue" in said]) == 3
    assert not [said for said in standing if "Cleared" in said]
    assert "提醒" in town.browser("mayor", language="zh").get("/alerts").text


@pytest.mark.parametrize(
    ("query", "issues"),
    [
        ("department=water", {"W-1"}),
        ("commitment=streets&department=streets", {"S-1", "S-2"}),
        ("kind=pause_expired", set()),
        ("mine=yes", {"S-1", "S-2"}),
    ],
)
def test_the_list_is_narrowed_by_its_address(town: Site, query: str, issues: set[str]) -> None:
    page = town.browser("wang").get(f"/alerts?{query}")
    assert {issue for _, issue in rows(page)} == issues
    assert issues or "Nothing of this was told." in page.text


@pytest.mark.parametrize("name", ["kind", "department", "commitment"])
def test_what_there_is_none_of_narrows_to_nothing_and_is_said(town: Site, name: str) -> None:
    everything = rows(town.browser("wang").get("/alerts"))
    for language, said in (("en", "There is no “nonsense”"), ("zh", "没有“nonsense”")):
        page = town.browser("wang", language=language).get(f"/alerts?{name}=nonsense")
        assert page.status_code == 400
        assert said in page.text
        assert len(rows(page)) == len(everything)
        assert '<a href="/alerts">' in page.text


def test_who_acts_for_a_department_says_so_from_the_list(town: Site) -> None:
    wang = town.browser("wang")
    offered = re.findall(r'href="/issues/([^/]+)/acknowledged"', wang.get("/alerts").text)
    assert set(offered) == {"S-1", "S-2"}
    assert "/acknowledged" not in town.browser("mayor").get("/alerts").text
    form = {"once": new_once(to_datetime(town.now[0]))}
    wang.send("/issues/S-1/acknowledged", "/issues/S-1/acknowledged", **form)
    town.work()
    page = wang.get("/alerts")
    assert set(re.findall(r'href="/issues/([^/]+)/acknowledged"', page.text)) == {"S-2"}
    assert any("Seen" in said and issue == "S-1" for said, issue in rows(page))


def test_what_was_cleared_is_told_and_no_longer_stands(town: Site) -> None:
    publish(town, told("W-1", "resolved", to_datetime(town.now[0]).isoformat(), outcome="fixed"))
    town.work()
    found = [said for said, issue in rows(town.browser("mayor").get("/alerts")) if issue == "W-1"]
    assert "Cleared" in found[0]
    assert "Fixed" in found[0]
    assert not [said for said in found if "nobody has said to act" in said]
    assert len([said for said in found if "no longer stands" in said]) >= 2
    standing = rows(town.browser("mayor").get("/alerts?stands=yes"))
    assert {issue for _, issue in standing} == {"S-1", "S-2"}


def test_the_list_by_itself_comes_again_only_when_something_happened(town: Site) -> None:
    browser = town.browser("mayor")
    first = browser.get("/alerts/list?department=water")
    assert first.status_code == 200
    assert "<html" not in first.text
    tag = first.headers["etag"]
    assert browser.get("/alerts/list?department=water", **{"if-none-match": tag}).status_code == 304
    publish(town, told("S-1", "resolved", to_datetime(town.now[0]).isoformat(), outcome="fixed"))
    town.work()
    assert browser.get("/alerts/list?department=water", **{"if-none-match": tag}).status_code == 200
