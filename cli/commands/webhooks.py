"""`webhooks`: where channels want to be told."""

from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

Webhook = Annotated[
    str, typer.Argument(metavar="WEBHOOK", help="As listed, such as wh-1a2b3c.", show_default=False)
]
Format = Annotated[ListFormat, typer.Option("--format", help="How to print them.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    webhooks = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Where channels want to be told what became of their issues.",
    )
    webhooks.command("add", epilog=examples("livelihood webhooks add phone https://town.example/hooks"))(add)
    webhooks.command("list", epilog=examples("livelihood webhooks list"))(list_)
    webhooks.command("remove", epilog=examples("livelihood webhooks remove wh-1a2b3c"))(remove)
    webhooks.command("rotate", epilog=examples("livelihood webhooks rotate wh-1a2b3c"))(rotate)
    webhooks.command("enable", epilog=examples("livelihood webhooks enable wh-1a2b3c"))(enable)
    webhooks.command("dead", epilog=examples("livelihood webhooks dead"))(dead)
    webhooks.command("resend", epilog=examples("livelihood webhooks resend wh-1a2b3c"))(resend)
    app.add_typer(webhooks, name="webhooks", rich_help_panel="Bringing requests in")


def add(
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", help="A channel of the catalogue.", show_default=False)
    ],
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where changes are sent, by POST.", show_default=False)
    ],
    data: Data = None,
    config: Config = None,
) -> None:
    """Send what happens to a channel's issues from now on to a URL. The secret is printed once.

    A running server begins within seconds.
    """
    from cli.webhooks import run_add

    run_add(channel, url, data=data, config=config)


def list_(format_: Format = ListFormat.table, data: Data = None, config: Config = None) -> None:
    """List webhooks, and how much waits for each."""
    from cli.webhooks import run_list

    run_list(as_json=format_ is ListFormat.json, data=data, config=config)


def remove(webhook: Webhook, data: Data = None, config: Config = None) -> None:
    """Send nothing there any more, and forget what waits."""
    from cli.webhooks import run_remove

    run_remove(webhook, data=data, config=config)


def rotate(webhook: Webhook, data: Data = None, config: Config = None) -> None:
    """Give a webhook a new secret, printed once; the one before signs for a day more."""
    from cli.webhooks import run_rotate

    run_rotate(webhook, data=data, config=config)


def enable(webhook: Webhook, data: Data = None, config: Config = None) -> None:
    """Deliver again where a webhook was disabled by answering 410, from where it stopped."""
    from cli.webhooks import run_enable

    run_enable(webhook, data=data, config=config)


def dead(format_: Format = ListFormat.table, data: Data = None, config: Config = None) -> None:
    """List what was given up after the last attempt, a day and more after the first."""
    from cli.webhooks import run_dead

    run_dead(as_json=format_ is ListFormat.json, data=data, config=config)


def resend(
    webhook: Webhook,
    message: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="One of those given up.", show_default="all")
    ] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Try what was given up again."""
    from cli.webhooks import run_resend

    run_resend(webhook, message, data=data, config=config)
