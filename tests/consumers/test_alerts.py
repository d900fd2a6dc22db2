"""Reading alerts: pages, places, and what is asked for."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest

from consumers import alerts
from consumers.alerts import AlertQuery, places, read_alerts
from livelihood.alerts import Alert
from livelihood.instants import HOUR, Instant, parse, to_datetime
from livelihood.partitions import partition_of
from livelihood.ports import Published

NOON = parse("2024-05-06T12:00:00Z")


def alert(number: int, kind: str = "overdue", issue: str = "X-1", raised: Instant = NOON) -> Alert:
    at = to_datetime(raised)
    about = ("cycle", "roads", "pothole", "roads", "", "web")
    return Alert(str(number), issue, "resolution", kind, 0, at, at, at, number, *about)


class FewAlerts:
    """Some alerts of some partitions, at places 10, 20, ... of each."""

    def __init__(self, *found: Sequence[Alert]) -> None:
        self._found = found
        self.partitions = len(found)
        self.read: set[int] = set()

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        assert topic == "alert"
        self.read.add(partition)
        placed = [
            (10 * n, one.id, msgspec.json.encode(one)) for n, one in enumerate(self._found[partition], 1)
        ]
        return [one for one in placed if one[0] > after][:limit]


def found(*given: Alert, after: int = 0, **query: Any) -> list[tuple[int, str]]:
    topics = cast(Published, FewAlerts(given))
    return [(place, one.id) for _, place, one in read_alerts(topics, AlertQuery(**query), [after])]


def test_alerts_come_in_the_order_they_were_told_with_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "PAGE", 2)
    given = [alert(number) for number in range(5)]
    assert found(*given) == [(10, "0"), (20, "1"), (30, "2"), (40, "3"), (50, "4")]
    assert found(*given, after=30) == [(40, "3"), (50, "4")]


def test_a_kind_and_an_issue_are_matched_whole() -> None:
    given = [alert(1, "due_soon"), alert(2, issue="X-11"), alert(3, issue="X-1"), alert(4, issue="overdue")]
    assert found(*given, kind="overdue") == [(20, "2"), (30, "3"), (40, "4")]
    assert found(*given, issue="X-1") == [(10, "1"), (30, "3")]
    assert found(*given, issue="X-1", kind="overdue") == [(30, "3")]


def test_since_looks_at_when_they_were_raised() -> None:
    given = [alert(1, raised=NOON - HOUR), alert(2, raised=NOON), alert(3, raised=NOON + HOUR)]
    assert found(*given, since=NOON) == [(20, "2"), (30, "3")]


def test_across_partitions_they_come_by_when_they_were_raised_and_go_on_where_each_was() -> None:
    topics = FewAlerts(
        [alert(1, raised=NOON), alert(3, raised=NOON + 2 * HOUR)],
        [alert(2, raised=NOON + HOUR), alert(4, raised=NOON + 3 * HOUR)],
    )
    told = list(read_alerts(cast(Published, topics), AlertQuery()))
    assert [one.alert.id for one in told] == ["1", "2", "3", "4"]
    reached = places(told[:3], (), 2)
    assert reached == [20, 10]
    assert [one.alert.id for one in read_alerts(cast(Published, topics), AlertQuery(), reached)] == ["4"]


def test_those_of_an_issue_are_looked_for_in_its_partition_only() -> None:
    issue = next(name for name in map(str, range(100)) if partition_of(name, 3) == 2)
    topics = FewAlerts([], [], [alert(1, issue=f"{issue}~roads")])
    (told,) = read_alerts(cast(Published, topics), AlertQuery(issue=f"{issue}~roads"))
    assert (told.partition, told.place) == (2, 10)
    assert topics.read == {2}
