"""`worker`: one of the processes that work on Kafka's partitions."""

from typing import Annotated

import typer

from cli.options import Config, Data, examples

_PANEL = "Kafka and Redis"


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        rich_help_panel=_PANEL,
        epilog=examples("livelihood worker", "livelihood worker --web-port 6067"),
    )(worker)


def worker(
    web_port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            help="Where /healthz, /readyz and /metrics are; 0: nowhere. By default 6066.",
        ),
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Work on a share of Kafka's partitions, together with the other workers; stop with Ctrl-C.

    As many as there are partitions have something to do. What one was at when it ended, however it did,
    another goes on with.
    """
    from cli.working import run_worker

    run_worker(web_port, data=data, config=config)
