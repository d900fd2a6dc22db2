"""Two workers on one data folder: the second does not fight, and one that slept does no harm."""

import os
import signal
import subprocess
import sys
import time

from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from livelihood.ports import IMPORT_BEGIN, NewRecord
from streams.worker import Worker
from tests.patience import PATIENCE_SECONDS

#: A worker that asks no lease whether it may work, as one on another machine of a shared disk.
WORKER = """
import sys, time
from pathlib import Path
from backends.sqlite.log import SqliteLog
from backends.sqlite.store import SqliteStore
from livelihood.ports import Fenced
from streams.worker import Worker
now = lambda: time.time_ns() // 1000
folder = Path(sys.argv[1])
with SqliteLog(folder, now) as log, SqliteStore(folder) as store:
    worker = Worker(log, store, log, now, lambda: [])
    while True:
        try:
            stepped = worker.step()
        except Fenced as error:
            print("fenced:", error, flush=True)
            sys.exit(7)
        print("idle" if stepped.idle else "committed", flush=True)
        time.sleep(0.01)
"""


def now() -> int:
    return time.time_ns() // 1_000


def tell(log: SqliteLog, number: int) -> None:
    """Something for a worker to commit."""
    log.append([NewRecord("", b"{}", now(), IMPORT_BEGIN, f"run{number}")])


def until_it_says(process, word: str) -> None:
    while process.stdout.readline().strip() != word:
        assert process.poll() is None


def test_a_second_server_finds_who_works_and_leaves_it_alone(command) -> None:
    one = command("data")
    first = one.start("serve")
    assert "Working on" in first.stdout.readline()
    for arguments in (("serve",), ("serve",)):
        status, out = one.run(*arguments)
        assert status == 3, out
        assert f"process {first.pid}" in out
        assert "stop it first" in out
    assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.wait()
    third = one.start("serve")
    assert "Working on" in third.stdout.readline()


def test_a_server_that_sleeps_keeps_the_work(command) -> None:
    """The kernel gives its lease back only when it ends; who wants to take over must end it."""
    one = command("data")
    first = one.start("serve")
    assert "Working on" in first.stdout.readline()
    first.send_signal(signal.SIGSTOP)
    status, out = one.run("serve")
    assert status == 3, out


def test_what_a_sleeper_would_commit_is_refused_once_another_has_taken_over(tmp_path) -> None:
    folder = tmp_path / "data"
    with SqliteLog(folder, now) as log, SqliteStore(folder) as store, SqliteReader(folder) as reader:
        sleeper = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
        )
        try:
            tell(log, 1)
            until_it_says(sleeper, "committed")
            until_it_says(sleeper, "idle")
            sleeper.send_signal(signal.SIGSTOP)
            other = Worker(log, store, log, now, list)
            tell(log, 2)
            while not other.step().idle:
                pass
            position = reader.position(0)
            tell(log, 3)
            sleeper.send_signal(signal.SIGCONT)
            out, _ = sleeper.communicate(timeout=PATIENCE_SECONDS)
            assert "fenced" in out
            assert sleeper.returncode == 7
            assert reader.position(0) == position
            while not other.step().idle:
                pass
            assert reader.position(0).next_offset == 3
        finally:
            sleeper.kill()
            sleeper.communicate()
