"""`subscriptions`: who wants to be told of alerts, and what could not be delivered."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

Name = Annotated[
    str, typer.Argument(metavar="SUBSCRIPTION", help="As listed, such as sub-1a2b3c.", show_default=False)
]
Format = Annotated[ListFormat, typer.Option("--format", help="How to print them.")]
_EACH = "Several with commas between."


class Digest(StrEnum):
    """When a digest comes."""

    hourly = "hourly"
    morning = "morning"


class Tongue(StrEnum):
    """A language."""

    en = "en"
    zh = "zh"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    subscriptions = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Who wants to be told of alerts: by webhook, mail or chat.",
    )
    add_example = "livelihood subscriptions add mailto:wang@town.example --department streets"
    subscriptions.command("add", epilog=examples(add_example))(add)
    change_example = "livelihood subscriptions change sub-1a2b3c --department streets,water --quiet none"
    subscriptions.command("change", epilog=examples(change_example))(change)
    subscriptions.command("list", epilog=examples("livelihood subscriptions list"))(list_)
    subscriptions.command("show", epilog=examples("livelihood subscriptions show sub-1a2b3c"))(show)
    subscriptions.command("test", epilog=examples("livelihood subscriptions test sub-1a2b3c"))(try_)
    subscriptions.command("pause", epilog=examples("livelihood subscriptions pause sub-1a2b3c"))(pause)
    subscriptions.command("resume", epilog=examples("livelihood subscriptions resume sub-1a2b3c"))(resume)
    subscriptions.command("resend", epilog=examples("livelihood subscriptions resend sub-1a2b3c"))(resend)
    subscriptions.command("remove", epilog=examples("livelihood subscriptions remove sub-1a2b3c"))(remove)
    app.add_typer(subscriptions, name="subscriptions", rich_help_panel="Looking")


def add(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="https:// for a signed webhook, mailto:, or a chat's, as wecombot://KEY.",
            show_default=False,
        ),
    ],
    title: Annotated[str, typer.Option(metavar="TEXT", help="What it is called.")] = "",
    commitment: Annotated[str, typer.Option(metavar="CODES", help=_EACH)] = "",
    service: Annotated[str, typer.Option(metavar="CODES", help=_EACH)] = "",
    department: Annotated[str, typer.Option(metavar="CODES", help="With those below them. " + _EACH)] = "",
    area: Annotated[str, typer.Option(metavar="CODES", help=_EACH)] = "",
    channel: Annotated[str, typer.Option(metavar="CODES", help=_EACH)] = "",
    obligation: Annotated[str, typer.Option(metavar="WORDS", help="acceptance, resolution.")] = "",
    kind: Annotated[
        str, typer.Option(metavar="WORDS", help="due_soon, overdue, escalated, pause_expired, cleared.")
    ] = "",
    level: Annotated[int, typer.Option(min=0, help="At least this rung of the ladder.")] = 0,
    stale: Annotated[bool, typer.Option(help="Also old news, in the digest.")] = True,
    at_once: Annotated[
        str, typer.Option(metavar="WORDS", help="Kinds told at once, or all, or none; the rest in a digest.")
    ] = "due_soon",
    digest: Annotated[Digest, typer.Option(help="When the digest comes.")] = Digest.morning,
    morning: Annotated[str, typer.Option(metavar="TIME", help="Of a working day.")] = "08:30",
    quiet: Annotated[str, typer.Option(metavar="HOURS", help="Nothing is sent then, as 22:00-07:00.")] = "",
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="The catalogue's, if not given.")] = "",
    language: Annotated[Tongue, typer.Option(help="Of the messages.")] = Tongue.en,
    line: Annotated[str, typer.Option(metavar="TEXT", help="As '{service} {issue}: {what}'.")] = "",
    account: Annotated[str, typer.Option(metavar="NAME", help="Whose it is.")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Tell a URL of alerts from now on. A test message is sent first; a webhook's secret is printed once."""
    from cli.subscriptions import run_add

    run_add(
        url,
        {
            "title": title, "at_once": at_once, "digest": digest.value, "morning": morning, "quiet": quiet,
            "time_zone": time_zone, "language": language.value, "line": line,
        },
        {
            "commitments": commitment, "services": service, "departments": department, "areas": area,
            "channels": channel, "obligations": obligation, "kinds": kind, "level": level, "stale": stale,
        },
        account=account, data=data, config=config,
    )  # fmt: skip


