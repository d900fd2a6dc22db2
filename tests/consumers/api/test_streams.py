"""Streams of tables: who follows has what the table says, however often and wherever they come again."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from consumers.api import streams
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import HOUR
from tests.consumers.api.conftest import Requests, streamed
from tests.following import events_of
from tests.patience import PATIENCE_SECONDS
from tests.sites import MINGCHUAN, Site

STALLED = 200
MOST_BYTES = 50 * 1024 * 1024


class Follower:
    """Follows a table as a page does."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.last_id = ""
        self.lines: dict[tuple[Any, ...], Any] = {}
        #: (event, its lines) of all connections.
        self.events: list[tuple[str, list[Any]]] = []

    @contextmanager
    def connected(self, client: httpx.Client) -> Iterator[Iterator[str]]:
        headers = {"last-event-id": self.last_id} if self.last_id else {}
        with streamed(client, self.path, **headers) as lines:
            yield lines

    def take(self, lines: Iterator[str], until: Callable[[], bool]) -> None:
        """Read events until this holds after one with an id."""
        for fields in events_of(lines):
            if "data" in fields:
                event, found = fields["event"], json.loads(fields["data"])["lines"]
                self.events.append((event, found))
                if event == "snapshot":
                    self.lines.clear()
                self.lines |= {key_of(one): one for one in found}
            if "id" in fields:
                self.last_id = fields["id"]
                if until():
                    return
        raise AssertionError("the stream ended")


def key_of(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line.get(name) for name in ("commitment", "department", "service", "area", "channel"))


def table(client: httpx.Client, path: str) -> dict[tuple[Any, ...], Any]:
    return {key_of(line): line for line in client.get(path).json()["lines"]}


@contextmanager
def another_server(site: Site, folder: Path) -> Iterator[httpx.Client]:
    """A second server of the same town."""
    with Listening("127.0.0.1:0") as listening:
        listening.start(make_site(site.context, Settings(data=folder)), lambda: None)
        with httpx.Client(base_url=listening.url, timeout=PATIENCE_SECONDS) as client:
            yield client


def test_a_client_that_follows_has_what_the_table_says(
    requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some(10)
    caught_up()
    path = "/v1/tables/all?by=service"
    follower = Follower(path.replace("all", "all/stream"))
    with follower.connected(client) as lines:
        follower.take(lines, lambda: bool(follower.lines))
        assert follower.events[0][0] == "snapshot"
        for number in range(5):
            requests.tell(requests.event(f"more-{number}", "submitted", service=requests.services[number]))
            requests.site.wait(7 * HOUR)
        caught_up()
        expected = table(client, path)
        follower.take(lines, lambda: follower.lines == expected)
    # Lines that nothing touched are not told again.
    told = {key_of(line) for event, found in follower.events if event == "lines" for line in found}
    assert told < set(expected)


def test_whoever_comes_again_anywhere_is_sent_what_was_touched_meanwhile_and_nothing_else(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None], tmp_path: Path
) -> None:
    requests.some(20)
    caught_up()
    path = "/v1/tables/*?by=service"
    follower = Follower("/v1/tables/*/stream?by=service")
    with follower.connected(client) as lines:
        follower.take(lines, lambda: bool(follower.lines))
    with another_server(site, tmp_path) as other:
        for number, server in enumerate([other, client, other]):
            before, service = dict(follower.lines), requests.services[number]
            follower.events.clear()
            requests.tell(requests.event(f"more-{number}", "submitted", service=service))
            with follower.connected(server) as lines:
                caught_up()
                expected = table(client, path)
                follower.take(lines, lambda wanted=expected: follower.lines == wanted)
            assert {event for event, _ in follower.events} == {"lines"}
            told = [key_of(line) for _, found in follower.events for line in found]
            assert len(told) == len(set(told))
            assert set(told) == {key for key, line in expected.items() if before.get(key) != line}


def test_a_page_goes_on_from_what_it_shows(
    requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some(10)
    caught_up()
    shown = client.get("/v1/tables/all").json()
    follower = Follower(f"/v1/tables/all/stream?after={shown['position']}")
    follower.lines = {key_of(line): line for line in shown["lines"]}
    requests.tell(requests.event("more", "submitted", service=requests.services[0]))
    caught_up()
    expected = table(client, "/v1/tables/all")
    with follower.connected(client) as lines:
        follower.take(lines, lambda: follower.lines == expected)
    assert {event for event, _ in follower.events} == {"lines"}


def test_another_catalogue_and_a_place_in_other_data_begin_with_a_snapshot(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some(5)
    follower = Follower("/v1/tables/all/stream")
    follower.last_id = "0123456789ab.3"
    with follower.connected(client) as lines:
        follower.take(lines, lambda: bool(follower.lines))
        renamed = MINGCHUAN.replace("[commitments.streets]", "[commitments.roads]", 1)
        later = {"version": "later", "correction": "renamed"}
        site.engine.publish(parse_catalogue(renamed).model_copy(update=later))
        site.work()
        follower.take(lines, lambda: any(key[0] == "roads" for key in follower.lines))
        caught_up()
        expected = table(client, "/v1/tables/all")
        follower.take(lines, lambda: follower.lines == expected)
    assert [event for event, _ in follower.events].count("snapshot") == 2


def test_a_stream_ends_with_its_server_and_after_a_while(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    follower = Follower("/v1/tables/all/stream")
    with ExitStack() as server, httpx.Client(timeout=PATIENCE_SECONDS) as other:
        other.base_url = server.enter_context(another_server(site, tmp_path)).base_url
        with follower.connected(other) as lines:
            follower.take(lines, lambda: bool(follower.lines))
            server.close()
            assert not list(lines)[1:]
    monkeypatch.setattr(streams, "LONGEST_SECONDS", 0.5)
    with follower.connected(client) as lines:
        assert len(list(lines)) < 100


def test_readers_that_take_nothing_slow_nobody_and_take_no_memory(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    version = site.context.catalogue().latest
    places = list(product(version.services, version.areas))[:500]
    events = [
        requests.event(f"R-{number}", "submitted", service=service, area=area)
        for number, (service, area) in enumerate(places)
    ]
    requests.tell(*events)
    caught_up()
    path = "/v1/tables/all/stream?by=service,area"
    follower = Follower(path)
    with ExitStack() as held, follower.connected(client) as lines:
        follower.take(lines, lambda: len(follower.lines) > len(places))
        before = resident_bytes()
        for _ in range(STALLED):
            held.enter_context(stalled(site.context.public_url, path))
        for round_ in range(10):
            requests.tell(
                *(requests.event(f"{event.key}-{round_}", "submitted", **data_of(event)) for event in events)
            )
            began = time.monotonic()
            wanted = (round_ + 2) * len(places)
            follower.take(
                lines, lambda wanted=wanted: follower.lines["*", None, None, None, None]["received"] == wanted
            )
            assert time.monotonic() - began < PATIENCE_SECONDS
        grown = resident_bytes() - before
    assert grown < MOST_BYTES, f"{grown / 1024 / 1024:.0f} MB"


@contextmanager
def stalled(url: str, path: str) -> Iterator[None]:
    """A reader that asks, and takes next to nothing of the answer."""
    address = httpx.URL(url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect((address.host, address.port or 80))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc.decode()}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        yield


def data_of(event: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.value)["data"]
    return data


def resident_bytes() -> int:
    """What this process, with the server in it, holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.5)
