"""Subscriptions told by mail and in a chat, from the form to the mailbox, and ended from there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from backends.webhooks import deliverer, endpoint
from cli.settings import Settings
from consumers.subscriptions import part
from livelihood.instants import SECOND
from tests.backends.webhooks.chats import WECOM
from tests.backends.webhooks.mailbox import Mailbox
from tests.consumers.subscriptions.conftest import Program
from tests.consumers.subscriptions.test_interface import ZONE, live, pass_days
from tests.patience import PATIENCE_SECONDS
from tests.producers.acting.conftest import Town
from tests.sites import running_site
from web.accounts import Role

HEAD = "head@mingchuan.example"


@pytest.fixture
def town(tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """One with a mail server."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)
    monkeypatch.setattr(deliverer, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (0.02,) * 7)
    monkeypatch.setattr(part, "LOOK_SECONDS", 0.1)
    settings = Settings(
        data=tmp_path / "data", webhook_networks="127.0.0.0/8", webhook_http=True,
        smtp_url=f"smtp://127.0.0.1:{mailbox.port}", mail_sender="明川市 <alerts@mingchuan.example>",
    )  # fmt: skip
    with running_site(settings) as site:
        made = Town(site)
        site.add_account("wang", Role.SUPERVISOR, "streets")
        yield made


def asking(town: Town) -> Program:
    """Who waits for an answer: a process is started to find out about a chat, and another to send there."""
    program = Program(town, "wang")
    program._client.timeout = PATIENCE_SECONDS
    return program


def overdue(town: Town, issue: str) -> None:
    """Let an issue become overdue."""
    town.publish(issue, "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    pass_days(town, 2.2)


def test_a_supervisor_hears_by_mail_follows_the_link_and_ends_it_with_one_click(town, mailbox) -> None:
    program = asking(town)
    wanted = {"departments": ["streets"], "obligations": ["resolution"], "kinds": ["overdue"]}
    answer = program(
        "POST", url=f"mailto:{HEAD}", time_zone=ZONE, language="zh", wanted=wanted, at_once=["overdue"]
    )
    assert answer.status_code == 201, answer.text

    def mine() -> list:
        return [letter for letter in mailbox.taken() if letter.recipients == [HEAD]]

    assert len(mine()) == 1
    overdue(town, "P-1")
    live(town, lambda: len(mine()) == 2)
    letter = mine()[1]
    assert "P-1" in letter.message["Subject"]
    for text in (letter.part("plain"), letter.part("html")):
        assert f"{town.site.context.public_url}/issues/P-1" in text
    page = town.site.browser("wang").get("/issues/P-1")
    assert page.status_code == 200
    # As a mail program does it: no cookie, no question.
    address = letter.message["List-Unsubscribe"].strip("<>")
    assert httpx.get(address, timeout=PATIENCE_SECONDS).status_code == 200
    assert len(program("GET").json()["subscriptions"]) == 1
    ended = httpx.post(address, data={"List-Unsubscribe": "One-Click"}, timeout=PATIENCE_SECONDS)
    assert ended.status_code == 200, ended.text
    (left,) = program("GET").json()["subscriptions"] or [{"paused": True}]
    assert left["paused"]


def test_a_supervisor_hears_in_a_chat(town, chats) -> None:
    program = asking(town)
    wanted = {"departments": ["streets"], "obligations": ["resolution"], "kinds": ["overdue"]}
    answer = program("POST", url=WECOM, time_zone=ZONE, language="zh", wanted=wanted, at_once=["overdue"])
    assert answer.status_code == 201, answer.text
    # The key is not shown again.
    assert answer.json()["target"] == "wecombot://…"
    overdue(town, "P-1")
    live(town, lambda: len(chats.shown) == 2)
    assert f"{town.site.context.public_url}/issues/P-1" in chats.shown[1][1]


def test_a_mailbox_that_is_gone_is_given_up_at_once_and_can_be_written_to_again(town, mailbox) -> None:
    program = asking(town)
    wanted = {"departments": ["streets"], "obligations": ["resolution"], "kinds": ["overdue"]}
    made = program("POST", url=f"mailto:{HEAD}", time_zone=ZONE, wanted=wanted, at_once=["overdue"]).json()
    path = f"/{made['id']}"
    mailbox.unknown = frozenset({HEAD})
    overdue(town, "P-1")
    live(town, lambda: program("GET", path).json()["given_up"])
    (one,) = program("GET", path).json()["given_up"]
    assert one["attempts"] == 1
    assert "550 5.1.1 nobody of that name is here" in one["problem"]
    browser = town.site.browser("wang")
    browser.client.headers["accept-language"] = "zh"
    assert "邮件服务器明确拒收该地址" in browser.get(f"/subscriptions/{made['id']}").text
    mailbox.unknown = frozenset()
    assert program("POST", f"{path}/resend").json()["resent"] == 1
    live(town, lambda: sum(letter.recipients == [HEAD] for letter in mailbox.taken()) == 2)


def test_a_mail_with_a_link_for_its_reader_goes_to_another_mailbox_and_to_no_program(
    town, mailbox, receiver
) -> None:
    program = asking(town)
    made = program("POST", url=f"mailto:{HEAD}", time_zone=ZONE).json()
    path = f"/{made['id']}"
    refused = program("PUT", path, url=receiver.url, time_zone=ZONE)
    assert (refused.status_code, refused.json()["field"]) == (422, "url")
    assert "another address of mail" in refused.json()["detail"]
    assert receiver.got == []
    moved = program("PUT", path, url="mailto:wang@mingchuan.example", time_zone=ZONE)
    assert moved.json()["target"] == "mailto:wang@mingchuan.example"
    assert ["wang@mingchuan.example"] in [letter.recipients for letter in mailbox.taken()]


def test_what_would_never_arrive_is_said_at_once(town, mailbox, chats) -> None:
    program = asking(town)
    mailbox.unknown = frozenset({HEAD})
    for url, said in (
        (f"mailto:{HEAD}", "550"),
        ("mailto:head@localhost", "one address"),
        ("wecombot://another-key", "93000"),
        ("nothing://x", "no service that is known"),
        ("dbus://", "speaks to this machine"),
    ):
        answer = program("POST", url=url, time_zone=ZONE)
        assert (answer.status_code, answer.json()["field"]) == (422, "url"), answer.text
        assert said in answer.json()["detail"]
