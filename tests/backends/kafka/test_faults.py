"""A broker that is killed and comes back: what was acknowledged is there, what leaves has left once."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from backends.servers.kafka import Kafka
from livelihood.ports import Fenced, NewRecord, Outgoing, Unavailable
from tests.backends.kafka.conftest import everything
from tests.patience import PATIENCE_SECONDS
from tests.servers import running_kafka

KILLS = 3


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Kafka]:
    yield from running_kafka(tmp_path / "broker")


def until_it_works(work: Callable[[], object]) -> None:
    while True:
        try:
            work()
            return
        except (Unavailable, Fenced):
            time.sleep(0.1)


@pytest.mark.slow
def test_a_broker_killed_and_started_again_loses_nothing_and_repeats_no_alert(broker: Kafka) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    connection = Connection(broker.address, "faults")
    topics.init(connection, partitions=1)
    ended = threading.Event()
    done = {"live": 0, "run": 0, "alerts": 0}

    def go_on(name: str, step: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            while not ended.is_set():
                until_it_works(lambda: step(done[name]))
                done[name] += 1

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with KafkaLog(connection) as log, KafkaLog(connection) as importing:
        outlet = KafkaOutlet(connection)
        threads = [
            go_on("live", lambda n: log.append([NewRecord("live", b"%d" % n)])),
            go_on("run", lambda n: carry_on(importing, n)),
            go_on(
                "alerts", lambda n: outlet.publish(0, "B", [(n + 1, Outgoing("alert", f"id{n}", "a", b"{}"))])
            ),
        ]
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.3, 1.5))
                broker.process.kill()
                broker.start()
            before = dict(done)
            limit = time.monotonic() + PATIENCE_SECONDS
            while any(done[name] < before[name] + 3 for name in done) and time.monotonic() < limit:
                time.sleep(0.1)
        finally:
            ended.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)
        records = everything(log, 0)
        live = [int(record.value) for record in records if record.key == "live"]
        # One that was tried again may be there twice; all of them are.
        assert sorted(set(live)) == list(range(done["live"]))
        of_run = [int(record.value) for record in records if record.run]
        assert of_run == list(range(done["run"])) == list(range(log.run_position("r")))
        with KafkaPublished(connection) as published:
            ids = [id_ for _, id_, _ in published.outgoing("alert", 0, 0, 1_000_000)]
        assert ids == [f"id{n}" for n in range(done["alerts"])]
        assert min(done.values()) > KILLS


def alert(number: int) -> Outgoing:
    return Outgoing("alert", f"id{number}", "a", b"{}")


def carry_on(log: KafkaLog, number: int) -> None:
    """Append the import's record of that number, unless it is there though that was never heard."""
    if log.run_position("r") == number:
        log.append_run("r", number, [NewRecord("run", b"%d" % number, number, run="r")])
