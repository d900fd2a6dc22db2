"""Entry point of the `livelihood` command: its commands, and what becomes of errors."""

import os
import sys
from importlib.metadata import version
from inspect import getdoc
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.commands import (
    accounts,
    acting,
    catalogues,
    demo,
    folders,
    keys,
    lists,
    personal,
    setup,
    stack,
    standards,
    subscriptions,
    tables,
    topics,
    upkeep,
    webhooks,
    worker,
    writing,
)
from cli.failures import INTERRUPTED, WELL, Failure, debugging, failure_of


class Guarded(TyperGroup):
    """Turns errors into a line that says what to do, and into the exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has seen enough. Nothing more may be written at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(WELL) from None
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, typer.Exit | _WRONG_USAGE) or debugging():
                raise
            failure = failure_of(error)
            say(failure)
            raise typer.Exit(failure.status) from None


#: What typer itself makes an end of: wrong usage among it. The class has no public name of its own.
_WRONG_USAGE = typer.BadParameter.__mro__[2]


def say(failure: Failure) -> None:
    """Print a failure's message for the person."""
    from rich.text import Text

    from cli.terminal import notes

    console = notes()
    style = "" if failure.status in (WELL, INTERRUPTED) else "red"
    # Where nobody looks at a terminal a path stays on its line.
    console.print(Text(failure.message, style), soft_wrap=not console.is_terminal)


app = typer.Typer(
    cls=Guarded,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livelihood {version('livelihood')}")
        raise typer.Exit(WELL)


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """A live tracker for livelihood commitments: every request, its deadline, an honest on-time rate.

    Exit statuses: 0 well, 1 some input refused, 2 wrong usage, 3 something is missing or busy.
    """


def _on_long_lines(group: typer.Typer) -> None:
    """Have each paragraph of a command's help as wide as the terminal, not as its lines are here."""
    for command in group.registered_commands:
        paragraphs = (getdoc(command.callback) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _on_long_lines(inner.typer_instance)


for module in (
    demo,
    tables,
    lists,
    writing,
    acting,
    standards,
    subscriptions,
    setup,
    catalogues,
    folders,
    accounts,
    upkeep,
    personal,
    topics,
    stack,
    worker,
    keys,
    webhooks,
):
    module.add_to(app)
_on_long_lines(app)


def main() -> None:
    """Run the command line; the exit status is the process's."""
    app(prog_name="livelihood")
