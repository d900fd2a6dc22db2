"""`import`, `publish` and `serve`: what brings events in, and works on them."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Config, Data, MappingName, examples

_PANEL = "Bringing requests in"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        "import",
        rich_help_panel=_PANEL,
        epilog=examples(
            "livelihood import requests.csv --mapping mapping.toml",
            "livelihood import potholes-2020.csv.gz --mapping kansas-city",
            "livelihood import requests.csv --mapping mapping.toml --until 2011-10-01",
            "livelihood import --watch exports/ --mapping mapping.toml",
        ),
    )(import_)
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood publish events.jsonl", "tail -f events.jsonl | livelihood publish -"),
    )(publish)
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood serve --data /srv/livelihood", "livelihood serve --address 0.0.0.0:80"),
    )(serve)


def import_(
    mapping: MappingName,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, show_default=False, help="The table."
        ),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Instead of FILE: import the files of a folder as they appear, once each, by name.",
        ),
    ] = None,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="With --watch: how often to look.")
    ] = 10.0,
    once: Annotated[
        bool, typer.Option("--once", help="With --watch: end when all that is there is imported.")
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Stop just before that instant, with the deadlines up to it; the same command without it"
            " goes on. Written as for --as-of in table.",
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Where to list refused rows.",
            show_default="in the data folder",
        ),
    ] = None,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="End another file's unfinished import by the same mapping first."),
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Import it though the catalogue has hardly any of its services."),
    ] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Import a city's table of requests: CSV or TSV, plain or gzip.

    Importing again is safe: unchanged rows change nothing, changed ones become corrections, and what was
    interrupted goes on. A bad row is refused, listed and counted; the rest goes on, and the status is 1.
    With --watch a file is complete when it is the same at two looks; it stays where it is, and what was
    imported is remembered by its content.
    """
    if (file is None) == (watch is None):
        raise typer.BadParameter("name a FILE, or a folder by --watch")
    if watch is not None:
        if until is not None or rejects is not None or abandon:
            raise typer.BadParameter(
                "--until, --rejects and --abandon are for a single FILE, not for --watch"
            )
        from cli.watching import run_watch

        run_watch(watch, mapping, every, once=once, anyway=anyway, data=data, config=config)
        return
    assert file is not None
    from cli.reporting import run_import

    run_import(file, mapping, until, rejects, abandon=abandon, anyway=anyway, data=data, config=config)


def publish(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON Lines, or - for standard input.", show_default=False),
    ],
    data: Data = None,
    config: Config = None,
) -> None:
    """Publish request events: one CloudEvent a line.

    A bad line is reported with its number and what was expected; the rest goes on, and the status is 1.
    """
    from cli.publishing import run_publish

    run_publish(file, data=data, config=config)


def serve(
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Where to listen; port 0: any that is free. By default 127.0.0.1:8080."
        ),
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Take requests in over HTTP, work on them and raise alerts at their moment; stop with Ctrl-C or SIGTERM.

    One process works on a data folder; any number may publish to it and read. On Kafka and Redis this serves
    HTTP only, as many processes as you like; the work is done by  livelihood worker.
    """
    from cli.serving import run_serve

    run_serve(address, data=data, config=config)
