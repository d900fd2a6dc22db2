"""What the log on Kafka keeps beyond the port: several partitions, transactions, their holes in offsets."""

import random
import threading
import time

import pytest
from confluent_kafka import Producer

from backends.kafka import log as kafka_log
from backends.kafka.log import KafkaLog
from backends.kafka.topics import REQUESTS
from livelihood.instants import SECOND
from livelihood.partitions import partition_of
from livelihood.ports import CATALOGUE, IMPORT_BEGIN, NewRecord, Refused, Unavailable
from tests.backends.kafka.conftest import MakeConnection, Tracker, everything
from tests.patience import PATIENCE_SECONDS


def event(key: str, number: int = 0, **more: object) -> NewRecord:
    return NewRecord(key, b"%d" % number, **more)  # type: ignore[arg-type]


def test_a_marker_is_in_every_partition_among_its_neighbours(tracker: Tracker) -> None:
    log = tracker.log()
    (a, b) = next(
        (x, y) for x in "abcdef" for y in "abcdef" if (partition_of(x, 2), partition_of(y, 2)) == (0, 1)
    )
    marker = NewRecord("", b"{}", 5, IMPORT_BEGIN, "r")
    places = log.append([event(a, 1), event(b, 1), marker, event(a, 2), event(b, 2)])
    assert places == [(0, 0), (1, 0), (1, 1), (0, 2), (1, 2)]
    for partition, key in ((0, a), (1, b)):
        records = log.read(partition, 0, 10)
        assert [(record.key, record.control) for record in records] == [
            (key, ""),
            ("", IMPORT_BEGIN),
            (key, ""),
        ]
        assert records[1][1:] == (5, "", b"{}", IMPORT_BEGIN, "r")


def test_a_catalogue_is_in_its_topic_and_in_all_partitions_or_nowhere(tracker: Tracker) -> None:
    log, published = tracker.log(), tracker.published()
    log.append([NewRecord("", b"one", control=CATALOGUE)])
    # One that dies on the way: what it wrote is there, and nobody ever reads it.
    died = Producer(
        {
            "bootstrap.servers": tracker.connection.servers,
            "transactional.id": f"{tracker.connection.prefix}.markers",
            "transaction.timeout.ms": 10_000,
        }
    )
    died.init_transactions(30)
    died.begin_transaction()
    for partition in (0, 1):
        died.produce(
            tracker.connection.topic(REQUESTS), b"lost", b"", partition, headers={"control": CATALOGUE}
        )
    died.produce(tracker.connection.topic("catalogue"), b"lost", b"2", 0)
    died.flush(PATIENCE_SECONDS)
    log.append([NewRecord("", b"two", control=CATALOGUE)])
    assert published.catalogues() == [b"one", b"two"]
    for partition in (0, 1):
        assert [record.value for record in everything(log, partition)] == [b"one", b"two"]


def test_reading_in_any_steps_goes_over_the_holes_that_transactions_leave(tracker: Tracker) -> None:
    log = tracker.log()
    written, position = 0, 0
    for size in (1, 3, 1, 200, 1):
        log.append([event("a", written + number) for number in range(size)])
        written += size
        position = log.append_run("r", position, [event("a", written, received=1, run="r")])
        written += 1
    partition = partition_of("a", 2)
    for limit in (1, 2, 7, 1_000):
        found = everything(log, partition, limit)
        assert [int(record.value) for record in found] == list(range(written))
    # Where the end is behind the mark of a transaction, there is nothing before it.
    end = log.end(partition)
    assert end == found[-1].offset + 2
    assert log.read(partition, found[-1].offset + 1, 10) == [] == log.read(partition, end, 10)
    log.append([event("a", written)])
    assert [int(record.value) for record in log.read(partition, end, 10)] == [written]
    for offset in random.sample(range(end), 10):
        expected = [record for record in found if record.offset >= offset][:5]
        assert log.read(partition, offset, 5)[: len(expected)] == expected


def test_a_read_gives_all_that_was_there_when_it_began(tracker: Tracker) -> None:
    """Else a worker that looked at the clock would take what it was not given for what is not there."""
    log, other = tracker.log(), tracker.log()
    partition, offset = partition_of("a", 2), 0
    for number in range(30):
        other.append([event("a", number)] * (number % 4 + 1))
        records = log.read(partition, offset, 1_000)
        assert len(records) == number % 4 + 1
        offset = records[-1].offset + 1


