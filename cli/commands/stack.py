"""`stack`: Kafka and Valkey of this machine, and the topics on any Kafka."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Config, Data, ListFormat, examples

_PANEL = "Kafka and Redis"

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="FOLDER",
        file_okay=False,
        help="Where the servers keep their data and logs. By default stack in the data folder.",
    ),
]
KafkaPort = Annotated[
    int | None,
    typer.Option(metavar="PORT", min=1, max=65535, help="Kafka's. By default a free one, then the same."),
]
RedisPort = Annotated[
    int | None,
    typer.Option(metavar="PORT", min=1, max=65535, help="Valkey's. By default a free one, then the same."),
]
VaultPort = Annotated[
    int | None,
    typer.Option(metavar="PORT", min=1, max=65535, help="The vault's Valkey's. By default a free one."),
]

Replication = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="On how many brokers new topics are kept.")
]
MinInsync = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="How many of them must have a record before it counts.")
]


class FsyncChoice(StrEnum):
    """When Valkey's append-only file reaches the disk."""

    always = "always"
    everysec = "everysec"
    no = "no"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    stack = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Kafka and Valkey of this machine, where there is no Docker; topics.",
    )
    stack.command(
        epilog=examples("livelihood stack up", 'eval "$(livelihood stack up --folder /srv/stack)"')
    )(up)
    stack.command(epilog=examples("livelihood stack down"))(down)
    stack.command(epilog=examples("livelihood stack status", "livelihood stack status --format json"))(status)
    stack.command(epilog=examples("livelihood stack init", "livelihood stack init --partitions 32"))(init)
    stack.command(epilog=examples("livelihood stack rekey --to livelihood-2 --partitions 32"))(rekey)
    app.add_typer(stack, name="stack", rich_help_panel=_PANEL)


def up(
    folder: Folder = None,
    kafka_port: KafkaPort = None,
    redis_port: RedisPort = None,
    vault_port: VaultPort = None,
    fsync: Annotated[
        FsyncChoice,
        typer.Option(help="When Valkey writes to the disk: before it acknowledges, each second, or never."),
    ] = FsyncChoice.always,
    data: Data = None,
    config: Config = None,
) -> None:
    """Start Kafka and Valkey, make the topics, and have the commands of this data folder use them.

    A second Valkey keeps keys and accounts apart from the rest. What runs already is left as it is. The first
    time, Kafka is fetched (45 MB). All go on when the terminal is closed, and listen to this machine only.
    """
    from cli.stack import run_up

    run_up(
        folder=folder,
        data=data,
        config=config,
        kafka_port=kafka_port,
        redis_port=redis_port,
        vault_port=vault_port,
        fsync=fsync.value,
    )


def down(folder: Folder = None, data: Data = None, config: Config = None) -> None:
    """End Kafka and both Valkeys in order. Their data stay, and so do the settings."""
    from cli.stack import run_down

    run_down(folder=folder, data=data, config=config)


def status(
    format_: Annotated[ListFormat, typer.Option("--format", help="How to print it.")] = ListFormat.table,
    folder: Folder = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show versions, addresses, processes, what is on disk, and whether all answer."""
    from cli.stack import run_status

    run_status(format_.value, folder=folder, data=data, config=config)


def init(
    partitions: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Of the log: no more workers than these. By default 4."),
    ] = None,
    replication: Replication = None,
    min_insync: MinInsync = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make the topics on the Kafka that is set, and put right how they are kept.

    Running it again changes nothing. A log that holds records keeps its number of partitions.
    """
    from cli.topics import run_init

    run_init(
        partitions=partitions,
        replication=replication,
        min_insync=min_insync,
        data=data,
        config=config,
    )


def rekey(
    to: Annotated[str, typer.Option("--to", metavar="PREFIX", help="What the new topics' names begin with.")],
    partitions: Annotated[int, typer.Option(metavar="N", min=1, help="Of the new log.")],
    replication: Replication = None,
    min_insync: MinInsync = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Copy the log to topics with another number of partitions, for more workers than it has now.

    Nobody may work or publish meanwhile. The old topics stay as they are until you delete them.
    """
    from cli.topics import run_rekey

    run_rekey(
        to,
        partitions=partitions,
        replication=replication,
        min_insync=min_insync,
        data=data,
        config=config,
    )
