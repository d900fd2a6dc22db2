"""Real processes that are killed, stopped and starved; what is left is compared with an undisturbed run.

Moments are random. The seed is printed with a failure; FAULT_SEED=<seed> repeats it, as far as the
machine's own timing allows.
"""

import gzip
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from livelihood.ports import CATALOGUE, Record
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
#: The command line, with batches so small that there are many moments to be killed at.
SMALL = """
import sys
import producers.importer, streams.worker
producers.importer.APPENDED_EVENTS = 60
streams.worker.BATCH_RECORDS, streams.worker.BATCH_TIMERS = 150, 100
from cli.main import main
sys.argv[0] = "livelihood"
main()
"""
#: The same on a disk with room for so many pages in each of the engine's files.
FULL = """
import sqlite3
connect = sqlite3.connect
def limited(*arguments, **options):
    connection = connect(*arguments, **options)
    if "state.sqlite" in str(arguments[0]) or "log.sqlite" in str(arguments[0]):
        connection.execute("PRAGMA max_page_count = {pages}")
    return connection
sqlite3.connect = limited
"""


class Command:
    """Runs `livelihood` in processes of its own, on one data folder."""

    def __init__(self, data: Path, **settings: str) -> None:
        """Settings beside the folder, as kafka="127.0.0.1:9092"."""
        self.data = data
        self._settings = {f"LIVELIHOOD_{name.upper()}": value for name, value in settings.items()}
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object, pages: int = 0) -> "subprocess.Popen[str]":
        """With `pages` on a disk that has room for so many in each file."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")},
            "LIVELIHOOD_DATA": str(self.data),
            "LIVELIHOOD_TICK_SECONDS": "0.05",
            "LIVELIHOOD_ADDRESS": "127.0.0.1:0",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            **self._settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", (FULL.format(pages=pages) if pages else "") + SMALL, *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: object, pages: int = 0) -> tuple[int, str]:
        """Run to the end: the status, and all that was printed."""
        process = self.start(*arguments, pages=pages)
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, out

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.communicate()


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """A command line on a data folder of that name."""
    commands: list[Command] = []

    def make(name: str, **settings: str) -> Command:
        commands.append(Command(tmp_path / name, **settings))
        return commands[-1]

    yield make
    for one in commands:
        one.close()


@pytest.fixture(scope="session")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand rows of the real file, from all of its half year."""
    path = tmp_path_factory.mktemp("boston") / "requests.csv"
    with gzip.open(ROOT / "examples/boston/requests-2011h2.csv.gz", "rt", encoding="utf-8") as table:
        head, *rows = table
    path.write_text("".join([head, *rows[:: len(rows) // 2_000]]), "utf-8")
    return path


def _unstamped(record: Record) -> Record:
    """The record, without the moment at which it happened to be published where it is a catalogue."""
    if record.control != CATALOGUE:
        return record
    version = {**msgspec.json.decode(record.value), "recorded": None}
    return record._replace(received=0, value=msgspec.json.encode(version))


class Held:
    """What a data folder holds, in a form to compare. Stamps of the moment are left out."""

    def __init__(self, data: Path, *, worked: bool = True) -> None:
        with SqliteLog(data, lambda: 0) as log, SqliteReader(data) as reader:
            records = log.read(0, 0, 10_000_000)
            position = reader.position(0)
            self.records_as_received = records
            self.left = log.end(0) - position.next_offset
            assert not (worked and self.left)
            self.records = [_unstamped(record) for record in records]
            self.alerts: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
            self.ids: list[str] = []
            for _, identity, value in reader.outgoing("alert", 0, 0, 10_000_000):
                alert = msgspec.json.decode(value)
                self.ids.append(identity)
                self.alerts[alert["issue"]].append((identity, alert["kind"], alert["sequence"]))
            self.letters = [identity for _, identity, _ in reader.outgoing("dead_letter", 0, 0, 1_000_000)]

    def check(self) -> None:
        """What holds however it came about."""
        assert len(self.ids) == len(set(self.ids))
        for alerts in self.alerts.values():
            assert [sequence for _, _, sequence in alerts] == list(range(1, len(alerts) + 1))


@pytest.fixture
def held() -> type[Held]:
    return Held
