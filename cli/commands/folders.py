"""`config` and `doctor`: where things are, and whether they are well."""

from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

_PANEL = "Setting up"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        "config", rich_help_panel=_PANEL, epilog=examples("livelihood config --data /srv/livelihood")
    )(show_config)
    app.command(rich_help_panel=_PANEL, epilog=examples("livelihood doctor"))(doctor)


def show_config(
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print it.")] = ListFormat.table,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show every setting, its value, and where the value comes from."""
    from cli.health import run_config

    run_config(format_.value, data=data, config=config)


def doctor(data: Data = None, config: Config = None) -> None:
    """Check that everything is well, and say what to do where it is not."""
    from cli.health import run_doctor

    run_doctor(data=data, config=config)
