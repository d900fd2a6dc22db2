"""A log copied to another number of partitions: every issue, import and clock finds itself in it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from backends.kafka.rekeying import merged, rekey, times_of
from livelihood.partitions import partition_of
from livelihood.ports import (
    CATALOGUE,
    IMPORT_BEGIN,
    IMPORT_CLOCK,
    IMPORT_END,
    NewRecord,
    Outgoing,
    Record,
    Refused,
)
from tests.backends.kafka.conftest import MakeConnection, Tracker, everything

ISSUES = [f"i{number}" for number in range(6)]
#: What was appended, one after the other: an issue's live event, an import's events, markers.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.sampled_from(ISSUES)),
        st.tuples(st.sampled_from(["r", "s"]), st.sampled_from(ISSUES)),
        st.tuples(st.sampled_from([IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END]), st.sampled_from(["r", "s"])),
        st.tuples(st.just(CATALOGUE), st.just("")),
    ),
    max_size=60,
)


def appended(steps: Sequence[tuple[str, str]]) -> list[Record]:
    """As a log of one partition has it: each clock goes forward, imports' far behind the live one."""
    records = []
    for number, (kind, name) in enumerate(steps):
        value = b"%d" % number
        if kind == "live":
            records.append(Record(number, 1_000 + number // 2, name, value))
        elif kind in ("r", "s"):
            records.append(Record(number, number // 3, name, value, run=kind))
        elif kind == CATALOGUE:
            records.append(Record(number, 1_000 + number // 2, "", value, CATALOGUE))
        else:
            records.append(Record(number, number // 3, "", value, kind, name))
    return records


def divided(records: Sequence[Record], partitions: int) -> list[list[Record]]:
    found: list[list[Record]] = [[] for _ in range(partitions)]
    for record in records:
        into = range(partitions) if record.control else [partition_of(record.key, partitions)]
        for partition in into:
            found[partition].append(record)
    return found


def seen_by(issue: str, records: Sequence[Record]) -> list[tuple[int, str, bytes, str, str]]:
    """An issue's records and all markers."""
    return [tuple(record[1:]) for record in records if record.control or record.key == issue]


def assert_clocks_go_forward(records: Sequence[Record]) -> None:
    for run in {record.run for record in records}:
        times = [record.received for record in records if record.run == run and record.control != CATALOGUE]
        assert times == sorted(times)


@given(steps=STEPS, before=st.integers(1, 5), after=st.integers(1, 5))
def test_any_log_keeps_issues_markers_and_clocks_in_order(steps, before: int, after: int) -> None:
    records = appended(steps)
    sources = divided(records, before)
    copies = divided(list(merged(sources, [times_of(source) for source in sources])), after)
    for issue in ISSUES:
        source, copy = sources[partition_of(issue, before)], copies[partition_of(issue, after)]
        assert seen_by(issue, copy) == seen_by(issue, source)
    for copy in copies:
        assert_clocks_go_forward(copy)
    assert sum(not record.control for copy in copies for record in copy) == sum(
        not record.control for record in records
    )


@given(
    orders=st.lists(st.permutations(["A", "B", "C"]), min_size=2, max_size=4),
    without=st.integers(0, 3),
    data=st.data(),
)
def test_markers_written_at_once_and_clocks_that_differ_stop_nothing(orders, without: int, data) -> None:
    sources = []
    for partition, order in enumerate(orders):
        source = []
        for name in order:
            stamps = data.draw(st.lists(st.integers(0, 9), max_size=3))
            source += [Record(0, stamp, f"k{partition}", name.encode()) for stamp in stamps]
            if partition != without:
                source.append(Record(0, 5, "", name.encode(), CATALOGUE))
        sources.append(source)
    copy = list(merged(sources, [times_of(source) for source in sources]))
    for partition, source in enumerate(sources):
        events = [record for record in source if not record.control]
        assert [record for record in copy if record.key == f"k{partition}"] == events
    markers = [record.value for record in copy if record.control]
    assert sorted(markers) == [b"A", b"B", b"C"]


def filled(tracker: Tracker) -> KafkaLog:
    """Live events, an import that has not ended, two versions of the catalogue, alerts."""
    log, outlet = tracker.log(), tracker.outlet()
    log.append([NewRecord("", b'{"version":"1"}', control=CATALOGUE)])
    position = 0
    for turn in range(4):
        log.append([NewRecord(issue, b'{"live":%d}' % turn) for issue in ISSUES])
        events = [NewRecord(issue, b"{}", turn * 10 + n, run="r") for n, issue in enumerate(ISSUES)]
        begin = [NewRecord("", b"{}", 0, IMPORT_BEGIN, "r")] if not turn else []
        position = log.append_run("r", position, [*begin, *events])
        if turn == 2:
            log.append([NewRecord("", b'{"version":"2"}', control=CATALOGUE)])
    for partition in (0, 1):
        alerts = [Outgoing("alert", f"{i}-{n}", i, b"{}") for n in (1, 2) for i in ISSUES]
        outlet.publish(
            partition, "B", list(enumerate((a for a in alerts if partition_of(a.key, 2) == partition), 1))
        )
    return log


def test_a_log_on_a_broker_goes_to_three_partitions(tracker: Tracker, make: MakeConnection) -> None:
    log = filled(tracker)
    target = make()
    told: list[tuple[int, int]] = []
    rekey(tracker.connection, target, partitions=3, copied=lambda done, of: told.append((done, of)))
    assert told[-1] == (48, 48)
    with KafkaLog(target) as copy, KafkaPublished(target) as published:
        assert copy.partitions == 3
        for issue in ISSUES:
            source = everything(log, partition_of(issue, 2))
            record_of = seen_by(issue, everything(copy, partition_of(issue, 3)))
            versions = [one for one in record_of if one[3] == CATALOGUE]
            # A live marker's time is its own in each partition.
            assert [one for one in record_of if one not in versions] == [
                one for one in seen_by(issue, source) if one[3] != CATALOGUE
            ]
            assert [one[2:] for one in record_of] == [one[2:] for one in seen_by(issue, source)]
            alerts = published.outgoing("alert", partition_of(issue, 3), 0, 100)
            assert [id_ for _, id_, _ in alerts if id_.startswith(issue)] == [f"{issue}-1", f"{issue}-2"]
        assert published.catalogues() == [b'{"version":"1"}', b'{"version":"2"}']
        position = log.run_position("r")
        assert copy.append_run("r", position, [NewRecord("i1", b"{}", 99, run="r")]) == position + 1
        outlet = KafkaOutlet(target)
        outlet.publish(partition_of("i1", 3), "anew", [(1, Outgoing("alert", "i1-2", "i1", b"{}"))])
        assert len(published.outgoing("alert", partition_of("i1", 3), 0, 100)) == len(
            [issue for issue in ISSUES if partition_of(issue, 3) == partition_of("i1", 3)]
        ) * 2  # fmt: skip


def test_a_target_that_holds_records_is_refused(tracker: Tracker, make: MakeConnection) -> None:
    tracker.log().append([NewRecord("a", b"{}")])
    target = make()
    rekey(tracker.connection, target, partitions=1)
    with pytest.raises(Refused, match="another prefix"):
        rekey(tracker.connection, target, partitions=1)
