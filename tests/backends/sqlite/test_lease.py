import os
import subprocess
import sys
from pathlib import Path

import pytest

from backends.sqlite.lease import Lease
from livelihood.ports import Unavailable

HOLD = """
import sys, time
from pathlib import Path
from backends.sqlite.lease import Lease
lease = Lease(Path(sys.argv[1]), lambda: 42)
print(lease.try_take(), flush=True)
time.sleep(60)
"""


def now() -> int:
    return 1_000


def test_one_has_it_and_the_other_is_told_who(folder: Path) -> None:
    first, second = Lease(folder, now), Lease(folder, now)
    assert second.holder() is None
    assert first.try_take()
    assert first.held
    assert not second.try_take()
    assert not second.held
    holder = second.holder()
    assert holder
    assert (holder.pid, holder.since) == (os.getpid(), 1_000)
    assert holder.command
    first.release()
    assert second.holder() is None
    assert second.try_take()
    second.release()


def test_taking_it_twice_is_having_it(folder: Path) -> None:
    with Lease(folder, now) as lease:
        assert lease.try_take()
        assert lease.try_take()
    assert not lease.held
    lease.release()


def test_asking_who_has_it_takes_it_from_nobody(folder: Path) -> None:
    with Lease(folder, now) as lease:
        for _ in range(20):
            assert Lease(folder, now).holder() is None
            assert lease.try_take()
            lease.release()


def test_a_process_that_is_killed_lets_it_go(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        lease = Lease(folder, now)
        assert not lease.try_take()
        holder = lease.holder()
        assert holder
        assert (holder.pid, holder.since) == (process.pid, 42)
        process.kill()
        process.wait()
        # What it wrote is still there, and counts for nothing.
        assert lease.holder() is None
        assert lease.try_take()
        lease.release()
    finally:
        process.kill()
        process.communicate()


def test_one_that_has_not_said_who_it_is_still_has_it(folder: Path) -> None:
    with Lease(folder, now) as lease:
        lease.try_take()
        (folder / "worker.lock").write_text("")
        holder = Lease(folder, now).holder()
        assert holder
        assert "starting" in holder.command


def test_a_folder_that_cannot_be_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lease = Lease(tmp_path / "file", now)
    with pytest.raises(Unavailable, match="cannot be written"):
        lease.try_take()
    assert lease.holder() is None
