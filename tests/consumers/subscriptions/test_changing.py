"""A subscription changed: what is told goes on, by the same secret, and nothing is lost or told twice."""

import html
import re
from typing import Any

import pytest

from consumers.alerts import KINDS
from consumers.subscriptions.model import Subscription
from livelihood.instants import SECOND
from livelihood.ports import Unavailable
from livelihood.safekeeping import SUBSCRIPTIONS
from tests.consumers.subscriptions.conftest import Program, Receiver
from tests.consumers.subscriptions.test_interface import ZONE, is_signed, live, pass_days, subscribe, told
from tests.consumers.subscriptions.test_pages import send, text_of
from tests.patience import until
from tests.producers.acting.conftest import Town


def issues(receiver: Receiver) -> list[tuple[str, str]]:
    """What was told of which issue, but for tests."""
    return [
        (item["alert"]["issue"], item["alert"]["kind"])
        for one in told(receiver)
        for item in one["data"]["alerts"]
    ]


def is_changing(town: Town, identity: str) -> bool:
    """Whether whoever delivers has not seen a change yet."""
    document = town.site.engine.vault.get(SUBSCRIPTIONS, identity)
    assert document is not None
    return Subscription.model_validate_json(document).is_changing


def test_what_is_told_goes_on_at_another_address_by_the_same_secret(town: Town, receiver: Receiver) -> None:
    program, elsewhere = Program(town, "wang"), Receiver()
    try:
        wanted = {"kinds": ["overdue"], "obligations": ["resolution"]}
        made = subscribe(program, receiver, at_once=["overdue"], wanted=wanted, title="Late")
        path = f"/{made['id']}"
        town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
        town.site.wait(SECOND)
        pass_days(town, 2.2)
        live(town, lambda: issues(receiver) == [("P-1", "overdue")])
        # What does not arrive at the one is under way still, and arrives at the other.
        receiver.behave = lambda _: 500
        town.publish("P-2", "submitted", town.site.now[0], service="pothole", area="riverside")
        town.site.wait(SECOND)
        # Over a weekend.
        pass_days(town, 4.5)
        live(town, lambda: sum(got.answer == 500 for got in receiver.got) > 0)
        chosen = {"time_zone": ZONE, "at_once": ["overdue"], "wanted": wanted, "title": "Later"}
        answer = program("PUT", path, url=elsewhere.url, **chosen)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["id"], answer.json()["title"]) == (made["id"], "Later")
        assert "secret" not in answer.text
        if program("GET", path).json()["given_up"]:
            program("POST", f"{path}/resend")
        live(town, lambda: issues(elsewhere) == [("P-2", "overdue")])
        assert [one["type"] for one in told(elsewhere)] == ["test", "alert.overdue"]
        assert all(is_signed(got, made["secret"]) for got in elsewhere.got)
        assert issues(receiver) == [("P-1", "overdue")]
    finally:
        elsewhere.close()


def test_what_is_chosen_otherwise_holds_from_then_on(town: Town, receiver: Receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(
        program, receiver, at_once=[], wanted={"kinds": ["overdue"], "obligations": ["resolution"]}
    )
    path = f"/{made['id']}"
    town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)
    changed = {
        "time_zone": ZONE,
        "at_once": ["cleared"],
        "wanted": {"kinds": ["cleared"], "obligations": ["resolution"]},
    }
    assert program("PUT", path, **changed).json()["target"] == receiver.url
    until(lambda: not is_changing(town, made["id"]))
    town.publish("P-1", "resolved", town.site.now[0], outcome="fixed")
    live(town, lambda: ("P-1", "cleared") in issues(receiver))
    # What waited of the issue comes with it, and in no digest later.
    pass_days(town, 4.0)
    live(town, lambda: program("GET", path).json()["waiting"] == 0)
    assert issues(receiver) == [("P-1", "overdue"), ("P-1", "cleared")]


