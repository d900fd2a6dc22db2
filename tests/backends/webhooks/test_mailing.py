"""Letters, as a mail server gets them and a mail program shows them."""

import re
import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import trustme
from anyio.from_thread import BlockingPortal, start_blocking_portal

from backends.webhooks import mailing
from backends.webhooks.mailing import MailSender, MailServer, mail_server, recipient_of
from backends.webhooks.sending import Outcome
from livelihood.endpoints import Endpoint
from tests.backends.webhooks.mailbox import Mailbox
from tests.backends.webhooks.said import LINK, UNSUBSCRIBE, WHEN, body, message

TO = "mailto:head@town.example"
SENDER = "市长热线 <alerts@town.example>"


def server_at(mailbox: Mailbox, **changes: Any) -> MailServer:
    fields = {"host": "127.0.0.1", "port": mailbox.port, "is_encrypted": mailbox.is_encrypted}
    return MailServer(**{**fields, "sender": SENDER, **changes})


def endpoint_of(url: str = TO) -> Endpoint:
    return Endpoint(id="wh-1", feed="subscription:s-1", url=url, secrets=[], added=0)


_LOOP: list[BlockingPortal] = []


@pytest.fixture(scope="module", autouse=True)
def one_loop() -> Iterator[None]:
    """An encrypted connection says goodbye after its letter was answered: the loop goes on beyond that."""
    with start_blocking_portal() as portal:
        _LOOP.append(portal)
        yield
        _LOOP.clear()


def send(server: MailServer, text: str, identity: str = "m1", url: str = TO) -> Outcome:
    (portal,) = _LOOP
    return portal.call(MailSender(server).send, endpoint_of(url), identity, text)


