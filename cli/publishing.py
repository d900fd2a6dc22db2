"""`livelihood publish`: events in, from lines."""

import sys
from pathlib import Path
from typing import BinaryIO

import typer
from rich.console import Console
from rich.text import Text

from cli.engine import Engine, open_engine
from cli.failures import REFUSED, USAGE, Failure, going_on
from cli.listing import orphans
from cli.settings import load
from cli.terminal import answers, notes
from cli.work import working
from producers.jsonlines import BadLine, Published, publish_lines
from producers.known import facts_of

#: What a code that the catalogue does not have means for the tables.
_COUNTED = {
    "service": "nothing is promised for them",
    "channel": "as if a person had asked",
    "area": "in the area 'other'",
}
_GO_ON = "Stopped. What was accepted is safe; publishing the same lines again changes nothing twice."


def run_publish(file: Path, *, data: Path | None, config: Path | None) -> None:
    """Publish lines and print what became of them; ends with status 1 where some were refused."""
    settings = load(config, data=data).settings
    with _opened(file) as stream, open_engine(settings) as engine:
        if not engine.published:
            notes().print(
                "No catalogue is published here yet: requests are counted, but nothing is promised for them."
            )
        with going_on(_GO_ON):
            result, without = _publish(engine, stream)
    console = answers()
    console.print(
        f"{result.accepted:,} accepted, {result.repeated:,} there before, {result.refused:,} refused",
        style="red" if result.refused else "",
    )
    for (part, code), count in sorted(result.unknown.items()):
        console.print(
            f"{count:,} name the {part} {code!r}, which the catalogue does not have: they are counted, but"
            f" {_COUNTED[part]}",
            style="yellow",
        )
    if without:
        console.print(f"{without:,} not submitted, so counted in no table: livelihood orphans lists them")
    if result.refused:
        raise typer.Exit(REFUSED)


def _publish(engine: Engine, stream: BinaryIO) -> tuple[Published, int]:
    """What became of the lines, and how many issues are orphans by them."""
    complaints = notes()

    def refuse(bad: BadLine) -> None:
        say_bad(complaints, bad)

    with working(engine, complaints) as work:
        # What is in the log but not yet worked on could not be recognised as repeated.
        work.catch_up()
        before = set(orphans(engine))

        def step(_: int) -> None:
            work.step()

        result = publish_lines(
            stream,
            log=engine.log,
            facts=facts_of(engine.reader),
            clock=engine.clock,
            seal=engine.seal,
            on_bad=refuse,
            catalogue=engine.published[-1] if engine.published else None,
            progress=step,
        )
        work.catch_up()
        without = len(set(orphans(engine)) - before)
    return result, without


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}.", USAGE) from None


def say_bad(console: Console, bad: BadLine) -> None:
    """Name a bad line and what was expected."""
    where = f"line {bad.line}" + (f", {bad.field}" if bad.field else "")
    console.print(Text.assemble((f"{where}: ", "red"), bad.message), soft_wrap=True)