def test_who_is_stopped_between_the_steps_finds_the_address_as_it_was_and_asks_again(
    town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, elsewhere = Program(town, "wang"), Receiver()
    try:
        made = subscribe(program, receiver)
        path, chosen = f"/{made['id']}", {"time_zone": ZONE, "title": "Later", "url": elsewhere.url}

        def stopped(*_: object) -> None:
            raise Unavailable("the vault is away")

        with monkeypatch.context() as patch:
            patch.setattr("backends.webhooks.registry.Registry.move", stopped)
            assert program("PUT", path, **chosen).status_code == 503
        between = program("GET", path).json()
        assert (between["title"], between["target"]) == ("Later", receiver.url)
        assert program("PUT", path, **chosen).json()["target"] == elsewhere.url
    finally:
        elsewhere.close()


def test_an_address_that_takes_no_test_message_changes_nothing(town: Town, receiver: Receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver, title="Late")
    path = f"/{made['id']}"
    for chosen, field in (
        ({"url": "http://127.0.0.1:9/"}, "url"),
        ({"url": "nothing"}, "url"),
        ({"wanted": {"departments": ["moon"]}}, "wanted.departments"),
        ({"quiet": {"since": "9", "until": "10"}}, "quiet.since"),
    ):
        answer = program("PUT", path, **{"time_zone": ZONE, "title": "Later", **chosen})
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert program("GET", path).json()["title"] == "Late"
    assert program("PUT", "/sub-none", time_zone=ZONE).status_code == 404


def test_who_answered_410_is_told_again_at_the_address_it_gives_next(town: Town, receiver: Receiver) -> None:
    program, elsewhere = Program(town, "wang"), Receiver()
    try:
        made = subscribe(program, receiver, at_once=list(KINDS))
        path = f"/{made['id']}"
        receiver.behave = lambda _: 410
        town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
        town.site.wait(SECOND)
        pass_days(town, 2.2)
        live(town, lambda: program("GET", path).json()["disabled"])
        chosen = {"time_zone": ZONE, "at_once": list(KINDS), "url": elsewhere.url}
        assert program("PUT", path, **chosen).json()["disabled"] is None
        live(town, lambda: ("P-1", "overdue") in issues(elsewhere))
        # One that is paused stays so.
        program("POST", f"{path}/pause")
        assert program("PUT", path, **{**chosen, "url": receiver.url}).status_code == 422
        receiver.behave = lambda _: 200
        assert program("PUT", path, **{**chosen, "url": receiver.url}).json()["paused"]
    finally:
        elsewhere.close()


def test_an_operator_lists_pauses_and_removes_everybodys_and_changes_only_what_is_nobodys(
    town: Town, receiver: Receiver
) -> None:
    made = subscribe(Program(town, "wang"), receiver, title="Streets")
    path, ops = f"/{made['id']}", Program(town, "ops", by_link=False)
    live(town, lambda: len(ops("GET").json()["subscriptions"]) == 2)
    listed = {one["id"]: one for one in ops("GET").json()["subscriptions"]}
    assert listed[made["id"]]["account"] == "wang"
    assert ops("GET", path).status_code == 200
    assert ops("POST", f"{path}/pause").json()["paused"]
    assert ops("POST", f"{path}/resume").json()["paused"] is None
    # To turn another's messages to oneself, or to be shown a secret of theirs, is nobody's work.
    assert ops("PUT", path, time_zone=ZONE, url=receiver.url).status_code == 403
    assert ops("POST", f"{path}/rotate").status_code == 403
    assert ops("PUT", "/operator", time_zone=ZONE).status_code == 409
    assert ops("DELETE", "/operator").status_code == 409
    assert ops("DELETE", path).status_code == 204
    assert Program(town, "wang")("GET").json() == {"subscriptions": []}
    # A program of another's, and an operator's link, see their own alone.
    assert Program(town, "zhao", by_link=False)("GET", "/operator").status_code == 404
    assert Program(town, "ops")("GET", "/operator").status_code == 404


def test_a_supervisor_hears_of_their_own_departments_alone_and_that_is_said(
    town: Town, receiver: Receiver
) -> None:
    program = Program(town, "wang")
    refused = program("POST", url=receiver.url, time_zone=ZONE, wanted={"departments": ["streets", "water"]})
    assert (refused.status_code, refused.json()["field"]) == (422, "wanted.departments")
    assert "water is none of the account's departments, which are streets" in refused.json()["detail"]
    made = subscribe(program, receiver, at_once=list(KINDS), wanted={"obligations": ["resolution"]})
    path = f"/{made['id']}"
    assert program("GET", path).json()["limited_to"] == ["streets"]
    moved = program("PUT", path, time_zone=ZONE, wanted={"departments": ["water"]})
    assert moved.status_code == 422
    for issue, service in (("P-1", "pothole"), ("D-1", "blocked-drain")):
        town.publish(issue, "submitted", town.site.now[0], service=service, area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)
    live(town, lambda: ("P-1", "overdue") in issues(receiver))
    assert {issue for issue, _ in issues(receiver)} == {"P-1"}
    page = town.site.browser("wang", language="en")
    page.client.headers["accept-language"] = "en"
    assert "Within the account's departments" in text_of(page.get(f"/subscriptions/{made['id']}"))
    for browser, is_offered in ((page, False), (town.site.browser("ops"), True)):
        offered = browser.get("/subscriptions/new").text
        (departments,) = re.findall(r'<select id="departments".*?</select>', offered, re.DOTALL)
        assert 'value="streets"' in departments
        assert ('value="water"' in departments) is is_offered


def test_the_form_shows_what_is_chosen_also_by_a_program_and_keeps_what_is_left_as_it_is(
    town: Town, receiver: Receiver
) -> None:
    program = Program(town, "wang")
    chosen: dict[str, Any] = {
        "title": "Late", "at_once": ["cleared", "overdue"], "digest": "hourly", "morning": "07:45",
        "quiet": {"since": "22:00", "until": "06:30"}, "language": "zh", "line": "{issue}: {what}",
        "wanted": {
            "services": ["pothole", "street-light"], "areas": ["riverside"], "kinds": ["cleared", "overdue"],
            "obligations": ["resolution"], "level": 0, "stale": False,
        },
    }  # fmt: skip
    made = subscribe(program, receiver, **chosen)
    path = f"/subscriptions/{made['id']}"
    browser = town.site.browser("wang")
    page = browser.get(f"{path}/change")
    assert page.status_code == 200
    assert receiver.url not in re.findall(r'value="([^"]*)"', page.text)
    fields = filled_in(page.text)
    assert fields["services"] == "pothole street-light"
    answer = browser.client.post(f"{path}/change", data=fields)
    assert answer.status_code == 200, text_of(answer)
    before = {name: value for name, value in made.items() if name != "secret"}
    after = program("GET", f"/{made['id']}").json()
    assert {name: after[name] for name in before} == before
    # One field changed is all that changes, and what is wrong stands at its field.
    assert browser.client.post(f"{path}/change", data={**fields, "title": "Later"}).status_code == 200
    assert program("GET", f"/{made['id']}").json()["title"] == "Later"
    wrong = browser.client.post(f"{path}/change", data={**fields, "url": "http://127.0.0.1:9/"})
    assert wrong.status_code == 422
    assert 'id="error-url"' in wrong.text
    for name, status in (("zhao", 404), ("ops", 403)):
        other = town.site.browser(name)
        assert other.get(f"{path}/change").status_code == status
    assert [one["type"] for one in told(receiver)] == ["test"]


def filled_in(page: str) -> dict[str, Any]:
    """What a browser sends of a form as it stands."""
    fields: dict[str, Any] = {}
    form = page[page.index("<main") :]
    for tag in re.findall(r"<input [^>]*>", form):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if found.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        if "name" in found:
            fields.setdefault(found["name"], []).append(html.unescape(found.get("value", "on")))
    for name, options in re.findall(
        r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        picked = re.search(r'value="([^"]*)" selected', options)
        fields[name] = [html.unescape(picked[1])] if picked else [""]
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def test_a_subscription_may_be_of_one_deadline_alone_by_the_form_too(town: Town, receiver: Receiver) -> None:
    browser = town.site.browser("wang")
    assert send(browser, url=receiver.url, obligations="acceptance").status_code == 200
    (one,) = Program(town, "wang")("GET").json()["subscriptions"]
    assert one["wanted"]["obligations"] == ["acceptance"]
    for language, said in (("en", "only of accepting"), ("zh", "仅受理期限")):
        browser.client.headers["accept-language"] = language
        assert said in text_of(browser.get(f"/subscriptions/{one['id']}"))


def test_what_went_wrong_is_said_in_the_readers_language(town: Town, receiver: Receiver) -> None:
    browser = town.site.browser("wang")
    send(browser, url=receiver.url)
    (path,) = set(re.findall(r'href="(/subscriptions/sub-\w+)"', browser.get("/subscriptions").text))
    receiver.behave = lambda _: 302
    for language, test, form in (
        ("en", "it answered 302 and leads elsewhere", "nobody listens at this address"),
        ("zh", "请直接填写跳转后的地址", "没有程序在监听"),
    ):
        browser.client.headers["accept-language"] = language
        assert test in text_of(browser.send(path, f"{path}/test"))
        assert form in text_of(send(browser, url="http://127.0.0.1:9/"))
