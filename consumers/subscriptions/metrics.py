"""How many alerts nobody heard, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from consumers.subscriptions.recipients import OPERATOR
from consumers.subscriptions.store import Subscriptions
from livelihood.ports import Unavailable


class UnheardNumbers(Collector):
    """Read when it is asked for; the same from every server."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    def describe(self) -> Iterator[Metric]:
        """What there is, without reading it."""
        yield _family()

    def collect(self) -> Iterator[Metric]:
        """The number now; none where it cannot be read, or no server has looked yet."""
        try:
            operator = self._subscriptions.find(OPERATOR)
            told = None if operator is None else self._subscriptions.told(operator)
        except Unavailable:
            return
        if told is not None:
            unheard = _family()
            unheard.add_metric([], told)
            yield unheard


def _family() -> CounterMetricFamily:
    return CounterMetricFamily(
        "livelihood_unheard_alerts", "Alerts that were for nobody, and were told the operator."
    )
