import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import pytest

from backends.sqlite.files import Database, NewerSchema, NoData, OlderSchema, only
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.schema import LOG, STATE, Schema
from backends.sqlite.store import SqliteStore
from livelihood.ports import Commit, NewRecord, Unavailable
from tests.patience import PATIENCE_SECONDS

EVENT = NewRecord("a", b"{}")


def pragma(path: Path, statement: str):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {statement}").fetchone()


@pytest.mark.parametrize("schema", [LOG, STATE], ids=lambda schema: schema.file)
def test_whoever_comes_first_makes_both_files_as_they_should_be(folder: Path, schema: Schema) -> None:
    SqliteStore(folder).close()
    assert sorted(path.name for path in folder.iterdir()) == ["log.sqlite", "state.sqlite"]
    path = folder / schema.file
    assert pragma(path, "journal_mode") == ("wal",)
    assert pragma(path, "page_size") == (schema.page_bytes,)
    assert pragma(path, "user_version") == (schema.version,)
    with Database(folder, schema) as database, database.reading() as connection:
        # 2 is FULL: a commit waits for the disk.
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_many_processes_that_come_first_at_once_make_one_folder(folder: Path) -> None:
    script = """
import sys
from pathlib import Path
from backends.sqlite.log import SqliteLog
from livelihood.ports import NewRecord
with SqliteLog(Path(sys.argv[1]), lambda: 1) as log:
    log.append([NewRecord("a", b"{}")])
"""
    processes = [subprocess.Popen([sys.executable, "-c", script, str(folder)]) for _ in range(6)]
    assert [process.wait(PATIENCE_SECONDS) for process in processes] == [0] * 6
    with SqliteLog(folder, lambda: 1) as log:
        assert log.end(0) == 6


def test_what_a_crash_left_half_made_is_made_again(folder: Path) -> None:
    folder.mkdir()
    (folder / "log.new").write_bytes(b"half a file")
    (folder / "state.new").touch()
    with SqliteLog(folder, lambda: 1) as log:
        log.append([EVENT])
    assert not list(folder.glob("*.new"))


@pytest.mark.parametrize("schema", [LOG, STATE], ids=lambda schema: schema.file)
def test_data_of_a_newer_version_are_left_alone(folder: Path, schema: Schema) -> None:
    SqliteStore(folder).close()
    pragma(folder / schema.file, f"user_version = {schema.version + 1}")
    before = (folder / schema.file).read_bytes()
    with pytest.raises(NewerSchema, match="update the software"):
        Database(folder, schema)
    with pytest.raises(Unavailable, match="update the software"):
        SqliteReader(folder)
    assert (folder / schema.file).read_bytes() == before


def test_data_of_an_older_version_are_brought_up_to_date_by_who_writes_and_named_to_who_reads(
    folder: Path,
) -> None:
    SqliteStore(folder).close()
    with closing(sqlite3.connect(folder / STATE.file)) as connection:
        connection.execute("DROP TABLE numbers")
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(OlderSchema, match="livelihood serve"):
        SqliteReader(folder)
    # Whichever of the two files it is about.
    SqliteLog(folder, lambda: 1).close()
    with SqliteStore(folder) as store:
        epoch = store.take(0).epoch
        commit = Commit(epoch=epoch, sequence=1, next_offset=0, ledger=b"", states={"a": b"A"})
        commit.numbers["desk", "7", "a"] = True
        store.commit(0, commit)
    with SqliteReader(folder) as reader:
        assert reader.numbered("desk", "7") == ["a"]
    assert pragma(folder / STATE.file, "user_version") == (STATE.version,)


def test_a_reader_of_an_empty_folder_hears_that_there_is_nothing_yet(folder: Path) -> None:
    with pytest.raises(NoData, match="no data yet"):
        SqliteReader(folder)
    assert not folder.exists()


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("something else")
    for place in (path, path / "below"):
        with pytest.raises(Unavailable, match="cannot be the data folder"):
            SqliteLog(place, lambda: 1)
        with pytest.raises(NoData):
            SqliteReader(place)


def test_a_file_that_is_no_database_is_named_and_left_alone(folder: Path) -> None:
    folder.mkdir()
    for schema in (LOG, STATE):
        (folder / schema.file).write_text("not a database, but somebody's file " * 100)
    with pytest.raises(Unavailable, match="not a database of this software; restore it from a backup"):
        SqliteLog(folder, lambda: 1)
    with pytest.raises(Unavailable, match="made again from the log"):
        SqliteStore(folder)
    assert (folder / "log.sqlite").read_text().startswith("not a database")


def test_a_database_of_other_software_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "log.sqlite")) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(Unavailable, match="other software"):
        SqliteLog(folder, lambda: 1)


def test_a_damaged_file_is_told_from_an_empty_one(folder: Path) -> None:
    with SqliteLog(folder, lambda: 1) as log:
        log.append([NewRecord("a", bytes(1000))] * 5_000)
    path = folder / "log.sqlite"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(LOG.page_bytes)
        file.write(b"\xff" * (size - LOG.page_bytes))
    with SqliteLog(folder, lambda: 1) as log, pytest.raises(Unavailable, match="damaged; restore it"):
        log.append([EVENT])


