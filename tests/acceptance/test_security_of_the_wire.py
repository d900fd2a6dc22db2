"""The engine on servers that ask who one is, each process with the rights of docs/security-of-the-wire.md."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from cli.examples import example_path
from livelihood.ports import NewRecord, Unavailable
from tests.patience import PATIENCE_SECONDS
from tests.secured import Secure

EVENT = {
    "specversion": "1.0",
    "type": "livelihood.request.submitted",
    "source": "/channels/phone",
    "id": "1",
    "subject": "H-1",
    "time": "2024-04-02T09:00:00-05:00",
    "channel": "phone",
    "data": {"service": "pothole"},
}


def environment(secure: Secure, user: str, redis: str, data: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LIVELIHOOD_DATA": str(data),
        "LIVELIHOOD_KAFKA": secure.kafka.address,
        "LIVELIHOOD_KAFKA_OPTIONS": json.dumps(secure.kafka_options(user)),
        "LIVELIHOOD_REDIS": secure.redis_url(redis),
    }


def livelihood(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from cli.main import main; main()", *arguments]


def command(given: dict[str, str], *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        livelihood(*arguments),
        env=given,
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def worker(secure_servers: Secure, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Topics, rights, and a worker as its own user."""
    administrator = environment(secure_servers, "administrator", "administrator", tmp_path / "a")
    command(administrator, "stack", "init", "--partitions", "2")
    secure_servers.grant("livelihood")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            livelihood("worker", "--web-port", "0"),
            env=environment(secure_servers, "worker", "worker", tmp_path / "w"),
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_each_does_its_work_with_no_more_rights_than_it_needs(
    secure_servers: Secure, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    publisher = environment(secure_servers, "publisher", "reader", tmp_path / "p")
    requests, folder = str(example_path("town/requests.csv")), tmp_path / "town"
    folder.mkdir()
    command(
        publisher,
        *("init", str(folder), "--title", "Town", "--time-zone", "America/Chicago", "--yes"),
        *("--calendar", "us-federal", "--table", requests),
    )
    command(publisher, "catalogue", "publish", str(folder / "catalogue.toml"))
    command(publisher, "import", requests, "--mapping", str(folder / "mapping.toml"))
    command(publisher, "publish", "-", text=json.dumps(EVENT))
    reader = environment(secure_servers, "reader", "reader", tmp_path / "r")
    table = json.loads(command(reader, "table", "--format", "json"))
    assert table[0]["received"] == 301
    assert worker.poll() is None

    assert first_alert(secure_servers)["kind"] == "due_soon"

    connection = Connection(
        secure_servers.kafka.address, "livelihood", secure_servers.kafka_options("worker")
    )
    with KafkaLog(connection) as log, pytest.raises(Unavailable, match="does not allow this user"):
        log.append([NewRecord("H-2", b"{}")])

    # The page says what then waits, and that the worker says so.
    merged = {**EVENT, "id": "2", "type": "livelihood.request.merged", "data": {"into": "T-1299"}}
    command(publisher, "publish", "-", text=json.dumps(merged))
    limit = time.monotonic() + PATIENCE_SECONDS
    while "does not allow this user" not in (tmp_path / "log").read_text():
        assert time.monotonic() < limit
        time.sleep(0.1)


def first_alert(secure: Secure) -> dict[str, str]:
    options = secure.kafka_options("subscriber")
    consumer = Consumer(
        {
            **options,
            "bootstrap.servers": secure.kafka.address,
            "group.id": "subscriber.test",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe(["livelihood.alerts"])
    limit = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < limit:
            record = consumer.poll(1)
            if record and not record.error():
                return dict(json.loads(record.value() or b""))
    finally:
        consumer.close()
    raise AssertionError("no alert came")
