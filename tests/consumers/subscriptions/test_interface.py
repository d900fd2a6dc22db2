"""Subscribing over HTTP: what is told arrives, signed and in order; what never would is refused at once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from consumers.alerts import KINDS
from livelihood.envelope import parse_event
from livelihood.instants import HOUR, SECOND, iso
from livelihood.ports import NewRecord
from tests.backends.webhooks.conftest import Got
from tests.consumers.subscriptions.conftest import Program, Receiver
from tests.patience import until
from tests.producers.acting.conftest import Town

ZONE = "Asia/Shanghai"


def live(town: Town, condition: Callable[[], Any]) -> None:
    """Let time pass, a second at a look, until something holds."""

    def later() -> bool:
        town.site.wait(SECOND)
        return bool(condition())

    until(later)


def pass_days(town: Town, days: float) -> None:
    """Let days pass; what falls due in them is told in time, and is no old news."""
    for _ in range(round(days * 48)):
        town.site.wait(HOUR // 2)


def subscribe(program: Program, receiver: Receiver, **chosen: Any) -> Any:
    answer = program("POST", url=receiver.url, time_zone=ZONE, **chosen)
    assert answer.status_code == 201, answer.text
    return answer.json()


def is_signed(got: Got, secret: str) -> bool:
    """Whether a message was signed with a secret; the town's clock is not that of the machine."""
    moment = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    return Webhook(secret).sign(got.id, moment, got.body) in got.headers["webhook-signature"].split()


def told(receiver: Receiver) -> list[Any]:
    return [json.loads(got.body) for got in receiver.got if got.answer == 200]


