"""What was published, read by threads that share one reader of it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from backends.kafka.connection import Connection
from backends.kafka.published import KafkaPublished
from backends.kafka.reading import PartitionReader
from backends.kafka.topics import init


@pytest.fixture
def published(kafka_server: str) -> Iterator[KafkaPublished]:
    connection = Connection(kafka_server, f"p{uuid4().hex[:10]}")
    init(connection, partitions=1)
    with closing(KafkaPublished(connection)) as made:
        yield made


def test_threads_take_turns_at_a_reader_that_goes_on_where_it_was(
    published: KafkaPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, numbers = set(), count()
    most = []

    def read(reader: PartitionReader, offset: int, limit: int) -> list[Any]:
        me = next(numbers)
        inside.add(me)
        most.append(len(inside))
        time.sleep(0.01)
        inside.remove(me)
        return []

    monkeypatch.setattr(PartitionReader, "read", read)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda after: published.outgoing("alert", 0, after, 10), range(12)))
    assert most == [1] * 12
