"""Alerts as a stream: none is missed and none is told twice, whoever drops and whatever ends."""

import random

import httpx
import pytest

from cli import listening
from consumers import tail
from consumers.feed import following, routes
from tests.consumers.feed.conftest import Follower, url_of
from tests.following import check_that_all_end


@pytest.fixture(autouse=True)
def _quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT_SECONDS", 0.3)


def test_a_stream_goes_on_where_it_was_though_connections_drop_and_the_server_ends(serve, telling) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    follower, calm = Follower(), Follower(kind="overdue")
    for _ in range(3):
        with serve() as gateway:
            url = url_of(gateway)
            for one in (follower, calm):
                if not one.last_id:
                    one.read(url, 0)
            for _ in range(6):
                kind = chance.choice(["overdue", "due_soon"])
                telling.many(gateway.engine, chance.randrange(1, 6), kind=kind)
                if chance.random() < 0.8:
                    unread = len(telling.told) - len(follower.alerts)
                    follower.read(url, chance.randrange(1, unread + 1))
    with serve() as gateway:
        url = url_of(gateway)
        follower.read(url, len(telling.told) - len(follower.alerts))
        wanted = [alert.id for alert in telling.told if alert.kind == "overdue"]
        calm.read(url, len(wanted) - len(calm.alerts))
        (last,) = telling.many(gateway.engine, 1)
        for one in (follower, calm):
            one.read(url, 1)
    assert sorted(follower.ids) == sorted(alert.id for alert in telling.told), f"seed {seed}"
    assert sorted(calm.ids) == sorted([*wanted, last.id]), f"seed {seed}"
    assert set(calm.kinds) == {"overdue"}


def test_alerts_of_an_issue_come_in_their_order(gateway, telling) -> None:
    follower = Follower(after="beginning")
    telling.tell(gateway.engine, *({"issue": "I-1", "sequence": number} for number in range(1, 30)))
    follower.read(url_of(gateway), 29)
    assert [alert["sequence"] for alert in follower.alerts] == list(range(1, 30))


def test_who_asked_for_little_has_not_to_read_the_rest_again(gateway, telling) -> None:
    follower = Follower(department="parks")
    url = url_of(gateway)
    with follower.stream(url) as lines:
        follower.take(lines, 0)
        before = follower.last_id
        telling.many(gateway.engine, 40)
        while follower.last_id == before:
            follower.take(lines, 0)
    assert follower.alerts == []
    telling.tell(gateway.engine, {"department": "parks"})
    follower.read(url, 1)


def test_a_slow_reader_holds_nobody_up_and_misses_nothing(gateway, telling, monkeypatch) -> None:
    monkeypatch.setattr(tail, "KEPT", 50)
    monkeypatch.setattr(following, "_LEAST_PAGE", 20)
    slow, quick = Follower(), Follower()
    url = url_of(gateway)
    with slow.stream(url) as slow_lines, quick.stream(url) as quick_lines:
        slow.take(slow_lines, 0)
        quick.take(quick_lines, 0)
        for _ in range(5):
            telling.many(gateway.engine, 80)
            quick.take(quick_lines, 80)
        # What is not in memory any more is read again.
        slow.take(slow_lines, 400)
    wanted = sorted(alert.id for alert in telling.told)
    assert sorted(slow.ids) == sorted(quick.ids) == wanted


def test_streams_and_polls_end_when_the_server_does(serve, monkeypatch) -> None:
    # They end by themselves, and are not ended.
    monkeypatch.setattr(listening, "DRAIN_SECONDS", 600)
    monkeypatch.setattr(routes, "HEARTBEAT_SECONDS", 600)

    def poll(url: str) -> None:
        asked = {"after": "beginning", "wait": 60}
        assert httpx.get(f"{url}/v1/alerts", params=asked, timeout=90).json()["alerts"] == []

    check_that_all_end(serve(), Follower(), poll)
