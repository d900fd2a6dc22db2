"""A store and a reader on the tests' Valkey, under a prefix of each test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis

from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from backends.servers.valkey import Valkey
from livelihood.ports import Answer, Commit
from tests.backends.redis.cold_file import ColdFile
from tests.servers import running_valkey


class Tracker:
    """What one test keeps: one partition's worker, and others when asked for."""

    def __init__(self, url: str, folder: Path, prefix: str = "") -> None:
        self.url = url
        self.prefix = prefix or f"t{uuid4().hex[:12]}"
        self.cold = ColdFile(folder / "cold")
        self.open = ExitStack()

    def store(self, url: str = "") -> RedisStore:
        return self.open.enter_context(RedisStore(url or self.url, prefix=self.prefix, cold=self.cold))

    def reader(self, partitions: int = 1) -> RedisReader:
        reader = RedisReader(self.url, prefix=self.prefix, partitions=partitions, cold=self.cold)
        return self.open.enter_context(reader)

    def client(self) -> "redis.Redis":
        return self.open.enter_context(redis.Redis.from_url(self.url))

    def key(self, rest: str, partition: int = 0) -> str:
        return f"{self.prefix}:{{{partition}}}:{rest}"


class Work:
    """A worker of one partition that commits what a test gives it, each commit continuing the last."""

    def __init__(self, store: RedisStore, partition: int = 0) -> None:
        self.store, self.partition = store, partition
        self.take()

    def take(self) -> None:
        self.position = self.store.take(self.partition)
        self.sequence = self.position.sequence

    def next(self, **parts: Any) -> Commit:
        settings: dict[str, Any] = {"next_offset": self.position.next_offset, "ledger": b""}
        return Commit(epoch=self.position.epoch, sequence=self.sequence + 1, **(settings | parts))

    def commit(self, **parts: Any) -> None:
        commit = self.next(**parts)
        assert self.store.commit(self.partition, commit) is Answer.APPLIED
        self.sequence = commit.sequence


@pytest.fixture
def tracker(redis_server: str, tmp_path: Path) -> Iterator[Tracker]:
    tracker = Tracker(redis_server, tmp_path)
    yield tracker
    client = tracker.client()
    if keys := list(client.scan_iter(f"{tracker.prefix}:*", count=10_000)):
        client.delete(*keys)
    tracker.open.close()


@pytest.fixture
def work(tracker: Tracker) -> Work:
    return Work(tracker.store())


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server to stop and kill. It syncs always."""
    yield from running_valkey(tmp_path / "valkey")


@pytest.fixture
def own(own_valkey: Valkey, tmp_path: Path) -> Iterator[Tracker]:
    """On that server."""
    tracker = Tracker(own_valkey.url, tmp_path)
    yield tracker
    tracker.open.close()


@pytest.fixture
def server_with(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start servers with settings of their own; the URL of each."""
    with ExitStack() as stack:

        def start(**settings: str) -> str:
            folder = tmp_path / f"server{len(list(tmp_path.glob('server*')))}"
            named = {name.replace("_", "-"): value for name, value in settings.items()}
            server = Valkey(folder, settings=named)
            stack.callback(server.process.kill)
            server.start()
            return server.url

        yield start