def test_a_lost_state_is_begun_anew_but_a_lost_log_is_not(folder: Path) -> None:
    with SqliteStore(folder) as store:
        position = store.take(0)
        store.commit(0, Commit(epoch=position.epoch, sequence=1, next_offset=5, ledger=b""))
    (folder / "state.sqlite").unlink()
    with SqliteStore(folder) as store:
        assert store.take(0).next_offset == 0
    (folder / "log.sqlite").unlink()
    with pytest.raises(Unavailable, match="without its log"):
        SqliteStore(folder)


def test_a_file_locked_for_long_is_reported_and_nothing_is_lost(folder: Path) -> None:
    with SqliteLog(folder, lambda: 1, busy_seconds=0.05) as log, SqliteLog(folder, lambda: 1) as other:
        log.append([EVENT])
        with other._database.writing(), pytest.raises(Unavailable, match=r"locked.*try again"):
            log.append([EVENT])
        log.append([EVENT])
        assert log.end(0) == 2


@pytest.mark.parametrize("schema", [LOG, STATE], ids=lambda schema: schema.file)
def test_a_full_disk_is_reported_and_leaves_what_was_there(folder: Path, schema: Schema) -> None:
    """Of SQLite's own making: a file that may not have more pages."""
    states = {f"i{number}": bytes(1_000) for number in range(1_000)}
    with SqliteLog(folder, lambda: 1) as log, SqliteStore(folder) as store:
        position = store.take(0)
        parts = {"epoch": position.epoch, "next_offset": 0, "ledger": b""}
        store.commit(0, Commit(**parts, sequence=1, states={"a": b"A"}))  # type: ignore[arg-type]
        log.append([EVENT])
        with (log if schema is LOG else store)._database.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 3}")
        full = Commit(**parts, sequence=2, states=states)  # type: ignore[arg-type]
        if schema is LOG:
            with pytest.raises(Unavailable, match="disk is full"):
                log.append([NewRecord("a", bytes(100_000))])
            assert log.end(0) == 1
        else:
            with pytest.raises(Unavailable, match="disk is full"):
                store.commit(0, full)
            assert store.scan(0, "", 10)[0] == [("a", b"A")]
        with (log if schema is LOG else store)._database.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        log.append([EVENT])
        store.commit(0, full)
        assert log.end(0) == 2
        assert store.load(0, ["i7"]) == {"i7": bytes(1_000)}


def test_a_write_the_system_refuses_is_reported_and_leaves_what_was_there(folder: Path) -> None:
    """Of the system's making: a limit to how large files may be, which stops the write half way."""
    with SqliteLog(folder, lambda: 1) as log:
        log.append([EVENT])
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            appends = iter(lambda: log.append([NewRecord("big", bytes(100_000))]), None)
            with pytest.raises(Unavailable, match=r"disk reports an error|disk is full"):
                list(islice(appends, 10))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        held = log.end(0)
        assert [record.offset for record in log.read(0, 0, 100)] == list(range(held))
        assert log.append([EVENT]) == [(0, held)]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_only_be_read_is_reported(folder: Path) -> None:
    SqliteStore(folder).close()
    folder.chmod(0o500)
    try:
        for path in folder.iterdir():
            path.chmod(0o400)
        with pytest.raises(Unavailable, match="right"), SqliteLog(folder, lambda: 1) as log:
            log.append([EVENT])
    finally:
        folder.chmod(0o700)


def test_a_file_that_may_not_be_written_is_reported(folder: Path) -> None:
    with SqliteLog(folder, lambda: 1) as log:
        # What SQLite itself does with a file it may only read.
        with log._database.reading() as connection:
            connection.execute("PRAGMA query_only = ON")
        with pytest.raises(Unavailable, match="cannot be written; give this user the right"):
            log.append([EVENT])


def test_an_interrupted_transaction_leaves_nothing(folder: Path) -> None:
    with Database(folder, LOG) as database:
        with suppress(KeyboardInterrupt), database.writing() as connection:
            connection.execute("UPDATE head SET next_offset = 7")
            raise KeyboardInterrupt
        with database.reading() as connection:
            assert connection.execute("SELECT next_offset FROM head").fetchone() == (0,)


def test_a_fault_of_this_software_is_not_taken_for_one_of_the_disk(folder: Path) -> None:
    missing = pytest.raises(sqlite3.OperationalError, match="no such table")
    with Database(folder, LOG) as database, missing, database.reading() as connection:
        connection.execute("SELECT 1 FROM nowhere")


def test_a_reader_changes_nothing(folder: Path) -> None:
    SqliteStore(folder).close()
    refused = pytest.raises(Unavailable, match="cannot be written")
    with Database(folder, STATE, read_only=True) as database, refused, database.writing() as connection:
        connection.execute("UPDATE position SET sequence = 9")


def test_there_is_one_partition() -> None:
    only(0)
    with pytest.raises(IndexError, match="one, number 0"):
        only(1)
