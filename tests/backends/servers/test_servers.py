"""Servers of this machine, started for real, killed, and started again."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from backends.servers.kafka import Kafka
from backends.servers.process import Background
from backends.servers.valkey import Valkey
from livelihood.ports import Unavailable
from tests.patience import PATIENCE_SECONDS
from tests.servers import running_kafka, running_valkey


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    yield from running_kafka(tmp_path / "a folder")


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    yield from running_valkey(tmp_path / "a folder")


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Background]:
    program = Background(tmp_path, "Sleeper")
    yield program
    program.kill()


SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_the_broker_of_the_tests_takes_a_record_and_gives_it_back(kafka_server: str) -> None:
    topic = f"t{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": kafka_server})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer({"bootstrap.servers": kafka_server, "acks": "all"})
    producer.produce(topic, b"value", b"key")
    assert producer.flush(PATIENCE_SECONDS) == 0
    assert read_one(kafka_server, topic) == b"value"


def read_one(address: str, topic: str) -> bytes | None:
    consumer = Consumer({"bootstrap.servers": address, "group.id": "t", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    try:
        record = consumer.poll(30)
    finally:
        consumer.close()
    return record.value() if record else None


def test_a_topic_that_nobody_made_is_not_made_by_writing_to_it(kafka_server: str) -> None:
    producer = Producer({"bootstrap.servers": kafka_server, "message.timeout.ms": 1000, "log_level": 0})
    refused = []
    producer.produce("nobody-made-it", b"value", on_delivery=lambda error, _: refused.append(error))
    producer.flush(PATIENCE_SECONDS)
    assert refused[0] is not None


def test_a_killed_broker_comes_back_where_it_was_with_what_it_acknowledged(own_kafka: Kafka) -> None:
    address, first = own_kafka.address, own_kafka.process.pid
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic("t", 1, 1)])["t"].result(30)
    producer = Producer({"bootstrap.servers": address, "acks": "all"})
    producer.produce("t", b"acknowledged")
    assert producer.flush(PATIENCE_SECONDS) == 0
    own_kafka.process.kill()
    assert not own_kafka.answers()
    own_kafka.start()
    assert own_kafka.address == address
    assert own_kafka.process.pid != first
    assert read_one(address, "t") == b"acknowledged"


def test_valkey_keeps_what_it_acknowledged_and_evicts_nothing(own_valkey: Valkey) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        client.set("key", "value")
        assert client.config_get("appendonly", "maxmemory-policy", "appendfsync") == {
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
        }
    own_valkey.process.kill()
    own_valkey.start()
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.get("key") == b"value"


def test_a_server_that_runs_is_started_by_nobody_again(own_valkey: Valkey) -> None:
    again = Valkey(own_valkey.process.folder)
    again.start()
    assert again.process.pid == own_valkey.process.pid
    assert again.stop()
    assert own_valkey.process.pid is None


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = Valkey(tmp_path, settings={"no-such-setting": "1"})
    with pytest.raises(Unavailable, match=r"(?s)ended while it started.*no-such-setting.*start it again"):
        server.start()


def test_a_server_that_is_not_ready_in_time_is_ended(sleeper: Background) -> None:
    with pytest.raises(Unavailable, match="not ready within 0 s"):
        sleeper.start(SLEEP, [], lambda: False, 0.2)
    assert sleeper.pid is None


def test_a_server_outlives_who_started_it(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from backends.servers.process import Background;"
    code += f"Background(Path(sys.argv[1]), 'S').start({SLEEP!r}, [], lambda: True, 5)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, start_new_session=True)
    program = Background(tmp_path, "S")
    assert program.pid
    assert program.stop(10)
    assert program.pid is None


def test_another_process_that_was_given_the_number_is_left_alone(sleeper: Background) -> None:
    sleeper.start(SLEEP, [], lambda: True, 5)
    identity, pid = sleeper.folder / "process.json", sleeper.pid
    said = json.loads(identity.read_text())
    identity.write_text(json.dumps({**said, "started": said["started"] - 60}))
    assert sleeper.pid is None
    sleeper.kill()
    identity.write_text(json.dumps(said))
    assert sleeper.pid == pid


def test_one_that_does_not_end_when_asked_is_killed(sleeper: Background) -> None:
    sleeper.start(SLEEP, [], lambda: True, 5)
    process = psutil.Process(sleeper.pid)
    process.suspend()
    while process.status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    assert not sleeper.stop(0.2)
    assert sleeper.pid is None


def test_a_port_that_another_uses_is_named(own_valkey: Valkey, tmp_path: Path) -> None:
    port = own_valkey.process.ports(1)[0]
    with pytest.raises(Unavailable, match=f"port {port} of Valkey is used by another program"):
        Valkey(tmp_path / "second", port=port).start()
