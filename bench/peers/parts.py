"""What the other engines need, fetched and made when first asked for, inside the environment of `make`."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(sys.prefix) / "bench-peers"
STREAMS = "org.apache.kafka:kafka-streams:4.1.0+org.slf4j:slf4j-simple:1.7.36"
FLINK = (
    "org.apache.flink:flink-clients:1.20.3+org.apache.flink:flink-streaming-java:1.20.3"
    "+org.apache.flink:flink-connector-base:1.20.3+org.apache.flink:flink-connector-kafka:3.4.0-1.20"
    "+com.fasterxml.jackson.core:jackson-core:2.19.0+org.slf4j:slf4j-simple:1.7.36"
)
FLINK_ROCKSDB = f"{FLINK}+org.apache.flink:flink-statebackend-rocksdb:1.20.3"
#: With the optional packages that make Faust quicker.
PYTHON = (
    "faust-streaming==0.15.3",
    "quixstreams==3.28.1",
    "bytewax[kafka]==0.21.1",
    "orjson==3.13.0",
    "uvloop==0.23.0",
)


class NotHad(RuntimeError):
    """A contender cannot take part here; the message says what is missing."""


@cache
def classes(coordinates: str, program: str) -> str:
    """The class path of one of java/'s programs: compiled, with all jars it needs."""
    import jgo

    compiler = shutil.which("javac")
    if compiler is None:
        raise NotHad("there is no JDK (javac) on this machine")
    try:
        jars = [str(artifact.resolve()) for artifact in jgo.resolve(coordinates)]
    except (OSError, RuntimeError) as error:
        raise NotHad(f"its jars cannot be fetched: {error}") from None
    made = FOLDER / program
    sources = [HERE / "java" / "Job.java", HERE / "java" / f"{program}.java"]
    subprocess.run([compiler, "-cp", ":".join(jars), "-d", made, *sources], check=True)
    return ":".join([str(made), *jars])


@cache
def python() -> Path:
    """The interpreter of the environment with the Python engines, made where it is not there yet."""
    folder = FOLDER / "python"
    stamp, wanted = folder / "installed.txt", "\n".join(PYTHON)
    if not (stamp.exists() and stamp.read_text() == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        done = subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *PYTHON], check=False
        )
        if done.returncode:
            raise NotHad("its packages cannot be installed")
        stamp.write_text(wanted)
    return folder / "bin" / "python"
