"""Subscribers over HTTP: they go on where they were, whatever drops and whoever ends."""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from consumers import AlertStream, Subscriber
from consumers.feed import routes
from consumers.subscriber import Refused, subscriber
from tests.consumers.feed.conftest import Gateway, Telling, url_of
from tests.patience import until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT_SECONDS", 0.3)
    monkeypatch.setattr(subscriber, "FIRST_PAUSE_SECONDS", 0.05)


def take(alerts: Subscriber, number: int) -> list[str]:
    """Handle so many, and ask for one more: they are noted then."""
    handled: list[str] = []
    for alert in alerts:
        if len(handled) == number:
            break
        handled.append(alert.id)
    return handled


def begin(url: str, place: Path, **wanted: str) -> None:
    """Stand at what is told next."""
    source = AlertStream(url, place=place, **wanted)
    while not source.last_id:
        assert source.read(1) == []
    source.close()


def test_each_comes_once_though_the_subscriber_and_the_server_end(serve, telling: Telling, tmp_path) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    place = tmp_path / "place"
    handled: list[str] = []
    for _ in range(3):
        with serve() as gateway:
            if not place.exists():
                telling.many(gateway.engine, 3)
                begin(url_of(gateway), place)
                before = len(telling.told)
            for _ in range(3):
                telling.many(gateway.engine, chance.randrange(3, 8))
                unread = len(telling.told) - before - len(handled)
                with Subscriber(AlertStream(url_of(gateway), place=place)) as alerts:
                    handled += take(alerts, chance.randrange(1, unread))
    with serve() as gateway, Subscriber(AlertStream(url_of(gateway), place=place)) as alerts:
        telling.many(gateway.engine, 1)
        handled += take(alerts, len(telling.told) - before - len(handled) - 1)
    wanted = [alert.id for alert in telling.told[before:]]
    assert len(handled) == len(set(handled)) == len(wanted) - 1, f"seed {seed}"
    assert set(handled) < set(wanted)


def test_what_was_not_handled_comes_again(gateway: Gateway, telling: Telling, tmp_path) -> None:
    place = tmp_path / "place"
    url = url_of(gateway)
    telling.tell(gateway.engine, *({"issue": "I-1", "sequence": number} for number in range(1, 5)))

    def one_by_one(alerts: Subscriber) -> Iterator[str]:
        for alert in alerts:
            yield alert.id

    with Subscriber(AlertStream(url, place=place, from_beginning=True)) as alerts:
        source = one_by_one(alerts)
        assert [next(source), next(source)] == ["a1", "a2"]
        source.close()
        # Within one process too.
        assert next(iter(alerts)).id == "a2"
    with Subscriber(AlertStream(url, place=place)) as alerts:
        assert take(alerts, 2) == ["a2", "a3"]


def test_only_what_is_wanted_comes_and_a_place_moves_on_past_the_rest(gateway, telling, tmp_path) -> None:
    place = tmp_path / "place"
    url = url_of(gateway)
    begin(url, place, department="parks")
    telling.many(gateway.engine, 30)
    source = AlertStream(url, place=place, department="parks")
    before = source.last_id
    while source.last_id == before:
        assert source.read(1) == []
    source.close()
    assert place.read_text() == source.last_id
    (alert,) = telling.tell(gateway.engine, {"department": "parks"})
    with Subscriber(AlertStream(url, place=place, department="parks")) as alerts:
        assert next(iter(alerts)) == alert


class Answers:
    """Answers each connection with one of some pieces, and remembers which id it was asked to go on after."""

    def __init__(self, *pieces: Sequence[bytes] | int) -> None:
        answers = self
        self.asked: list[str] = []
        self._pieces = list(pieces)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers.asked.append(self.headers.get("Last-Event-ID", ""))
                pieces = answers._pieces.pop(0) if answers._pieces else 404
                self.send_response(pieces if isinstance(pieces, int) else 200)
                self.end_headers()
                for piece in [] if isinstance(pieces, int) else pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(0.02)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def event(number: int) -> bytes:
    alert: dict[str, Any] = {
        "id": f"a{number}", "issue": "路灯", "obligation": "resolution", "kind": "overdue", "level": 0,
        "due": "2026-01-01T00:00:00Z", "at": "2026-01-01T00:00:00Z", "raised": "2026-01-01T00:00:00Z",
        "sequence": number, "cycle": "e", "commitment": "", "service": "", "department": "", "area": "",
        "channel": "",
    }  # fmt: skip

    return f"id: {number}\nevent: overdue\ndata: {json.dumps(alert, ensure_ascii=False)}\n\n".encode()


def test_what_breaks_off_in_the_middle_of_an_alert_is_asked_for_again() -> None:
    third = event(3)
    answers = Answers(
        [b": following\nid: 0\nretry: 2000\n\n", event(1) + event(2)[:40], event(2)[40:], third[:60]],
        503,
        [third.replace(b"\n", b"\r\n")],
    )
    found: list[tuple[str, str]] = []
    try:
        with Subscriber(AlertStream(answers.url)) as alerts, pytest.raises(Refused, match="404"):
            found.extend((alert.id, alert.issue) for alert in alerts)
    finally:
        answers.close()
    assert found == [("a1", "路灯"), ("a2", "路灯"), ("a3", "路灯")]
    assert answers.asked == ["", "2", "2", "3"]


def test_what_will_not_be_answered_however_often_it_is_asked_is_said(gateway: Gateway) -> None:
    url = url_of(gateway)
    for source, said in (
        (AlertStream(url, kind="late"), "there are due_soon"),
        (AlertStream(url, department="roads"), "there is no department 'roads'"),
        (AlertStream(url, "nobody.1.2"), "has ended, or is none of ours.* `token`"),
    ):
        with Subscriber(source) as alerts, pytest.raises(Refused, match=said):
            next(iter(alerts))
    with pytest.raises(ValueError, match="begins with https"):
        AlertStream("town.example")


def test_who_sends_no_pass_is_told_how_to_get_and_send_one(gateway: Gateway) -> None:
    gateway.key()
    until(lambda: gateway.client.get("/v1/alerts").status_code == 401)
    said = r"send an account's pass.*livelihood accounts pass makes one.*401.*`token`"
    with Subscriber(AlertStream(url_of(gateway))) as alerts, pytest.raises(Refused, match=said):
        next(iter(alerts))
