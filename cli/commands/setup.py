"""`init`: the first files of a new place."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Encoding, examples


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel="Setting up",
        epilog=examples(
            "livelihood init",
            "livelihood init --time-zone America/Chicago --calendar us-federal --table requests.csv",
        ),
    )(init)


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where to write the files.", file_okay=False, show_default="here")
    ] = Path(),
    time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The jurisdiction's, for instance Asia/Shanghai.")
    ] = None,
    calendar: Annotated[
        str | None, typer.Option(metavar="C", help="Its holidays: monday-friday, us-federal or cn-mainland.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, readable=True,
                     help="A table of requests, to draft a mapping and the catalogue from."),
    ] = None,
    encoding: Encoding = None,
    title: Annotated[str | None, typer.Option(help="The jurisdiction's name.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take the defaults for what is not given.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:  # fmt: skip
    """Write the first files of a new place: a catalogue to edit, and a mapping if you have a table.

    Asks for what the options do not say.
    """
    from cli.starting import run_init

    run_init(folder, time_zone, calendar, table, title, encoding, ask=not yes, force=force)
