"""`verify`, `rebuild` and `migrate`: whether what is kept follows from the log, and making it anew."""

from typing import Annotated

import typer

from cli.options import Config, Data, examples

_PANEL = "Looking after it"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood verify", "livelihood verify --as-of 2012-01-01"),
    )(verify)
    app.command(rich_help_panel=_PANEL, epilog=examples("livelihood rebuild"))(rebuild)
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood stack up", "livelihood migrate --data /srv/livelihood"),
    )(migrate)


def verify(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="WHEN",
            help="Compare the tables of then; written as for --as-of in table. By default, all that is kept.",
        ),
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Count everything again from the log, and compare it with every cell of the tables and every alert.

    Nothing is changed. The status is 1 where something differs, and the first difference is named. It takes
    about half a gigabyte of memory, whatever the log's length.
    """
    from cli.verifying import run_verify

    run_verify(as_of, data=data, config=config)


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make the tables again from the log: where they were lost, are damaged, or were found wrong.

    Nobody may work meanwhile. Nobody is told anything twice.
    """
    from cli.rebuilding import run_rebuild

    run_rebuild(yes=yes, data=data, config=config)


def migrate(data: Data = None, config: Config = None) -> None:
    """Move a data folder of the embedded engine to Kafka and Redis, with equal tables and alerts.

    Nothing may be published meanwhile. What was interrupted goes on. Nobody is told anything twice.
    """
    from cli.migrating import run_migrate

    run_migrate(data=data, config=config)
