"""`asyncapi`: what the topics of the distributed engine carry."""

import typer

from cli.options import Config, examples

_PANEL = "Setting up"


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=_PANEL, epilog=examples("livelihood asyncapi > asyncapi.json"))(asyncapi)


def asyncapi(config: Config = None) -> None:
    """Describe Kafka's topics as AsyncAPI 3.1, in JSON: payloads, keys, and how each is kept."""
    import json

    from cli.asyncapi import describe
    from cli.settings import load

    print(json.dumps(describe(load(config).settings), indent=2, ensure_ascii=False))
