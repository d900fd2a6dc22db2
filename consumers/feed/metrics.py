"""What alerts and their deliveries tell in numbers for Prometheus: never whom they are about."""

from collections.abc import Callable, Iterator

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from consumers.feed.standing import Standings, count
from livelihood.instants import SECOND, Instant, parse
from livelihood.ports import Moved, Unavailable

#: Seconds at best; a digest or a retry within the hour; a day's patience.
_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)


class StandingNumbers(Collector):
    """Gauges worked out when they are asked for: the first time takes a look at all issues."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    def describe(self) -> Iterator[Metric]:
        """What there is, without working it out."""
        yield from _families()

    def collect(self) -> Iterator[Metric]:
        """The numbers now; none where issues cannot be read now."""
        try:
            now, found = self._standings.now()
        except (Unavailable, Moved):
            return
        counted = count(found)
        standing, unacknowledged, oldest = _families()
        for (kind, department), number in counted.both.items():
            standing.add_metric([kind, department], number)
        departments: dict[str, list[Instant]] = {}
        for one in counted.unacknowledged:
            departments.setdefault(one.one.issue.department, []).append(one.alarm.at)
        for department, moments in departments.items():
            unacknowledged.add_metric([department], len(moments))
            oldest.add_metric([department], (now - min(moments)) / SECOND)
        yield from (standing, unacknowledged, oldest)


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    return (
        GaugeMetricFamily(
            "livelihood_standing_alerts",
            "Alerts of open issues that nothing has cleared.",
            labels=["kind", "department"],
        ),
        GaugeMetricFamily(
            "livelihood_unacknowledged_issues",
            "Issues that are late with nobody having said to act on them.",
            labels=["department"],
        ),
        GaugeMetricFamily(
            "livelihood_unacknowledged_oldest_seconds",
            "How long the oldest of these has been late.",
            labels=["department"],
        ),
    )


class _Said(msgspec.Struct):
    """Of a message, when it was made."""

    timestamp: str = ""


_decode = msgspec.json.Decoder(_Said).decode


class DeliveryNumbers:
    """Counts attempts at delivery, by the scheme of their URL."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._seconds = Histogram(
            "livelihood_delivery_seconds",
            "From the moment a message was made, of alerts or of a change, until its receiver had taken it.",
            ["scheme"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._attempts = Counter(
            "livelihood_delivery_attempts",
            "Attempts to deliver: taken, failed and to be tried again, or given up.",
            ["scheme", "outcome"],
            registry=registry,
        )

    def attempted(self, scheme: str, body: str, problem: str, *, is_given_up: bool) -> None:
        """An attempt has ended; without a problem the message was taken."""
        outcome = "given up" if is_given_up else "failed" if problem else "taken"
        self._attempts.labels(scheme, outcome).inc()
        if problem:
            return
        try:
            made = parse(_decode(body).timestamp)
        except (msgspec.DecodeError, ValueError):
            return
        self._seconds.labels(scheme).observe(max(self._clock() - made, 0) / SECOND)