def test_a_letter_is_plain_and_html_with_a_link_to_the_issue_and_one_click_to_end_it(mailbox) -> None:
    assert send(server_at(mailbox), body()) == Outcome()
    (letter,) = mailbox.letters
    assert letter.recipients == ["head@town.example"]
    mail = letter.message
    assert mail["To"] == "head@town.example"
    assert mail["From"] == SENDER
    assert mail["Subject"] == message().texts.subject
    assert parsedate_to_datetime(mail["Date"]) == WHEN.replace(microsecond=0)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert letter.part("plain") == message().texts.plain
    assert letter.part("html").strip() == message().texts.html
    assert LINK in letter.part("plain")
    assert f'href="{LINK}"' in letter.part("html")
    # RFC 8058: just this pair, each on one line, so that any program finds the URL.
    assert f"\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in letter.raw
    assert letter.raw.isascii()
    assert mail["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_letters_of_an_issue_are_one_thread_and_a_repeat_has_the_same_id(mailbox) -> None:
    server = server_at(mailbox)
    for identity, issue in (("m1", "P-1"), ("m2", "P-1"), ("m3", "P-2"), ("m1", "P-1")):
        assert send(server, body(identity, issue), identity) == Outcome()
    first, second, other, again = mailbox.letters
    for letter in mailbox.letters:
        assert re.fullmatch(r"<[\w.]+@town\.example>", letter.id)
        assert letter.message["In-Reply-To"] == letter.message["References"]
        assert letter.message["References"] != letter.id
    threads = [letter.message["References"] for letter in mailbox.letters]
    assert threads[0] == threads[1] == threads[3] != threads[2]
    assert first.id == again.id
    assert len({first.id, second.id, other.id}) == 3


def test_without_https_there_is_no_one_click_and_where_nothing_can_be_ended_no_word_of_it(mailbox) -> None:
    server = server_at(mailbox)
    send(server, body(unsubscribe="http://127.0.0.1:8080/u/1"))
    send(server, body(unsubscribe=""))
    plain, none = (letter.message for letter in mailbox.letters)
    assert plain["List-Unsubscribe"] == "<http://127.0.0.1:8080/u/1>"
    assert plain["List-Unsubscribe-Post"] is None
    assert none["List-Unsubscribe"] is None


def test_nothing_in_a_message_adds_a_header_or_a_recipient(mailbox) -> None:
    texts = message().texts
    changed = type(texts)(subject="a\r\nBcc: x@evil.example", plain=".\r\nRCPT", html="<p>", short="")
    assert send(server_at(mailbox), body(texts=changed)) == Outcome()
    (letter,) = mailbox.letters
    assert letter.recipients == ["head@town.example"]
    assert letter.message["Bcc"] is None
    assert letter.message["Subject"] == "a Bcc: x@evil.example"
    assert letter.part("plain").startswith(".\nRCPT")


@pytest.mark.parametrize(
    "url",
    [
        "mailto:", "mailto:head", "mailto:head@localhost", "mailto:head@[127.0.0.1]", "mailto:head@127.0.0.1",
        "mailto:a@town.example,b@town.example", "mailto:a@town.example?bcc=b@town.example",
        "mailto:a%0d%0ab@town.example", "mailto:a%20b@town.example", "mailto:a@-x.example",
        f"mailto:{'a' * 65}@town.example", "https://town.example",
    ],
)  # fmt: skip
def test_a_target_is_one_address_of_a_named_domain(mailbox, url: str) -> None:
    with pytest.raises(ValueError, match="one address"):
        recipient_of(url)
    assert "cannot be sent" in send(server_at(mailbox), body(), url=url).problem
    assert mailbox.letters == []


def test_an_address_may_be_written_as_urls_write_it() -> None:
    assert recipient_of("MAILTO:o%27neil+alerts@Town.example") == "o'neil+alerts@Town.example"


def test_what_the_server_says_is_why_it_was_not_delivered(mailbox, monkeypatch) -> None:
    server = server_at(mailbox)
    mailbox.unknown = frozenset({"head@town.example"})
    # Only an address that is refused for good is: what else is wrong may be put right in an hour.
    for said in ("550 5.1.1 nobody of that name is here", "450 4.2.1 try later"):
        mailbox.unknown_said = said
        refused = send(server, body())
        assert said in refused.problem
        assert refused.is_final == said.startswith("550")
    mailbox.unknown = frozenset()
    for answer, said in (
        ("451 later", "451 later"),
        ("554 no", "554 no"),
        ("close", "the connection ended"),
    ):
        mailbox.behave = lambda _, answer=answer: answer
        failed = send(server, body())
        assert said in failed.problem
        assert not failed.is_final
    monkeypatch.setattr(mailing, "ANSWER_SECONDS", 0.3)
    mailbox.behave = lambda _: "hang"
    assert "not reached: no answer within" in send(server, body()).problem
    mailbox.stop()
    assert "not reached: the connection was refused" in send(server, body()).problem
    assert "cannot be sent" in send(server, "{}").problem


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def contexts(authority: trustme.CA) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server at 127.0.0.1, and of who trusts it."""
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_a_password_goes_over_an_encrypted_connection_only(authority, is_encrypted: bool) -> None:
    tls, trusting = contexts(authority)
    mailbox = Mailbox(tls=tls, is_encrypted=is_encrypted, users={"us": "secret"})
    try:
        server = server_at(mailbox, user="us", password="secret", tls=trusting)
        assert send(server, body()) == Outcome()
        assert mailbox.letters[0].was_encrypted
        wrong = send(server_at(mailbox, user="us", password="other", tls=trusting), body())
        assert "535" in wrong.problem
        # Nobody it trusts has vouched for that server.
        assert "certificate" in send(server_at(mailbox, user="us", password="secret"), body()).problem.lower()
    finally:
        mailbox.close()
    clear = Mailbox()
    try:
        assert send(server_at(clear, user="us", password="secret"), body()).problem
        assert clear.letters == []
    finally:
        clear.close()


def test_the_settings_of_a_mail_server_are_read_and_what_is_wrong_is_named() -> None:
    assert mail_server("", "") is None
    found = mail_server("smtp://us%40town:p%3Aw@mail.town.example", SENDER)
    assert found == MailServer(
        host="mail.town.example", port=587, is_encrypted=False, user="us@town", password="p:w", sender=SENDER
    )
    assert found.domain == "town.example"
    encrypted = mail_server("smtps://mail.town.example:2465", SENDER)
    assert encrypted is not None
    assert (encrypted.port, encrypted.is_encrypted) == (2465, True)
    for url, sender, wrong in (
        ("smtp://mail.town.example", "", "together"),
        ("", SENDER, "together"),
        ("https://mail.town.example", SENDER, "smtp_url"),
        ("smtp://mail.town.example:port", SENDER, "smtp_url"),
        ("smtp://", SENDER, "smtp_url"),
        ("smtp://mail.town.example", "Hotline", "mail_sender"),
        ("smtp://mail.town.example", "Hotline <a@b.example>\r\nBcc: c@d.example", "mail_sender"),
    ):
        with pytest.raises(ValueError, match=wrong):
            mail_server(url, sender)
