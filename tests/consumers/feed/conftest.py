"""A server on both engines, and alerts as a worker publishes them."""

from itertools import count
from typing import Any

import msgspec
import pytest

from cli.engine import Engine
from livelihood.alerts import Alert
from livelihood.instants import SECOND, parse, to_datetime
from livelihood.partitions import partition_of
from livelihood.ports import Outgoing
from tests import following

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


class Follower(following.Follower):
    """Follows the alerts that are wanted."""

    def __init__(self, **wanted: str) -> None:
        super().__init__("/v1/alerts/stream", wanted)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return self.told

    @property
    def ids(self) -> list[str]:
        return [alert["id"] for alert in self.alerts]


def url_of(gateway: Gateway) -> str:
    return str(gateway.client.base_url).rstrip("/")
