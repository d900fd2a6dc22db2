"""`livelihood subscriptions`: made after a test message, listed without secrets, paused, removed."""

from pathlib import Path
from typing import Any

import pytest

from cli.failures import MISSING, REFUSED, USAGE
from tests.backends.webhooks.conftest import Receiver, receiver

__all__ = ["Receiver", "receiver"]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVELIHOOD_WEBHOOK_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("LIVELIHOOD_WEBHOOK_HTTP", "true")


def test_a_subscription_is_tried_made_shown_paused_and_removed(run: Any, data: Path, receiver: Any) -> None:
    added = run(
        "subscriptions", "add", receiver.url, "--title", "Late ones", "--kind", "overdue,escalated",
        "--at-once", "all", "--quiet", "22:00-07:00", "--data", data,
    )  # fmt: skip
    assert added.status == 0, added.err
    assert added.out.startswith("whsec_")
    assert len(receiver.got) == 1
    (listed,) = run("subscriptions", "list", "--format", "json", "--data", data).json
    assert (listed["title"], listed["quiet"]) == ("Late ones", {"since": "22:00", "until": "07:00"})
    assert listed["wanted"]["kinds"] == ["escalated", "overdue"]
    name = listed["id"]
    for form in ("table", "json"):
        assert "whsec_" not in run("subscriptions", "list", "--format", form, "--data", data).out
    assert run("subscriptions", "show", name, "--data", data).json["given_up"] == []
    assert "taken" in run("subscriptions", "test", name, "--data", data).out
    assert len(receiver.got) == 2
    receiver.behave = lambda _: 503
    refused = run("subscriptions", "test", name, "--data", data)
    assert (refused.status, "503" in refused.err) == (REFUSED, True)
    run("subscriptions", "pause", name, "--data", data)
    assert run("subscriptions", "show", name, "--data", data).json["paused"]
    run("subscriptions", "resume", name, "--data", data)
    assert run("subscriptions", "show", name, "--data", data).json["paused"] is None
    assert run("subscriptions", "resend", name, "--data", data).out.startswith("0 ")
    assert run("subscriptions", "remove", name, "--data", data).status == 0
    assert run("subscriptions", "list", "--format", "json", "--data", data).json == []
    assert run("subscriptions", "show", name, "--data", data).status == MISSING


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--department", "moon"), REFUSED, "--department: the catalogue has no 'moon'"),
        (("--time-zone", "Mars"), USAGE, "--time-zone: no time zone is called"),
        (("--line", "{who}"), USAGE, "--line: there is no {who}"),
        (("--kind", "late"), USAGE, "--kind: Input should be"),
        (("--quiet", "9"), USAGE, "--quiet: "),
        (("--account", "nobody"), REFUSED, "no account 'nobody'"),
    ],
)
def test_what_is_wrong_is_said_with_its_option(
    run: Any, data: Path, receiver: Any, options: tuple[str, ...], status: int, said: str
) -> None:
    ran = run("subscriptions", "add", receiver.url, *options, "--data", data)
    assert (ran.status, said in ran.err) == (status, True), ran.err
    assert receiver.got == []
