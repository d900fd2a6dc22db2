"""What a server tells of the events it takes in: numbers for Prometheus, never whom they are about."""

from collections.abc import Callable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from producers.answers import Answer, Receipt

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The numbers of one process."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        """`waiting` counts the events that wait for the log."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._acknowledged = Counter(
            "livelihood_acknowledged_events",
            "Events acknowledged: the log holds them. A repeat was there before.",
            ["channel", "repeated"],
            registry=registry,
        )
        self._refused = Counter(
            "livelihood_refused_events",
            "Events refused, by HTTP status.",
            ["channel", "status"],
            registry=registry,
        )
        self._failed = Counter(
            "livelihood_unanswered_events",
            "Events that were neither, since the log or a store was away: asked to come again.",
            ["channel"],
            registry=registry,
        )
        self._seconds = Histogram(
            "livelihood_acknowledge_seconds",
            "How long a request waited for the log.",
            buckets=_SECONDS,
            registry=registry,
        )
        depth = Gauge("livelihood_waiting_events", "Events that wait for the log.", registry=registry)
        depth.set_function(waiting)

    def answered(self, channel: str, answers: Sequence[Answer], seconds: float) -> None:
        """Count what became of a request's events."""
        self._seconds.observe(seconds)
        for answer in answers:
            if isinstance(answer, Receipt):
                self._acknowledged.labels(channel, "yes" if answer.repeated else "no").inc()
            else:
                self._refused.labels(channel, str(answer.status)).inc()

    def refused(self, channel: str, status: int) -> None:
        """Count one that was refused before it was looked at as an event."""
        self._refused.labels(channel, str(status)).inc()

    def failed(self, channel: str, count: int) -> None:
        """Count events that were not answered."""
        self._failed.labels(channel).inc(count)
