"""A real broker and a real Valkey for the tests: one of each for a whole run, started when first asked for.

Tests share them, so each uses a topic prefix and a key prefix of its own. Where the packages cannot be had
the tests that need them are skipped and say so; with CI=true they fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import redis

from backends.servers.kafka import Kafka
from backends.servers.packages import java, kafka_jars, valkey
from backends.servers.valkey import Valkey
from livelihood.ports import Unavailable


def missing(what: str, error: Unavailable) -> NoReturn:
    """Skip the test that needs a server which cannot be had here; in CI that is a failure."""
    said = f"no {what} for this test: {error}"
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(said)
    pytest.fail(said, pytrace=False)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The broker itself, for those who only look; who stops one starts their own."""
    yield from running_kafka(tmp_path_factory.mktemp("kafka"))


@pytest.fixture(scope="session")
def kafka_server(kafka: Kafka) -> str:
    """The bootstrap server of a Kafka broker, as 127.0.0.1:20123."""
    return kafka.address


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Valkey with an append-only file and noeviction, as redis://127.0.0.1:20124/0."""
    yield from (server.url for server in running_valkey(tmp_path_factory.mktemp("valkey")))


@pytest.fixture(scope="session")
def vault_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A second Valkey, for what is kept apart from the data."""
    yield from running_valkey(tmp_path_factory.mktemp("vault"))


@pytest.fixture
def vault_server(vault_valkey: Valkey) -> str:
    """The URL of the second Valkey, with nothing in it."""
    with redis.Redis.from_url(vault_valkey.url) as client:
        client.flushall()
    return vault_valkey.url


def running_kafka(folder: Path) -> Iterator[Kafka]:
    """A broker of one's own, to stop and kill; ended after the `yield`, where its packages can be had."""
    try:
        java(), kafka_jars()
    except Unavailable as error:
        missing("Kafka", error)
    server = Kafka(folder)
    try:
        server.start()
        yield server
    finally:
        server.process.kill()


def running_valkey(folder: Path) -> Iterator[Valkey]:
    """A Valkey of one's own, like `running_kafka`."""
    try:
        valkey()
    except Unavailable as error:
        missing("Valkey", error)
    server = Valkey(folder, fsync="always")
    try:
        server.start()
        yield server
    finally:
        server.process.kill()
