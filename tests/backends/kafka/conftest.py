"""Topics of a test's own on the run's broker."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from livelihood.ports import Record

MakeConnection = Callable[..., Connection]


@pytest.fixture
def make(kafka_server: str) -> MakeConnection:
    """A prefix of its own; with topics where a number of partitions is given."""

    def new(partitions: int = 0) -> Connection:
        connection = Connection(kafka_server, f"k{uuid4().hex[:12]}")
        if partitions:
            topics.init(connection, partitions=partitions)
        return connection

    return new


class Tracker:
    """What processes at one tracker have open."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.open = ExitStack()

    def log(self) -> KafkaLog:
        return self.open.enter_context(KafkaLog(self.connection))

    def outlet(self) -> KafkaOutlet:
        return self.open.enter_context(closing(KafkaOutlet(self.connection)))

    def published(self) -> KafkaPublished:
        return self.open.enter_context(KafkaPublished(self.connection))


@pytest.fixture
def tracker(make: MakeConnection) -> Iterator[Tracker]:
    """Two partitions."""
    tracker = Tracker(make(2))
    yield tracker
    tracker.open.close()


def everything(log: KafkaLog, partition: int, limit: int = 10_000) -> list[Record]:
    found: list[Record] = []
    while records := log.read(partition, found[-1].offset + 1 if found else 0, limit):
        found += records
    return found
