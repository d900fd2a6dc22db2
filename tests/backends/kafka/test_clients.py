"""Whoever writes an issue's records, they go to the issue's partition: every client that is used here."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from livelihood.partitions import partition_of
from livelihood.ports import NewRecord
from tests.backends.kafka.conftest import everything

PARTITIONS = 7
KEYS = st.lists(
    st.one_of(st.text(min_size=1), st.text("市民热线é🚲-~0123", min_size=1)), min_size=1, max_size=40
)
# kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
pytestmark = pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def connection(kafka_server: str) -> Connection:
    connection = Connection(kafka_server, f"k{uuid4().hex[:12]}")
    topics.init(connection, partitions=PARTITIONS)
    return connection


def chosen_by_confluent(connection: Connection, keys: list[str]) -> list[int]:
    with KafkaLog(connection) as log:
        return [partition for partition, _ in log.append([NewRecord(key, b"{}") for key in keys])]


def chosen_by_kafka_python(connection: Connection, keys: list[str]) -> list[int]:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=connection.servers)
    sent = [producer.send(connection.topic(topics.REQUESTS), b"{}", key.encode()) for key in keys]
    partitions = [one.get(30).partition for one in sent]
    producer.close()
    return partitions


def chosen_by_aiokafka(connection: Connection, keys: list[str]) -> list[int]:
    from aiokafka import AIOKafkaProducer

    async def send() -> list[int]:
        async with AIOKafkaProducer(bootstrap_servers=connection.servers) as producer:
            topic = connection.topic(topics.REQUESTS)
            sent = [await producer.send(topic, b"{}", key.encode()) for key in keys]
            return [(await one).partition for one in sent]

    return asyncio.run(send())


@pytest.mark.parametrize("choose", [chosen_by_confluent, chosen_by_kafka_python, chosen_by_aiokafka])
@settings(max_examples=12)
@given(keys=KEYS)
def test_every_client_chooses_an_issues_partition(connection: Connection, choose, keys: list[str]) -> None:
    assert choose(connection, keys) == [partition_of(key, PARTITIONS) for key in keys]


def test_so_each_record_is_where_it_is_looked_for(connection: Connection) -> None:
    with KafkaLog(connection) as log:
        records = [(p, record.key) for p in range(PARTITIONS) for record in everything(log, p)]
    assert all(partition_of(key, PARTITIONS) == partition for partition, key in records)