_All = Annotated[str | None, typer.Option(metavar="CODES", help=_EACH + " Empty: all.", show_default=False)]
_Words = Annotated[str | None, typer.Option(metavar="WORDS", help="Empty: all.", show_default=False)]
_Text = Annotated[str | None, typer.Option(metavar="TEXT", show_default=False)]


def change(
    subscription: Name,
    url: Annotated[
        str, typer.Option(metavar="URL", help="Another address; a test message goes there first.")
    ] = "",
    title: _Text = None,
    commitment: _All = None,
    service: _All = None,
    department: _All = None,
    area: _All = None,
    channel: _All = None,
    obligation: _Words = None,
    kind: _Words = None,
    level: Annotated[int | None, typer.Option(min=0, help="At least this rung.", show_default=False)] = None,
    stale: Annotated[bool | None, typer.Option(help="Also old news.", show_default=False)] = None,
    at_once: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Kinds, or all, or none.", show_default=False)
    ] = None,
    digest: Annotated[Digest | None, typer.Option(show_default=False)] = None,
    morning: Annotated[str | None, typer.Option(metavar="TIME", show_default=False)] = None,
    quiet: Annotated[
        str | None, typer.Option(metavar="HOURS", help="As 22:00-07:00, or none.", show_default=False)
    ] = None,
    time_zone: Annotated[str | None, typer.Option(metavar="ZONE", show_default=False)] = None,
    language: Annotated[Tongue | None, typer.Option(show_default=False)] = None,
    line: _Text = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Change what is given of a subscription, for what is raised from now on; its secret stays."""
    from cli.subscriptions import run_change

    run_change(
        subscription,
        url,
        {
            "title": title, "at_once": at_once, "digest": digest, "morning": morning, "quiet": quiet,
            "time_zone": time_zone, "language": language, "line": line,
        },
        {
            "commitments": commitment, "services": service, "departments": department, "areas": area,
            "channels": channel, "obligations": obligation, "kinds": kind, "level": level, "stale": stale,
        },
        data=data, config=config,
    )  # fmt: skip


def list_(format_: Format = ListFormat.table, data: Data = None, config: Config = None) -> None:
    """List all subscriptions, those by the catalogue too, with what waits and was given up."""
    from cli.subscriptions import run_list

    run_list(as_json=format_ is ListFormat.json, data=data, config=config)


def show(subscription: Name, data: Data = None, config: Config = None) -> None:
    """Print a subscription as JSON, with what could not be delivered to it."""
    from cli.subscriptions import run_show

    run_show(subscription, data=data, config=config)


def try_(subscription: Name, data: Data = None, config: Config = None) -> None:
    """Send a test message now, and say what came of it."""
    from cli.subscriptions import run_test

    run_test(subscription, data=data, config=config)


def pause(subscription: Name, data: Data = None, config: Config = None) -> None:
    """Send nothing until it is resumed."""
    from cli.subscriptions import run_pause

    run_pause(subscription, data=data, config=config)


def resume(subscription: Name, data: Data = None, config: Config = None) -> None:
    """Send again, what was held first and together; also where an answer of 410 had stopped it."""
    from cli.subscriptions import run_resume

    run_resume(subscription, data=data, config=config)


def resend(
    subscription: Name,
    message: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="One of those given up.", show_default="all")
    ] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Try what was given up again; what was settled and told since is left out."""
    from cli.subscriptions import run_resend

    run_resend(subscription, message, data=data, config=config)


def remove(subscription: Name, data: Data = None, config: Config = None) -> None:
    """Tell nothing there any more, and forget what waits."""
    from cli.subscriptions import run_remove

    run_remove(subscription, data=data, config=config)
