"""`livelihood stack`: real servers, from the command line."""

import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.servers.kafka import Kafka
from backends.servers.packages import java, kafka_jars, valkey
from backends.servers.valkey import Valkey
from cli.catalogues import read_catalogue
from cli.engine import open_engine
from cli.settings import load
from cli.stack import write_settings
from livelihood.ports import NewRecord, Unavailable
from tests.servers import missing


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Path]:
    """A folder for a stack that nobody started yet; whatever runs in it is ended."""
    try:
        java(), kafka_jars(), valkey()
    except Unavailable as error:
        missing("Kafka and Valkey", error)
    folder = tmp_path / "servers"
    yield folder
    Kafka(folder / "kafka").process.kill()
    Valkey(folder / "valkey").process.kill()
    Valkey(folder / "vault").process.kill()


def test_a_stack_is_started_asked_about_and_ended(run: Any, servers: Path, data: Path) -> None:
    where = ("--data", data, "--folder", servers)
    up = run("stack", "up", *where)
    assert up.status == 0, up.err
    exported = dict(line.removeprefix("export LIVELIHOOD_").split("=") for line in up.out.splitlines())
    assert list(exported) == ["KAFKA", "REDIS", "VAULT", "MASTER_KEY_FILE"]
    written = tomllib.loads((data / "livelihood.toml").read_text())
    assert written == {name.lower(): value for name, value in exported.items()}
    assert (servers / "vault").stat().st_mode & 0o77 == 0
    assert Path(written["master_key_file"]).stat().st_mode & 0o777 == 0o600

    first = run("stack", "status", *where, "--format", "json")
    assert first.status == 0
    assert [server["address"] for server in first.json] == list(exported.values())[:3]
    assert all(server["answers"] and server["version"] and server["bytes"] for server in first.json)

    made = run("stack", "init", "--data", data)
    assert made.err == "All topics are there, as they must be.\n"

    again = run("stack", "up", *where)
    assert again.out == up.out
    second = run("stack", "status", *where, "--format", "json")
    assert [server["process"] for server in second.json] == [server["process"] for server in first.json]

    down = run("stack", "down", *where)
    assert down.err == "Kafka has ended.\nValkey has ended.\nThe vault's Valkey has ended.\n"
    assert run("stack", "down", *where).err.splitlines()[-1] == "The vault's Valkey was not running."
    status = run("stack", "status", *where)
    assert status.status == 3
    assert "is not running" in status.out


def test_servers_that_are_configured_already_are_not_silently_changed(
    run: Any, servers: Path, data: Path
) -> None:
    data.mkdir()
    (data / "livelihood.toml").write_text('kafka = "city:9092"\nredis = "redis://city/0"\n')
    up = run("stack", "up", "--data", data, "--folder", servers)
    assert up.status == 2
    assert "names another server" in up.err
    assert Kafka(servers / "kafka").process.pid is None


@pytest.fixture
def topics(kafka_server: str, redis_server: str) -> dict[str, str]:
    """The environment of commands with topics that nobody made yet."""
    name = f"t{uuid.uuid4().hex}"
    return {
        "LIVELIHOOD_KAFKA": kafka_server,
        "LIVELIHOOD_REDIS": redis_server,
        "LIVELIHOOD_TOPICS": name,
    }


def test_topics_are_made_once_with_the_partitions_asked_for(run: Any, topics: dict[str, str]) -> None:
    name = topics["LIVELIHOOD_TOPICS"]
    first = run("stack", "init", "--partitions", 3, env=topics)
    assert first.status == 0
    assert f"Made {name}.requests" in first.err
    # Whoever does not ask for another number gets the one there is.
    again = run("stack", "init", env=topics)
    assert again.err == "All topics are there, as they must be.\n"
    connection = Connection(topics["LIVELIHOOD_KAFKA"], name)
    assert [connection.partitions(topic) for topic in ("requests", "alerts", "catalogue")] == [3, 3, 1]


def test_a_log_with_records_keeps_its_partitions(run: Any, topics: dict[str, str]) -> None:
    run("stack", "init", "--partitions", 2, env=topics)
    connection = Connection(topics["LIVELIHOOD_KAFKA"], topics["LIVELIHOOD_TOPICS"])
    with KafkaLog(connection) as log:
        log.append([NewRecord("H-1", b"{}")])
    refused = run("stack", "init", "--partitions", 3, env=topics)
    assert refused.status == 1
    assert "holds records" in refused.err
    assert connection.partitions("requests") == 2


def test_a_log_is_copied_to_more_partitions_with_the_same_tables(
    run: Any, topics: dict[str, str], event: Any, files: Any
) -> None:
    name = topics["LIVELIHOOD_TOPICS"]
    new = {**topics, "LIVELIHOOD_TOPICS": f"{name}-2"}
    run("stack", "init", "--partitions", 2, env=topics)
    settings = load(kafka=topics["LIVELIHOOD_KAFKA"], redis=topics["LIVELIHOOD_REDIS"], topics=name).settings
    issues = [f"H-{number}" for number in range(30)]
    with open_engine(settings) as engine:
        engine.publish(read_catalogue(files.catalogue))
        engine.log.append([NewRecord(one, event(subject=one).encode()) for one in issues])
        engine.log.append([NewRecord(one, event("closed", subject=one).encode()) for one in issues[:10]])
    assert run("rebuild", "--yes", env=topics).status == 0
    before = run("table", "--by", "service", "--as-of", "2030-01-01", "--format", "json", env=topics)
    assert before.json[0]["received"] == 30

    copied = run("stack", "rekey", "--to", f"{name}-2", "--partitions", 5, env=topics)
    assert copied.status == 0, copied.err
    assert Connection(topics["LIVELIHOOD_KAFKA"], f"{name}-2").partitions("requests") == 5
    assert run("rebuild", "--yes", env=new).status == 0
    after = run("table", "--by", "service", "--as-of", "2030-01-01", "--format", "json", env=new)
    assert after.json == before.json

    again = run("stack", "rekey", "--to", f"{name}-2", "--partitions", 5, env=topics)
    assert again.status == 1
    assert "holds records already" in again.err


def test_without_a_kafka_there_is_nothing_to_make_topics_on(run: Any, data: Path) -> None:
    ran = run("stack", "init", "--data", data)
    assert ran.status == 2
    assert "livelihood stack up" in ran.err


def test_settings_are_written_beside_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "livelihood.toml"
    file.write_text('# ours\ntopics = "town"\nkafka = "old:1"\n\n[kafka_options]\nkafka = "of the table"\n')
    write_settings(file, {"kafka": "new:2", "redis": "redis://new"})
    text = file.read_text()
    assert "# ours\n" in text
    assert tomllib.loads(text) == {
        "kafka": "new:2",
        "redis": "redis://new",
        "topics": "town",
        "kafka_options": {"kafka": "of the table"},
    }
    write_settings(file, {"kafka": "new:2", "redis": "redis://new"})
    assert file.read_text() == text
    table = '[kafka_options]\nkafka = "of the table"\n'
    file.write_text(table)
    write_settings(file, {"kafka": "new:2"})
    assert file.read_text() == f'kafka = "new:2"\n{table}'
