"""Reading alerts: pages, places, and what is asked for."""

from typing import Any, cast

import msgspec
import pytest

from consumers import alerts
from consumers.alerts import AlertQuery, read_alerts
from livelihood.alerts import Alert
from livelihood.instants import HOUR, Instant, parse, to_datetime
from livelihood.ports import Published

NOON = parse("2024-05-06T12:00:00Z")


def alert(number: int, kind: str = "overdue", issue: str = "X-1", raised: Instant = NOON) -> Alert:
    at = to_datetime(raised)
    about = ("cycle", "roads", "pothole", "roads", "", "web")
    return Alert(str(number), issue, "resolution", kind, 0, at, at, at, number, *about)


class FewAlerts:
    """Some alerts of one partition, at places 10, 20, ..."""

    partitions = 1

    def __init__(self, *found: Alert) -> None:
        self._found = found

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        assert (topic, partition) == ("alert", 0)
        placed = [(10 * n, one.id, msgspec.json.encode(one)) for n, one in enumerate(self._found, 1)]
        return [one for one in placed if one[0] > after][:limit]


def found(*given: Alert, after: int = 0, **query: Any) -> list[tuple[int, str]]:
    topics = cast(Published, FewAlerts(*given))
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