def test_what_falls_due_is_told_signed_at_once_and_taken_back_when_it_is_done(town, receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(
        program,
        receiver,
        at_once=list(KINDS),
        wanted={"departments": ["streets"], "obligations": ["resolution"]},
        language="zh",
    )
    assert [one["type"] for one in told(receiver)] == ["test"]
    assert made["target"] == receiver.url
    now = town.site.now[0]
    # Two working days; another department's is not wanted.
    for issue, service in (("P-1", "pothole"), ("D-1", "blocked-drain")):
        town.publish(issue, "submitted", now, service=service, area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)
    live(town, lambda: len(told(receiver)) == 3)
    town.publish("P-1", "resolved", town.site.now[0], outcome="fixed")
    live(town, lambda: len(told(receiver)) == 4)
    messages = told(receiver)[1:]
    assert [one["type"] for one in messages] == ["alert.due_soon", "alert.overdue", "alert.cleared"]
    assert {one["data"]["alerts"][0]["alert"]["issue"] for one in messages} == {"P-1"}
    assert messages[1]["data"]["alerts"][0]["link"] == f"{town.site.context.public_url}/issues/P-1"
    assert "超期" in messages[1]["texts"]["subject"]
    assert all(is_signed(got, made["secret"]) for got in receiver.got[1:])


def test_what_could_never_be_delivered_is_refused_with_its_field(town, receiver, monkeypatch) -> None:
    program = Program(town, "wang")
    wrong: list[tuple[str, str, dict[str, Any]]] = [
        ("wanted.commitments", "no 'clean-air'", {"wanted": {"commitments": ["clean-air"]}}),
        ("wanted.departments", "no 'moon'", {"wanted": {"departments": ["moon"]}}),
        ("wanted.level", "escalated", {"wanted": {"kinds": ["overdue"], "level": 1}}),
        ("wanted.level", "highest rung is 2", {"wanted": {"level": 3}}),
        ("wanted.level", "highest rung is 1", {"wanted": {"commitments": ["water"], "level": 2}}),
        ("wanted.kinds", "acceptance", {"wanted": {"kinds": ["due_soon"], "obligations": ["acceptance"]}}),
        ("time_zone", "IANA", {"time_zone": "Mars/Olympus"}),
        ("quiet", "ends when it begins", {"quiet": {"since": "22:00", "until": "22:00"}}),
        ("line", "there is no {person}", {"line": "{person} is late"}),
        ("line", "braces", {"line": "{issue"}),
        ("url", "write https://", {"url": "town"}),
        ("url", "leads nowhere", {"url": "https://no-such-host.invalid/"}),
        ("url", "not taken", {"url": "http://127.0.0.1:9/"}),
    ]
    for field, said, chosen in wrong:
        answer = program("POST", **{"url": receiver.url, "time_zone": ZONE, **chosen})
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
        assert said in answer.json()["detail"], answer.text
    receiver.behave = lambda _: 302
    answer = program("POST", url=receiver.url, time_zone=ZONE)
    assert "leads elsewhere" in answer.json()["detail"]
    # One that checks signatures cannot know the secret yet.
    receiver.behave = lambda _: 401
    assert program("POST", url=receiver.url, time_zone=ZONE).status_code == 201
    assert len(program("GET").json()["subscriptions"]) == 1


def test_a_subscription_is_its_accounts_own(town, receiver) -> None:
    made = subscribe(Program(town, "wang"), receiver, title="Streets")
    path = f"/{made['id']}"
    assert Program(town, "")("GET").status_code == 401
    # A link opens to an operator what is theirs, not what is everybody's.
    for other in (Program(town, "zhao"), Program(town, "ops")):
        assert other("GET").json() == {"subscriptions": []}
        for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/pause")):
            assert other(method, path + below).status_code == 404
    wang = Program(town, "wang")
    assert "secret" not in wang("GET", path).text
    assert wang("POST", f"{path}/test").json() == {"problem": None}
    new = wang("POST", f"{path}/rotate").json()["secret"]
    assert new != made["secret"]
    assert wang("POST", f"{path}/test").json() == {"problem": None}
    assert all(is_signed(receiver.got[-1], secret) for secret in (new, made["secret"]))
    assert wang("DELETE", path).status_code == 204
    assert wang("GET", path).status_code == 404


def test_when_a_thousand_fall_due_at_once_it_is_one_message_and_its_page_has_them_all(town, receiver) -> None:
    wanted = {"kinds": ["overdue"], "obligations": ["resolution"]}
    subscribe(Program(town, "ops"), receiver, at_once=list(KINDS), wanted=wanted)
    records = []
    for number in range(1_100):
        document = {
            "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/hotline",
            "id": str(number), "subject": f"P-{number}", "time": iso(town.site.now[0]), "channel": "hotline",
            "data": {"service": "lift" if number % 3 else "blocked-drain", "area": "riverside"},
        }  # fmt: skip
        event = parse_event(json.dumps(document).encode(), town.site.now[0])
        records.append(NewRecord(event.key, event.to_json()))
    town.site.engine.log.append(records)
    town.site.work()
    pass_days(town, 1.2)
    live(town, lambda: len(told(receiver)) == 2)
    flood = told(receiver)[1]
    assert (flood["type"], flood["data"]["count"], len(flood["data"]["alerts"])) == (
        "alerts.flood",
        1_100,
        10,
    )
    assert {one["code"]: one["count"] for one in flood["data"]["by_department"]} == {
        "housing": 733,
        "water": 367,
    }
    page = town.site.browser("ops").get(flood["data"]["link"].removeprefix(town.site.context.public_url))
    assert "<h1>1100 alerts</h1>" in page.text
    assert page.text.count('href="/issues/P-') == 200


def test_what_was_raised_while_it_was_paused_comes_together(town, receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver, at_once=list(KINDS))
    assert program("POST", f"/{made['id']}/pause").json()["paused"] == iso(town.site.now[0])
    for number in range(3):
        town.publish(f"P-{number}", "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)
    assert len(told(receiver)) == 1
    assert program("POST", f"/{made['id']}/resume").json()["paused"] is None
    live(town, lambda: len(told(receiver)) >= 2)
    (_, held) = told(receiver)
    assert held["type"] == "alerts.held"
    assert {item["alert"]["issue"] for item in held["data"]["alerts"]} == {"P-0", "P-1", "P-2"}


def test_who_answers_410_is_told_no_more_and_that_shows(town, receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver, at_once=list(KINDS))
    receiver.behave = lambda _: 410
    town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)
    live(town, lambda: program("GET", f"/{made['id']}").json()["disabled"])
    assert "410" in program("GET", f"/{made['id']}").json()["disabled"]
    receiver.behave = lambda _: 200
    assert program("POST", f"/{made['id']}/resume").json()["disabled"] is None
    live(town, lambda: len(told(receiver)) >= 2)


@pytest.mark.parametrize("is_settled", [False, True])
def test_what_was_given_up_is_listed_and_sent_again_unless_it_is_settled(town, receiver, is_settled) -> None:
    program = Program(town, "wang")
    made = subscribe(
        program,
        receiver,
        at_once=list(KINDS),
        wanted={"kinds": ["overdue", "cleared"], "obligations": ["resolution"]},
    )
    path = f"/{made['id']}"
    receiver.behave = lambda _: 500
    town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)

    def given_up() -> Any:
        town.site.wait(HOUR)
        return program("GET", path).json()["given_up"]

    until(given_up)
    (one,) = program("GET", path).json()["given_up"]
    assert (one["alerts"], one["attempts"], one["problem"]) == (1, 8, "answered 500")
    receiver.behave = lambda _: 200
    if is_settled:
        town.publish("P-1", "resolved", town.site.now[0], outcome="fixed")
        live(town, lambda: told(receiver)[-1]["type"] == "alert.cleared")
    answer = program("POST", f"{path}/resend").json()
    assert answer == {"resent": 0 if is_settled else 1, "left_out": 1 if is_settled else 0}
    live(town, lambda: told(receiver)[-1]["type"] == ("alert.cleared" if is_settled else "alert.overdue"))
    until(lambda: program("GET", path).json()["given_up"] == [])
