"""Subscribers on a real broker: the README's fifteen lines as they stand there, and the client."""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest

from livelihood.ports import Unavailable
from tests.consumers.subscriber.topics import alert, make_topic, tell
from tests.patience import PATIENCE_SECONDS

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
LINES = 15
# kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
pytestmark = pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture
def topic(kafka_server: str) -> str:
    """A topic of alerts in two partitions."""
    return make_topic(kafka_server)


@pytest.fixture(name="tell")
def _tell(kafka_server: str, topic: str) -> Callable[..., None]:
    return partial(tell, kafka_server, topic)


@pytest.fixture
def readme(tmp_path: Path, kafka_server: str, topic: str) -> Callable[[int], list[str]]:
    """Run the README's subscriber until it has told so many alerts and noted its place, then kill it."""
    from kafka import KafkaConsumer, TopicPartition

    (code,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(code.splitlines()) <= LINES
    for there, here in (("livelihood.alerts", topic), ("localhost:9092", kafka_server)):
        assert code.count(there) == 1
        code = code.replace(there, here)

    def noted() -> list[int]:
        with closing(sqlite3.connect(tmp_path / "places.sqlite")) as places:
            return [place for (place,) in places.execute("SELECT next_offset FROM place ORDER BY number")]

    def ends() -> list[int]:
        with closing(KafkaConsumer(bootstrap_servers=kafka_server)) as consumer:
            found = consumer.end_offsets([TopicPartition(topic, number) for number in (0, 1)])
        return [found[TopicPartition(topic, number)] for number in (0, 1)]

    def run(alerts: int) -> list[str]:
        process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=PIPE, text=True)
        try:
            assert process.stdout
            lines = [process.stdout.readline().strip() for _ in range(alerts)]
            while noted() != [end - 1 for end in ends()]:  # The commit of a transaction takes an offset.
                time.sleep(0.05)
            return lines
        finally:
            process.kill()
            process.communicate()

    return run


def test_the_subscriber_in_the_readme_is_told_each_alert_once_though_it_is_killed(
    readme: Callable[[int], list[str]], tell: Callable[..., None]
) -> None:
    tell(0, [alert("a", 1), alert("a", 2)])
    tell(1, [alert("b", 1)], taken_back=True)
    tell(1, [alert("b", 1)])
    assert sorted(line.split()[1] for line in readme(3)) == ["a", "a", "b"]
    tell(0, [alert("c", 1)])
    assert readme(1) == ["overdue c was due 2011-03-13T07:06:40.000001Z"]
    tell(1, [alert("d", 1)], taken_back=True)
    tell(1, [alert("d", 2)])
    assert readme(1) == ["overdue d was due 2011-03-13T07:06:40.000002Z"]


def test_a_subscriber_goes_on_where_it_was_and_reads_only_what_was_committed(
    kafka_server: str, topic: str, tell: Callable[..., None]
) -> None:
    from consumers.subscriber.topic import AlertTopic, Told

    def read(places: dict[int, int], wanted: int) -> list[Told]:
        told: list[Told] = []
        with AlertTopic(kafka_server, places, topic=topic) as alerts:
            while len(told) < wanted:
                told += alerts.read(PATIENCE_SECONDS)
            assert not alerts.read(0.2)
        return told

    tell(0, [alert("a", 1), alert("a", 2)])
    tell(0, [alert("a", 3)], taken_back=True)
    tell(1, [alert("b", 1)])
    told = read({}, 3)
    assert [one.alert.id for one in told if one.partition == 0] == ["a-1", "a-2"]
    assert [one.alert for one in told if one.partition == 1] == [alert("b", 1)]
    places = {one.partition: one.next_offset for one in told}
    tell(0, [alert("a", 3), alert("a", 4)])
    assert [one.alert.id for one in read(places, 2)] == ["a-3", "a-4"]


def test_a_topic_that_is_not_there_is_said_to_be_missing(kafka_server: str) -> None:
    from consumers.subscriber.topic import AlertTopic

    with pytest.raises(Unavailable, match="stack init"):
        AlertTopic(kafka_server, topic="nowhere.alerts")
