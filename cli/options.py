"""The options that several commands share. Light to import: `--help` reads this."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        file_okay=False,
        help="The data folder. By default LIVELIHOOD_DATA, or else livelihood under your own data folder.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A TOML file with settings. By default livelihood.toml in the data folder.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="WHEN",
        help="How things stood then: 2012-01-01 (its beginning), 2012-01-01T17:00 in the jurisdiction's"
        " time zone, or with an offset from UTC. By default now.",
    ),
]
MappingName = Annotated[
    str,
    typer.Option(
        "--mapping",
        "-m",
        metavar="M",
        help="A mapping file, or the name of a shipped one: boston, kansas-city.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="E", help="The table's encoding, as latin-1. By default utf-8 or gb18030, as its heading is."
    ),
]
ExistingFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, show_default=False)
]


class TableFormat(StrEnum):
    """How a table is printed."""

    table = "table"
    json = "json"
    csv = "csv"


class ListFormat(StrEnum):
    """How a list or a single thing is printed."""

    table = "table"
    json = "json"


class TomlFormat(StrEnum):
    """How standards are printed."""

    table = "table"
    toml = "toml"


def examples(*lines: str) -> str:
    """The last part of a command's help."""
    return "[bold]Examples[/bold]\n\n" + "\n\n".join(f"[cyan]{line}[/cyan]" for line in lines)
