"""Who follows a stream of Server-Sent Events as a browser's EventSource does."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from uvicorn import Config

from cli import listening
from tests.patience import PATIENCE_SECONDS, until


def events_of(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """The fields of each event, in order; of a comment alone there are none."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield fields
            fields = {}


class Follower:
    """Knows the last id, and comes again with it."""

    def __init__(self, path: str, wanted: Mapping[str, str]) -> None:
        self.last_id = ""
        #: What each event said, and its name.
        self.told: list[dict[str, Any]] = []
        self.kinds: list[str] = []
        self._path = path
        self._wanted = wanted

    def read(self, url: str, number: int) -> None:
        """Read so many events more over a new connection, then drop it."""
        with self.stream(url) as lines:
            self.take(lines, number)

    @contextmanager
    def stream(self, url: str) -> Iterator[Iterator[str]]:
        """The lines of a new connection."""
        headers = {"Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        with (
            httpx.Client(timeout=PATIENCE_SECONDS) as client,
            client.stream("GET", url + self._path, params=self._wanted, headers=headers) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            yield answer.iter_lines()

    def take(self, lines: Iterator[str], number: int) -> None:
        """Read so many events, or an id at least."""
        found = 0
        for fields in events_of(lines):
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                self.told.append(json.loads(fields["data"]))
                self.kinds.append(fields["event"])
                found += 1
            if found >= number:
                return
        raise AssertionError("the stream ended")


def check_that_all_end(
    server: AbstractContextManager[Any], follower: Follower, poll: Callable[[str], None]
) -> None:
    """A stream, and a poll of the server at a URL, end when the server does."""
    ended: list[str] = []
    servers: list[listening._Server] = []

    class Noted(listening._Server):
        def __init__(self, config: Config) -> None:
            super().__init__(config)
            servers.append(self)

    def follow(url: str) -> None:
        with follower.stream(url) as lines:
            for _ in lines:
                pass
        ended.append("stream")

    def ask(url: str) -> None:
        poll(url)
        ended.append("poll")

    with pytest.MonkeyPatch.context() as patch, ExitStack() as running:
        patch.setattr(listening, "_Server", Noted)
        gateway = running.enter_context(server)
        url = str(gateway.client.base_url).rstrip("/")
        threads = [threading.Thread(target=one, args=(url,)) for one in (follow, ask)]
        for thread in threads:
            thread.start()
        # Both are being answered: whoever is not yet is turned away.
        until(lambda: len(servers[-1].server_state.tasks) == len(threads))
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(ended) == ["poll", "stream"]
