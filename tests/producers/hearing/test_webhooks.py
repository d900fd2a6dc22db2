"""A channel is called with what happens to its issues, from its registration on."""

import json
from typing import Any

import anyio.from_thread
import pytest
from standardwebhooks.webhooks import Webhook

from backends.webhooks import deliverer
from livelihood.ports import Unavailable
from producers.hearing.documents import Documents
from producers.hearing.hub import Hub
from producers.hearing.tail import Tail
from producers.hearing.telling import Telling
from tests.backends.webhooks.conftest import Receiver, receiver
from tests.patience import until
from tests.producers.hearing.test_following import everything

__all__ = ["receiver"]

ALLOWED = {
    "webhook_networks": "127.0.0.0/8",
    "webhook_http": True,
    "public_url": "https://town.example",
}


@pytest.fixture
def allowing(settings, monkeypatch) -> None:
    """Webhooks may go to this machine."""
    monkeypatch.setattr(deliverer, "LOOK_SECONDS", 0.1)
    for name, value in ALLOWED.items():
        object.__setattr__(settings, name, value)


def register(gateway, url: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = {} if token else {"channel": "phone"}
    return gateway.client.post("/v1/webhooks", json={"url": url}, params=asked, headers=headers)


def test_a_webhook_is_sent_what_the_stream_tells_signed_and_in_order(
    allowing, serve, at_work, receiver: Receiver
) -> None:
    with at_work():
        with serve() as gateway:
            before = gateway.event()
            gateway.post(before)
            everything(gateway, "phone", 1)
            answer = register(gateway, receiver.url)
            assert answer.status_code == 201, answer.text
            secret = answer.json()["secret"]
            event = gateway.event()
            gateway.post(event)
            until(lambda: receiver.got)
        # The server ends, others publish, and the next one goes on.
        with serve() as gateway:
            for kind, data in (("accepted", {}), ("resolved", {"outcome": "fixed"})):
                more = gateway.event(kind, subject=event["subject"], data=data)
                gateway.post(more)
            until(lambda: len(receiver.got) == 3)
            told = everything(gateway, "phone", 4)
            told = [change for change in told if change["data"]["issue"] == event["subject"]]
            listed = gateway.client.get("/v1/webhooks", params={"channel": "phone"})
            assert secret not in listed.text
    assert [json.loads(got.body) for got in receiver.got] == told
    assert [got.id for got in receiver.got] == [change["id"] for change in told]
    for got in receiver.got:
        Webhook(secret).verify(got.body, got.headers)


def test_a_webhook_of_another_channel_is_nobodys_business(allowing, serve, receiver: Receiver) -> None:
    with serve() as gateway:
        phone, wechat = gateway.key("phone"), gateway.key("wechat")
        name = register(gateway, receiver.url, phone).json()["id"]
        headers = {"Authorization": f"Bearer {wechat}"}
        for method, path in (("DELETE", ""), ("POST", "/rotate"), ("POST", "/enable"), ("POST", "/resend")):
            answer = gateway.client.request(method, f"/v1/webhooks/{name}{path}", headers=headers)
            assert answer.status_code == 404
        assert gateway.client.get("/v1/webhooks", headers=headers).json() == {"webhooks": []}
        headers = {"Authorization": f"Bearer {phone}"}
        rotated = gateway.client.post(f"/v1/webhooks/{name}/rotate", headers=headers).json()
        assert rotated["secret"].startswith("whsec_")
        assert gateway.client.delete(f"/v1/webhooks/{name}", headers=headers).status_code == 204
        assert gateway.client.get("/v1/webhooks", headers=headers).json() == {"webhooks": []}


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://localhost/", "https://169.254.169.254/latest", "nonsense"]
)
def test_a_url_that_may_not_be_delivered_to_is_refused_at_once(gateway, url: str) -> None:
    answer = register(gateway, url)
    assert (answer.status_code, answer.json()["field"]) == (422, "url")


class Adaptor:
    """One that cannot tell at first."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = 1

    def tell(self, change: dict[str, Any]) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable("not now")
        self.told.append(change["data"]["issue"])


@pytest.fixture
def quickly(monkeypatch) -> None:
    monkeypatch.setattr("producers.hearing.telling.PAUSE_SECONDS", 0.1)


def test_an_adaptor_is_given_each_change_and_goes_on_where_it_stopped(gateway, at_work, quickly) -> None:
    context = gateway.context
    adaptor, events = Adaptor(), [gateway.event() for _ in range(6)]

    def told_until(count: int, new: list[dict[str, Any]]) -> None:
        documents = Documents(context.catalogue, str, "https://town.example")
        hub = Hub(Tail(context.log, context.reader, context.topics, documents))
        telling = Telling(hub, context.vault, "phone", adaptor, context.clock)
        with anyio.from_thread.start_blocking_portal() as portal:
            tasks = [portal.start_task_soon(one) for one in (hub.run, telling.run)]
            until(lambda: context.vault.get("told", "phone") is not None)
            for event in new:
                gateway.post(event)
            until(lambda: len(adaptor.told) == count)
            portal.call(hub.close)
            for task in tasks:
                task.result(30)

    with at_work():
        gateway.post(gateway.event())
        everything(gateway, "phone", 1)
        told_until(2, events[:2])
        for event in events[2:4]:
            gateway.post(event)
        context.vault.delete("turn", "tell phone")
        told_until(6, events[4:])
    assert sorted(adaptor.told) == sorted(event["subject"] for event in events)
