"""Keys on the command line: shown once, listed with what they may, and taken back."""

from pathlib import Path
from typing import Any

import pytest

from cli.failures import REFUSED, USAGE, Failure
from cli.keys import parse_kinds
from livelihood.events import DATA_MODELS, Kind
from producers.channel_keys import PUBLISHABLE


def test_a_key_is_shown_once_listed_and_taken_back(run: Any, data: Path) -> None:
    assert "There are no keys" in run("keys", "list", "--data", data).out
    given = (
        "--may",
        "submit,rate",
        "--department",
        "works",
        "--claims",
        "2h",
        "--per-minute",
        9,
        "--data",
        data,
    )
    added = run("keys", "add", "phone", *given)
    assert added.status == 0
    token = added.out.strip()
    assert token.startswith("phone-1.")
    assert "'phone-1' may publish rated, submitted" in added.err
    (listed,) = run("keys", "list", "--format", "json", "--data", data).json
    assert listed["may"] == ["rated", "submitted"]
    assert (listed["departments"], listed["claims"], listed["per_minute"]) == (["works"], "2h calendar", 9)
    assert listed["used"] is None
    table = run("keys", "list", "--data", data).out
    assert "phone-1" in table
    assert token.partition(".")[2] not in table
    assert run("keys", "add", "phone", "--may", "all", "--data", data).out.startswith("phone-2.")
    assert run("keys", "revoke", "phone-1", "--data", data).status == 0
    assert run("keys", "revoke", "phone-1", "--data", data).status == USAGE
    assert [one["name"] for one in run("keys", "list", "--format", "json", "--data", data).json] == [
        "phone-2"
    ]


def test_the_token_of_a_channel_in_chinese_can_travel_in_a_header(run: Any, data: Path) -> None:
    tokens = [run("keys", "add", "热线", "--may", "submit", "--data", data).out.strip() for _ in range(2)]
    assert [token.partition(".")[0] for token in tokens] == ["key-1", "key-2"]
    assert all(token.isascii() for token in tokens)
    listed = run("keys", "list", "--format", "json", "--data", data).json
    assert [one["channel"] for one in listed] == ["热线", "热线"]


def test_where_there_are_none_it_is_said_who_gets_in(run: Any, data: Path) -> None:
    assert "whoever uses this machine may publish" in run("keys", "list", "--data", data).out
    run("accounts", "add", "lin", "--role", "viewer", "--generate", "--data", data)
    assert "nobody may publish over HTTP" in run("keys", "list", "--data", data).out
    run("accounts", "remove", "lin", "--data", data)
    assert "open to whoever uses this machine" in run("accounts", "list", "--data", data).err
    run("keys", "add", "phone", "--may", "all", "--data", data)
    assert "open to nobody, since there are keys" in run("accounts", "list", "--data", data).err


def test_who_takes_the_last_key_back_is_told_what_that_opens(run: Any, data: Path) -> None:
    for _ in range(2):
        run("keys", "add", "phone", "--may", "submit", "--data", data)
    assert "started again, it is open" not in run("keys", "revoke", "phone-1", "--data", data).err
    assert "started again, it is open" in run("keys", "revoke", "phone-2", "--data", data).err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("phone", "--may", "fly"), USAGE, "'fly' is no kind of event; there are accepted"),
        (("phone", "--may", ","), USAGE, "name what the key may publish"),
        (("phone", "--may", "absorbed"), USAGE, "'absorbed' is no kind of event"),
        (("two words", "--may", "all"), USAGE, "should be of letters, digits"),
        (("phone", "--may", "all", "--claims", "soon"), USAGE, "--claims: 'soon' is no limit"),
        (("phone", "--may", "all", "--name", "热线"), USAGE, "not of ASCII letters"),
        (("phone", "--may", "all", "--department", "a b"), USAGE, "departments"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    run: Any, data: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ran = run("keys", "add", *arguments, "--data", data)
    assert ran.status == status
    assert said in ran.err
    assert ran.out == ""


def test_a_name_is_given_once(run: Any, data: Path) -> None:
    named = ("keys", "add", "phone", "--may", "all", "--name", "desk", "--data", data)
    assert run(*named).out.startswith("desk.")
    assert run(*named).status == REFUSED


def test_a_kind_is_named_as_people_say_it() -> None:
    assert parse_kinds("submit, resolve,withdraw") == {"submitted", "resolved", "withdrawn"}
    assert parse_kinds("transfer") == {"transfer_offered", "transfer_accepted"}
    assert parse_kinds("all") == PUBLISHABLE == {kind.word for kind in DATA_MODELS} - {Kind.ABSORBED.word}
    for kind in PUBLISHABLE:
        assert parse_kinds(kind) == {kind}
    with pytest.raises(Failure):
        parse_kinds("re")
