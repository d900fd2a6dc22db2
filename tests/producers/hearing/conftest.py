"""A gateway served over HTTP on both engines, somebody at work, and who follows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

# Fixtures are found by their names here.
from tests.producers.gateway.conftest import Gateway, at_work, gateway, serve, settings

__all__ = ["Gateway", "at_work", "gateway", "serve", "settings"]


class Follower:
    """Reads a stream as a browser's EventSource would: it knows the last id, and comes again with it."""

    def __init__(self, channel: str = "phone", token: str = "") -> None:
        self.channel = channel
        self.last_id = ""
        self.changes: list[dict[str, Any]] = []
        self._token = token

    def read(self, url: str, count: int) -> None:
        """Read so many changes more over a new connection, then drop it."""
        with self.stream(url) as lines:
            self.take(lines, count)

    @contextmanager
    def stream(self, url: str) -> Iterator[Iterator[str]]:
        """The lines of a new connection."""
        headers = {"Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        asked = {} if self._token else {"channel": self.channel}
        with (
            httpx.Client(timeout=30) as client,
            client.stream("GET", f"{url}/v1/changes", params=asked, headers=headers) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            yield answer.iter_lines()

    def take(self, lines: Iterator[str], count: int) -> None:
        """Read so many changes, or an id at least."""
        data, found = "", 0
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                identity = value
            elif name == "data":
                data = value
            elif not line:
                self.last_id = identity
                if data:
                    self.changes.append(json.loads(data))
                    data, found = "", found + 1
                if found >= count:
                    return
        assert found >= count, "the stream ended"


@pytest.fixture
def follower() -> Follower:
    return Follower()
