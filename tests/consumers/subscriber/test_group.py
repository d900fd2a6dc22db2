"""Subscribers of a group on a real broker: none of their alerts is lost, whoever comes, goes or is killed."""

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from livelihood.ports import Unavailable
from tests.consumers.subscriber.topics import alert, make_topic, tell
from tests.patience import until

# kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
pytestmark = pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")
#: So that a killed one is missed soon.
QUICK = {"session_timeout_ms": 6_000, "heartbeat_interval_ms": 500}
SCRIPT = """
import sys, time
from consumers import KafkaGroup, Subscriber
servers, topic, slowly = sys.argv[1], sys.argv[2], float(sys.argv[3])
source = KafkaGroup(servers, "office", topic=topic, session_timeout_ms=6_000, heartbeat_interval_ms=500)
with Subscriber(source) as alerts:
    for alert in alerts:
        print(alert.id, flush=True)
        time.sleep(slowly)
"""


@pytest.fixture
def topic(kafka_server: str) -> str:
    """A topic of alerts in two partitions."""
    return make_topic(kafka_server)


class Reader:
    """One of a group, in a process of its own, and what it has handled."""

    def __init__(self, servers: str, topic: str, slowly: float = 0.0) -> None:
        self.handled: list[str] = []
        arguments = [sys.executable, "-W", "ignore", "-c", SCRIPT, servers, topic, str(slowly)]
        self._process = subprocess.Popen(
            arguments, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        self.handled.extend(iter(lambda: self._process.stdout.readline().strip(), ""))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout
        self._process.stdout.close()


def test_a_group_hears_everything_though_its_members_come_and_are_killed(
    kafka_server: str, topic: str
) -> None:
    from consumers import KafkaGroup, Subscriber

    def tell_some(first: int, last: int) -> list[str]:
        for partition in (0, 1):
            tell(kafka_server, topic, partition, [alert(f"{partition}", n) for n in range(first, last)])
        return [f"{partition}-{n}" for partition in (0, 1) for n in range(first, last)]

    with Subscriber(KafkaGroup(kafka_server, "office", topic=topic, **QUICK)) as first:
        # A new group begins now: this much was told before it.
        tell_some(-5, 0)
        source = first._source
        until(lambda: not source.read(0.2) and len(source._ours) == 2)
    wanted = tell_some(0, 40)
    slow = Reader(kafka_server, topic, 0.05)
    until(lambda: len(slow.handled) >= 5)
    other = Reader(kafka_server, topic)
    wanted += tell_some(40, 80)
    until(lambda: len(slow.handled) + len(other.handled) > 60)
    slow.kill()
    wanted += tell_some(80, 100)
    until(lambda: set(wanted) <= {*slow.handled, *other.handled})
    other.kill()
    counts = Counter(slow.handled + other.handled)
    assert set(counts) == set(wanted)
    # One may have been handled and not noted when it was killed: then all that was read with it.
    assert sum(counts.values()) <= len(wanted) + 200
    for reader in (slow, other):
        for partition in ("0", "1"):
            mine = [
                int(one.partition("-")[2]) for one in dict.fromkeys(reader.handled) if one[0] == partition
            ]
            assert mine == sorted(mine)


def test_what_was_not_handled_comes_again_and_what_was_does_not(kafka_server: str, topic: str) -> None:
    from consumers import KafkaGroup, Subscriber

    def group(**options: object) -> KafkaGroup:
        return KafkaGroup(kafka_server, "office", topic=topic, from_beginning=True, **QUICK, **options)

    tell(kafka_server, topic, 0, [alert("a", number) for number in range(5)])
    with Subscriber(group()) as alerts:
        handled = []
        for one in alerts:
            handled.append(one.id)
            if one.id == "a-2":
                # Not handled: the next was not asked for.
                break
        # Within one process too.
        assert next(iter(alerts)).id == "a-2"
    with Subscriber(group()) as alerts:
        again = []
        for one in alerts:
            again.append(one.id)
            if one.id == "a-4":
                break
    assert (handled, again) == (["a-0", "a-1", "a-2"], ["a-2", "a-3", "a-4"])


def test_a_topic_that_is_not_there_is_said_to_be_missing(kafka_server: str) -> None:
    from consumers import KafkaGroup

    with pytest.raises(Unavailable, match="stack init"):
        KafkaGroup(kafka_server, "office", topic="nowhere.alerts")
