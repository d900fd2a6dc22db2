"""`alerts`, `orphans` and `dead-letters`: what wants attention."""

from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

_PANEL = "Looking"

Limit = Annotated[
    int | None,
    typer.Option("--limit", "-n", min=0, help="At most so many, the newest; 0 for all.", show_default="50"),
]
Format = Annotated[ListFormat, typer.Option("--format", help="How to print them; JSON is of all of them.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples(
            "livelihood alerts --kind overdue --follow",
            "livelihood alerts --since 2011-12-01 --format json",
        ),
    )(alerts)
    app.command(rich_help_panel=_PANEL)(orphans)
    app.command("dead-letters", rich_help_panel=_PANEL)(dead_letters)


def alerts(
    kind: Annotated[
        str | None,
        typer.Option(metavar="K", help="Only these: due_soon, overdue, escalated, pause_expired, cleared."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Raised then or later; written as for --as-of in table."),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help="Go on with those to come, until Ctrl-C; JSON is one a line."),
    ] = False,
    format_: Format = ListFormat.table,
    limit: Limit = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """List alerts: what became due soon or overdue, was escalated, or is cleared again."""
    from cli.listing import show_alerts

    show_alerts(kind, since, format_.value, limit, follow=follow, data=data, config=config)


def orphans(
    format_: Format = ListFormat.table, limit: Limit = None, data: Data = None, config: Config = None
) -> None:
    """List orphans: issues that were never submitted, oldest first. They count in no table."""
    from cli.listing import show_orphans

    show_orphans(format_.value, limit, data=data, config=config)


def dead_letters(
    format_: Format = ListFormat.table, limit: Limit = None, data: Data = None, config: Config = None
) -> None:
    """List dead letters: records of the log that could not be worked on, with the reason."""
    from cli.listing import show_dead_letters

    show_dead_letters(format_.value, limit, data=data, config=config)
