"""The topics: made, put right, and never given other partitions once they hold records."""

import re
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from livelihood.ports import NewRecord, Refused, Unavailable
from tests.backends.kafka.conftest import MakeConnection

DOCS = Path(__file__).resolve().parents[3] / "docs"


def settings_of(connection: Connection, name: str) -> dict[str, str]:
    admin = connection.admin()
    resource = ConfigResource(ResourceType.TOPIC, connection.topic(name))
    return {
        key: entry.value for key, entry in admin.describe_configs([resource])[resource].result(30).items()
    }


def change(connection: Connection, name: str, setting: str, value: str) -> None:
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, connection.topic(name), incremental_configs=[entry])
    admin = connection.admin()
    admin.incremental_alter_configs([resource])[resource].result(30)


def test_topics_are_made_once_with_all_that_they_need(make: MakeConnection) -> None:
    connection = make()
    assert topics.init(connection, partitions=3) == [
        f"made {connection.topic(topic.name)}" for topic in topics.TOPICS
    ]
    assert topics.init(connection, partitions=3) == []
    for topic in topics.TOPICS:
        assert connection.partitions(topic.name) == (topic.partitions or 3)
        assert topic.settings.items() <= settings_of(connection, topic.name).items()
    assert topics.check(connection) == 3


def test_settings_that_would_lose_records_or_time_are_put_right(make: MakeConnection) -> None:
    connection = make(1)
    change(connection, topics.REQUESTS, "retention.ms", "1000")
    change(connection, topics.REQUESTS, "message.timestamp.type", "CreateTime")
    change(connection, topics.PROGRESS, "cleanup.policy", "delete")
    with pytest.raises(Unavailable, match="stack init"):
        topics.check(connection)
    done = topics.init(connection, partitions=1)
    assert len(done) == 2
    assert "retention.ms=-1" in done[0]
    assert topics.init(connection, partitions=1) == []
    assert topics.check(connection) == 1


def test_partitions_are_added_only_while_nothing_is_there(make: MakeConnection) -> None:
    connection = make(1)
    assert len(topics.init(connection, partitions=2)) == 5
    assert topics.init(connection, partitions=2) == []
    with pytest.raises(Refused, match="never gets fewer"):
        topics.init(connection, partitions=1)
    with KafkaLog(connection) as log:
        log.append([NewRecord("a", b"{}")])
    with pytest.raises(Refused, match=r"2 partitions, not 3.*stack rekey"):
        topics.init(connection, partitions=3)
    assert topics.init(connection, partitions=2) == []


def test_more_brokers_in_step_than_there_are_copies_is_refused(make: MakeConnection) -> None:
    with pytest.raises(Refused, match="min_insync"):
        topics.init(make(), partitions=1, replication=1, min_insync=2)


def test_the_page_names_the_topics_and_how_long_each_keeps_what_it_has() -> None:
    page = (DOCS / "topics.md").read_text()
    listed = dict(re.findall(r"^\| `\.([\w-]+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE))
    kept = {"delete": "for ever", "compact": "the latest of a key"}
    assert listed == {topic.name: kept[topic.settings["cleanup.policy"]] for topic in topics.TOPICS}
