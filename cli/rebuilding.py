"""`livelihood rebuild`: everything that follows from the log, made anew from it."""

from collections.abc import Sequence
from pathlib import Path

import typer

from cli.engine import Engine, discard, open_engine
from cli.failures import REFUSED, USAGE, Failure, going_on
from cli.settings import load
from cli.terminal import add_bar, answers, notes, progress_bars
from cli.verifying import is_verified
from cli.work import work_through
from streams.worker import Worker

_GO_ON = "Stopped. The log is whole: whoever works next makes the rest from it, or the same command again."


def run_rebuild(*, yes: bool, data: Path | None, config: Path | None) -> None:
    """Discard what was made from the log and make it again; ends with a verification."""
    settings = load(config, data=data).settings
    if not yes:
        notes().print(
            f"This discards the tables of {settings.place} and makes them again from the log; until that is"
            " done they are incomplete. Nobody is told anything twice.",
            soft_wrap=True,
        )
        if not typer.confirm("Rebuild?", err=True):
            raise Failure("Nothing was changed.", USAGE)
    discard(settings)
    with open_engine(settings) as engine, going_on(_GO_ON):
        with engine.alone() as workers:
            work(engine, workers, "rebuilding")
        records = sum(
            engine.reader.position(number).next_offset for number in range(engine.reader.partitions)
        )
        answers().print(f"Rebuilt from {records:,} records.")
        if not is_verified(engine):
            raise typer.Exit(REFUSED)


def work(engine: Engine, workers: Sequence[Worker], name: str) -> None:
    """Work through all partitions, one after the other, with a bar from here to the end."""
    ends = [engine.log.end(partition) for partition in range(len(workers))]
    with progress_bars(notes()) as bars:
        task = add_bar(bars, name, "records")
        for partition, worker in enumerate(workers):
            before = sum(ends[:partition])

            def told(done: int, _: int, before: int = before) -> None:
                bars.update(task, completed=before + done, total=sum(ends))

            work_through(engine, worker, told, partition)
