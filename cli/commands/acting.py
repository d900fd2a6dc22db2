"""`act`: something done to an issue by an account."""

from typing import Annotated

import typer

from cli.options import Config, Data, examples


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        rich_help_panel="Bringing requests in",
        epilog=examples(
            "livelihood act MC-1003 acknowledge --as wang --expected 2026-03-06T17:00",
            "livelihood act MC-1003 ask-extension --as lin --until 2026-03-10 --reason weather",
            "livelihood act MC-1003 grant-extension --as wang --until 2026-03-10",
        ),
    )(act)


def act(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", show_default=False)],
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            show_default=False,
            help="What to do; a word that is none lists all.",
        ),
    ],
    who: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="The account that does it, with its rights.")
    ] = None,
    expected: Annotated[
        str | None, typer.Option(metavar="WHEN", help="acknowledge: by when it will be done.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="ask-extension, grant-extension: the new deadline.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="return, reject, pause, contest, reopen, ask-extension, refuse-extension: why, as weather.",
        ),
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="CODE", help="assign, offer: the department.")] = None,
    service: Annotated[
        str | None, typer.Option(metavar="CODE", help="reclassify: the service it is.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="CODE", help="resolve: how it ended, as fixed.")
    ] = None,
    into: Annotated[str | None, typer.Option(metavar="ISSUE", help="merge: the issue that goes on.")] = None,
    upheld: Annotated[
        bool | None,
        typer.Option("--upheld/--not-upheld", help="answer-contest: whether it was counted wrongly."),
    ] = None,
    confirmed_call: Annotated[
        bool | None,
        typer.Option("--confirmed-call", help="close, withdraw: the person was called and wants this."),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="WORDS", help="In a few words; kept sealed, as all that people say.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what came of it as JSON.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Do something to an issue: acknowledge, accept, assign, return, resolve, contest and the like.

    Only what the account may do to it as it stands: by its role, by its departments, and never about its own
    request for more time. It is an event with the account as the actor (docs/acting.md).
    """
    from cli.acting import run_act

    options = {
        "expected": expected,
        "until": until,
        "reason": reason,
        "to": to,
        "service": service,
        "outcome": outcome,
        "into": into,
        "upheld": upheld,
        "confirmed_call": confirmed_call,
        "text": text,
    }
    run_act(issue, action, who, options, as_json=as_json, data=data, config=config)
