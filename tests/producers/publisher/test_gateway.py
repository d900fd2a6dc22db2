"""The publisher over HTTP: to a real server, and to one that answers in every way a server can."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from livelihood.facts import decode
from producers import Delivery, GatewayTransport, NotDelivered, Publisher
from producers.channel_keys import PUBLISHABLE, ChannelKey
from producers.keyring import Keyring
from producers.publisher import publisher as module
from tests.sites import Site

NOW = "2026-03-04T10:00:00+08:00"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)


def event(make_event: Any, number: int, **changes: Any) -> dict[str, Any]:
    data = {"service": "street-light", "personal": {"name": "Zhang San", "phone": "13812345678"}}
    return make_event(number, time=NOW, data=data, **changes)


def publisher(site: Site, token: str, **options: Any) -> Publisher:
    clock = site.context.clock
    return Publisher(GatewayTransport(site.context.public_url, token), clock=clock, **options)


@pytest.fixture
def token(site: Site) -> str:
    # With an account the server is not open any more.
    site.add_account("chief", "admin")
    key = ChannelKey(name="phone", channel="phone", may=frozenset({"submitted"}), per_minute=1_000)
    return Keyring(site.context.vault).add(key, site.now[0])


def test_the_gateway_seals_what_is_published_and_gives_a_receipt_for_each(
    site: Site, token: str, make_event: Any
) -> None:
    told: list[Delivery] = []
    with publisher(site, token, batch_events=70) as out:
        futures = [out.publish(event(make_event, number), told.append) for number in range(200)]
        again = out.publish(event(make_event, 1))
    # The first record is the catalogue's.
    records = site.context.log.read(0, 1, 1_000)
    assert [decode(record.value, 0)[1].id for record in records] == [f"e{n}" for n in range(200)]
    assert not any(b"13812345678" in record.value or b"Zhang San" in record.value for record in records)
    assert len({future.result(0).number for future in futures}) == 200
    assert again.result(0).number == futures[1].result(0).number
    assert [one.error for one in told] == [None] * 200


def test_what_the_gateway_refuses_is_reported_with_its_field_and_loses_nothing_else(
    site: Site, token: str, make_event: Any
) -> None:
    with publisher(site, token) as out:
        good = out.publish(event(make_event, 1))
        bad = out.publish(event(make_event, 2, type="livelihood.request.withdrawn") | {"data": {}})
        other = out.publish(event(make_event, 1, subject="P-9"))
    assert good.result(0).issue == "P-1"
    with pytest.raises(NotDelivered, match="may not publish withdrawn") as caught:
        bad.result(0)
    assert (caught.value.field, caught.value.refused) == ("type", True)
    # The same id about another issue is another event: ids are told apart with the issue's own.
    assert other.done()


def test_what_follows_a_submission_is_delivered_with_it(site: Site, make_event: Any) -> None:
    """Such events get no receipt number, and keep nothing that travels with them."""
    site.add_account("chief", "admin")
    key = ChannelKey(name="phone", channel="phone", may=PUBLISHABLE, per_minute=1_000)
    token = Keyring(site.context.vault).add(key, site.now[0])
    told: list[Delivery] = []
    with publisher(site, token, linger_seconds=0.2) as out:
        for kind, data in (("submitted", None), ("accepted", {}), ("resolved", {"outcome": "fixed"})):
            said = {} if data is None else {"data": data, "subject": "P-1", "id": kind}
            out.publish(event(make_event, 1) | {"type": f"livelihood.request.{kind}"} | said, told.append)
    assert [one.error for one in told] == [None] * 3
    assert [bool(one.number) for one in told] == [True, False, False]


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("127.0.0.1:8080", "", "begins with https://"),
        ("http://gateway", "phone-1.secret\nphone-2.secret", "the token is none"),
        ("http://gateway", "热线-1.secret", "the token is none"),
        ("http://gateway", "Bearer phone-1.secret", "the token is none"),
    ],
)
def test_what_cannot_be_is_refused_at_once_and_no_token_is_quoted(url: str, token: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        GatewayTransport(url, token)
    assert "secret" not in str(caught.value)


def test_a_token_may_come_with_the_end_of_its_line(site: Site, token: str, make_event: Any) -> None:
    with publisher(site, f"{token}\n") as out:
        assert out.publish(event(make_event, 1)).result(60).number


def test_a_wrong_token_is_said_for_each_event(site: Site, token: str, make_event: Any) -> None:
    with publisher(site, "phone.wrong") as out:
        future = out.publish(event(make_event, 1))
    with pytest.raises(NotDelivered, match=r"none of a channel's key, or was revoked \(401\)"):
        future.result(0)


def test_nobody_at_the_address_is_said_after_a_while(make_event: Any) -> None:
    with Publisher(GatewayTransport("http://127.0.0.1:1"), give_up_seconds=0.05) as out:
        future = out.publish(make_event(1))
        with pytest.raises(NotDelivered, match=r"http://127\.0\.0\.1:1/v1/events: "):
            future.result(60)


Answer = Callable[[list[Any]], httpx.Response]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Answer]]:
    """What a server answers, one after the other; then it takes everything."""
    answers: list[Answer] = []

    def handle(request: httpx.Request) -> httpx.Response:
        events = json.loads(request.content)
        if answers:
            return answers.pop(0)(events)
        return httpx.Response(200, json=[{"status": 202, "receipt": one["id"]} for one in events])

    client = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **options: client(transport=httpx.MockTransport(handle), **without(options))
    )
    yield answers
    assert not answers


def without(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "verify"}


def test_whatever_passes_is_sent_again(answering: list[Answer], make_event: Any) -> None:
    answering += [
        lambda _: httpx.Response(429, headers={"Retry-After": "0"}, json={"detail": "slowly"}),
        lambda _: httpx.Response(503, text="down"),
        lambda _: httpx.Response(200, text="a page of somebody else"),
        lambda _: httpx.Response(200, json=[]),
        lambda events: httpx.Response(200, json=[{"status": 503, "detail": "down"} for _ in events]),
    ]
    with Publisher(GatewayTransport("http://gateway", "a.b")) as out:
        assert out.publish(make_event(1)).result(60).number == "e1"


def test_a_batch_that_is_too_large_is_halved(answering: list[Answer], make_event: Any) -> None:
    answering += [lambda _: httpx.Response(413, json={"detail": "too large"})] * 2
    with Publisher(GatewayTransport("http://gateway"), linger_seconds=0.2) as out:
        futures = [out.publish(make_event(number)) for number in range(8)]
    assert [future.result(0).number for future in futures] == [f"e{number}" for number in range(8)]


def test_how_long_the_gateway_asks_to_wait_is_heard(answering: list[Answer], make_event: Any) -> None:
    from producers.publisher.delivery import Later, Prepared

    answering += [lambda _: httpx.Response(429, headers={"Retry-After": "7"}, json={"detail": "slowly"})]
    transport = GatewayTransport("http://gateway/")
    (outcome,) = transport.send([Prepared("k", b'{"id": "1"}')])
    transport.close()
    assert outcome == Later("http://gateway/v1/events: slowly (429)", 7.0)
