"""A server on both engines, and alerts as a worker publishes them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest

from cli.engine import Engine
from livelihood.alerts import Alert
from livelihood.instants import SECOND, parse, to_datetime
from livelihood.partitions import partition_of
from livelihood.ports import Outgoing

# Fixtures are found by their names here.
from tests.producers.gateway.conftest import Gateway, at_work, gateway, kept, serve, settings

__all__ = ["Gateway", "at_work", "gateway", "kept", "serve", "settings"]

NOON = parse("2026-05-06T12:00:00Z")


class Telling:
    """Publishes alerts, each a second after the one before."""

    def __init__(self) -> None:
        self._numbers = count(1)
        #: Partition -> how many have left there.
        self._sent: dict[int, int] = {}
        self.told: list[Alert] = []

    def tell(self, engine: Engine, *alerts: dict[str, Any]) -> list[Alert]:
        """Publish some; what is not said of one is usual."""
        made = [self._made(fields) for fields in alerts]
        by_partition: dict[int, list[tuple[int, Outgoing]]] = {}
        for alert in made:
            partition = partition_of(alert.issue, engine.log.partitions)
            number = self._sent[partition] = self._sent.get(partition, 0) + 1
            value = msgspec.json.encode(alert)
            by_partition.setdefault(partition, []).append(
                (number, Outgoing("alert", alert.id, alert.issue, value))
            )
        for partition, waiting in by_partition.items():
            engine.outlet.publish(partition, "0123456789abcdef", waiting)
        self.told += made
        return made

    def many(self, engine: Engine, number: int, **fields: Any) -> list[Alert]:
        """So many, of as many issues."""
        return self.tell(engine, *({"issue": f"N-{len(self.told) + one}", **fields} for one in range(number)))

    def _made(self, fields: dict[str, Any]) -> Alert:
        number = next(self._numbers)
        at = to_datetime(NOON + number * SECOND)
        usual = {
            "id": f"a{number}", "issue": f"I-{number}", "obligation": "resolution",
            "kind": "overdue", "level": 0, "due": at, "at": at, "raised": at, "sequence": 1, "cycle": "e1",
            "commitment": "lamps", "service": "lamp", "department": "works", "area": "north",
            "channel": "phone",
        }  # fmt: skip
        return Alert(**(usual | fields))


@pytest.fixture
def telling() -> Telling:
    return Telling()


class Follower:
    """Reads the stream as a browser's EventSource would: it knows the last id, and comes again with it."""

    def __init__(self, **wanted: str) -> None:
        self.wanted = wanted
        self.last_id = ""
        self.alerts: list[dict[str, Any]] = []
        self.kinds: list[str] = []

    @property
    def ids(self) -> list[str]:
        return [alert["id"] for alert in self.alerts]

    def read(self, url: str, number: int) -> None:
        """Read so many alerts more over a new connection, then drop it."""
        with self.stream(url) as lines:
            self.take(lines, number)

    @contextmanager
    def stream(self, url: str) -> Iterator[Iterator[str]]:
        """The lines of a new connection."""
        headers = {"Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        with (
            httpx.Client(timeout=60) as client,
            client.stream("GET", f"{url}/v1/alerts/stream", params=self.wanted, headers=headers) as answer,
        ):
            assert answer.status_code == 200, answer.read()
            yield answer.iter_lines()

    def take(self, lines: Iterator[str], number: int) -> None:
        """Read so many alerts, or an id at least."""
        fields: dict[str, str] = {}
        found = 0
        for line in lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                self.alerts.append(json.loads(fields["data"]))
                self.kinds.append(fields["event"])
                found += 1
            fields = {}
            if found >= number:
                return
        assert found >= number, "the stream ended"


def url_of(gateway: Gateway) -> str:
    return str(gateway.client.base_url).rstrip("/")
