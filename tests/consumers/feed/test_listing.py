"""Alerts listed: the newest, those after an id, and only those that are asked for."""

import threading
from typing import Any

import httpx
import msgspec
import pytest

from consumers.feed import newest


def listed(gateway, **asked: Any) -> dict[str, Any]:
    answer = gateway.client.get("/v1/alerts", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: dict[str, Any]) -> list[str]:
    return [alert["id"] for alert in answer["alerts"]]


def test_the_newest_come_in_their_order_and_next_goes_on_with_what_comes(gateway, telling) -> None:
    told = telling.many(gateway.engine, 7)
    answer = listed(gateway, limit=3)
    assert ids(answer) == [alert.id for alert in told[-3:]]
    assert answer["alerts"][0] == msgspec.json.decode(msgspec.json.encode(told[-3]))
    assert ids(listed(gateway, after=answer["next"])) == []
    later = telling.many(gateway.engine, 2)
    assert sorted(ids(listed(gateway, after=answer["next"]))) == sorted(alert.id for alert in later)


def test_from_the_beginning_page_by_page_each_comes_once(gateway, telling) -> None:
    told = telling.many(gateway.engine, 25)
    found: list[str] = []
    after = "beginning"
    while page := listed(gateway, after=after, limit=4):
        found += ids(page)
        if not page["alerts"]:
            break
        after = page["next"]
    assert sorted(found) == sorted(alert.id for alert in told)


def test_the_newest_of_few_among_many_are_found_from_the_end_backwards(gateway, telling, monkeypatch) -> None:
    monkeypatch.setattr(newest, "FIRST_WINDOW", 2)
    rare = telling.tell(gateway.engine, {"department": "parks"}, {"department": "parks"})
    telling.many(gateway.engine, 30)
    assert ids(listed(gateway, department="parks", limit=2)) == [alert.id for alert in rare]
    assert ids(listed(gateway, department="parks", limit=1)) == [rare[1].id]
    assert ids(listed(gateway, department="parks", after="beginning", limit=1))[0] in {one.id for one in rare}


ONES: list[dict[str, Any]] = [
    {"kind": "due_soon"},
    {"kind": "overdue", "area": "south", "channel": "wechat"},
    {"kind": "overdue", "obligation": "acceptance", "service": "tree", "department": "parks"},
    {"kind": "escalated", "level": 1},
    {"kind": "escalated", "level": 2, "stale": True},
    {"kind": "cleared", "issue": "I-2", "commitment": ""},
]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"kind": "overdue"}, [2, 3]),
        ({"kind": "overdue, cleared"}, [2, 3, 6]),
        ({"obligation": "acceptance"}, [3]),
        ({"service": "tree"}, [3]),
        ({"department": "parks,works", "kind": "due_soon,escalated"}, [1, 4, 5]),
        ({"area": "south"}, [2]),
        ({"channel": "wechat"}, [2]),
        ({"issue": "I-2"}, [2, 6]),
        ({"commitment": "lamps"}, [1, 2, 3, 4, 5]),
        ({"level": 2}, [1, 2, 3, 5, 6]),
        ({"kind": "escalated", "level": 2}, [5]),
        ({"stale": "false"}, [1, 2, 3, 4, 6]),
        ({"since": "2026-05-06T14:00:05+02:00"}, [5, 6]),
    ],
)
def test_only_what_is_asked_for_comes(kept, asked: dict[str, Any], wanted: list[int], telling) -> None:
    if not listed(kept)["alerts"]:
        telling.tell(kept.engine, *ONES)
    for more in ({}, {"after": "beginning"}):
        assert ids(listed(kept, **asked, **more)) == [f"a{number}" for number in wanted]


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"departments": "parks"}, "departments", "no parameter"),
        ({"kind": "late"}, "kind", "there are due_soon, overdue"),
        ({"kind": ","}, "kind", "codes"),
        ({"obligation": "milestone"}, "obligation", "acceptance, resolution"),
        ({"department": "roads"}, "department", "there are works, parks"),
        ({"commitment": "road"}, "commitment", "there are lamps"),
        ({"service": "x"}, "service", "lamp"),
        ({"since": "yesterday"}, "since", "expected a time"),
        ({"level": "-1"}, "level", "greater"),
        ({"limit": "0"}, "limit", "greater"),
        ({"wait": "61"}, "wait", "less"),
    ],
)
def test_what_cannot_be_asked_for_is_named(kept, asked: dict[str, str], field: str, said: str) -> None:
    answer = kept.client.get("/v1/alerts", params=asked)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("after", ["x", "1.2", "-1", "1 ", "1.", ""])
def test_an_id_of_nobodys_is_refused(kept, after: str) -> None:
    for path in ("/v1/alerts", "/v1/alerts/stream"):
        answer = kept.client.get(path, params={"after": after})
        assert (answer.status_code, answer.json()["field"]) == (400, "after")


def test_a_poll_waits_for_what_comes_and_not_longer(gateway, telling) -> None:
    nothing = listed(gateway, after=listed(gateway)["next"], wait=0.3)
    assert nothing["alerts"] == []
    answers: list[dict[str, Any]] = []

    def poll() -> None:
        with httpx.Client(base_url=gateway.client.base_url, timeout=60) as client:
            asked = {"after": nothing["next"], "wait": 50, "kind": "overdue"}
            answers.append(client.get("/v1/alerts", params=asked).json())

    waiting = threading.Thread(target=poll)
    waiting.start()
    telling.many(gateway.engine, 3, kind="due_soon")
    (alert,) = telling.tell(gateway.engine, {"kind": "overdue"})
    waiting.join(60)
    assert ids(answers[0]) == [alert.id]


def test_who_may_not_see_reads_no_alerts(gateway) -> None:
    gateway.key()
    for path in ("/v1/alerts", "/v1/alerts/stream", "/v1/alerts/counts"):
        answer = gateway.client.get(path)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        wrong = gateway.client.get(path, headers={"Authorization": "Bearer nobody.1.2"})
        assert wrong.status_code == 401
