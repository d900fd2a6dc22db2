"""The page of one's own cases, and what is done there to many at once."""

import re
from typing import Any

import pytest

from livelihood.histories import read_history
from livelihood.instants import MINUTE, parse
from livelihood.lifecycle import State
from producers.acting.many import FOR_CASES, FOR_DECISIONS, MOST, once_for
from producers.window.acting import is_once
from producers.window.actions import BY_VERB
from tests.patience import until


def listed(page: Any) -> list[str]:
    return re.findall(r'name="issue" value="([^"]+)"', page.text)


def counts(page: Any) -> list[int]:
    return [int(number) for number in re.findall(r'tile-number">(\d+)<', page.text)]


def history(town: Any, issue: str) -> Any:
    context = town.site.context
    found = read_history(context.reader, context.catalogue(), issue, None, town.site.now[0])
    assert found is not None
    return found


def send(browser: Any, verb: str, *issues: str, **fields: str) -> Any:
    """Tick issues, press a button, fill in the form that comes, and send it."""
    token = browser.token("/account")
    form = browser.client.post("/cases/many", data={"form_token": token, "verb": verb, "issue": list(issues)})
    if form.status_code != 200:
        return form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    return browser.client.post(f"/cases/{verb}", data=hidden | fields)


@pytest.fixture
def wang(town: Any) -> Any:
    """A supervisor's browser, once what is going on has been worked on."""
    browser = town.site.browser("wang")
    until(lambda: counts(browser.get("/cases")) == [1, 1, 0, 1])
    return browser


def test_cases_are_sorted_by_when_they_are_due_and_the_first_list_with_something_in_it_is_shown(
    town: Any, wang: Any
) -> None:
    assert listed(wang.get("/cases")) == ["LATE"]
    for name, issues in (("overdue", ["LATE"]), ("today", ["TODAY"]), ("waiting", []), ("later", ["LATER"])):
        assert listed(wang.get(f"/cases?list={name}")) == issues
    assert counts(town.site.browser("zhao").get("/cases")) == [0, 1, 0, 0]
    assert counts(town.site.browser("chen").get("/cases")) == [1, 2, 0, 1]
    # At midnight what was due today is overdue, and what is due on Thursday is due today.
    town.site.now[0] = parse("2026-03-05T00:10:00+08:00")
    assert counts(town.site.browser("wang").get("/cases")) == [2, 1, 0, 0]


def test_many_are_acknowledged_by_one_form_each_by_an_event_of_its_own(town: Any, wang: Any) -> None:
    done = send(wang, "acknowledge", "LATE", "TODAY", expected="2026-03-06T17:00")
    assert "Done for 2 issues." in done.text, done.text
    for issue in ("LATE", "TODAY"):
        entry = history(town, issue).entries[-1]
        assert (entry.kind.word, entry.fact.actor) == ("acknowledged", "wang")
        assert history(town, issue).issue.expected == parse("2026-03-06T17:00:00+08:00")
    assert "expected by 6 Mar, 17:00" in wang.get("/cases").text


def test_a_form_sent_twice_does_nothing_twice(town: Any, wang: Any) -> None:
    token = wang.token("/account")
    form = wang.client.post(
        "/cases/many", data={"form_token": token, "verb": "accept", "issue": ["LATE", "TODAY"]}
    )
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    for _ in range(2):
        town.site.now[0] += MINUTE
        assert "Done for 2 issues." in wang.client.post("/cases/accept", data=hidden).text
    assert [len(history(town, issue).entries) for issue in ("LATE", "TODAY")] == [2, 2]


def test_what_is_not_ones_own_or_not_there_is_left_out_and_named(town: Any, wang: Any) -> None:
    token = wang.token("/account")
    ticked = {"form_token": token, "verb": "accept", "issue": ["LATE", "DRAIN", "NOWHERE"]}
    form = wang.client.post("/cases/many", data=ticked)
    assert "or not by you: DRAIN, NOWHERE" in form.text
    # As it would be where another was quicker between the two pages.
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    done = wang.client.post("/cases/accept", data=hidden | {"issue": "LATE DRAIN"})
    assert "Done for 1 issue." in done.text
    assert "1 was left out." in done.text
    assert history(town, "LATE").state is State.ACCEPTED
    assert history(town, "DRAIN").state is State.SUBMITTED
    assert send(wang, "accept", "DRAIN").status_code == 409


