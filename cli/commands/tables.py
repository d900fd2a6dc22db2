"""`table` and `issue`: what is asked for most."""

from typing import Annotated

import typer

from cli.options import AsOf, Config, Data, ListFormat, TableFormat, examples

_PANEL = "Looking"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples(
            "livelihood table",
            "livelihood table --by department --period 2011-08",
            "livelihood table street-lights --by area,channel --as-of 2012-01-01",
            "livelihood table --format json | jq '.[0].on_time_rate.value'",
        ),
    )(table)
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood issue 101000295613", "livelihood issue 101000295613 --format json"),
    )(issue)


def table(
    commitment: Annotated[
        str | None,
        typer.Argument(help="The code of one commitment; all of them without it.", show_default=False),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="NAMES",
            help="Break down by these, with commas between:"
            " department, service, area, channel, origin, outcome.",
        ),
    ] = None,
    period: Annotated[
        str,
        typer.Option(metavar="P", help="2011, 2011-Q3, 2011-08, 2011-W31, 2011-08-14 or all."),
    ] = "all",
    as_of: AsOf = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            "--known-at",
            metavar="WHEN",
            help="From what had been recorded by then only; written as --as-of is.",
        ),
    ] = None,
    format_: Annotated[TableFormat, typer.Option("--format", help="How to print it.")] = TableFormat.table,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on showing it as it changes, until Ctrl-C.")
    ] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show the live table: how well each commitment is kept.

    The first line is all traffic. [bold]on time[/bold] is the share, of the issues whose deadline fell in the
    period, that were resolved by it, those still open included; [bold]running[/bold] is the flattering rate
    others publish. Rates of fewer than 30 are grey.
    """
    from cli.showing import Asked, show_table

    asked = Asked(commitment=commitment, by=by or [], period=period, as_of=as_of, known_at=known_at)
    show_table(asked, format_.value, follow=follow, data=data, config=config)


def issue(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The issue's id.", show_default=False)],
    as_of: AsOf = None,
    personal: Annotated[
        bool,
        typer.Option(
            "--personal", help="What people said of themselves in it, instead. The look is recorded."
        ),
    ] = False,
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print it.")] = ListFormat.table,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show one issue: where it stands, what happened, and how its deadline came about."""
    if personal:
        from cli.personal_view import show_personal

        show_personal(id_, format_.value, data=data, config=config)
        return
    from cli.issue_view import show_issue

    show_issue(id_, as_of, format_.value, data=data, config=config)
