import threading
from pathlib import Path

import pytest

from backends.sqlite.log import GROUP_BYTES, GROUP_RECORDS, SqliteLog
from livelihood.ports import NewRecord


def groups(log: SqliteLog) -> list[int]:
    """The last offset of each group."""
    with log._database.reading() as connection:
        return [last for (last,) in connection.execute("SELECT last FROM records ORDER BY last")]


def test_an_append_is_kept_in_groups_of_bounded_number_and_size(log: SqliteLog) -> None:
    log.append([NewRecord("a", b"{}")] * (2 * GROUP_RECORDS + 1))
    assert groups(log) == [GROUP_RECORDS - 1, 2 * GROUP_RECORDS - 1, 2 * GROUP_RECORDS]
    log.append([NewRecord("a", bytes(GROUP_BYTES // 2 + 1))] * 5)
    first = 2 * GROUP_RECORDS + 1
    assert groups(log)[3:] == [first + 1, first + 3, first + 4]


def test_reading_from_within_a_group_gives_what_follows(log: SqliteLog) -> None:
    log.append([NewRecord(f"k{number}", b"{}") for number in range(600)])
    for offset in (0, 1, 255, 256, 511, 512, 599):
        assert [record.key for record in log.read(0, offset, 2)] == [f"k{offset}", f"k{offset + 1}"][
            : 600 - offset
        ]
    assert log.read(0, 600, 2) == []
    assert log.read(0, 5, 0) == []


def test_threads_take_turns(log: SqliteLog) -> None:
    def append() -> None:
        for _ in range(30):
            log.append([NewRecord("a", b"{}")] * 2)

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.end(0) == 240
    assert [record.offset for record in log.read(0, 0, 1_000)] == list(range(240))


def test_only_partition_0_exists(log: SqliteLog, folder: Path) -> None:
    assert log.partitions == 1
    with pytest.raises(IndexError):
        log.read(1, 0, 1)
