"""`catalogue check` and `catalogue publish`: what is promised."""

import typer

from cli.options import Config, Data, ExistingFile, examples


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    catalogue = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="What is promised: services, standards, commitments.",
    )
    catalogue.command("check", epilog=examples("livelihood catalogue check catalogue.toml"))(check)
    catalogue.command("publish", epilog=examples("livelihood catalogue publish catalogue.toml"))(publish)
    app.add_typer(catalogue, name="catalogue", rich_help_panel="Setting up")


def check(file: ExistingFile) -> None:
    """Check a catalogue file, and list everything wrong with it."""
    from cli.catalogues import run_check

    run_check(file)


def publish(file: ExistingFile, data: Data = None, config: Config = None) -> None:
    """Publish a version of the catalogue; from there on it applies.

    A version that is in force earlier than now needs a reason in its file: correction = "...".
    """
    from cli.catalogues import run_publish

    run_publish(file, data=data, config=config)
