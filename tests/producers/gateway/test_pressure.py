"""A log that is slow or down: nothing waits without end, nothing is kept without bound or half taken."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from livelihood.ports import Refused, Unavailable
from producers import intake
from producers.gateway import bodies, events
from tests.patience import PATIENCE_SECONDS, until


class Log:
    """The gateway's log, whose appends wait until they are let go."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.go = threading.Event()
        self.go.set()
        #: How many each append was given, and how many were let go.
        self.begun: list[int] = []
        self.appends: list[int] = []
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def append(self, records: Any) -> Any:
        self.begun.append(len(records))
        self.go.wait(PATIENCE_SECONDS)
        if self.error is not None:
            raise self.error
        self.appends.append(len(records))
        return self._inner.append(records)


@pytest.fixture
def log(gateway: Any) -> Iterator[Log]:
    slow = Log(gateway.context.log)
    object.__setattr__(gateway.context, "log", slow)
    yield slow
    slow.go.set()


pytestmark = pytest.mark.parametrize("settings", ["embedded"], indirect=True)


def waiting(gateway: Any) -> float:
    """How many events wait, as the server says it."""
    found = re.search(r"^livelihood_waiting_events (\S+)$", gateway.client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_what_waits_is_appended_together(gateway: Any, log: Log) -> None:
    with ThreadPoolExecutor(20) as pool:
        log.go.clear()
        sent = [pool.submit(gateway.post, gateway.event()) for _ in range(20)]
        until(lambda: sum(log.begun) + waiting(gateway) == 20)
        log.go.set()
        assert {one.result().status_code for one in sent} == {202}
    assert len(log.appends) < 10
    assert sum(log.appends) == len(gateway.held()) == 20


def test_more_than_may_wait_is_asked_to_come_again_and_takes_no_effect(
    gateway: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING_EVENTS", 5)
    with ThreadPoolExecutor(30) as pool:
        log.go.clear()
        sent = [(event, pool.submit(gateway.post, event)) for event in (gateway.event() for _ in range(30))]
        until(lambda: sum(one.done() for _, one in sent) >= 20)
        log.go.set()
        statuses = {event["id"]: one.result() for event, one in sent}
    taken = {id_ for id_, answer in statuses.items() if answer.status_code == 202}
    refused = [answer for answer in statuses.values() if answer.status_code == 503]
    assert 0 < len(taken) <= 10
    assert len(taken) + len(refused) == 30
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert {held.id for held in gateway.held()} == taken


def test_who_waited_too_long_is_told_so_and_what_was_not_begun_takes_no_effect(
    gateway: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "PATIENCE_SECONDS", 0.5)
    with ThreadPoolExecutor(2) as pool:
        log.go.clear()
        first, second = gateway.event(), gateway.event()
        begun = pool.submit(gateway.post, first)
        time.sleep(0.2)
        waiting = pool.submit(gateway.post, second)
        assert (begun.result().status_code, waiting.result().status_code) == (503, 503)
        log.go.set()
    monkeypatch.undo()
    # What had been begun may be there; told again, it is, once, and so is the other.
    assert gateway.post([first, second]).json()[0]["status"] == 202
    assert sorted(held.id for held in gateway.held()) == sorted([first["id"], second["id"]])


def test_a_log_that_is_down_is_no_fault_and_leaves_nothing_behind(gateway: Any, log: Log) -> None:
    event = gateway.event()
    log.error = Unavailable("the disk is full")
    answer = gateway.post(event)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "disk" not in answer.text
    until(lambda: gateway.client.get("/readyz").status_code == 503)
    assert gateway.post([event]).status_code == 503
    log.error = None
    assert gateway.post(event).status_code == 202
    until(lambda: gateway.client.get("/readyz").status_code == 200)
    assert len(gateway.held()) == 1


def test_an_event_that_the_log_cannot_hold_does_not_lose_the_others(
    gateway: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = log.append

    def picky(records: Any) -> Any:
        if any(b"too-large" in record.value for record in records):
            raise Refused("a record of many bytes")
        return append(records)

    monkeypatch.setattr(log, "append", picky)
    good, bad, also = gateway.event(), gateway.event(data={"service": "too-large"}), gateway.event()
    assert [one["status"] for one in gateway.post([good, bad, bad, also]).json()] == [202, 413, 413, 202]
    assert sorted(held.id for held in gateway.held()) == sorted([good["id"], also["id"]])


def test_too_many_bodies_at_once_are_asked_to_come_again(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 100)
    answer = gateway.post(gateway.event())
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    monkeypatch.undo()
    assert gateway.post(gateway.event()).status_code == 202


def test_a_body_that_does_not_come_gives_its_place_up(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    url = gateway.client.base_url
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nContent-Length: 2\r\n"
        "Content-Type: application/cloudevents+json\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port), PATIENCE_SECONDS) as connection:
        # The rest never comes: however late the server looks, it is not there.
        connection.sendall(head.encode() + b"{")
        assert connection.recv(12) == b"HTTP/1.1 408"
    monkeypatch.undo()
    assert gateway.post(gateway.event()).status_code == 202
