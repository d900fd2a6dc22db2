"""The publisher on a real broker: where its events are, and what becomes of them when it is killed."""

import gc
import json
import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.servers.kafka import Kafka
from livelihood.partitions import partition_of
from livelihood.ports import Record
from producers import Delivery, KafkaTransport, NotDelivered, Publisher, PublisherFull
from tests.servers import running_kafka

PARTITIONS = 3
pytestmark = [
    # kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
    pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning"),
    # It leaves the socket of a refused connection to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def _nothing_is_left_for_other_tests() -> Iterator[None]:
    # What it logs holds those sockets for as long as pytest holds what was logged.
    logging.getLogger("kafka").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("kafka").setLevel(logging.NOTSET)
    for thread in threading.enumerate():
        if thread.name.endswith("-network-thread"):
            thread.join(30)
    # What has a finalizer is gone only after several.
    for _ in range(5):
        gc.collect()


@pytest.fixture
def connection(kafka_server: str) -> Connection:
    connection = Connection(kafka_server, f"k{uuid4().hex[:12]}")
    topics.init(connection, partitions=PARTITIONS)
    return connection


def held(connection: Connection) -> list[tuple[int, Record]]:
    """All records, each with its partition."""
    found: list[tuple[int, Record]] = []
    with KafkaLog(connection) as log:
        for partition in range(log.partitions):
            offset = 0
            while records := log.read(partition, offset, 10_000):
                found += [(partition, record) for record in records]
                offset = records[-1].offset + 1
    return found


def transport(connection: Connection, **options: Any) -> KafkaTransport:
    return KafkaTransport(connection.servers, topics=connection.prefix, options=options)


def test_events_are_in_the_partition_of_their_root_issue(connection: Connection, make_event: Any) -> None:
    subjects = [f"{name}-{number}" for number in range(200) for name in ("H", "市民", f"B-{number}~water")]
    with Publisher(transport(connection)) as out:
        futures = [out.publish(make_event(n, subject=subject)) for n, subject in enumerate(subjects)]
    assert {future.result(0).issue for future in futures} == set(subjects)
    records = held(connection)
    assert sorted(json.loads(record.value)["subject"] for _, record in records) == sorted(subjects)
    for partition, record in records:
        assert record.key == json.loads(record.value)["subject"].partition("~")[0]
        assert partition == partition_of(record.key, PARTITIONS)


def test_a_broker_that_is_not_there_or_has_no_such_topic_is_named(kafka_server: str, make_event: Any) -> None:
    for servers in ("127.0.0.1:1", kafka_server):
        way = KafkaTransport(
            servers, topics="nowhere", options={"bootstrap_timeout_ms": 300, "max_block_ms": 300}
        )
        with Publisher(way, give_up_seconds=0.2) as out:
            future = out.publish(make_event(1))
            with pytest.raises(NotDelivered, match=f"Kafka at {servers}, topic nowhere.requests: ") as caught:
                future.result(60)
            assert not caught.value.refused


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Kafka]:
    yield from running_kafka(tmp_path / "broker")


@pytest.mark.slow
def test_a_broker_killed_and_back_loses_nothing_that_was_reported_delivered(
    broker: Kafka, make_event: Any
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    connection = Connection(broker.address, "faults")
    topics.init(connection, partitions=PARTITIONS)
    told: list[Delivery] = []
    ended = threading.Event()
    published = 0
    # Impatient, so that some are reported as not delivered.
    way = transport(connection, delivery_timeout_ms=1_500, request_timeout_ms=1_000, max_block_ms=1_000)
    out = Publisher(way, most_events=400, block_seconds=0.05, give_up_seconds=1.0)

    def publish() -> None:
        nonlocal published
        while not ended.is_set():
            with suppress(PublisherFull):
                out.publish(make_event(published), told.append)
                published += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for _ in range(3):
            time.sleep(chance.uniform(0.3, 1.0))
            broker.process.kill()
            time.sleep(chance.uniform(0.0, 3.0))
            broker.start()
        before = len(told)
        limit = time.monotonic() + 60
        while sum(one.error is None for one in told[before:]) < 50 and time.monotonic() < limit:
            time.sleep(0.05)
    finally:
        ended.set()
        thread.join(60)
        out.close(60)
    assert sorted(one.id for one in told) == sorted(f"e{number}" for number in range(published))
    delivered = {one.id for one in told if one.error is None}
    there = {json.loads(record.value)["id"] for _, record in held(connection)}
    assert delivered <= there
    assert len(delivered) > 50
