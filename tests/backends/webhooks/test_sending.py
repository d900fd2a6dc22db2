"""One attempt: how it is signed, and what counts as delivered."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import anyio
import pytest
import trustme
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backends.webhooks import sending
from backends.webhooks.registry import new_secret
from backends.webhooks.sending import Outcome, Sender
from livelihood import causes
from livelihood.endpoints import OVERLAP, Endpoint, Secret
from tests.backends.webhooks.conftest import LOCAL, Receiver


@contextmanager
def encrypted() -> Iterator[str]:
    """A server whose certificate nobody vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), connection:
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def now() -> int:
    return time.time_ns() // 1_000


def endpoint_at(url: str, *secrets: Secret) -> Endpoint:
    found = list(secrets) or [Secret(value=new_secret())]
    return Endpoint(id="wh-1", feed="channel:phone", url=url, secrets=found, added=0)


def send(endpoint: Endpoint, body: str = '{"a": "路灯"}') -> Outcome:
    async def sending_() -> Outcome:
        sender = Sender(LOCAL, now)
        try:
            return await sender.send(endpoint, "change-1", body)
        finally:
            await sender.close()

    return anyio.run(sending_)


def test_a_receiver_verifies_with_the_standards_own_library(receiver: Receiver) -> None:
    endpoint = endpoint_at(receiver.url)
    assert send(endpoint) == Outcome(status=200)
    (got,) = receiver.got
    assert Webhook(endpoint.secrets[0].value).verify(got.body, got.headers) == {"a": "路灯"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secrets[0].value).verify(got.body + " ", got.headers)


def test_after_a_rotation_both_secrets_sign_until_the_old_one_ends(receiver: Receiver) -> None:
    new, old = Secret(value=new_secret()), Secret(value=new_secret(), until=now() + OVERLAP)
    send(endpoint_at(receiver.url, new, old))
    for secret in (new, old):
        Webhook(secret.value).verify(receiver.got[0].body, receiver.got[0].headers)
    send(endpoint_at(receiver.url, new, Secret(value=old.value, until=now())))
    with pytest.raises(WebhookVerificationError):
        Webhook(old.value).verify(receiver.got[1].body, receiver.got[1].headers)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_success_is_a_delivery(receiver: Receiver, status: int) -> None:
    receiver.behave = lambda _: status
    assert not send(endpoint_at(receiver.url)).problem


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (500, "500"),
        (404, "404"),
        (301, "redirect"),
        (307, "redirect"),
        ("close", "the connection ended"),
        ("hang", "within"),
    ],
)
def test_anything_else_is_none(receiver: Receiver, monkeypatch: Any, answer: int | str, said: str) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 1.0)
    receiver.behave = lambda _: answer
    outcome = send(endpoint_at(receiver.url))
    assert said in outcome.problem
    assert not outcome.is_gone
    # A redirect was not followed.
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://127.0.0.1:9/secret", causes.REFUSED),
        ("http://no-such-host.invalid/secret", causes.UNKNOWN_NAME),
        ("http://10.1.2.3/secret", causes.FORBIDDEN),
    ],
)
def test_what_failed_on_the_way_is_said_by_its_cause_and_without_what_is_secret(url: str, cause: str) -> None:
    problem = send(endpoint_at(url)).problem
    found = causes.found_in(problem)
    assert found is not None, problem
    assert found.cause == cause
    assert "secret" not in problem


def test_a_certificate_that_nobody_vouches_for_is_named() -> None:
    with encrypted() as url:
        found = causes.found_in(send(endpoint_at(url)).problem)
        assert found is not None
        assert found.cause == causes.CERTIFICATE


def test_410_says_that_nothing_is_wanted_any_more(receiver: Receiver) -> None:
    receiver.behave = lambda _: 410
    assert send(endpoint_at(receiver.url)).is_gone


def test_an_answer_without_end_is_not_read(monkeypatch: Any) -> None:
    sent = 0
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            nonlocal sent
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
                try:
                    while not over.is_set():
                        sent += connection.send(b"x" * 65_536)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        outcome = send(endpoint_at(f"http://127.0.0.1:{listening.getsockname()[1]}"))
        over.set()
        thread.join()
    assert not outcome.problem
    # What the system's buffers hold, and little more.
    assert sent < 50_000_000
