"""A data folder that cannot be used: what is wrong and what to do, with status 3, and nothing is harmed."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

READING = ["table", "alerts", "orphans", "dead-letters", "issue T-1001"]


@pytest.mark.parametrize("command", READING)
def test_data_of_a_newer_version_are_left_alone(run: Any, own_town: Any, command: str) -> None:
    with sqlite3.connect(own_town.data / "state.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    ran = run(*command.split(), "--data", own_town.data)
    assert ran.status == 3
    assert "newer version of this software" in ran.err
    assert "update the software" in ran.err


def test_a_file_of_another_program_is_left_alone(run: Any, own_town: Any) -> None:
    (own_town.data / "log.sqlite").write_bytes(b"not a database, but long enough to be looked at twice" * 40)
    ran = run("publish", "-", "--data", own_town.data, given="")
    assert ran.status == 3
    assert "Traceback" not in ran.err


def test_a_log_that_is_gone_is_not_begun_anew(run: Any, own_town: Any) -> None:
    for file in own_town.data.glob("log.sqlite*"):
        file.unlink()
    ran = run("publish", "-", "--data", own_town.data, given="")
    assert ran.status == 3
    assert "restore the log from a backup" in ran.err


def test_a_log_that_is_not_the_one_the_tables_were_made_from_is_not_worked_on(
    run: Any, own_town: Any, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert run("catalogue", "publish", own_town.catalogue, "--data", other).status == 0
    for file in own_town.data.glob("log.sqlite*"):
        file.unlink()
    shutil.copy(other / "log.sqlite", own_town.data)
    ran = run("publish", "-", "--data", own_town.data, given="")
    assert ran.status == 3
    assert "it was replaced or cut off" in ran.err
    assert "livelihood rebuild" in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(run: Any, own_town: Any) -> None:
    own_town.data.chmod(0o500)
    try:
        ran = run("publish", "-", "--data", own_town.data, given="")
    finally:
        own_town.data.chmod(0o700)
    assert ran.status == 3


def test_a_folder_that_cannot_be_made(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run("publish", "-", "--data", tmp_path / "file" / "below", given="")
    assert ran.status == 3
    assert "cannot be the data folder" in ran.err


def test_a_data_folder_that_is_a_file_is_wrong_usage(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("table", "--data", tmp_path / "file").status == 2


def test_a_locked_log_is_said_to_be_locked(
    run: Any, own_town: Any, event: Any, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backends.sqlite.log import SqliteLog

    monkeypatch.setattr(SqliteLog.__init__, "__kwdefaults__", {"busy_seconds": 0.1})
    connection = sqlite3.connect(own_town.data / "log.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        ran = run("publish", lines([event()]), "--data", own_town.data)
    finally:
        connection.close()
    assert ran.status == 3
    assert "is locked" in ran.err
    assert run("publish", lines([event()]), "--data", own_town.data).status == 0


def test_a_full_disk_is_said_to_be_full_and_nothing_is_lost(run: Any, files: Any) -> None:
    small = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    if small is None or os.geteuid() != 0:
        pytest.skip("needs a small disk of its own")
    folder = small / f"livelihood-full-{os.getpid()}"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=400k none {folder} 2>/dev/null"):
        folder.rmdir()
        pytest.skip("may not mount a small disk")
    try:
        ran = run("catalogue", "publish", files.catalogue, "--data", folder / "data")
        ran = run("import", files.table, "--mapping", files.mapping, "--data", folder / "data")
        assert ran.status == 3, ran.out
        assert "full" in ran.err
    finally:
        os.system(f"umount {folder}")
        shutil.rmtree(folder, ignore_errors=True)
