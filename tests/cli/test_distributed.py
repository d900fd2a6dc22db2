"""The same commands on Kafka and Redis: in this process where that will do, with a real broker and server."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.redis.discarding import discard
from cli import migrating
from cli.distributed import DistributedEngine
from cli.embedded import EmbeddedEngine
from cli.failures import INTERRUPTED, MISSING, REFUSED, USAGE
from cli.settings import Settings
from livelihood.ports import NewRecord
from livelihood.rollup import BREAKDOWNS
from tests.cli.test_serving import served, url_in
from tests.patience import PATIENCE_SECONDS
from tests.working import at_work

PARTITIONS = 3


@pytest.fixture
def settings(kafka_server: str, redis_server: str, tmp_path: Path) -> Iterator[Settings]:
    """Topics of a test's own, and a data folder for imports under way."""
    topics = f"t{uuid4().hex[:10]}"
    init(Connection(kafka_server, topics), partitions=PARTITIONS)
    yield Settings(kafka=kafka_server, redis=redis_server, topics=topics, data=tmp_path / "local")
    discard(redis_server, prefix=topics, partitions=PARTITIONS)


@pytest.fixture
def stack(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same, in force for every command."""
    for name in ("kafka", "redis", "topics", "data"):
        monkeypatch.setenv(f"LIVELIHOOD_{name.upper()}", str(getattr(settings, name)))
    return settings


def printed(run: Any, *arguments: object, env: dict[str, str] | None = None) -> Any:
    ran = run(*arguments, "--format", "json", env=env)
    assert ran.status == 0, ran.err
    return ran.json


def tables(run: Any, *arguments: object, env: dict[str, str] | None = None) -> list[Any]:
    """Every breakdown, and how things stood in between."""
    asked = [("--by", by) for by in BREAKDOWNS] + [("--as-of", "2024-02-10"), ("--known-at", "2024-02-20")]
    return [printed(run, "table", *one, *arguments, env=env) for one in asked]


def alerts(run: Any, *arguments: object, env: dict[str, str] | None = None) -> list[str]:
    return sorted(alert["id"] for alert in printed(run, "alerts", *arguments, env=env))


def topic_of_alerts(settings: Settings) -> list[str]:
    """The ids of all alerts there are in the topic, in order of partitions."""
    with DistributedEngine(settings) as engine:
        return [
            identity
            for partition in range(PARTITIONS)
            for _, identity, _ in engine.topics.outgoing("alert", partition, 0, 100_000)
        ]


#: With these a command uses a folder, whatever the environment says.
EMBEDDED = {"LIVELIHOOD_KAFKA": "", "LIVELIHOOD_REDIS": ""}


def test_a_folder_is_moved_with_equal_tables_and_alerts(
    run: Any, own_town: Any, event: Any, lines: Any, stack: Settings
) -> None:
    data = ("--data", own_town.data)
    events = [event(), event("accepted"), event("resolved", data={"outcome": "fixed"}), event(subject="H-2")]
    assert run("publish", lines(events), *data, env=EMBEDDED).status == 0
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("X-1", b"{}")])
    # An import under way, which goes on afterwards.
    changed = own_town.table.read_text().replace("T-1001,", "T-9001,", 1)
    (own_town.folder / "more.csv").write_text(changed)
    more = ("import", own_town.folder / "more.csv", "--mapping", own_town.mapping, *data)
    assert run(*more, "--until", "2024-01-20", env=EMBEDDED).status == 0
    before = tables(run, *data, env=EMBEDDED), alerts(run, *data, env=EMBEDDED)
    ran = run("migrate", *data)
    assert ran.status == 0, ran.err
    assert "cells of the tables are equal" in ran.out
    assert "Both have the same tables as of " in ran.out
    assert (tables(run, *data), alerts(run, *data)) == before
    (letter,) = run("dead-letters", "--format", "json", *data).json
    assert letter["key"] == "X-1"
    assert run("table", *data, env=EMBEDDED).status == MISSING
    again = run("migrate", *data)
    assert (again.status, "was moved already" in again.err) == (USAGE, True)
    with at_work(stack):
        ran = run(*more)
        assert ran.status == 0, ran.err
        assert run("publish", lines(events), *data).out.startswith("0 accepted, 4 there before")
    assert run("verify", *data).status == 0
    assert len(set(topic_of_alerts(stack))) == len(topic_of_alerts(stack))


@pytest.mark.parametrize("stopped", ["copy_log", "copy_alerts"])
def test_a_migration_goes_on_where_it_was_stopped(
    run: Any, own_town: Any, stack: Settings, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    data = ("--data", own_town.data)
    before = tables(run, *data, env=EMBEDDED), alerts(run, *data, env=EMBEDDED)
    monkeypatch.setattr(migrating, "COPIED", 20)
    copying = getattr(migrating, stopped)

    def stopping(*arguments: Any) -> Iterator[Any]:
        yield from itertools.islice(copying(*arguments), 5)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrating, stopped, stopping)
        ran = run("migrate", *data)
    assert ran.status == INTERRUPTED
    assert "the same command goes on where this one stopped" in ran.err
    assert (tables(run, *data, env=EMBEDDED), alerts(run, *data, env=EMBEDDED)) == before
    ran = run("migrate", *data)
    assert ran.status == 0, ran.err
    assert (tables(run, *data), alerts(run, *data)) == before
    assert len(topic_of_alerts(stack)) == len(before[1])


def test_a_folder_is_not_moved_among_what_is_there_already(run: Any, own_town: Any, stack: Settings) -> None:
    with DistributedEngine(stack) as engine:
        engine.log.append([NewRecord("H-1", b"{}")])
    ran = run("migrate", "--data", own_town.data)
    assert ran.status == MISSING
    assert "holds events already" in ran.err
    assert run("table", "--data", own_town.data, env=EMBEDDED).status == 0


def test_a_redis_that_was_emptied_is_rebuilt_and_nobody_is_told_again(
    run: Any, own_town: Any, event: Any, lines: Any, stack: Settings
) -> None:
    with at_work(stack):
        assert run("catalogue", "publish", own_town.catalogue).status == 0
        assert run("import", own_town.table, "--mapping", own_town.mapping).status == 0
        events = [event(), event("resolved", data={"outcome": "fixed"}), "rubbish"]
        assert run("publish", lines(events)).status == REFUSED
    before, told = tables(run), topic_of_alerts(stack)
    assert len(told) > 100
    emptied = run("verify")
    assert emptied.status == 0, emptied.out
    discard(stack.redis, prefix=stack.topics, partitions=PARTITIONS)
    ran = run("table", "--format", "json")
    assert ran.json[0]["received"] == 0
    assert f"Nothing of {PARTITIONS} of {PARTITIONS} partitions has been worked on here yet" in ran.err
    ran = run("rebuild", "--yes")
    assert ran.status == 0, ran.err
    assert "Rebuilt from " in ran.out
    assert "has been worked on" not in run("table").err
    assert tables(run) == before
    assert topic_of_alerts(stack) == told
    # A worker that finds nothing does the same by itself.
    discard(stack.redis, prefix=stack.topics, partitions=PARTITIONS)
    with at_work(stack):
        assert run("publish", lines([event(subject="H-2")])).status == 0
    assert topic_of_alerts(stack) == told
    assert run("verify").status == 0


def test_what_differs_is_named_with_its_partition(run: Any, own_town: Any, stack: Settings) -> None:
    with at_work(stack):
        assert run("catalogue", "publish", own_town.catalogue).status == 0
        assert run("import", own_town.table, "--mapping", own_town.mapping).status == 0
    client = redis.Redis.from_url(stack.redis)
    key = f"{stack.topics}:{{1}}:rows"
    field = next(iter(client.hgetall(key)))
    client.hdel(key, field)
    client.close()
    ran = run("verify")
    assert ran.status == REFUSED
    (said,) = [line for line in ran.out.splitlines() if line.startswith("Partition ")]
    assert said.startswith("Partition 1: ")
    assert "in the rows: commitment=" in said
    assert ": 0 stored, " in said


def test_where_nobody_works_a_command_says_so_and_waits(
    run: Any, own_town: Any, event: Any, lines: Any, stack: Settings
) -> None:
    environment = os.environ | {"COLUMNS": "200"}
    command = [Path(sys.executable).with_name("livelihood"), "publish", lines([event()])]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as waiting:
        try:
            assert waiting.stderr is not None
            assert "No catalogue is published" in waiting.stderr.readline()
            said = waiting.stderr.readline()
            assert f"Nobody works on Kafka at {stack.kafka}" in said
            assert "livelihood worker" in said
            with at_work(stack):
                out, _ = waiting.communicate(timeout=PATIENCE_SECONDS)
        finally:
            waiting.kill()
    assert out.startswith("1 accepted")


def test_the_doctor_looks_at_both_servers(run: Any, own_town: Any, stack: Settings) -> None:
    ran = run("doctor")
    assert ran.status == 0, ran.out
    assert f"Kafka at {stack.kafka} answers; the topics of '{stack.topics}' have 3 partitions" in ran.out
    assert f"Redis at {stack.redis} answers and keeps what it is given" in ran.out
    assert "nobody works on Kafka at" in ran.out
    with at_work(stack):
        assert run("catalogue", "publish", own_town.catalogue).status == 0
    with DistributedEngine(stack) as engine:
        engine.log.append([NewRecord("H-1", b"{}")])
    ran = run("doctor")
    assert "records wait to be worked on" in ran.out
    away = {"LIVELIHOOD_REDIS": "redis://127.0.0.1:1"}
    ran = run("doctor", env=away)
    assert ran.status == MISSING
    assert "127.0.0.1:1: Error" in ran.out
    ran = run("doctor", env={"LIVELIHOOD_TOPICS": "elsewhere"})
    assert ran.status == MISSING
    assert "livelihood stack init makes" in ran.out


def test_without_its_libraries_the_engine_says_how_to_install_them() -> None:
    script = "import sys; sys.modules['confluent_kafka'] = None; from cli.main import main; main()"
    environment = os.environ | {"LIVELIHOOD_KAFKA": "broker", "LIVELIHOOD_REDIS": "redis://store"}
    done = subprocess.run(
        [sys.executable, "-c", script, "table"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == MISSING
    assert "pip install 'livelihood[distributed]'" in done.stderr
    help_ = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, env=environment, check=False
    )
    assert help_.returncode == 0


def test_on_kafka_and_redis_serving_is_http_only(settings: Settings, tmp_path: Path) -> None:
    more = {"vault": str(tmp_path / "vault"), "master_key": "A" * 43, "address": "127.0.0.1:0"}
    with served(settings.model_copy(update=more)) as said:
        assert "Working" not in said
        assert httpx.get(f"{url_in(said)}/readyz", timeout=PATIENCE_SECONDS).status_code in (200, 503)
