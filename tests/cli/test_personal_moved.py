"""What people said of themselves, and who was forgotten, when a data folder is moved to Kafka and Redis."""

import shutil
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.sealing.master_keys import new_master_key
from cli.engine import open_engine
from cli.rebuilding import work
from cli.settings import load
from producers.jsonlines import publish_lines
from producers.known import facts_of


@pytest.fixture
def stack(kafka_server: str, redis_server: str, vault_server: str) -> dict[str, str]:
    name = f"t{uuid.uuid4().hex}"
    init(Connection(kafka_server, name), partitions=2)
    return {"LIVELIHOOD_KAFKA": kafka_server, "LIVELIHOOD_REDIS": redis_server, "LIVELIHOOD_TOPICS": name}


def test_keys_and_the_forgotten_go_along_and_nothing_stays_behind(
    run: Any, data: Path, event: Callable[..., str], lines: Any, stack: dict[str, str], vault_server: str
) -> None:
    events = [
        event(subject=f"H-{number}", data={"service": "pothole", "personal": {"phone": f"617555010{number}"}})
        for number in range(3)
    ]
    assert run("publish", lines(events), "--data", data).status == 0
    shutil.copytree(data / "keys", data.parent / "backup")
    run("forget", "H-0", "--data", data)
    # Restored from a backup that has the key still.
    shutil.rmtree(data / "keys")
    shutil.copytree(data.parent / "backup", data / "keys")

    without = run("migrate", "--data", data, env=stack)
    assert (without.status, "set `vault`" in without.err) == (2, True)
    stack["LIVELIHOOD_VAULT"] = vault_server
    # Another machine has not the folder's own master key.
    other = run("migrate", "--data", data, env=stack | {"LIVELIHOOD_MASTER_KEY": new_master_key()})
    assert (other.status, "set `master_key_file` to" in other.err) == (2, True)
    moved = run("migrate", "--data", data, env=stack)
    assert moved.status == 0, moved.err
    assert "no longer here" in moved.out
    assert [path.name for path in (data / "keys").iterdir()] == ["master.key"]

    shown = [
        run("issue", f"H-{number}", "--personal", "--format", "json", "--data", data, env=stack).json
        for number in range(3)
    ]
    assert [one[0]["personal"] for one in shown] == [None, {"phone": "6175550101"}, {"phone": "6175550102"}]
    assert "1 key was deleted" in run("forget", "--data", data, env=stack, given="6175550101\n").out
    later = event(subject="H-9", data={"service": "pothole", "personal": {"phone": "(617) 555-0101"}})
    assert published(data, stack, later) == 1
    shown = run("issue", "H-9", "--personal", "--format", "json", "--data", data, env=stack)
    assert shown.json == []
    assert run("verify", "--data", data, env=stack).status == 0


def published(data: Path, stack: dict[str, str], line: str) -> int:
    """Publish a line and work on it, since no worker runs; how many were accepted."""
    given = {name.removeprefix("LIVELIHOOD_").lower(): value for name, value in stack.items()}
    with open_engine(load(None, data=data, **given).settings) as engine, engine.alone() as workers:
        result = publish_lines(
            BytesIO(line.encode()),
            log=engine.log,
            facts=facts_of(engine.reader),
            clock=engine.clock,
            seal=engine.seal,
            on_bad=print,
        )
        work(engine, workers, "working")
    return result.accepted
