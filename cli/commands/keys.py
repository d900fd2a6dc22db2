"""`keys add`, `keys list` and `keys revoke`: what channels' systems may publish over HTTP."""

from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    keys = typer.Typer(
        no_args_is_help=True, rich_markup_mode="rich", help="What channels' systems may publish over HTTP."
    )
    keys.command(
        epilog=examples(
            "livelihood keys add wechat --may submit,withdraw,rate --claims 10m",
            "livelihood keys add office --may all --department works --department parks",
        )
    )(add)
    keys.command("list")(list_)
    keys.command(epilog=examples("livelihood keys revoke wechat-1"))(revoke)
    app.add_typer(keys, name="keys", rich_help_panel="Bringing requests in")


def add(
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", help="A channel of the catalogue.", show_default=False)
    ],
    may: Annotated[
        str,
        typer.Option(
            metavar="KINDS",
            help="What it may publish, with commas between, as submit,rate; or all.",
            show_default=False,
        ),
    ],
    department: Annotated[
        list[str] | None,
        typer.Option(
            metavar="D", help="Issues of this department only; may be given again.", show_default="any"
        ),
    ] = None,
    claims: Annotated[
        str | None,
        typer.Option(
            metavar="LIMIT",
            help='How far back it may claim, as 2h or "1 working_days".',
            show_default="as the catalogue allows the channel",
        ),
    ] = None,
    per_minute: Annotated[
        int, typer.Option("--per-minute", metavar="N", min=1, help="Events a minute before it must wait.")
    ] = 6_000,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Names the key in lists.", show_default="channel and a number"),
    ] = None,
    sees_personal: Annotated[
        bool, typer.Option("--sees-personal", help="It may read what its people said of themselves.")
    ] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Give a channel's system a key. Its token is printed once, and kept nowhere.

    With the first key the server is open to nobody without one. Running servers know it within seconds.
    """  # fmt: skip
    from cli.keys import run_add

    run_add(
        channel, may, department or [], claims, per_minute, name,
        sees_personal=sees_personal, data=data, config=config,
    )  # fmt: skip


def list_(
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print them.")] = ListFormat.table,
    data: Data = None,
    config: Config = None,
) -> None:
    """List keys: what each may, and when it was last used."""
    from cli.keys import run_list

    run_list(format_, data=data, config=config)


def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    data: Data = None,
    config: Config = None,
) -> None:
    """Take a key back. Running servers refuse it within seconds."""
    from cli.keys import run_revoke

    run_revoke(name, data=data, config=config)
