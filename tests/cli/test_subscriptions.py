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


def test_what_is_given_is_changed_and_nothing_else(run: Any, data: Path, receiver: Any) -> None:
    added = run(
        "subscriptions", "add", receiver.url, "--title", "Late ones", "--kind", "overdue", "--quiet",
        "22:00-07:00", "--obligation", "resolution", "--data", data,
    )  # fmt: skip
    assert added.status == 0, added.err
    (before,) = run("subscriptions", "list", "--format", "json", "--data", data).json
    name = before["id"]
    changed = run("subscriptions", "change", name, "--title", "Later", "--quiet", "none", "--data", data)
    assert changed.status == 0, changed.err
    (after,) = run("subscriptions", "list", "--format", "json", "--data", data).json
    assert after == {**before, "title": "Later", "quiet": None}
    assert (
        run(
            "subscriptions", "change", name, "--obligation", "", "--kind", "", "--level", "1", "--data", data
        ).status
        == REFUSED
    )
    run("subscriptions", "change", name, "--obligation", "", "--kind", "", "--at-once", "all", "--data", data)
    (after,) = run("subscriptions", "list", "--format", "json", "--data", data).json
    assert after["wanted"] == {**before["wanted"], "obligations": [], "kinds": []}
    assert len(after["at_once"]) == 5
    assert len(receiver.got) == 1
    # Another address is tried first.
    refused = run("subscriptions", "change", name, "--url", "http://127.0.0.1:9/", "--data", data)
    assert (refused.status, "nobody listens at this address" in refused.err) == (REFUSED, True), refused.err
    moved = run("subscriptions", "change", name, "--url", f"{receiver.url}/other", "--data", data)
    assert moved.status == 0, moved.err
    assert len(receiver.got) == 2
    assert run("subscriptions", "change", "sub-none", "--data", data).status == MISSING


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
