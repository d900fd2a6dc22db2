"""Entry point of the `livelihood` command."""

import typer

app = typer.Typer(no_args_is_help=True, help="A live tracker for livelihood commitments.")


@app.callback()
def _root() -> None:
    """A live tracker for livelihood commitments."""


def main() -> None:
    """Run the command line; the exit status is the process's."""
    app()
