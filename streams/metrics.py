"""What a process that works tells of itself, as Prometheus reads it: numbers, never whom they are about."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from livelihood.alerts import STALE_AFTER
from livelihood.instants import SECOND, Instant, from_datetime
from livelihood.ports import Fenced, Unavailable
from streams.hot import HotStates
from streams.worker import Stepped

__all__ = ["CONTENT_TYPE", "Metrics"]

_STEP_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
#: The promise is one second.
_DELAY_SECONDS = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60, 300, 3600)


class _Told(msgspec.Struct):
    """Of an alert, what tells how late it is."""

    at: datetime


_decode = msgspec.json.Decoder(_Told).decode


class Metrics:
    """The numbers of one process."""

    def __init__(
        self,
        clock: Callable[[], Instant],
        hot: HotStates | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        """`registry`: where the process's own numbers are counted by others; without one, here."""
        # When each began to count is half of all lines, and nobody asks for it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._clock = clock
        if registry is None:
            registry = CollectorRegistry()
            ProcessCollector(registry=registry)
        self.registry = registry
        by_partition = ["partition"]
        self._events = Counter(
            "livelihood_events", "Records of the log worked on.", by_partition, registry=registry
        )
        self._steps = Histogram(
            "livelihood_step_seconds",
            "How long it took to work on what there was of a partition.",
            by_partition,
            buckets=_STEP_SECONDS,
            registry=registry,
        )
        self._commits = Counter(
            "livelihood_commits", "Commits sent to the store.", by_partition, registry=registry
        )
        self.lag = Gauge(
            "livelihood_lag_records",
            "Offsets of the log not yet worked on, when last looked at.",
            by_partition,
            registry=registry,
        )
        self.partitions = Gauge("livelihood_partitions", "Partitions this process has.", registry=registry)
        self._failed = Counter(
            "livelihood_failed_steps",
            "Steps that were given up: a server was away, or another worker had taken the partition.",
            ["why"],
            registry=registry,
        )
        for why in (Unavailable, Fenced):
            self._failed.labels(why.__name__.lower())
        self._sent = Counter(
            "livelihood_published", "Alerts, dead letters and events sent.", ["topic"], registry=registry
        )
        for topic in ("alert", "dead_letter", "event"):
            self._sent.labels(topic)
        self._delay = Histogram(
            "livelihood_alert_delay_seconds",
            "From the instant an alert is about until it was sent; without the past, as an import's.",
            buckets=_DELAY_SECONDS,
            registry=registry,
        )
        if hot is not None:
            _count_hot(hot, registry)

    def stepped(self, partition: int, stepped: Stepped, seconds: float) -> None:
        """A step of a partition took so long."""
        if not stepped.idle:
            self._events.labels(partition).inc(stepped.records)
            self._commits.labels(partition).inc()
            self._steps.labels(partition).observe(seconds)
        now = self._clock()
        for topic, _, _, value in stepped.sent:
            self._sent.labels(topic).inc()
            if topic == "alert":
                late = now - from_datetime(_decode(value).at)
                if late < STALE_AFTER:
                    self._delay.observe(max(late, 0) / SECOND)

    def failed(self, error: Unavailable | Fenced) -> None:
        """A step was given up."""
        self._failed.labels(type(error).__name__.lower()).inc()

    def forget(self, partition: int) -> None:
        """The partition is another's: its lag is not ours to tell."""
        self.lag.remove(str(partition))

    def text(self) -> str:
        """All of it, as CONTENT_TYPE says."""
        return generate_latest(self.registry).decode()


def _count_hot(hot: HotStates, registry: CollectorRegistry) -> None:
    for name, what, number in (
        ("livelihood_hot_state_bytes", "Memory of the states kept in memory.", lambda: hot.size_bytes),
        ("livelihood_hot_states_asked", "States asked for since the start.", lambda: hot.asked),
        ("livelihood_hot_states_missed", "Of those, the store was asked for.", lambda: hot.missed),
    ):
        Gauge(name, what, registry=registry).set_function(number)
