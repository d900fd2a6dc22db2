"""Who may publish what: every limit of a key is enforced, and what it forbids takes no effect."""

import time
from typing import Any

import pytest

from livelihood.instants import DAY, HOUR, MINUTE, iso
from livelihood.limits import Limit
from producers import keyring
from producers.access import FAILURES_PER_MINUTE
from tests.limiting import LimitsClock
from tests.patience import PATIENCE_SECONDS
from web.recent import LOOK_SECONDS


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others change is noticed at once."""
    monkeypatch.setattr(keyring, "LOOK_SECONDS", 0.0)


def closed(gateway: Any) -> None:
    """By the first key the server is open to nobody without one; within seconds, which are not waited for."""
    gateway.key("other")
    patience = time.monotonic() + PATIENCE_SECONDS
    while gateway.context.is_open():
        assert time.monotonic() < patience
        time.sleep(0.1)


def test_without_a_token_nobody_gets_in_once_there_is_a_key(gateway: Any) -> None:
    closed(gateway)
    event = gateway.event()
    for token in ("", "phone-1.guess", "x", "a.b.c"):
        answer = gateway.post(event, token)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="livelihood"')
        assert answer.json()["status"] == 401
    assert gateway.held() == []
    assert gateway.post(event, gateway.key()).status_code == 202


def test_a_key_that_was_revoked_lets_nobody_in(gateway: Any) -> None:
    token = gateway.key(name="phone-7")
    assert gateway.post(gateway.event(), token).status_code == 202
    keyring.Keyring(gateway.context.vault).revoke("phone-7")
    closed(gateway)
    assert gateway.post(gateway.event(), token).status_code == 401


def test_a_key_taken_back_opens_the_server_to_nobody_though_it_was_the_only_one(gateway: Any) -> None:
    token = gateway.key(name="phone-7")
    assert gateway.post(gateway.event(), token).status_code == 202
    patience = time.monotonic() + PATIENCE_SECONDS
    while gateway.context.is_open():
        assert time.monotonic() < patience
        time.sleep(0.1)
    keyring.Keyring(gateway.context.vault).revoke("phone-7")
    # By then it would have looked for keys again, and found none.
    time.sleep(LOOK_SECONDS + 0.1)
    for one in ("", token):
        assert gateway.post(gateway.event(), one).status_code == 401


def test_a_token_of_another_key_of_that_name_lets_nobody_in(gateway: Any) -> None:
    closed(gateway)
    old = gateway.key(name="phone-7")
    assert gateway.post(gateway.event(), old).status_code == 202
    keyring.Keyring(gateway.context.vault).revoke("phone-7")
    new = gateway.key(name="phone-7")
    assert gateway.post(gateway.event(), old).status_code == 401
    assert gateway.post(gateway.event(), new).status_code == 202


def test_a_wechat_key_cannot_resolve(gateway: Any) -> None:
    closed(gateway)
    wechat = gateway.key("wechat", may=frozenset({"submitted", "rated"}))
    event = gateway.event(source="/channels/wechat", channel="wechat")
    assert gateway.post(event, wechat).status_code == 202
    resolved = gateway.event(
        "resolved", source="/channels/wechat", channel="wechat", subject=event["subject"],
        data={"outcome": "fixed"},
    )  # fmt: skip
    answer = gateway.post(resolved, wechat)
    assert (answer.status_code, answer.json()["field"]) == (403, "type")
    assert "it may publish rated, submitted" in answer.json()["detail"]
    assert [one["status"] for one in gateway.post([resolved, event], wechat).json()] == [403, 202]
    assert [held.id for held in gateway.held()] == [event["id"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "wechat"}, "channel"),
        ({"source": "/channels/wechat"}, "source"),
        ({"source": "/channels/phones"}, "source"),
    ],
)
def test_a_key_speaks_for_its_own_channel_only(gateway: Any, changes: dict[str, str], field: str) -> None:
    token = gateway.key()
    closed(gateway)
    answer = gateway.post(gateway.event(**changes), token)
    assert (answer.status_code, answer.json()["field"]) == (403, field)
    assert gateway.post(gateway.event(source="/channels/phone/desk-3"), token).status_code == 202


def test_a_channel_cannot_submit_an_issue_of_another_anew(gateway: Any) -> None:
    phone, wechat = gateway.key(), gateway.key("wechat")
    closed(gateway)
    event = gateway.event()
    assert gateway.post(event, phone).status_code == 202
    again = gateway.event(source="/channels/wechat", channel="wechat", subject=event["subject"])
    answer = gateway.post(again, wechat)
    assert (answer.status_code, answer.json()["field"]) == (403, "subject")
    assert "receipt" not in answer.text
    comment = gateway.event(
        "commented", source="/channels/wechat", channel="wechat", subject=event["subject"]
    )
    assert "receipt" not in gateway.post(comment, wechat).json()


def test_a_key_of_a_department_is_for_its_issues(gateway: Any, at_work: Any) -> None:
    phone, parks = gateway.key(), gateway.key(departments=frozenset({"parks"}))
    closed(gateway)
    lamp, tree = gateway.event(), gateway.event(data={"service": "tree"})
    given = gateway.event(data={"service": "lamp", "department": "parks"})
    answers = [gateway.post(event, parks) for event in (lamp, tree, given)]
    assert [(one.status_code, one.json().get("field")) for one in answers] == [
        (403, "data.service"), (202, None), (202, None)
    ]  # fmt: skip
    assert gateway.post(lamp, phone).status_code == 202

    def accepted(subject: str) -> int:
        event = gateway.event("accepted", subject=subject)
        return gateway.post(event, parks).status_code

    for _ in range(2):
        assert [accepted(one) for one in (lamp["subject"], tree["subject"], given["subject"], "nothing")] == [
            403, 202, 202, 403
        ]  # fmt: skip
        # The same once it is in the states.
        with at_work():
            patience = time.monotonic() + PATIENCE_SECONDS
            while len(gateway.engine.reader.states([lamp["subject"], tree["subject"], given["subject"]])) < 3:
                assert time.monotonic() < patience
                time.sleep(0.05)
    offered = gateway.event("transfer_offered", subject=lamp["subject"], data={"to": "parks"})
    taken = gateway.event("transfer_accepted", subject=lamp["subject"], data={"to": "parks"})
    assert gateway.post(taken, parks).status_code == 403
    assert gateway.post(offered, phone).status_code == 202
    assert gateway.post(taken, parks).status_code == 202
    assert accepted(lamp["subject"]) == 202


def test_a_key_claims_no_further_back_than_it_may(gateway: Any) -> None:
    token = gateway.key(claims=Limit.parse("2h"))
    closed(gateway)
    now = gateway.context.clock()
    early, late = gateway.event(time=iso(now - HOUR)), gateway.event(time=iso(now - 3 * HOUR))
    assert gateway.post(early, token).status_code == 202
    answer = gateway.post(late, token)
    assert (answer.status_code, answer.json()["field"]) == (403, "time")
    correction = gateway.event(
        "corrected", subject=early["subject"],
        data={"corrects": early["id"], "changes": {"time": {"old": None, "new": iso(now - 2 * DAY)}}},
    )  # fmt: skip
    answer = gateway.post(correction, token)
    assert (answer.status_code, answer.json()["field"]) == (403, "data.changes.time")


def test_a_repeat_is_answered_the_same_though_it_could_not_be_claimed_any_more(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gateway.key(claims=Limit.parse("10m"))
    closed(gateway)
    event = gateway.event(time=iso(gateway.context.clock() - 9 * MINUTE))
    said = gateway.post(event, token).json()
    clock = gateway.context.clock
    object.__setattr__(gateway.context, "clock", lambda: clock() + 5 * MINUTE)
    assert gateway.post(event, token).json() == said
    new = gateway.event(time=event["time"])
    assert gateway.post(new, token).status_code == 403


def test_a_correction_says_no_more_than_its_key_could(gateway: Any) -> None:
    phone = gateway.key()
    wechat = gateway.key("wechat", may=frozenset({"submitted", "corrected"}))
    closed(gateway)
    ours, theirs = gateway.event(source="/channels/wechat", channel="wechat"), gateway.event()
    resolved = gateway.event("resolved", subject=ours["subject"], data={"outcome": "fixed"})
    assert gateway.post(ours, wechat).status_code == 202
    assert [one["status"] for one in gateway.post([theirs, resolved], phone).json()] == [202, 202]

    def corrects(event: dict[str, Any], subject: str) -> int:
        correction = gateway.event(
            "corrected", source="/channels/wechat", channel="wechat", subject=subject,
            data={"corrects": event["id"], "changes": {"service": {"old": "lamp", "new": "tree"}}},
        )  # fmt: skip
        return gateway.post(correction, wechat).status_code

    assert corrects(ours, ours["subject"]) == 202
    assert corrects(theirs, theirs["subject"]) == 403
    assert corrects(resolved, ours["subject"]) == 403
    assert corrects(theirs, ours["subject"]) == 403


@pytest.mark.usefixtures("limits_clock")
def test_who_publishes_too_much_is_asked_to_wait(gateway: Any) -> None:
    token, other = gateway.key(per_minute=3), gateway.key()
    closed(gateway)
    assert [gateway.post(gateway.event(), token).status_code for _ in range(4)] == [202, 202, 202, 429]
    answer = gateway.post([gateway.event()], token)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json()["status"] == 429
    assert gateway.post([gateway.event()] * 4, gateway.key(per_minute=3)).status_code == 429
    assert gateway.post(gateway.event(), other).status_code == 202
    assert len(gateway.held()) == 4


def test_who_guesses_tokens_is_asked_to_wait_and_keeps_nobody_else_out(
    gateway: Any, limits_clock: LimitsClock
) -> None:
    token = gateway.key()
    closed(gateway)
    assert gateway.post(gateway.event(), token).status_code == 202
    statuses = [
        gateway.post(gateway.event(), f"{token}x").status_code for _ in range(FAILURES_PER_MINUTE + 1)
    ]
    assert statuses == [401] * FAILURES_PER_MINUTE + [429]
    assert gateway.post(gateway.event(), token).status_code == 202
    # A minute later, in the middle of the next, those before it count half.
    limits_clock.now += 60
    again = [gateway.post(gateway.event(), f"{token}x").status_code for _ in range(FAILURES_PER_MINUTE)]
    assert again == [401] * (FAILURES_PER_MINUTE // 2) + [429] * (FAILURES_PER_MINUTE // 2)


def test_an_open_server_answers_to_names_of_this_machine_only(gateway: Any) -> None:
    event = gateway.event()
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"):
        answer = gateway.post(event, Host=host)
        assert (answer.status_code, answer.json()["status"]) == (421, 421)
    assert gateway.held() == []
    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:8080"):
        assert gateway.post(event, Host=host).status_code == 202


def test_with_a_key_a_server_answers_to_every_name(gateway: Any) -> None:
    token = gateway.key()
    closed(gateway)
    assert gateway.post(gateway.event(), token, Host="311.example").status_code == 202
