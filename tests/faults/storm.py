"""A Kafka, a Valkey and workers of one's own, to be killed while events are published."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from backends.servers.valkey import Valkey
from cli.distributed import connection_of
from cli.engine import Engine, open_engine
from cli.settings import load
from cli.work import ends_of, is_behind
from livelihood.catalogue import CatalogueVersion
from livelihood.ports import NewRecord, Unavailable

ROOT = Path(__file__).resolve().parents[2]
PARTITIONS = 4
#: A worker with commits so small that there are many moments to be killed at.
WORKER = """
import faulthandler, signal, sys
import streams.worker
faulthandler.register(signal.SIGUSR1)
streams.worker.BATCH_RECORDS, streams.worker.BATCH_TIMERS = 40, 40
from cli.main import main
sys.argv = ["livelihood", "worker", "--web-port", "0"]
main()
"""
#: Of the events, so many more are published a second time; and one comes at most so many places late.
REPEATED, LATE_PLACES = 0.2, 200
#: Published in one call.
APPENDED = 20
#: Longer than a session (10 s), so that a worker that sleeps has lost its partitions when it wakes.
ASLEEP_SECONDS = 13.0
SETTLING_SECONDS = 180.0
LEAVING_SECONDS = 120.0


def disordered(records: Sequence[NewRecord], chance: random.Random) -> list[NewRecord]:
    """With repeats, and out of order."""
    repeats = chance.sample(list(enumerate(records)), int(len(records) * REPEATED))
    placed = [
        (place + chance.uniform(0, LATE_PLACES), number, record)
        for number, (place, record) in enumerate([*enumerate(records), *repeats])
    ]
    return [record for _, _, record in sorted(placed)]


@dataclass
class Storm:
    """The servers, the workers, and what happens to them."""

    folder: Path
    kafka: Kafka
    valkey: Valkey
    chance: random.Random
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    #: What was done, for the one who repeats it.
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.data.mkdir()
        (self.data / "livelihood.toml").write_text(
            f'kafka = "{self.kafka.address}"\nredis = "{self.valkey.url}"\n', "utf-8"
        )
        self.settings = load(data=self.data).settings
        self.connection = connection_of(self.settings)
        init(self.connection, partitions=PARTITIONS)
        self.log = (self.folder / "workers.log").open("wb")

    def start_worker(self) -> None:
        self.workers.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER],
                cwd=ROOT,
                env={**os.environ, "LIVELIHOOD_DATA": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=subprocess.STDOUT,
            )
        )

    def publish(self, engine: Engine, records: Sequence[NewRecord]) -> None:
        """Durably: what is not acknowledged is published again."""
        for first in range(0, len(records), APPENDED):
            again(lambda: engine.log.append(records[first : first + APPENDED]))  # noqa: B023

    def meanwhile(self, fault: Callable[[], None], engine: Engine, records: Sequence[NewRecord]) -> None:
        """Have something happen at a random moment of publishing some records and working on them."""
        publishing = threading.Thread(target=self.publish, args=(engine, records))
        publishing.start()
        time.sleep(self.chance.uniform(0.0, 1.5))
        self.done.append(fault.__name__)
        fault()
        publishing.join()

    def kill_worker(self) -> None:
        self._leave(signal.SIGKILL)
        self.start_worker()

    def replace_worker(self) -> None:
        """One more joins, then one goes in order: both shift partitions."""
        self.start_worker()
        time.sleep(self.chance.uniform(0.0, 3.0))
        self._leave(signal.SIGTERM)

    def put_worker_to_sleep(self) -> None:
        worker = self.chance.choice(self.workers)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(ASLEEP_SECONDS)
        worker.send_signal(signal.SIGCONT)

    def kill_broker(self) -> None:
        self.kafka.process.kill()
        time.sleep(self.chance.uniform(0.0, 2.0))
        self.kafka.start()

    def kill_redis(self) -> None:
        self.valkey.process.kill()
        time.sleep(self.chance.uniform(0.0, 2.0))
        self.valkey.start()

    def _leave(self, how: signal.Signals) -> None:
        worker = self.workers.pop(self.chance.randrange(len(self.workers)))
        worker.send_signal(how)
        try:
            worker.wait(LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            # It writes where it is.
            worker.send_signal(signal.SIGUSR1)
            time.sleep(1)
            worker.kill()
            worker.wait()
            raise AssertionError(f"a worker did not end: {self.last_words()}") from None

    def wait_until_settled(self, engine: Engine) -> None:
        """Until everything in the log has been worked on."""
        limit = time.monotonic() + SETTLING_SECONDS
        while again(lambda: is_behind(engine, ends_of(engine))):
            assert time.monotonic() < limit, self.last_words()
            time.sleep(0.2)

    def last_words(self) -> str:
        self.log.flush()
        return (self.folder / "workers.log").read_text("utf-8", "replace")[-4_000:]

    def close(self) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()
        self.log.close()


def again(do: Callable[[], Any]) -> Any:
    """Until the servers are there."""
    limit = time.monotonic() + SETTLING_SECONDS
    while time.monotonic() < limit:
        with suppress(Unavailable):
            return do()
        time.sleep(0.2)
    return do()


def opened(storm: Storm, version: CatalogueVersion) -> Engine:
    """The engine, with a catalogue."""
    engine = open_engine(storm.settings)
    again(lambda: engine.publish(version))
    return engine


def alerts_of(engine: Engine) -> list[dict[str, Any]]:
    """All alerts told, in order by partition."""
    return [
        msgspec.json.decode(value)
        for partition in range(PARTITIONS)
        for _, _, value in engine.topics.outgoing("alert", partition, 0, 1_000_000)
    ]
