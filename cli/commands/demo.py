"""`demo`: six months of a real city."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Config, examples


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel="Looking",
        epilog=examples(
            "livelihood demo", "livelihood demo --once", "livelihood demo --speed 1d/s --data boston"
        ),
    )(demo)


def demo(
    speed: Annotated[str, typer.Option(help="Time that passes in a second: 12h/s, 3d/s, 1w/s.")] = "3d/s",
    once: Annotated[bool, typer.Option("--once", help="As fast as this machine can.")] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", file_okay=False,
                     help="An empty folder to keep the data in.", show_default="a temporary one"),
    ] = None,
    stack: Annotated[
        bool,
        typer.Option("--stack", help="On the Kafka and Redis that are set, with workers, in empty topics."),
    ] = False,
    config: Config = None,
    picture: Annotated[Path | None, typer.Option(hidden=True, dir_okay=False)] = None,
) -> None:  # fmt: skip
    """Watch 58,251 real requests to the City of Boston become live tables and alerts.

    A clock runs through the second half of 2011; every deadline is noticed at its own moment. Then the
    figures stand beside the city's own.
    """
    from cli.demo import run_demo

    run_demo(speed, once=once, folder=data, picture=picture, stack=stack, config=config)
