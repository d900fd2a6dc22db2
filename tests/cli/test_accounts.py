"""`livelihood accounts` as a person uses it."""

from pathlib import Path
from typing import Any

import pytest

from cli.commands.accounts import RoleName
from cli.engine import open_engine
from cli.failures import REFUSED
from cli.settings import Settings
from web.accounts import Account, Accounts, Role

PASSWORD = "four words do well"


def test_the_roles_that_can_be_named_are_those_there_are() -> None:
    assert [one.value for one in RoleName] == [one.value for one in Role]


def test_an_account_is_added_listed_changed_and_removed(run: Any, data: Path) -> None:
    added = run("accounts", "add", "Lin", "--role", "window", "--data", data, given=f"{PASSWORD}\n")
    assert added.status == 0, added.err
    assert "The pages are closed now to whoever has no account." in added.err
    assert PASSWORD not in added.out + added.err
    listed = run("accounts", "list", "--data", data).out
    assert "lin" in listed
    assert "window" in listed
    made = run("accounts", "password", "lin", "--generate", "--data", data)
    assert len(made.out.strip()) >= 12
    assert run("accounts", "sign-out", "lin", "--data", data).err.startswith("Ended 0 sessions.")
    removed = run("accounts", "remove", "lin", "--data", data)
    assert "No key and no account is left." in removed.err
    assert "There is no account" in run("accounts", "list", "--data", data).err


@pytest.mark.parametrize(
    ("arguments", "given", "status", "said"),
    [
        (("add", "lin", "--role", "viewer"), "short\n", 2, "at least 12 characters"),
        (("add", "lin", "--role", "viewer", "--department", "streets"), "", 2, "has no departments"),
        (("add", "two words", "--role", "viewer"), f"{PASSWORD}\n", 2, "name"),
        (("remove", "nobody"), "", 1, "no account 'nobody'"),
        (("sign-out",), "", 2, "--everybody"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    run: Any, data: Path, arguments: tuple[str, ...], given: str, status: int, said: str
) -> None:
    refused = run("accounts", *arguments, "--data", data, given=given)
    assert refused.status == status
    assert said in refused.err


def test_a_name_is_taken_once(run: Any, data: Path) -> None:
    for status in (0, 1):
        added = run("accounts", "add", "lin", "--role", "admin", "--data", data, given=f"{PASSWORD}\n")
        assert added.status == status


def test_an_account_of_a_provider_gets_no_password_here(run: Any, data: Path) -> None:
    account = Account(
        name="mayor", role=Role.VIEWER, password="", created=1, identity="https://id.town.example 7"
    )
    with open_engine(Settings(data=data)) as engine:
        assert Accounts(engine.vault).add(account)
    ran = run("accounts", "password", "mayor", "--generate", "--data", data)
    assert ran.status == REFUSED
    assert "mayor signs in through https://id.town.example; it has no password" in ran.err
