"""`standards infer` and `mapping draft`: a first look at a city's table."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Encoding, ExistingFile, MappingName, TomlFormat, examples

_PANEL = "Setting up"
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", dir_okay=False, help="Write it there instead of printing it."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    standards = typer.Typer(
        no_args_is_help=True, rich_markup_mode="rich", help="Which standards lie behind a city's deadlines."
    )
    standards.command(
        "infer",
        epilog=examples(
            "livelihood standards infer requests.csv --mapping mapping.toml",
            "livelihood standards infer requests.csv --mapping mapping.toml --format toml > catalogue.toml",
        ),
    )(infer)
    app.add_typer(standards, name="standards", rich_help_panel=_PANEL)
    mapping = typer.Typer(
        no_args_is_help=True, rich_markup_mode="rich", help="How a city's table becomes events."
    )
    mapping.command(
        "draft",
        epilog=examples("livelihood mapping draft requests.csv --time-zone Europe/Rome > mapping.toml"),
    )(draft)
    app.add_typer(mapping, name="mapping", rich_help_panel=_PANEL)


def infer(
    file: ExistingFile,
    mapping: MappingName,
    format_: Annotated[
        TomlFormat, typer.Option("--format", help="A table to read, or a catalogue to edit.")
    ] = TomlFormat.table,
    output: Output = None,
) -> None:
    """Find, for each service, the rule that explains most of the deadlines the city stated.

    Services without one answer the question: is this work standardised?
    """
    from cli.surveys import run_infer

    run_infer(file, mapping, format_.value, output)


def draft(
    file: ExistingFile,
    time_zone: Annotated[
        str,
        typer.Option(metavar="ZONE", help="The zone its times are meant in, for instance America/New_York."),
    ] = "UTC",
    name: Annotated[str | None, typer.Option(help="What to call it.", show_default="the file's name")] = None,
    encoding: Encoding = None,
    output: Output = None,
) -> None:
    """Write a first mapping for an unknown table, from its columns; what was guessed is marked."""
    from cli.surveys import run_draft

    run_draft(file, time_zone, name, encoding, output)
