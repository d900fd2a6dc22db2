"""A broker and a Valkey of the bench's own, the engine on them; workers and servers, each a process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from confluent_kafka import Producer

from backends.kafka.members import members
from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from backends.servers.valkey import Valkey
from bench.measuring import Spent
from bench.peers.job import AREAS, SERVICES
from cli.distributed import connection_of, group_of
from cli.engine import Engine, open_engine
from cli.settings import Settings
from livelihood.catalogue_reading import parse_catalogue
from livelihood.ports import NewRecord, Unavailable

COMMAND = str(Path(sys.executable).with_name("livelihood"))
PARTITIONS = 4
PAUSE_SECONDS = 0.02
#: For a worker to begin, or to catch up with a long log.
LIMIT_SECONDS = 600.0

CATALOGUE = "\n".join(
    [
        'version = "bench"',
        'time_zone = "Asia/Shanghai"',
        'calendar = "cn-mainland"',
        "[channels.app]",
        *(f"[areas.a{number}]" for number in range(AREAS)),
        *(f"[departments.d{number}]" for number in range(10)),
        "[standards.quick]",
        'resolution = "{limit}"',
        *(
            f'[services.s{number}]\ndepartment = "d{number % 10}"\nstandard = "quick"'
            for number in range(SERVICES)
        ),
        "[commitments.lamps]",
        f"services = {json.dumps([f's{number}' for number in range(SERVICES)])}",
        "target = 0.9",
    ]
)


class Stack:
    """Both servers, started; topics and keys of each run have a prefix of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kafka = Kafka(folder / "kafka")
        self.valkey = Valkey(folder / "valkey")
        self.kafka.start()
        self.valkey.start()

    def close(self) -> None:
        """End both."""
        self.kafka.process.kill()
        self.valkey.process.kill()

    def forget(self) -> None:
        """Empty the Valkey: what was measured before takes no memory of what is measured now."""
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def settings(self, prefix: str, **others: int) -> Settings:
        """Those of the engine under a prefix."""
        return Settings(
            **others,
            data=self.folder / prefix,
            kafka=self.kafka.address,
            redis=self.valkey.url,
            topics=prefix,
            partitions=PARTITIONS,
        )

    @contextmanager
    def engine(self, prefix: str, limit: str = "30 working_days") -> Iterator[Engine]:
        """A new engine under a prefix, with topics and the bench's catalogue: one limit for everything."""
        settings = self.settings(prefix)
        init(connection_of(settings), partitions=PARTITIONS)
        # A broker has a moment in which it knows of a topic and does not lead it.
        time.sleep(1)
        with open_engine(settings) as engine:
            engine.publish(parse_catalogue(CATALOGUE.replace("{limit}", limit)))
            yield engine

    @contextmanager
    def workers(self, settings: Settings, count: int) -> Iterator[list[psutil.Process]]:
        """So many workers; killed at the end."""
        running = []
        try:
            for number in range(count):
                with (self.folder / f"worker-{number}.log").open("a") as said:
                    command = [COMMAND, "worker", "--web-port", "0"]
                    running.append(
                        psutil.Popen(
                            command, env=environment(settings), stdout=said, stderr=subprocess.STDOUT
                        )
                    )
            yield running
        except Unavailable:
            for log in self.folder.glob("worker-*.log"):
                print(log.read_text(errors="replace")[-2_000:])
            raise
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
                process.wait()


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    url: str
    process: psutil.Process

    @property
    def cpu(self) -> float:
        """Seconds of a core that it has taken."""
        return _cpu([self.process])


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[Server]:
    """A server as a process of its own, on a port that is free; ended at the end."""
    said = folder / f"{settings.topics}.log"
    known = environment(settings) | {"LIVELIHOOD_ADDRESS": "127.0.0.1:0"}
    for name in ("vault", "master_key", "webhook_networks", "webhook_http"):
        if getattr(settings, name):
            known[f"LIVELIHOOD_{name.upper()}"] = str(getattr(settings, name))
    with said.open("w") as output:
        process = psutil.Popen([COMMAND, "serve"], env=known, stdout=output, stderr=subprocess.STDOUT)
    try:
        while "Listening on " not in said.read_text():
            if process.poll() is not None:
                raise RuntimeError(said.read_text())
            time.sleep(0.1)
        url = said.read_text().partition("Listening on ")[2].split()[0].rstrip(".")
        yield Server(url, process)
    finally:
        process.terminate()
        process.wait(60)


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a command finds them."""
    said = {
        f"LIVELIHOOD_{name.upper()}": str(getattr(settings, name))
        for name in ("data", "kafka", "redis", "topics", "partitions", "cache_megabytes")
    }
    return {**os.environ, **said}


def write(servers: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Append (key, value) by (key, value), as quickly as the broker takes them; how many there were."""
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "batch.size": 500_000,
            "queue.buffering.max.messages": 500_000,
        }
    )
    count = 0
    for key, value in records:
        while True:
            try:
                producer.produce(topic, value, key)
                break
            except BufferError:
                producer.poll(0.05)
        count += 1
    if producer.flush(60):
        raise Unavailable("the broker did not take all records within a minute")
    return count


def pairs(records: Iterable[NewRecord]) -> Iterator[tuple[bytes, bytes]]:
    """Records as `write` takes them."""
    for record in records:
        yield record.key.encode(), record.value


def offsets(engine: Engine) -> list[int]:
    """Of each partition, how far the work has come."""
    return [engine.reader.position(partition).next_offset for partition in range(PARTITIONS)]


def ends(engine: Engine) -> list[int]:
    """Of each partition, where the log ends."""
    return [engine.log.end(partition) for partition in range(PARTITIONS)]


def wait_until_shared(settings: Settings, count: int) -> None:
    """Until so many workers have partitions."""
    connection = connection_of(settings)
    limit = time.monotonic() + LIMIT_SECONDS
    while sum(bool(one.partitions) for one in members(connection, group_of(connection))) < count:
        if time.monotonic() > limit:
            raise Unavailable(f"the partitions were not shared by {count} workers")
        time.sleep(PAUSE_SECONDS)


def catch_up(engine: Engine, workers: list[psutil.Process]) -> Spent:
    """Wait until the workers have no more to do; from their first commit on."""
    until, begun = ends(engine), offsets(engine)
    limit = time.monotonic() + LIMIT_SECONDS
    while (at := offsets(engine)) == begun and at != until:
        _alive(workers, limit)
    wall, cpu, first = time.perf_counter(), _cpu(workers), sum(at)
    while offsets(engine) < until:
        _alive(workers, limit)
    return Spent(sum(until) - first, time.perf_counter() - wall, _cpu(workers) - cpu)


def _alive(workers: list[psutil.Process], limit: float) -> None:
    if any(process.poll() is not None for process in workers):
        raise Unavailable("a worker has ended")
    if time.monotonic() > limit:
        raise Unavailable(f"the workers did not catch up within {LIMIT_SECONDS:.0f} s")
    time.sleep(PAUSE_SECONDS)


def _cpu(workers: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in workers]
    return sum(one.user + one.system for one in times)
