"""`livelihood accounts`: accounts added, listed, changed and removed."""

import secrets
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from cli.engine import Engine, open_engine
from cli.failures import REFUSED, USAGE, Failure
from cli.guarded import OPEN_AGAIN, is_guarded
from cli.moments import day_text
from cli.settings import load
from cli.terminal import answers, is_person, notes, plain
from livelihood.complaints import complaints
from web.accounts import OF_DEPARTMENTS, SHORTEST_PASSWORD, Account, Accounts, Role
from web.leave import Leaves
from web.sessions import Sessions

#: Of a password that is made here; 100 bits.
_MADE_BYTES = 13


def run_add(
    name: str, role: str, departments: Sequence[str], channel: str, *,
    generate: bool, data: Path | None, config: Path | None,
) -> None:  # fmt: skip
    """Add an account; Failure where the name is taken or a value cannot be."""
    with _accounts(data, config) as (engine, accounts, _):
        wanted = Role(role)
        if departments and wanted not in OF_DEPARTMENTS:
            limited = " and ".join(sorted(OF_DEPARTMENTS))
            raise Failure(f"--department: is for the roles {limited}; a {role} has no departments.", USAGE)
        _check_departments(engine, departments)
        name = name.lower()
        if accounts.find(name) is not None:
            raise Failure(f"There is an account {name!r} already; remove it first, or choose another name.")
        is_first = not accounts.exist()
        try:
            account = Account(
                name=name,
                role=wanted,
                departments=frozenset(departments),
                channel=channel,
                password="",
                created=engine.clock(),
            )
        except ValidationError as error:
            raise Failure("\n".join(complaints(error)), USAGE) from None
        password = _password(generate=generate)
        if not accounts.add(account.model_copy(update={"password": accounts.hashed(password)})):
            raise Failure(f"There is an account {name!r} already.")
        if is_first:
            notes().print("The pages are closed now to whoever has no account.", soft_wrap=True)
        notes().print(f"Added {name} as {role}.")
        if generate:
            plain(password)


def run_list(*, data: Path | None, config: Path | None) -> None:
    """Print the accounts."""
    with _accounts(data, config) as (engine, accounts, sessions):
        found = list(accounts.all())
        if not found:
            to = "nobody, since there are keys" if is_guarded(engine.vault) else "whoever uses this machine"
            notes().print(f"There is no account: the pages are open to {to}.")
            return
        signed_in = Counter(one.account.name for one in sessions.all(engine.clock()))
        table = Table(box=None, header_style="bright_black", padding=(0, 0, 0, 2))
        for heading in ("name", "role", "departments", "channel", "since", "signed in"):
            table.add_column(heading)
        zone = ZoneInfo(engine.catalogue.latest.time_zone)
        for account in found:
            departments = ", ".join(sorted(account.departments))
            table.add_row(
                account.name,
                account.role.value,
                departments or ("all" if account.role in OF_DEPARTMENTS else "–"),
                account.channel,
                day_text(account.created, zone),
                str(signed_in[account.name] or "–"),
            )
        answers().print(table)


def run_password(name: str, *, generate: bool, data: Path | None, config: Path | None) -> None:
    """Give an account another password."""
    with _accounts(data, config) as (_, accounts, sessions):
        account = found_account(accounts, name)
        if account.identity:
            raise Failure(
                f"{account.name} signs in through {account.identity.split()[0]}; it has no password."
            )
        password = _password(generate=generate)
        accounts.set_password(account, password)
        sessions.end_all(account.name)
        notes().print(f"{account.name} has a new password, and is signed out everywhere.")
        if generate:
            plain(password)


def run_remove(name: str, *, data: Path | None, config: Path | None) -> None:
    """Remove an account."""
    with _accounts(data, config) as (engine, accounts, sessions):
        account = found_account(accounts, name)
        accounts.remove(account.name)
        Leaves(engine.vault, accounts).end(account.name)
        sessions.end_all(account.name)
        notes().print(f"Removed {account.name}.")
        if not is_guarded(engine.vault):
            notes().print(Text(OPEN_AGAIN, "yellow"), soft_wrap=True)


def run_sign_out(name: str | None, *, everybody: bool, data: Path | None, config: Path | None) -> None:
    """End sessions."""
    if (name is None) is not everybody:
        raise Failure("Name one account, or give --everybody.", USAGE)
    with _accounts(data, config) as (_, accounts, sessions):
        account = None if name is None else found_account(accounts, name).name
        ended = sessions.end_all(account)
        notes().print(f"Ended {ended} session{'' if ended == 1 else 's'}.")


@contextmanager
def _accounts(data: Path | None, config: Path | None) -> Iterator[tuple[Engine, Accounts, Sessions]]:
    with open_engine(load(config, data=data).settings) as engine:
        accounts = Accounts(engine.vault)
        yield engine, accounts, Sessions(engine.vault, accounts)


def found_account(accounts: Accounts, name: str) -> Account:
    """The account of a name; Failure where there is none."""
    account = accounts.find(name.lower())
    if account is None:
        raise Failure(f"There is no account {name!r}; livelihood accounts list  lists them.", REFUSED)
    return account


def _check_departments(engine: Engine, departments: Sequence[str]) -> None:
    known = engine.catalogue.latest.departments
    for code in departments:
        if known and code not in known:
            raise Failure(f"--department: the catalogue has no {code!r}; it has {', '.join(known)}.", USAGE)


def _password(*, generate: bool) -> str:
    """The password a person gives, or one made here; Failure where it is too short."""
    if generate:
        return secrets.token_urlsafe(_MADE_BYTES)
    if is_person():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        given = sys.stdin.readline()
    password = str(given).strip()
    if len(password) < SHORTEST_PASSWORD:
        raise Failure(
            f"A password has at least {SHORTEST_PASSWORD} characters: type one, pipe one in as a line, or"
            " have one made by --generate.",
            USAGE,
        )
    return password
