"""How long alerts and their deliveries took, as numbers."""

import json

from prometheus_client import CollectorRegistry

from consumers.feed.metrics import DeliveryNumbers
from livelihood.instants import SECOND, iso, parse
from livelihood.ports import Outgoing
from streams.metrics import Metrics
from streams.worker import Stepped

NOON = parse("2026-05-06T12:00:00Z")


def test_a_delivery_took_as_long_as_its_message_was_old_when_it_was_taken() -> None:
    registry = CollectorRegistry()
    numbers = DeliveryNumbers(registry, lambda: NOON + 3 * SECOND)
    body = json.dumps({"type": "alert.overdue", "timestamp": iso(NOON), "data": {}})
    numbers.attempted("https", body, "answered 500", is_given_up=False)
    numbers.attempted("https", body, "", is_given_up=False)
    numbers.attempted("mailto", body, "answered 500", is_given_up=True)
    numbers.attempted("wecombot", "{}", "", is_given_up=False)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert value("livelihood_delivery_seconds_sum", scheme="https") == 3
    assert value("livelihood_delivery_seconds_bucket", scheme="https", le="2.5") == 0
    assert value("livelihood_delivery_seconds_bucket", scheme="https", le="5.0") == 1
    for scheme, outcome in (
        ("https", "failed"), ("https", "taken"), ("mailto", "given up"), ("wecombot", "taken")
    ):  # fmt: skip
        assert value("livelihood_delivery_attempts_total", scheme=scheme, outcome=outcome) == 1
    # Nothing says when that one was made.
    assert value("livelihood_delivery_seconds_count", scheme="wecombot") is None or 0


def test_who_works_in_a_server_counts_from_the_deadline_to_the_alert_there() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(lambda: NOON + SECOND, registry=registry)
    alert = Outgoing("alert", "a1", "P-1", json.dumps({"at": iso(NOON)}).encode())
    metrics.stepped(0, Stepped(1, False, [alert]), 0.01)
    assert registry.get_sample_value("livelihood_alert_delay_seconds_sum") == 1
    # The process's own numbers are told once, by the server.
    assert registry.get_sample_value("process_cpu_seconds_total") is None
