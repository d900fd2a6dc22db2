"""The engines the conformance suite runs on. A test knows the ports only, so it holds for every engine."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from backends.sqlite import folding
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from livelihood.instants import SECOND, Instant
from livelihood.ports import Commit, StateStore
from tests.backends.redis.cold_file import ColdFile

NOW = 1_700_000_000 * SECOND


class SqliteEngine:
    """The embedded engine in a folder. Each call opens its own connections, as a process of its own would."""

    #: Python that opens the same engine in another process: `store`, `reader`, `open_log` and `open_outlet`.
    PRELUDE = """
import sys, time
from pathlib import Path
from livelihood.ports import *
from backends.sqlite import folding
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
folder = Path(sys.argv[1])
def open_log():
    return SqliteLog(folder, lambda: time.time_ns() // 1000)
open_outlet = open_log
store = SqliteStore(folder)
reader = SqliteReader(folder)
"""

    #: Whether a snapshot holds its moment, however long it takes, or says at its end that work went on.
    holds_moments = True
    #: Whether a test's clock stamps what is appended; else it is a server's own.
    sets_the_clock = True
    #: Whether events appended by one call are there all or not at all, which the port does not promise.
    appends_whole_groups = True

    @staticmethod
    def prepare(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
        """What must be so before the first test opens something."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def fresh(self, folder: Path) -> "SqliteEngine":
        """Another of the same kind that holds nothing yet, with `folder` for its data."""
        return type(self)(folder)

    def log(self, clock: Callable[[], Instant] = lambda: NOW) -> SqliteLog:
        return self._open.enter_context(SqliteLog(self._folder, clock))

    def outlet(self) -> SqliteLog:
        return self.log()

    def store(self) -> SqliteStore:
        return self._open.enter_context(SqliteStore(self._folder))

    def reader(self) -> SqliteReader:
        return self._open.enter_context(SqliteReader(self._folder))

    def published(self) -> SqliteReader:
        return self.reader()

    def is_now(self, instant: Instant) -> bool:
        """Whether something appended just now may bear this stamp."""
        return instant == NOW

    def process(self, script: str, *arguments: str) -> "subprocess.Popen[str]":
        """Another process with the engine open and a script to run; tests wait for it or kill it."""
        process = subprocess.Popen(
            [sys.executable, "-c", self.PRELUDE + script, str(self._folder), *arguments],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._open.callback(end, process)
        return process

    def close(self) -> None:
        """Close all that is open, as when every process ends."""
        self._open.close()


class FoldingSqliteEngine(SqliteEngine):
    """The same, made to do all the time what it does after every few megabytes."""

    PRELUDE = (
        "from backends.sqlite import folding\nfolding.PIECES_BYTES, folding.LEAST_ISSUES = 16, 1\n"
        + SqliteEngine.PRELUDE
    )

    @staticmethod
    def prepare(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(folding, "PIECES_BYTES", 16)
        patch.setattr(folding, "LEAST_ISSUES", 1)


class DistributedEngine:
    """The log in Kafka, states in Valkey, each under a prefix of its own; one partition."""

    PRELUDE = """
import sys, time
from pathlib import Path
from livelihood.ports import *
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from tests.backends.redis.cold_file import ColdFile
folder, url, kafka, prefix = Path(sys.argv[1]), *sys.argv[-3:]
def open_log():
    return KafkaLog(Connection(kafka, prefix))
def open_outlet():
    return KafkaOutlet(Connection(kafka, prefix))
cold = ColdFile(folder / "cold")
store = RedisStore(url, prefix=prefix, cold=cold)
reader = RedisReader(url, prefix=prefix, partitions=1, cold=cold)
"""
    holds_moments = False
    sets_the_clock = False
    appends_whole_groups = False
    #: The URL of the tests' Valkey, and the address of their broker.
    redis = kafka = ""

    @classmethod
    def prepare(cls, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(cls, "redis", request.getfixturevalue("redis_server"))
        patch.setattr(cls, "kafka", request.getfixturevalue("kafka_server"))

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._prefix = f"c{uuid4().hex[:12]}"
        self._cold = ColdFile(folder / "cold")
        self._open = ExitStack()

    def fresh(self, folder: Path) -> "DistributedEngine":
        return type(self)(folder)

    @cached_property
    def connection(self) -> Connection:
        """Made when first asked for: tests of states need no topics."""
        connection = Connection(self.kafka, self._prefix)
        topics.init(connection, partitions=1)
        return connection

    def log(self, clock: Callable[[], Instant] | None = None) -> KafkaLog:
        return self._open.enter_context(KafkaLog(self.connection))

    def outlet(self) -> KafkaOutlet:
        return self._open.enter_context(closing(KafkaOutlet(self.connection)))

    def published(self) -> KafkaPublished:
        return self._open.enter_context(KafkaPublished(self.connection))

    def is_now(self, instant: Instant) -> bool:
        return abs(time.time_ns() // 1_000 - instant) < 60 * SECOND

    def store(self) -> RedisStore:
        return self._open.enter_context(RedisStore(self.redis, prefix=self._prefix, cold=self._cold))

    def reader(self) -> RedisReader:
        reader = RedisReader(self.redis, prefix=self._prefix, partitions=1, cold=self._cold)
        return self._open.enter_context(reader)

    def process(self, script: str, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", self.PRELUDE + script, self._folder, *arguments),
                *(self.redis, self.kafka, self._prefix),
            ],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._open.callback(end, process)
        return process

    def close(self) -> None:
        self._open.close()


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


@pytest.fixture(
    params=[SqliteEngine, FoldingSqliteEngine, DistributedEngine],
    ids=["sqlite", "sqlite-folding", "distributed"],
)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqliteEngine | DistributedEngine]:
    request.param.prepare(request, monkeypatch)
    engine = request.param(tmp_path / "data")
    yield engine
    engine.close()


@pytest.fixture
def now() -> Instant:
    return NOW


class Work:
    """A worker that commits what a test gives it, each commit continuing the last."""

    def __init__(self, store: StateStore) -> None:
        self.store = store
        self.position = store.take(0)
        self.sequence = self.position.sequence

    def next(self, **parts: Any) -> Commit:
        settings = {
            "epoch": self.position.epoch,
            "sequence": self.sequence + 1,
            "next_offset": self.position.next_offset,
            "ledger": self.position.ledger,
        }
        return Commit(**(settings | parts))

    def commit(self, **parts: Any) -> Commit:
        commit = self.next(**parts)
        self.store.commit(0, commit)
        self.sequence = commit.sequence
        return commit


@pytest.fixture
def work(engine: SqliteEngine | DistributedEngine) -> Work:
    return Work(engine.store())


@pytest.fixture
def take(engine: SqliteEngine | DistributedEngine) -> Callable[[], Work]:
    """Take the partition as another worker would."""
    return lambda: Work(engine.store())
