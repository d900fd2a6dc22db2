"""A channel hears what became of its issues: by its own numbers, as a stream, by long polling."""

import random
import threading
from typing import Any

import httpx
import pytest

from cli import listening
from producers.hearing import hub
from tests.following import check_that_all_end
from tests.producers.hearing.conftest import Follower


def changes(gateway, token: str = "", **asked: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = gateway.client.get("/v1/changes", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(gateway, channel: str, count: int) -> list[dict[str, Any]]:
    """All that is told of a channel, in order, by long polls of three each, until there are so many."""
    found: list[dict[str, Any]] = []
    after = "beginning"
    while len(found) < count:
        answer = changes(gateway, channel=channel, after=after, wait=20, limit=3)
        found += answer["changes"]
        after = answer["next"]
    return found


def url_of(gateway) -> str:
    return str(gateway.client.base_url).rstrip("/")


def test_a_channel_finds_its_issues_by_its_own_numbers_and_no_others(gateway, at_work) -> None:
    first, second = gateway.event(data={"service": "lamp", "number": "7"}), gateway.event()
    numbered = gateway.event("numbered", subject=first["subject"], channel="wechat", data={"number": "W 1/7"})
    with at_work():
        for event in (first, second, numbered | {"source": "/channels/wechat"}):
            assert gateway.post(event).status_code == 202
        assert len(everything(gateway, "phone", 3)) == 3
    issue = first["subject"]

    def found(channel: str, number: str) -> list[str]:
        answer = gateway.client.get("/v1/issues", params={"channel": channel, "number": number})
        return [one["issue"] for one in answer.json()["issues"]]

    assert found("phone", "7") == found("wechat", "W 1/7") == found("phone", issue) == [issue]
    assert found("wechat", "7") == found("phone", "W 1/7") == found("sms", issue) == found("phone", "8") == []
    shown = gateway.client.get(f"/v1/issues/{issue}", params={"channel": "wechat"}).json()
    assert (shown["state"], shown["numbers"]) == ("submitted", ["W 1/7"])
    assert shown["promised"] == shown["deadline"]
    assert [entry["what"] for entry in shown["timeline"]] == ["submitted", "numbered"]
    for unseen in (second["subject"], "nobody"):
        assert gateway.client.get(f"/v1/issues/{unseen}", params={"channel": "wechat"}).status_code == 404


def test_a_key_follows_its_own_channel_and_no_other(gateway, at_work) -> None:
    phone, wechat = gateway.key("phone"), gateway.key("wechat")
    with at_work():
        assert gateway.post(gateway.event(), phone).status_code == 202
        told = changes(gateway, phone, after="beginning", wait=20)["changes"]
        assert [one["type"] for one in told] == ["issue.submitted"]
        assert changes(gateway, wechat, after="beginning")["changes"] == []
    headers = {"Authorization": f"Bearer {wechat}"}
    answer = gateway.client.get("/v1/changes", params={"channel": "phone"}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "channel")
    assert gateway.client.get("/v1/changes").status_code == 401


@pytest.mark.parametrize("after", ["x", "1", "1-0-0.1-0-0.1-0-0.1-0-0.1-0-0", "-1-0-0", "1-0-0 "])
def test_an_id_of_nobodys_is_refused(gateway, after: str) -> None:
    answer = gateway.client.get("/v1/changes", params={"channel": "phone", "after": after})
    assert (answer.status_code, answer.json()["field"]) == (400, "after")


def test_a_poll_waits_for_what_comes_and_not_longer(gateway, at_work) -> None:
    nothing = changes(gateway, channel="phone", wait=0.3)
    assert nothing["changes"] == []
    answers: list[dict[str, Any]] = []

    def poll() -> None:
        with httpx.Client(base_url=gateway.client.base_url, timeout=60) as client:
            asked = {"channel": "phone", "after": nothing["next"], "wait": 50}
            answers.append(client.get("/v1/changes", params=asked).json())

    waiting = threading.Thread(target=poll)
    waiting.start()
    event = gateway.event()
    with at_work():
        assert gateway.post(event).status_code == 202
        waiting.join(60)
    assert [one["data"]["issue"] for one in answers[0]["changes"]] == [event["subject"]]


def test_nothing_is_missed_or_told_twice_though_connections_drop_and_the_gateway_ends(serve, at_work) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    follower, sent = Follower(), []
    with at_work():
        for _ in range(3):
            with serve() as gateway:
                if not follower.last_id:
                    follower.read(url_of(gateway), 0)
                for _ in range(6):
                    events = [gateway.event() for _ in range(chance.randrange(1, 5))]
                    sent += [event["subject"] for event in events]
                    assert {one["status"] for one in gateway.post(events).json()} == {202}
                    if chance.random() < 0.8:
                        unread = len(sent) - len(follower.changes)
                        follower.read(url_of(gateway), chance.randrange(1, unread + 1))
        with serve() as gateway:
            follower.read(url_of(gateway), len(sent) - len(follower.changes))
            last = gateway.event()
            gateway.post(last)
            follower.read(url_of(gateway), 1)
    told = [change["data"]["issue"] for change in follower.changes]
    assert sorted(told) == sorted([*sent, last["subject"]]), f"seed {seed}"


def test_all_who_follow_are_told_from_one_reading_and_a_slow_one_holds_nobody_up(
    gateway, at_work, monkeypatch
) -> None:
    monkeypatch.setattr(hub, "KEPT", 50)
    slow, quick = Follower(), Follower()
    url = url_of(gateway)
    with at_work(), slow.stream(url) as slow_lines, quick.stream(url) as quick_lines:
        slow.take(slow_lines, 0)
        quick.take(quick_lines, 0)
        for _ in range(5):
            gateway.post([gateway.event() for _ in range(60)])
            quick.take(quick_lines, 60)
        # What is not in memory any more is read again.
        slow.take(slow_lines, 300)
    for one in (slow, quick):
        assert len({change["id"] for change in one.changes}) == 300 == len(one.changes)


def test_streams_and_polls_end_when_the_server_does(serve, monkeypatch) -> None:
    # They end by themselves, and are not ended.
    monkeypatch.setattr(listening, "DRAIN_SECONDS", 600)

    def poll(url: str) -> None:
        asked = {"channel": "phone", "wait": 60}
        assert httpx.get(f"{url}/v1/changes", params=asked, timeout=90).json()["changes"] == []

    check_that_all_end(serve(), Follower(), poll)
