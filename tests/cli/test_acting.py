"""`livelihood act`, and the links and deputies of accounts, as a person uses them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sites import MINGCHUAN

PASSWORD = "four words do well"


@pytest.fixture
def town(run: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a catalogue, an issue asked for a moment ago, and accounts."""
    monkeypatch.setenv("LIVELIHOOD_PUBLIC_URL", "https://fuwu.mingchuan.example/")
    (tmp_path / "catalogue.toml").write_text(MINGCHUAN, "utf-8")
    assert run("catalogue", "publish", tmp_path / "catalogue.toml", "--data", data).status == 0
    event = {
        "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/hotline",
        "id": "1", "subject": "A", "time": "2026-03-04T10:00:00+08:00", "channel": "hotline",
        "data": {"service": "pothole"},
    }  # fmt: skip
    assert run("publish", "-", "--data", data, given=json.dumps(event) + "\n").status == 0
    for name, role, *departments in (
        ("wang", "supervisor", "--department", "streets"), ("zhao", "supervisor", "--department", "water"),
        ("mayor", "viewer"),
    ):  # fmt: skip
        added = run(
            "accounts", "add", name, "--role", role, *departments, "--data", data, given=f"{PASSWORD}\n"
        )
        assert added.status == 0, added.err
    return data


def test_an_issue_is_acknowledged_from_the_command_line_in_the_name_of_an_account(
    run: Any, town: Path
) -> None:
    done = run("act", "A", "acknowledge", "--as", "wang", "--expected", "2099-03-06T17:00", "--json",
               "--data", town)  # fmt: skip
    assert done.status == 0, done.err
    assert (done.json["effect"], done.json["event"]) == (True, "acknowledged")
    shown = run("issue", "A", "--format", "json", "--data", town).json
    last = shown["timeline"][-1]
    assert (last["kind"], last["actor"]) == ("acknowledged", "wang")
    assert run("act", "A", "accept", "--as", "wang", "--data", town).err.startswith("Done: A accepted.")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("A", "accept"), 2, "--as NAME"),
        (("A", "accept", "--as", "nobody"), 1, "no account 'nobody'"),
        (("A", "accept", "--as", "mayor"), 1, "The account 'mayor' may not accept"),
        (("A", "accept", "--as", "zhao"), 1, "not by this account: the issue is submitted and of streets"),
        (("A", "dance", "--as", "wang"), 1, "there are take-over, accept"),
        (("A", "return", "--as", "wang"), 1, "data.reason: "),
        (
            ("A", "acknowledge", "--as", "wang", "--expected", "soon"),
            2,
            "--expected: 'soon' is no date or time",
        ),
        (("B", "accept", "--as", "wang"), 1, "There is no issue 'B'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    run: Any, town: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    refused = run("act", *arguments, "--data", town)
    assert refused.status == status, refused.err
    assert said in refused.err.replace("\n", " ")


def test_a_deputy_acts_while_the_other_is_on_leave(run: Any, town: Path) -> None:
    handed = run("accounts", "leave", "wang", "--deputy", "zhao", "--until", "2099-01-01", "--data", town)
    assert "zhao acts for wang until" in handed.err
    assert run("act", "A", "accept", "--as", "zhao", "--data", town).status == 0
    assert run("accounts", "leave", "wang", "--end", "--data", town).err == "wang acts again.\n"
    assert run("act", "A", "assign", "--as", "zhao", "--data", town).status == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("wang",), 2, "--deputy and --until, or --end alone"),
        (("wang", "--deputy", "zhao"), 2, "both --deputy and --until"),
        (("wang", "--deputy", "mayor", "--until", "2099-01-01"), 2, "mayor may not act itself"),
        (("wang", "--deputy", "wang", "--until", "2099-01-01"), 2, "the same account"),
        (("wang", "--deputy", "zhao", "--until", "2020-01-01"), 2, "still to come"),
    ],
)
def test_a_leave_that_cannot_be_is_refused(
    run: Any, town: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    refused = run("accounts", "leave", *arguments, "--data", town)
    assert refused.status == status
    assert said in refused.err.replace("\n", " ")


def test_a_link_is_printed_for_who_has_cases_and_for_nobody_else(
    run: Any, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run("accounts", "link", "wang", "--days", "1", "--data", town)
    assert made.out.startswith("https://fuwu.mingchuan.example/pass/wang.")
    assert "A viewer has no cases" in run("accounts", "link", "mayor", "--data", town).err
    monkeypatch.delenv("LIVELIHOOD_PUBLIC_URL")
    # A program needs no address, and may only read.
    assert run("accounts", "pass", "mayor", "--data", town).out.startswith("mayor.")
    assert "public_url" in run("accounts", "link", "wang", "--data", town).err
