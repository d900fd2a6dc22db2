"""The same on both engines: subscribed over HTTP, told of what falls due, and once over two servers."""

from typing import Any

from livelihood.instants import DAY, SECOND, iso
from tests.consumers.subscriptions.test_interface import told
from tests.patience import until
from tests.producers.gateway.conftest import Gateway, at_work, running, settings

__all__ = ["at_work", "settings"]


def fall_due(gateway: Gateway, receiver: Any, count: int) -> list[str]:
    """Some issues that are due soon in a moment; those that are told of, in all."""
    before = len(told(receiver))
    for _ in range(count):
        begun = gateway.context.clock() - DAY * 16 // 10 + 2 * SECOND
        assert gateway.post(gateway.event(time=iso(begun))).status_code == 202
    until(lambda: len(told(receiver)) >= before + count)
    return [item["alert"]["issue"] for one in told(receiver) for item in one["data"]["alerts"]]


def test_what_falls_due_is_told_once_also_after_the_server_began_anew(settings, at_work, receiver) -> None:
    settings = settings.model_copy(update={"webhook_networks": "127.0.0.0/8", "webhook_http": True})
    with at_work():
        with running(settings) as gateway:
            answer = gateway.client.post(
                "/v1/subscriptions",
                json={"url": receiver.url, "time_zone": "UTC", "wanted": {"services": ["lamp"]}},
            )
            assert answer.status_code == 201, answer.text
            first = fall_due(gateway, receiver, 3)
            assert len(set(first)) == len(first) == 3
        with running(settings) as gateway:
            both = fall_due(gateway, receiver, 2)
            assert both[:3] == first
            assert len(set(both)) == len(both) == 5
            listed = gateway.client.get(f"/v1/subscriptions/{answer.json()['id']}").json()
            assert (listed["waiting"], listed["given_up"]) == (0, [])