def test_more_time_is_granted_to_many_where_somebody_else_asked(town: Any, wang: Any) -> None:
    for issue, actor in (("TODAY", "lin"), ("LATER", "wang")):
        town.publish(issue, "extension_asked", town.site.now[0], actor, until="2026-03-10T17:00:00+08:00",
                     reason="weather")  # fmt: skip
    until(lambda: counts(wang.get("/cases"))[2] == 1)
    page = wang.get("/cases?list=waiting")
    assert listed(page) == ["TODAY"]
    assert "More time asked for" in page.text
    done = send(wang, "grant-extension", "TODAY", "LATER", until="2026-03-10T17:00")
    assert "Done for 1 issue." in done.text, done.text
    assert history(town, "TODAY").issue.due == parse("2026-03-10T17:00:00+08:00")
    assert counts(wang.get("/cases")) == [1, 0, 0, 2]


def test_a_contest_waits_for_a_decision_though_the_issue_is_settled(town: Any, wang: Any) -> None:
    now = town.site.now[0]
    town.publish("LATE", "resolved", now, "lin", outcome="fixed")
    town.publish("LATE", "contested", now + MINUTE, "lin", reason="done-in-time")
    town.site.now[0] += 2 * MINUTE
    until(lambda: counts(wang.get("/cases"))[2] == 1)
    assert listed(wang.get("/cases?list=waiting")) == ["LATE"]
    done = send(wang, "answer-contest", "LATE", upheld="no")
    assert "Done for 1 issue." in done.text
    assert history(town, "LATE").issue.contested is None


def test_what_is_wrong_in_the_form_is_said_by_the_field_and_nothing_is_done(town: Any, wang: Any) -> None:
    answer = send(wang, "acknowledge", "LATE", expected="2026-03-01T10:00")
    assert answer.status_code == 422
    assert "This has passed" in answer.text
    assert len(history(town, "LATE").entries) == 1


def test_what_has_to_be_thought_about_for_each_is_not_done_to_many(town: Any, wang: Any) -> None:
    for verb in sorted(set(BY_VERB) - {*FOR_CASES, *FOR_DECISIONS}):
        assert send(wang, verb, "LATE").status_code == 404
    many = [f"I{number}" for number in range(MOST + 1)]
    assert send(wang, "accept", *many).status_code == 413


def test_who_stands_in_has_the_others_cases_among_their_own(town: Any, wang: Any) -> None:
    wang.send("/account", "/account/leave", deputy="zhao", since="2026-03-04", until="2026-03-04")
    zhao = town.site.browser("zhao")
    page = zhao.get("/cases")
    assert counts(page) == [1, 2, 0, 1]
    assert "You stand in for wang." in page.text
    assert "Done for 1 issue." in send(zhao, "accept", "LATE").text
    assert history(town, "LATE").entries[-1].fact.actor == "zhao"


def test_a_link_opens_the_cases_and_lets_one_act_on_a_telephone(town: Any, wang: Any) -> None:
    browser = town.site.browser(language="zh-CN")
    page = browser.get(f"/pass/{town.token('wang')}")
    assert page.url.path == "/cases"
    assert "我的待办" in page.text
    assert "已办理 1 件" in send(browser, "acknowledge", "LATE").text
    assert history(town, "LATE").entries[-1].fact.actor == "wang"


def test_a_page_is_said_in_chinese_to_who_reads_chinese(town: Any, wang: Any) -> None:
    browser = town.site.browser("wang", language="zh-CN")
    page = browser.get("/cases").text
    text = re.sub(r"<(style|script|code|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{3,}", text)) <= {"English", "wang", "Asia", "Shanghai", "LATE"}


def test_the_events_of_a_form_have_ids_of_their_own() -> None:
    once = "260304" + "0" * 20
    ids = {once_for(once, issue) for issue in ("A", "B", "A~1")}
    assert len(ids) == 3
    assert all(is_once(one) for one in ids)
    assert once_for(once, "A") == once_for(once, "A")
