"""Reading several partitions beside their workers."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from livelihood.partitions import partition_of
from livelihood.ports import Moved
from tests.backends.redis.conftest import Work


def test_a_snapshot_in_which_nothing_moved_is_whole(tracker, work) -> None:
    work.commit(rows={(0, ""): b"1"})
    reader = tracker.reader()
    with reader.snapshot():
        assert list(reader.rows(0)) == [((0, ""), b"1")]
        # Taking a partition changes nothing in it.
        tracker.store().take(0)


CHANGING = {
    "rows": lambda reader: list(reader.rows(0)),
    "states": lambda reader: reader.states(["a"]),
    "late": lambda reader: list(reader.late(0, 0)),
    "waking": lambda reader: list(reader.waking(0, 99)),
    "orphans": lambda reader: reader.orphans(0, 9),
}


@pytest.mark.parametrize("read", CHANGING.values(), ids=CHANGING)
def test_what_changes_is_read_of_the_first_look_or_not_at_all(tracker, work, read) -> None:
    parts = {"rows": {(0, ""): b"1"}, "states": {"a": b"A"}, "late": {"a": 5}, "orphans": {"a": 3}}
    work.commit(timers={"a": ("", 5)}, **parts)
    reader = tracker.reader()
    with pytest.raises(Moved):
        in_snapshot(reader, lambda: reader.position(0), work.commit, lambda: read(reader))
    in_snapshot(reader, work.commit, lambda: reader.position(0), lambda: read(reader), work.commit)


def test_what_only_grows_is_read_as_of_the_first_look_though_work_goes_on(tracker, work) -> None:
    """Else a table as of an instant, which reads all movements, were never finished beside a busy worker."""
    work.commit(movements=bytes(24 * 5_000), dimensions={0: b"d"}, next_offset=5)
    reader = tracker.reader()
    with reader.snapshot():
        assert reader.names(0) == ({0: b"d"}, {})
        pages = reader.movements(0)
        first = next(pages)
        work.commit(movements=bytes(24 * 9), shapes={0: b"s"}, next_offset=6)
        assert len(first) + sum(map(len, pages)) == 24 * 5_000
        assert reader.position(0).next_offset == 5
        assert len(b"".join(reader.movements(0, 4_990))) == 240
    assert reader.position(0).next_offset == 6


def test_whatever_is_read_has_its_names(tracker, work) -> None:
    reader = tracker.reader()

    def look_up() -> None:
        dimensions, _ = reader.names(0)
        work.commit(rows={(0, ""): b"1"}, dimensions={0: b"d"})
        for (number, _), _ in reader.rows(0):
            dimensions[number]

    with pytest.raises(Moved):
        in_snapshot(reader, look_up)


def test_a_snapshot_is_of_each_partition_by_itself(tracker) -> None:
    store = tracker.store()
    first, second = Work(store, 0), Work(store, 1)
    reader = tracker.reader(partitions=2)
    in_snapshot(
        reader,
        lambda: list(reader.rows(0)),
        lambda: second.commit(rows={(0, ""): b"1"}),
        lambda: list(reader.rows(1)),
        lambda: first.commit(rows={(0, ""): b"1"}),
        lambda: list(reader.rows(1)),
    )


def in_snapshot(reader, *steps: Callable[[], Any]) -> None:
    with reader.snapshot():
        for step in steps:
            step()


def test_scans_are_no_part_of_a_snapshot(tracker, work) -> None:
    reader = tracker.reader()
    with reader.snapshot():
        reader.scan(0, "", 10)
        work.commit(states={"a": b"A"})


def test_data_begun_anew_within_a_snapshot_have_moved(tracker, work) -> None:
    work.commit(movements=bytes(24 * 5_000))
    reader = tracker.reader()

    def read() -> None:
        pages = reader.movements(0)
        next(pages)
        tracker.client().delete(tracker.key("meta"), tracker.key("m:1"))
        work.store.take(0)
        next(pages)

    with pytest.raises(Moved):
        in_snapshot(reader, read)


def test_issues_are_found_whatever_their_partition(tracker) -> None:
    store = tracker.store()
    reader = tracker.reader(partitions=3)
    work = [Work(store, partition) for partition in range(3)]
    issues = [f"{number}{part}" for number in range(20) for part in ("", "~1")]
    for issue in issues:
        root = issue.partition("~")[0]
        work[partition_of(root, 3)].commit(
            states={issue: issue.encode()}, timers={issue: None}, archive={(issue, 1): b"old"}
        )
    assert reader.states([*issues, "nobody"]) == {issue: issue.encode() for issue in issues}
    assert all(reader.archive(issue) == [b"old"] for issue in issues)
    assert {len(reader.scan(partition, "", 100)[0]) for partition in range(3)} != {0}


@pytest.mark.parametrize("limit", [1, 50, 10_000])
def test_a_scan_gives_each_issue_once_cold_ones_too_while_others_come_and_go(tracker, work, limit) -> None:
    stays = {f"i{number}": b"%d" % number for number in range(1_000)}
    work.commit(states=stays, timers={issue: None if n % 3 else ("", 5) for n, issue in enumerate(stays)})
    seen: Counter[str] = Counter()
    steps, cursor = 0, ""
    while cursor is not None:
        found, cursor = work.store.scan(0, cursor, limit)
        seen.update(issue for issue, _ in found)
        assert all(stays.get(issue, state) == state for issue, state in found)
        if steps < 20:
            # What is there all the while may go cold and come back.
            work.commit(
                states={f"i{steps}": stays[f"i{steps}"], f"new{steps}": b"new"},
                timers={f"i{steps}": None if steps % 2 else ("", 9)},
            )
        steps += 1
    assert {issue: seen[issue] for issue in stays} == dict.fromkeys(stays, 1)
    assert max(seen.values()) == 1
    assert (steps == 1) == (limit == 10_000)


def test_where_nobody_has_worked_there_is_nothing(tracker) -> None:
    reader = tracker.reader(partitions=4)
    position = reader.position(3)
    assert (position.epoch, position.sequence, position.next_offset, position.born) == (0, 0, 0, "")
    assert list(reader.rows(3)) == list(reader.movements(3)) == reader.orphans(3, 9) == []
    assert reader.scan(3, "", 9) == ([], None)
    assert reader.names(3) == ({}, {})
