"""`livelihood webhooks`: registered, listed without secrets, given up, sent again."""

from pathlib import Path
from typing import Any

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from backends.webhooks.ledger import Ledger, Message
from cli.failures import MISSING, REFUSED, USAGE

URL = "https://8.8.8.8/hooks"


@pytest.fixture
def webhook(run: Any, data: Path) -> str:
    """One of the channel phone; its id."""
    added = run("webhooks", "add", "phone", URL, "--data", data)
    assert added.status == 0, added.err
    assert added.out.startswith("whsec_")
    (listed,) = lines(run("webhooks", "list", "--format", "json", "--data", data))
    assert listed["url"] == URL
    return str(listed["id"])


def lines(ran: Any) -> list[Any]:
    assert ran.status == 0, ran.err
    return list(ran.json)


def test_a_secret_is_shown_once_and_rotated(run: Any, data: Path, webhook: str) -> None:
    for form in ("table", "json"):
        assert "whsec_" not in run("webhooks", "list", "--format", form, "--data", data).out
    rotated = run("webhooks", "rotate", webhook, "--data", data)
    assert rotated.out.startswith("whsec_")


def test_what_was_given_up_is_listed_and_sent_again(run: Any, data: Path, webhook: str) -> None:
    with SqliteVault(data / "deliveries", name="deliveries.sqlite") as store:
        ledger = Ledger(store)
        for number in range(3):
            ledger.put(
                Message(
                    endpoint=webhook, id=f"m{number}", key="k", body="{}", number=number, attempts=8,
                    problem="answered 500", is_dead=number > 0,
                )
            )  # fmt: skip
    dead = lines(run("webhooks", "dead", "--format", "json", "--data", data))
    assert [one["id"] for one in dead] == ["m1", "m2"]
    assert "answered 500" in run("webhooks", "dead", "--data", data).out
    (listed,) = lines(run("webhooks", "list", "--format", "json", "--data", data))
    assert (listed["waiting"], listed["given_up"]) == (1, 2)
    assert run("webhooks", "resend", webhook, "m2", "--data", data).out.startswith("1 ")
    assert run("webhooks", "resend", webhook, "--data", data).out.startswith("1 ")
    assert lines(run("webhooks", "dead", "--format", "json", "--data", data)) == []
    assert run("webhooks", "remove", webhook, "--data", data).status == 0
    assert lines(run("webhooks", "list", "--format", "json", "--data", data)) == []


def test_where_there_is_none_it_is_said(run: Any, data: Path) -> None:
    assert "There are no webhooks" in run("webhooks", "list", "--data", data).out
    assert "Nothing was given up." in run("webhooks", "dead", "--data", data).out


def test_what_cannot_be_is_said_at_once(run: Any, data: Path, webhook: str) -> None:
    for url, said in (("http://8.8.8.8/", "webhook_http"), ("https://127.0.0.1/", "webhook_networks")):
        refused = run("webhooks", "add", "phone", url, "--data", data)
        assert refused.status == REFUSED
        assert said in refused.err
    for command in ("rotate", "enable", "resend", "remove"):
        assert run("webhooks", command, "wh-nobody", "--data", data).status == MISSING
    wrong = run("webhooks", "list", "--data", data, env={"LIVELIHOOD_WEBHOOK_NETWORKS": "10.1"})
    assert wrong.status == USAGE
    assert "10.1" in wrong.err


def test_a_mail_server_that_cannot_be_one_is_said_when_serving_begins(run: Any, data: Path) -> None:
    for changed, said in (
        ({"LIVELIHOOD_SMTP_URL": "https://us:hush@mail.town.example"}, "together"),
        (
            {"LIVELIHOOD_SMTP_URL": "https://us:hush@x", "LIVELIHOOD_MAIL_SENDER": "a@town.example"},
            "smtp_url",
        ),
        ({"LIVELIHOOD_SMTP_URL": "smtp://x", "LIVELIHOOD_MAIL_SENDER": "the mayor"}, "mail_sender"),
    ):
        wrong = run("serve", "--data", data, env=changed | {"LIVELIHOOD_ADDRESS": "127.0.0.1:0"})
        assert wrong.status == USAGE
        assert said in wrong.err
        assert "hush" not in wrong.err
        listed = run("config", "--data", data, env=changed)
        assert "hush" not in listed.out
