"""What leaves by Kafka: once, in order, from one worker, though workers die and stores are lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backends.kafka.topics import ALERTS
from livelihood.partitions import partition_of
from livelihood.ports import Fenced, Outgoing
from tests.backends.kafka.conftest import Tracker
from tests.patience import PATIENCE_SECONDS

#: Publishes what an outbox of a thousand holds, from the number it is told on, a few at a time.
PUBLISHING = """
import sys
from backends.kafka.connection import Connection
from backends.kafka.outlet import KafkaOutlet
from livelihood.ports import Outgoing
servers, prefix, first, born = sys.argv[1:]
outlet = KafkaOutlet(Connection(servers, prefix))
at = int(first)
while at <= 1000:
    numbers = range(at, min(at + 4, 1001))
    waiting = [(n, Outgoing("alert", f"id{n}", f"issue{n % 5}", b"%d" % n)) for n in numbers]
    outlet.publish(0, born, waiting)
    at += 4
    print(at, flush=True)
"""


def alert(number: int, key: str = "a") -> Outgoing:
    return Outgoing("alert", f"id{number}", key, b"%d" % number)


def ids(tracker: Tracker, partition: int = 0) -> list[str]:
    return [id_ for _, id_, _ in tracker.published().outgoing("alert", partition, 0, 10_000)]


def test_one_that_was_replaced_is_fenced_and_may_take_its_place_again(tracker: Tracker) -> None:
    first, second = tracker.outlet(), tracker.outlet()
    first.publish(0, "B", [(1, alert(1))])
    second.publish(0, "B", [(1, alert(1)), (2, alert(2))])
    with pytest.raises(Fenced):
        first.publish(0, "B", [(2, alert(2)), (3, alert(3))])
    first.publish(0, "B", [(2, alert(2)), (3, alert(3))])
    assert ids(tracker) == ["id1", "id2", "id3"]


def test_partitions_leave_apart_and_events_go_to_the_partition_of_their_key(tracker: Tracker) -> None:
    outlet, log = tracker.outlet(), tracker.log()
    key = next(key for key in "abcdef" if partition_of(key, 2) == 1)
    outlet.publish(0, "B", [(1, alert(1)), (2, Outgoing("event", "e", key, b"{}"))])
    outlet.publish(1, "C", [(1, alert(2))])
    assert (ids(tracker), ids(tracker, 1)) == (["id1"], ["id2"])
    assert [record.key for record in log.read(1, 0, 10)] == [key]


def test_after_everything_was_met_again_nothing_more_is_remembered(tracker: Tracker) -> None:
    outlet = tracker.outlet()
    outlet.publish(0, "B", [(n, alert(n)) for n in range(1, 6)])
    outlet.publish(0, "C", [(n, alert(n)) for n in range(1, 5)])
    lane = outlet._lanes[0]
    assert (lane._told.unmet, len(lane._known)) == (1, 5)
    outlet.publish(0, "C", [(5, alert(5)), (6, alert(6))])
    assert (lane._told.unmet, len(lane._known)) == (0, 0)
    assert ids(tracker) == [f"id{n}" for n in range(1, 7)]


def run(tracker: Tracker, first: int, born: str) -> "subprocess.Popen[str]":
    connection = tracker.connection
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHING, connection.servers, connection.prefix, str(first), born],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_workers_killed_while_they_publish_tell_each_alert_once_in_order(tracker: Tracker) -> None:
    """Each goes on from anywhere before what the last one said it had done; in between the store is lost."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    done, born = 1, "B"
    for turn in range(8):
        if turn == 4:
            born, done = "C", 1
        process = run(tracker, chance.randint(max(1, done - 20), done), born)
        assert process.stdout
        for _ in range(chance.randint(1, 40)):
            if line := process.stdout.readline():
                done = int(line)
        time.sleep(chance.uniform(0, 0.01))
        process.kill()
        process.communicate()
    process = run(tracker, max(1, done - 20), born)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert ids(tracker) == [f"id{n}" for n in range(1, 1001)]


# kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
@pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")
def test_a_reader_of_what_was_committed_sees_the_same_with_another_client(tracker: Tracker) -> None:
    from kafka import KafkaConsumer, TopicPartition

    outlet = tracker.outlet()
    outlet.publish(0, "B", [(1, alert(1, "é市")), (2, alert(2))])
    consumer = KafkaConsumer(
        bootstrap_servers=tracker.connection.servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    consumer.assign([TopicPartition(tracker.connection.topic(ALERTS), 0)])
    found = [next(consumer) for _ in range(2)]
    consumer.close()
    assert [(one.key.decode(), one.value, dict(one.headers)["id"]) for one in found] == [
        ("é市", b"1", b"id1"), ("a", b"2", b"id2"),
    ]  # fmt: skip
