"""`forget`, `looks` and `master-key`: what was said by people of themselves, and the keys to it."""

from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

_PANEL = "Personal data"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood forget 2026-000123", "livelihood forget", "livelihood forget < person"),
    )(forget)
    app.command(
        rich_help_panel=_PANEL, epilog=examples("livelihood looks", "livelihood looks --issue 2026-000123")
    )(looks)
    master_key = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="The key that wraps the keys of people: made, changed, looked after.",
    )
    master_key.command(epilog=examples("(umask 077; livelihood master-key new > master.key)"))(new)
    master_key.command(epilog=examples("livelihood master-key status"))(status)
    master_key.command(epilog=examples("livelihood master-key rotate"))(rotate)
    master_key.command(epilog=examples("livelihood master-key retire"))(retire)
    app.add_typer(master_key, name="master-key", rich_help_panel=_PANEL)


def forget(
    issue: Annotated[
        str | None, typer.Argument(metavar="ISSUE", help="The people of this issue.", show_default=False)
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            help="Whoever gave this telephone number, e-mail address or identity number. The shell remembers"
            " what is written here: leave it out to be asked for it, or to have it read from standard input.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make what was sealed for a person unreadable, everywhere, and keep nothing personal of them any more.

    Their key is deleted; events, tables and alerts stay. Forgetting again changes nothing.
    """
    from cli.personal_view import run_forget

    run_forget(issue, person, yes=yes, data=data, config=config)


def looks(
    issue: Annotated[str | None, typer.Option(metavar="ID", help="At this issue only.")] = None,
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print it.")] = ListFormat.table,
    data: Data = None,
    config: Config = None,
) -> None:
    """List who looked at what people said of themselves, and when."""
    from cli.personal_view import show_looks

    show_looks(issue, format_.value, data=data, config=config)


def new() -> None:
    """Print a new master key. It goes into a file that only its owner reads, and into a safe."""
    from cli.master_keys import run_new

    run_new()


def status(
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print it.")] = ListFormat.table,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show which master keys are known here, by name, and how many keys each wraps."""
    from cli.master_keys import run_status

    run_status(format_.value, data=data, config=config)


def rotate(data: Data = None, config: Config = None) -> None:
    """Put a new master key before the others, and wrap all keys by it. What is sealed stays as it is.

    Back the file up first and after. Programs that read it from a file learn of it by themselves; where a
    variable holds it, put the new one before the old one, start them again, and run this then.
    """
    from cli.master_keys import run_rotate

    run_rotate(data=data, config=config)


def retire(data: Data = None, config: Config = None) -> None:
    """Remove master keys that wrap nothing any more from the file."""
    from cli.master_keys import run_retire

    run_retire(data=data, config=config)