def test_a_log_that_lost_its_end_is_not_read_on_silently(tracker: Tracker) -> None:
    log = tracker.log()
    log.append([event("a")])
    with pytest.raises(Unavailable, match="livelihood rebuild"):
        log.read(partition_of("a", 2), 2, 10)
    with pytest.raises(IndexError):
        log.read(2, 0, 10)


def test_one_process_carries_on_an_import(tracker: Tracker) -> None:
    first, second = tracker.log(), tracker.log()
    assert first.append_run("r", 0, [event("a", received=1, run="r")]) == 1
    assert second.append_run("r", 1, [event("a", received=2, run="r")]) == 2
    with pytest.raises(Refused, match="another process"):
        first.append_run("r", 1, [event("a", received=9, run="r")])
    assert second.append_run("r", 2, [event("a", received=3, run="r")]) == 3
    assert [record.received for record in everything(first, partition_of("a", 2))] == [1, 2, 3]


def test_several_imports_go_on_in_turn(tracker: Tracker) -> None:
    log = tracker.log()
    for turn in range(3):
        for run in "abcdefg":
            assert log.append_run(run, turn, [event(run, received=turn, run=run)]) == turn + 1
    assert [log.run_position(run) for run in "abcdefgh"] == [3] * 7 + [0]


def test_a_look_waits_for_a_transaction_and_says_no_more_than_before_while_one_stays_open(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, partition = tracker.log(), partition_of("a", 2)
    began = time.time_ns() // 1_000
    before = log.look(partition)
    assert began - 5 * SECOND < before + kafka_log.MARGIN < time.time_ns() // 1_000 + 5 * SECOND
    producer = Producer(
        {"bootstrap.servers": tracker.connection.servers, "transactional.id": tracker.connection.prefix}
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(tracker.connection.topic(REQUESTS), b"x", b"a", partition)
    producer.flush(PATIENCE_SECONDS)
    assert log.look(partition) == before
    monkeypatch.setattr(kafka_log, "LOOK_SECONDS", 20.0)
    ending = threading.Timer(0.3, producer.commit_transaction)
    ending.start()
    look = log.look(partition)
    ending.join()
    assert look > before
    # The record was received before, and is there to be read.
    assert len(log.read(partition, 0, 10)) == 1


def test_topics_that_are_not_there_are_named_with_what_makes_them(make: MakeConnection) -> None:
    with pytest.raises(Unavailable, match="stack init"):
        KafkaLog(make())


def test_records_of_others_do_no_harm(tracker: Tracker) -> None:
    producer = Producer({"bootstrap.servers": tracker.connection.servers})
    headers = [("received", b"soon"), ("control", b"\xff"), ("other", None)]
    producer.produce(tracker.connection.topic(REQUESTS), None, b"\xff\xfe", 0, headers=headers)
    producer.produce(tracker.connection.topic(REQUESTS), b"{}", None, 0)
    producer.flush(PATIENCE_SECONDS)
    first, second = tracker.log().read(0, 0, 10)
    assert (first.key, first.value, first.control, first.run) == ("��", b"", "�", "")
    assert abs(time.time_ns() // 1_000 - first.received) < 60 * SECOND
    assert (second.key, second.value, second.control) == ("", b"{}", "")


def test_an_import_whose_name_was_taken_goes_on_unless_somebody_went_on_with_it(tracker: Tracker) -> None:
    log, other = tracker.log(), tracker.log()
    assert log.append_run("r", 0, [event("a", 0, received=0, run="r")]) == 1
    # As brokers end a transaction that took too long for them: the name has another epoch, and that is all.
    other._begin("r")
    assert log.append_run("r", 1, [event("a", 1, received=1, run="r")]) == 2
    assert other.append_run("r", 2, [event("a", 2, received=2, run="r")]) == 3
    with pytest.raises(Refused, match=r"another process .*holds 3 records of r, not 2"):
        log.append_run("r", 2, [event("a", 3, received=3, run="r")])
    assert [record.value for record in everything(tracker.log(), 0) + everything(tracker.log(), 1)] == [
        b"0",
        b"1",
        b"2",
    ]
