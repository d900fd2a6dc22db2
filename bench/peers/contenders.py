"""Who takes part: what each is, what it promises in that run, and the command that does the job."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers.parts import FLINK, FLINK_ROCKSDB, HERE, STREAMS, classes, python

#: As Flink's own scripts give it for Java 17.
_OPENED = [
    f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "util", "nio", "time", "net")
]
_QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"


@dataclass(frozen=True)
class Stage:
    """What a contender is given."""

    #: Kafka's bootstrap servers.
    servers: str
    #: The topic of the log begins with it.
    prefix: str
    #: Records in the log, repeats among them.
    events: int
    #: Its own, empty.
    folder: Path
    #: A name that no run before had.
    run: str

    @property
    def topic(self) -> str:
        """The log."""
        return f"{self.prefix}.requests"


@dataclass(frozen=True)
class Contender:
    """One engine in one configuration."""

    name: str
    #: What holds in that run.
    promises: str
    command: Callable[[Stage], list[str]]
    #: Too slow for the long log.
    short_only: bool = False


def _streams(
    guarantee: str, threads: int, collector: str = "-XX:+UseParallelGC"
) -> Callable[[Stage], list[str]]:
    return lambda stage: [
        *("java", "-Xmx2g", collector, _QUIET, "-cp", classes(STREAMS, "StreamsJob"), "StreamsJob"),
        *(stage.servers, stage.topic, str(stage.events), guarantee, str(threads)),
        *(str(stage.folder), stage.run),
    ]


def _flink(parallelism: int, states: str = "hashmap") -> Callable[[Stage], list[str]]:
    jars = FLINK_ROCKSDB if states == "rocksdb" else FLINK
    return lambda stage: [
        *("java", "-Xmx2g", "-XX:+UseParallelGC", _QUIET, *_OPENED),
        *("-cp", classes(jars, "FlinkJob"), "FlinkJob"),
        *(stage.servers, stage.topic, str(parallelism), str(stage.folder), states),
    ]


def _faust(stage: Stage) -> list[str]:
    program = HERE / "python" / "faust_job.py"
    return [
        *(str(python()), str(program), stage.servers, stage.topic, str(stage.events)),
        *(str(stage.folder), stage.run),
    ]


def _bytewax(stage: Stage) -> list[str]:
    program = HERE / "python" / "bytewax_job.py"
    return [*(str(python()), str(program), stage.servers, stage.topic, str(stage.events), str(stage.folder))]


def _quix(guarantee: str) -> Callable[[Stage], list[str]]:
    program = HERE / "python" / "quix_job.py"
    return lambda stage: [
        *(str(python()), str(program), stage.servers, stage.topic, str(stage.events)),
        *(guarantee, str(stage.folder), stage.run),
    ]


def _ours(workers: int) -> Callable[[Stage], list[str]]:
    return lambda stage: [
        *(sys.executable, "-m", "bench.peers.ours"),
        *(stage.servers, stage.prefix, str(workers), str(stage.folder)),
    ]


EOS_ONE = "Kafka Streams, exactly_once_v2, 1 thread"
CONTENDERS = (
    Contender("Faust, agent and tables", "at least once", _faust, short_only=True),
    Contender("Bytewax", "exactly once, each 10 s, local disk", _bytewax),
    Contender("Quix Streams", "at least once, each second", _quix("at-least-once")),
    Contender("Quix Streams, exactly once", "exactly once, each second", _quix("exactly-once")),
    Contender(EOS_ONE, "exactly once, each 100 ms", _streams("exactly_once_v2", 1)),
    Contender(
        "Kafka Streams, exactly_once_v2, 2 threads",
        "exactly once, each 100 ms",
        _streams("exactly_once_v2", 2),
    ),
    Contender("Kafka Streams, 1 thread", "at least once, each 30 s", _streams("at_least_once", 1)),
    Contender("Kafka Streams, 2 threads", "at least once, each 30 s", _streams("at_least_once", 2)),
    Contender("Flink, heap state, parallelism 1", "exactly once, each second, local disk", _flink(1)),
    Contender("Flink, heap state, parallelism 2", "exactly once, each second, local disk", _flink(2)),
    Contender("Flink, RocksDB, parallelism 1", "exactly once, each second, local disk", _flink(1, "rocksdb")),
    Contender("livelihood, 1 worker", "exactly once, each commit, Valkey's file each second", _ours(1)),
    Contender("livelihood, 2 workers", "exactly once, each commit, Valkey's file each second", _ours(2)),
)
