"""The public page of a receipt: what whoever holds it sees, and what becomes of their answer."""

import re
from typing import Any

import pytest

from livelihood.instants import DAY, to_datetime
from livelihood.lifecycle import State
from livelihood.state import unpack
from producers.hearing.look_ups import WRONG_PER_MINUTE
from producers.receipts import Receipts
from producers.window.acting import new_once
from tests.sites import Site
from web.accounts import Role


@pytest.fixture
def filed(busy_site: Site) -> tuple[Site, str, str]:
    """A site with a request that was filed at its window: its id, and its receipt's number."""
    busy_site.add_account("lin", Role.WINDOW)
    lin = busy_site.browser("lin")
    once = re.search(r'name="once" value="(\w+)"', lin.get("/window/file").text)
    assert once
    fields = {"once": once[1], "service": "street-light", "name": "王秀兰", "text": "The lamp is out."}
    issue = str(lin.send("/window/file", "/window/file", **fields).url.path).split("/")[2]
    return busy_site, issue, Receipts(busy_site.engine.vault).number(issue)


def resolve(site: Site, issue: str) -> None:
    lin = site.browser("lin")
    form = {"once": new_once(to_datetime(site.now[0])), "outcome": "fixed", "text": "A new lamp."}
    assert "Resolved." in lin.send(f"/issues/{issue}", f"/issues/{issue}/resolved", **form).text


def state(site: Site, issue: str) -> State:
    return State(unpack(site.context.reader.states([issue])[issue]).issue.state)


def test_whoever_has_the_number_sees_the_promise_and_nothing_personal(filed: Any) -> None:
    site, _, number = filed
    page = site.browser().get(f"/r/{number}")
    assert page.status_code == 200
    assert "Mon 9 Mar 2026, 10:00" in page.text
    assert "5 days left" in page.text
    assert "王秀兰" not in page.text
    assert "The lamp" not in page.text
    assert "lin" not in re.findall(r">\s*([^<>]+?)\s*<", page.text)
    assert "还剩" in site.browser(language="zh").get(f"/r/{number}").text


def test_a_number_is_asked_for_by_a_form(filed: Any) -> None:
    site, _, number = filed
    browser = site.browser()
    assert "Look up a receipt" in browser.get("/r").text
    assert browser.client.get("/r", params={"number": f"{number} "}).url.path == f"/r/{number}"


@pytest.mark.usefixtures("limits_clock")
def test_numbers_cannot_be_tried(filed: Any) -> None:
    site, issue, number = filed
    browser = site.browser()
    for _ in range(WRONG_PER_MINUTE):
        assert browser.get(f"/r/{issue}-AAAAA-AAAAA").status_code == 404
    answer = browser.get(f"/r/{number}")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "Please wait a minute" in answer.text
    # Nor by the other way.
    assert browser.client.get(f"/v1/receipts/{number}").status_code == 429


def test_the_person_confirms_and_nothing_more_is_asked(filed: Any) -> None:
    site, issue, number = filed
    browser = site.browser()
    assert "Yes, it is done" not in browser.get(f"/r/{number}").text
    assert browser.send(f"/r/{number}", f"/r/{number}/confirm").status_code == 409
    resolve(site, issue)
    answer = browser.send(f"/r/{number}", f"/r/{number}/confirm")
    assert "Your answer was recorded" in answer.text
    assert "Yes, it is done" not in answer.text
    assert state(site, issue) is State.CLOSED


def test_the_person_has_it_worked_on_again_and_rates_it(filed: Any) -> None:
    site, issue, number = filed
    resolve(site, issue)
    browser = site.browser()
    rated = browser.send(f"/r/{number}", f"/r/{number}/rate", solved="no", satisfied="")
    assert "You have answered" in rated.text
    reopened = browser.send(f"/r/{number}", f"/r/{number}/reopen", reason="not-done")
    assert "being worked on again" in reopened.text
    assert state(site, issue) is State.REOPENED


def test_a_broken_promise_is_said(filed: Any) -> None:
    site, _, number = filed
    site.now[0] += 7 * DAY
    assert "This promise was not kept in time." in site.browser().get(f"/r/{number}").text


def test_a_form_of_elsewhere_answers_for_nobody(filed: Any) -> None:
    site, issue, number = filed
    resolve(site, issue)
    assert site.browser().client.post(f"/r/{number}/confirm", data={}).status_code == 403
    assert state(site, issue) is State.RESOLVED
