"""`accounts`: who may sign in to the pages, and as what."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.options import Config, Data, examples

_PANEL = "Looking after it"
_NAME = typer.Argument(metavar="NAME", show_default=False)


class RoleName(StrEnum):
    """The roles there are; the same as web's Role."""

    viewer = "viewer"
    window = "window"
    supervisor = "supervisor"
    operator = "operator"
    admin = "admin"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    accounts = typer.Typer(no_args_is_help=True, help="Accounts: who may sign in to the pages, and as what.")
    app.add_typer(accounts, name="accounts", rich_help_panel=_PANEL)
    accounts.command(
        "add",
        epilog=examples(
            "livelihood accounts add lin --role window --department streets",
            "livelihood accounts add wang --role supervisor --department streets --department parks",
            "livelihood accounts add mayor --role viewer --generate",
        ),
    )(add)
    accounts.command("list", epilog=examples("livelihood accounts list"))(list_)
    accounts.command("password", epilog=examples("livelihood accounts password lin"))(password)
    accounts.command(
        "link",
        epilog=examples("livelihood accounts link wang", "livelihood accounts link wang --days 1"),
    )(link)
    accounts.command(
        "pass",
        epilog=examples("PASS=$(livelihood accounts pass reports --days 30)"),
    )(pass_)
    accounts.command(
        "leave",
        epilog=examples(
            "livelihood accounts leave wang --deputy zhao --until 2026-03-14",
            "livelihood accounts leave wang --end",
        ),
    )(leave)
    accounts.command("remove", epilog=examples("livelihood accounts remove lin"))(remove)
    accounts.command(
        "sign-out",
        epilog=examples("livelihood accounts sign-out lin", "livelihood accounts sign-out --everybody"),
    )(sign_out)


Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and show it once, rather than ask for one.")
]


def add(
    name: Annotated[str, _NAME],
    role: Annotated[RoleName, typer.Option(help="What it is for; docs/accounts.md says what each may do.")],
    department: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="Whose issues a window or a supervisor acts on; again for another. By default all.",
        ),
    ] = None,
    channel: Annotated[str, typer.Option(metavar="CODE", help="The channel its events come by.")] = "window",
    generate: Generate = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Add an account. The password is asked for, or is the first line of what is piped in.

    With the first account the pages are closed to whoever has none.
    """
    from cli.accounts import run_add

    run_add(name, role.value, department or [], channel, generate=generate, data=data, config=config)


def list_(data: Data = None, config: Config = None) -> None:
    """List the accounts, and in how many browsers each is signed in."""
    from cli.accounts import run_list

    run_list(data=data, config=config)


def password(
    name: Annotated[str, _NAME],
    generate: Generate = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Give an account another password. It is signed out everywhere."""
    from cli.accounts import run_password

    run_password(name, generate=generate, data=data, config=config)


def link(
    name: Annotated[str, _NAME],
    days: Annotated[int, typer.Option(metavar="N", min=1, max=30, help="How long it holds.")] = 7,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print a link that opens an account's cases without its password, on a telephone for one.

    Whoever has it may act and decide as that account, but reads nothing personal. It ends by itself, and with
    the account's password.
    """
    from cli.leaving import run_link

    run_link(name, days, data=data, config=config)


def pass_(
    name: Annotated[str, _NAME],
    days: Annotated[int, typer.Option(metavar="N", min=1, max=30, help="How long it holds.")] = 7,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print an account's pass, for a program that asks over HTTP: Authorization: Bearer PASS.

    The program may do what the account may, an operator's work on subscriptions too, but reads nothing
    personal and looks after no accounts: one that only reads needs a viewer's.
    It ends by itself, and with the account's password.
    """
    from cli.leaving import run_pass

    run_pass(name, days, data=data, config=config)


def leave(
    name: Annotated[str, _NAME],
    deputy: Annotated[
        str | None, typer.Option(metavar="NAME", help="The account that acts in its place meanwhile.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="When it is back.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="From when on.", show_default="now")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="It is back.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Have another account act and decide in the place of one that is on leave."""
    from cli.leaving import run_leave

    run_leave(name, deputy, since, until, end=end, data=data, config=config)


def remove(name: Annotated[str, _NAME], data: Data = None, config: Config = None) -> None:
    """Remove an account. It is signed out everywhere; what it did stays recorded under its name."""
    from cli.accounts import run_remove

    run_remove(name, data=data, config=config)


def sign_out(
    name: Annotated[str | None, _NAME] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="All accounts.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """End the sessions of an account: whoever is signed in by it has to sign in anew."""
    from cli.accounts import run_sign_out

    run_sign_out(name, everybody=everybody, data=data, config=config)
