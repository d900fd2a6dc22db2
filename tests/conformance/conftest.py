"""The engines the conformance suite runs on. A test knows the ports only, so it holds for every engine."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest

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

    #: Python that opens the same engine in another process, as `log`, `store` and `reader`.
    PRELUDE = """
import sys, time
from pathlib import Path
from livelihood.ports import *
from backends.sqlite import folding
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
folder = Path(sys.argv[1])
log = SqliteLog(folder, lambda: time.time_ns() // 1000)
store = SqliteStore(folder)
reader = SqliteReader(folder)
"""

    #: Whether a snapshot holds its moment, however long it takes, or says at its end that work went on.
    holds_moments = True

    @staticmethod
    def prepare(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
        """What must be so before the first test opens something."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def log(self, clock: Callable[[], Instant] = lambda: NOW) -> SqliteLog:
        return self._open.enter_context(SqliteLog(self._folder, clock))

    def store(self) -> SqliteStore:
        return self._open.enter_context(SqliteStore(self._folder))

    def reader(self) -> SqliteReader:
        return self._open.enter_context(SqliteReader(self._folder))

    def published(self) -> SqliteReader:
        return self.reader()

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
    """States in Valkey, under a prefix of its own."""

    PRELUDE = """
import sys, time
from pathlib import Path
from livelihood.ports import *
from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from tests.backends.redis.cold_file import ColdFile
folder, url, prefix = Path(sys.argv[1]), *sys.argv[-2:]
cold = ColdFile(folder / "cold")
store = RedisStore(url, prefix=prefix, cold=cold)
reader = RedisReader(url, prefix=prefix, partitions=1, cold=cold)
"""
    holds_moments = False
    #: The URL of the tests' Valkey.
    redis = ""

    @classmethod
    def prepare(cls, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(cls, "redis", request.getfixturevalue("redis_server"))

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._prefix = f"c{uuid4().hex[:12]}"
        self._cold = ColdFile(folder / "cold")
        self._open = ExitStack()

    def log(self, clock: Callable[[], Instant] = lambda: NOW) -> NoReturn:
        pytest.skip("the log is Kafka's")

    def store(self) -> RedisStore:
        return self._open.enter_context(RedisStore(self.redis, prefix=self._prefix, cold=self._cold))

    def reader(self) -> RedisReader:
        reader = RedisReader(self.redis, prefix=self._prefix, partitions=1, cold=self._cold)
        return self._open.enter_context(reader)

    def process(self, script: str, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", self.PRELUDE + script, self._folder, *arguments, self.redis, self._prefix],
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
