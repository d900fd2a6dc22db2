"""The gateway, the log and the broker killed, locked and starved during a load.

Whatever was acknowledged is in the log and takes effect once; whatever was refused takes no effect.
"""

import json
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from cli.engine import Engine, open_engine
from cli.settings import Settings
from livelihood.ports import EVENT
from livelihood.state import all_facts, unpack
from tests.faults.senders import FORGED, Senders
from tests.patience import PATIENCE_SECONDS, until
from tests.ports import free_port
from tests.servers import running_kafka

KILLS = 3
#: More events than this are acknowledged in each test.
ACKNOWLEDGED = 100


@pytest.fixture
def address() -> str:
    """One that is free, and stays the same whoever listens there."""
    return f"127.0.0.1:{free_port()}"


def listening(process: Any) -> None:
    """Return when a server that starts says where it listens."""
    for line in process.stdout:
        if "Listening on" in line:
            return
    raise AssertionError(process.communicate()[0])


def settle(settings: Settings) -> tuple[Counter[str], dict[str, int], list[str]]:
    """Work on everything: how often the log has each event, how often each took effect, what was forged."""
    with open_engine(settings) as engine, engine.alone() as workers:
        for worker in workers:
            while not worker.step().idle:
                pass
        assert not list(_letters(engine))
        records = [
            json.loads(record.value)
            for partition in range(engine.log.partitions)
            for record in engine.log.read(partition, 0, 1_000_000)
            if record.control == EVENT
        ]
        held = Counter(record["id"] for record in records)
        states = engine.reader.states(list(held))
        effects = {issue: len(all_facts(unpack(packed))) for issue, packed in states.items()}
    return held, effects, [record["id"] for record in records if record["data"]["service"] == FORGED]


def _letters(engine: Engine) -> Iterator[str]:
    for partition in range(engine.topics.partitions):
        yield from (one for _, one, _ in engine.topics.outgoing("dead_letter", partition, 0, 1_000_000))


def check(senders: Senders, settings: Settings) -> Counter[str]:
    """Compare what the senders were told with what there is."""
    assert senders.wrong == []
    held, effects, forged = settle(settings)
    assert forged == []
    assert senders.acknowledged <= set(held)
    assert set(held) <= senders.acknowledged | senders.unknown
    assert not senders.refused & set(held)
    assert set(effects.values()) == {1}
    assert set(effects) == set(held)
    assert len(senders.acknowledged) > ACKNOWLEDGED
    assert senders.refused
    return held


def goes_on(senders: Senders) -> None:
    """Wait until more is acknowledged, and enough in all."""
    enough = max(len(senders.acknowledged) + 20, ACKNOWLEDGED)
    until(lambda: len(senders.acknowledged) > enough)


def test_a_gateway_killed_again_and_again_keeps_what_it_acknowledged(command, address, chance) -> None:
    served = command("served", address=address)
    with Senders(lambda: address, chance) as senders:
        for _ in range(KILLS):
            process = served.start("serve")
            listening(process)
            time.sleep(chance.uniform(0.5, 2.0))
            process.send_signal(signal.SIGKILL)
            process.wait()
        process = served.start("serve")
        listening(process)
        goes_on(senders)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    held = check(senders, Settings(data=served.data))
    assert senders.not_now
    # One that was appended and not acknowledged is recognised when it comes again.
    assert set(held.values()) == {1}


def test_a_gateway_whose_log_is_locked_or_has_no_room_says_not_now_and_goes_on(
    command, address, chance
) -> None:
    served = command("served", address=address)
    with Senders(lambda: address, chance) as senders:
        process = served.start("serve")
        listening(process)
        until(lambda: len(senders.acknowledged) > 20)
        blocker = sqlite3.connect(served.data / "log.sqlite", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        patience = time.monotonic() + PATIENCE_SECONDS
        while not senders.not_now:
            assert time.monotonic() < patience
            time.sleep(0.1)
        blocker.execute("ROLLBACK")
        blocker.close()
        before = len(senders.acknowledged)
        while len(senders.acknowledged) < before + 50:
            assert time.monotonic() < patience
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
        full = senders.not_now
        pages = sum((served.data / name).stat().st_size for name in ("log.sqlite",)) // 4_096 + 20
        process = served.start("serve", pages=pages)
        listening(process)
        while senders.not_now < full + 50:
            assert time.monotonic() < patience
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
        process = served.start("serve")
        listening(process)
        goes_on(senders)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert set(check(senders, Settings(data=served.data)).values()) == {1}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Kafka]:
    yield from running_kafka(tmp_path / "kafka")


@pytest.mark.slow
def test_gateways_and_their_broker_killed_keep_what_they_acknowledged(
    command, address, chance, broker, redis_server, tmp_path
) -> None:
    topics = f"t{uuid4().hex[:10]}"
    init(Connection(broker.address, topics), partitions=3)
    several = {
        "kafka": broker.address,
        "redis": redis_server,
        "topics": topics,
        "vault": str(tmp_path / "vault"),
        "master_key": "A" * 43,
    }
    served = command("served", address=address, **several)
    with Senders(lambda: address, chance) as senders:
        for number in range(2):
            process = served.start("serve")
            listening(process)
            time.sleep(chance.uniform(1, 2))
            if number:
                broker.process.kill()
                time.sleep(chance.uniform(0.5, 2))
                broker.start()
                time.sleep(chance.uniform(1, 3))
            process.send_signal(signal.SIGKILL)
            process.wait()
        process = served.start("serve")
        listening(process)
        goes_on(senders)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    check(senders, Settings(data=served.data, **several))
