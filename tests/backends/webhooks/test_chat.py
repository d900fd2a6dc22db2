"""Chats by Apprise: what services are sent, what counts as delivered, and that nothing else is reached."""

import os
import socket

import anyio
import pytest

from backends.webhooks import chat
from backends.webhooks.addresses import Addresses
from backends.webhooks.chat import ChatSender
from backends.webhooks.mailing import MailServer
from backends.webhooks.senders import Senders, Targets
from backends.webhooks.sending import Outcome
from livelihood.causes import NO_MAIL, UNKNOWN_NAME
from livelihood.endpoints import Endpoint
from tests.backends.webhooks.chats import DINGTALK, FEISHU, HOOK, TOKEN, WECOM, Chats
from tests.backends.webhooks.conftest import LOCAL
from tests.backends.webhooks.said import body, message


def send(url: str, addresses: Addresses = LOCAL, text: str = "") -> Outcome:
    endpoint = Endpoint(id="wh-1", feed="subscription:s-1", url=url, secrets=[], added=0)

    async def sending() -> Outcome:
        return await ChatSender(addresses).send(endpoint, "m1", text or body())

    return anyio.run(sending)


@pytest.mark.parametrize("url", [WECOM, DINGTALK, FEISHU])
def test_the_three_services_show_the_short_text_as_it_is(chats: Chats, url: str) -> None:
    assert send(url) == Outcome()
    assert [text for _, text in chats.shown] == [message().texts.short]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("wecombot://another-key", "93000 invalid webhook url"),
        (f"dingtalk://SECanother@{TOKEN}", "310000 sign not match"),
        ("feishu://another-hook", "19001 param invalid"),
    ],
)
def test_a_service_that_answers_200_and_does_not_take_it_has_not_taken_it(chats: Chats, url, said) -> None:
    assert said in send(url).problem
    assert chats.shown == []


def test_what_is_answered_otherwise_is_no_delivery(chats: Chats, monkeypatch) -> None:
    for behaviour, said in ((500, "answered 500"), (302, "answered 302"), ("close", "the connection ended")):
        chats.behave = lambda behaviour=behaviour: behaviour
        before = chats.asked
        assert said in send(WECOM).problem
        # Not where a redirect leads either.
        assert chats.asked == before + 1
    # It may leave redirects and certificates to us, but not the other way about.
    chats.behave = lambda: 302
    assert "answered 302" in send(f"{WECOM}?redirect=yes").problem
    chats.behave = lambda: "flood"
    for url in (WECOM, DINGTALK, FEISHU):
        # What lies on the way may answer 200 to everything.
        assert send(url).problem == "answered 200"
    assert chats.cut == 3
    monkeypatch.setattr(chat, "ATTEMPT_SECONDS", 3.0)
    chats.behave = lambda: "hang"
    assert "no answer within 3 seconds" in send(WECOM).problem


def test_many_that_hang_hold_up_none_that_answers(chats: Chats, monkeypatch) -> None:
    # Fewer at a time than hang; none of those ends by itself before the test does.
    monkeypatch.setattr(chat, "AT_ONCE", 2)
    monkeypatch.setattr(chat, "PROMPT_SECONDS", 0.2)
    monkeypatch.setattr(chat, "ATTEMPT_SECONDS", 300.0)

    async def sending() -> list[str]:
        sender, came = ChatSender(LOCAL), []

        async def send_to(url: str) -> None:
            endpoint = Endpoint(id="wh-1", feed="subscription:s-1", url=url, secrets=[], added=0)
            came.append((await sender.send(endpoint, "m1", body())).problem)

        async with anyio.create_task_group() as group:
            for number in range(5):
                # Several messages to the same one wait for each other, and take no more room.
                for _ in range(2):
                    group.start_soon(send_to, f"json://127.0.0.1:{port}/{number}?rto=300")
            # They have all begun, and fill the room.
            await anyio.sleep(0.1)
            for _ in range(3):
                await send_to(WECOM)
            group.cancel_scope.cancel()
        return came

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert anyio.run(sending) == ["", "", ""]


def test_who_was_slow_shares_a_small_room_until_it_answers_soon(chats: Chats, monkeypatch) -> None:
    monkeypatch.setattr(chat, "PROMPT_SECONDS", 0.0)
    sender = ChatSender(LOCAL)
    endpoint = Endpoint(id="wh-1", feed="subscription:s-1", url=WECOM, secrets=[], added=0)

    async def sending() -> list[set[str]]:
        found = []
        for prompt in (0.0, 60.0):
            monkeypatch.setattr(chat, "PROMPT_SECONDS", prompt)
            assert await sender.send(endpoint, "m1", body()) == Outcome()
            found.append(set(sender._slow))
        return found

    assert anyio.run(sending) == [{WECOM}, set()]


def test_nothing_is_connected_to_but_what_webhooks_may_reach(chats: Chats) -> None:
    here = f"json://127.0.0.1:{chats.port}/hook"
    assert "nothing is delivered to" in send(here, Addresses(http=True)).problem
    # A name that leads there, as whoever owns it may have it do at any moment.
    assert "nothing is delivered to" in send(f"json://localhost:{chats.port}/", Addresses(http=True)).problem
    assert "https" in send(here, Addresses(["127.0.0.0/8"])).problem
    assert chats.asked == 0
    # A name that leads nowhere.
    assert send("json://no-such-host.invalid/").problem == UNKNOWN_NAME.format(host="no-such-host.invalid")
    assert send(here) == Outcome()
    assert chats.asked == 1


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("nothing://x", "no service that is known"),
        ("wecombot://", "no service that is known"),
        ("dingtalk://not_a_token!", "no service that is known"),
        ("syslog://", "speaks to this machine"),
        ("dbus://", "speaks to this machine"),
        (WECOM, ""),
        (f"feishu://{HOOK}", ""),
        ("http://127.0.0.1/", "expected https"),
        ("https://127.0.0.1/", "nothing is delivered to"),
        ("mailto:a@town.example,b@town.example", "one address"),
        ("mailto:head@town.example", NO_MAIL),
        ("head@town.example", "expected https://..., mailto:..."),
    ],
)
def test_a_target_that_cannot_be_reached_is_named_at_once(url: str, wrong: str) -> None:
    said = Targets(Addresses()).objection(url)
    assert wrong in said if wrong else not said, said


def test_a_process_is_told_nothing_secret_and_what_is_no_message_is_not_sent(chats: Chats) -> None:
    os.environ["LIVELIHOOD_MASTER_KEY"] = "A" * 43
    try:
        assert not any(name.startswith("LIVELIHOOD") for name in chat._environment())
    finally:
        del os.environ["LIVELIHOOD_MASTER_KEY"]
    assert "cannot be sent to a chat" in send(WECOM, text="{}").problem


def test_the_scheme_says_how(chats: Chats, receiver) -> None:
    def by(url: str, mail: MailServer | None = None) -> Outcome:
        async def sending() -> Outcome:
            senders = Senders(LOCAL, lambda: 0, mail)
            try:
                return await senders.send(endpoint, "m1", body())
            finally:
                await senders.close()

        endpoint = Endpoint(id="wh-1", feed="subscription:s-1", url=url, secrets=[], added=0)
        return anyio.run(sending)

    assert by(WECOM) == Outcome()
    assert by(receiver.url).problem == ""
    assert receiver.got[0].body == body()
    assert by("mailto:head@town.example") == Outcome(NO_MAIL)
    mail = MailServer(host="127.0.0.1", port=9, is_encrypted=False, sender="a@town.example")
    assert "the mail server" in by("mailto:head@town.example", mail).problem
