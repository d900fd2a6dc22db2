"""What every event log keeps, whatever it is made of."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livelihood.instants import SECOND
from livelihood.ports import CATALOGUE, EVENT, IMPORT_BEGIN, IMPORT_END, NewRecord, Record, Refused


def events(*keys: str) -> list[NewRecord]:
    return [NewRecord(key, f'{{"subject":"{key}"}}'.encode()) for key in keys]


def everything(log, partition=0, limit=1_000) -> list[Record]:
    found: list[Record] = []
    while records := log.read(partition, found[-1].offset + 1 if found else 0, limit):
        found += records
    return found


def test_records_are_read_in_the_order_they_were_appended(engine) -> None:
    log = engine.log()
    assert log.append(events("a", "b")) == [(0, 0), (0, 1)]
    assert log.append(events("c")) == [(0, 2)]
    records = log.read(0, 0, 10)
    assert [record._replace(received=0) for record in records] == [
        Record(offset, 0, key, f'{{"subject":"{key}"}}'.encode()) for offset, key in enumerate("abc")
    ]
    assert all(engine.is_now(record.received) for record in records)
    assert log.end(0) == 3


def test_an_empty_log_ends_where_it_begins(engine) -> None:
    log = engine.log()
    assert log.end(0) == 0
    assert log.read(0, 0, 10) == []
    assert log.append([]) == []


def test_what_was_appended_is_there_after_a_restart(engine) -> None:
    engine.log().append(events("a"))
    engine.close()
    log = engine.log()
    assert [record.key for record in log.read(0, 0, 10)] == ["a"]
    assert log.append(events("b")) == [(0, 1)]


def test_another_process_reads_what_one_appended(engine) -> None:
    first, second = engine.log(), engine.log()
    first.append(events("a"))
    second.append(events("b"))
    assert [record.key for record in first.read(0, 0, 10)] == ["a", "b"] == [
        record.key for record in second.read(0, 0, 10)
    ]  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.one_of(st.integers(1, 5), st.integers(250, 600)), min_size=1, max_size=6),
    reads=st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 700)), max_size=8),
)
def test_any_read_gives_that_part_of_what_all_appends_gave(tmp_path_factory, engine, sizes, reads) -> None:
    log = engine.fresh(tmp_path_factory.mktemp("log"))
    try:
        appended: list[str] = []
        opened = log.log()
        for size in sizes:
            keys = [f"k{len(appended) + number}" for number in range(size)]
            opened.append(events(*keys))
            appended += keys
        for place, limit in reads:
            offset = place % (len(appended) + 1)
            found = opened.read(0, offset, limit)
            assert [record.key for record in found] == appended[offset : offset + limit]
            assert [record.offset for record in found] == list(range(offset, offset + len(found)))
    finally:
        log.close()


def test_large_records_come_back_whole(engine) -> None:
    log = engine.log()
    values = [bytes([number]) * 256 * 1024 for number in range(5)]
    log.append([NewRecord("a", value) for value in values])
    assert [record.value for record in everything(log, limit=2)] == values


def test_live_records_are_stamped_in_order(engine) -> None:
    logs = engine.log(), engine.log()
    for number in range(20):
        logs[number % 2].append(events(f"k{number}"))
    received = [record.received for record in everything(logs[0])]
    assert received == sorted(received)
    assert all(map(engine.is_now, received))


def test_the_clock_stamps_live_records_and_never_goes_back(engine, now) -> None:
    if not engine.sets_the_clock:
        pytest.skip("a server's clock stamps")
    times = iter([now + 5 * SECOND, now, now + 9 * SECOND])
    log = engine.log(lambda: next(times))
    for key in "abc":
        log.append(events(key))
    assert [record.received - now for record in everything(log)] == [5 * SECOND, 5 * SECOND, 9 * SECOND]


def test_an_imports_own_times_neither_change_nor_move_the_clock(engine, now) -> None:
    log = engine.log()
    log.append(
        [NewRecord("a", b"{}", now - 100 * SECOND, run="r"), NewRecord("b", b"{}", now + SECOND, run="r")]
    )
    log.append(events("c"))
    *of_import, live = [record.received for record in everything(log)]
    assert of_import == [now - 100 * SECOND, now + SECOND]
    assert engine.is_now(live)
    assert [record.run for record in everything(log)] == ["r", "r", ""]


def test_markers_keep_their_kind(engine, now) -> None:
    log = engine.log()
    for control in (IMPORT_BEGIN, IMPORT_END, CATALOGUE):
        log.append([NewRecord("", b"{}", now, control, "r")])
    assert [record.control for record in everything(log)] == [IMPORT_BEGIN, IMPORT_END, CATALOGUE]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (NewRecord("a", b" " * 1_000_001), "1,000,001 bytes"),
        (NewRecord("", b"{}"), "key"),
        (NewRecord("a", b"{}", control="surprise"), "surprise"),
    ],
)
def test_a_record_it_cannot_hold_is_refused_with_its_whole_group(engine, record: NewRecord, why: str) -> None:
    log = engine.log()
    with pytest.raises(Refused, match=why):
        log.append([*events("a"), record])
    with pytest.raises(Refused, match=why):
        log.append_run("r", 0, [*events("a"), record])
    assert log.end(0) == 0
    assert log.run_position("r") == 0


def test_a_run_counts_its_own_records(engine) -> None:
    log = engine.log()
    assert log.run_position("r") == 0
    assert log.append_run("r", 0, run("r", "a", "b")) == 2
    log.append(events("c"))
    assert log.append_run("other", 0, run("other", "d")) == 1
    assert log.append_run("r", 2, run("r", "e")) == 3
    engine.close()
    log = engine.log()
    assert (log.run_position("r"), log.run_position("other")) == (3, 1)
    assert [record.key for record in everything(log)] == ["a", "b", "c", "d", "e"]


def test_a_run_goes_on_only_from_where_it_is(engine) -> None:
    log = engine.log()
    log.append_run("r", 0, run("r", "a", "b"))
    for position in (0, 1, 3):
        with pytest.raises(Refused, match="2 records"):
            log.append_run("r", position, run("r", "c"))
    assert log.run_position("r") == 2
    assert len(everything(log)) == 2


def run(name: str, *keys: str) -> Sequence[NewRecord]:
    return [NewRecord(key, b"{}", 1, EVENT, name) for key in keys]


def test_nothing_is_received_before_a_look_that_did_not_see_it(engine) -> None:
    log, other = engine.log(), engine.log()
    offset = 0
    for number in range(20):
        look = log.look(0)
        assert engine.is_now(look)
        seen = log.read(0, offset, 100)
        offset += len(seen)
        other.append(events(f"k{number}"))
        assert [record.received >= look for record in log.read(0, offset, 100)] == [True]


def test_a_look_stands_though_the_clock_is_set_back(engine, now) -> None:
    if not engine.sets_the_clock:
        pytest.skip("a server's clock stamps")
    times = iter([now, now + 5 * SECOND, now + 2 * SECOND, now + 9 * SECOND])
    log = engine.log(lambda: next(times))
    log.append(events("a"))
    assert log.look(0) == now + 5 * SECOND
    log.append(events("b"))
    assert [record.received - now for record in everything(log)] == [0, 5 * SECOND]
    assert log.look(0) == now + 9 * SECOND
