"""`livelihood verify`: what is kept, compared with a recount of the log."""

from collections.abc import Iterator
from pathlib import Path

import typer
from rich.progress import Progress, TaskID

from cli.engine import Engine, open_engine, open_reading
from cli.failures import MISSING, REFUSED, Failure, sentence
from cli.moments import moment_text, parse_moment
from cli.settings import load
from cli.terminal import add_bar, answers, notes, progress_bars
from cli.work import ends_of, is_behind
from livelihood.instants import Instant, to_datetime
from livelihood.measures import ELAPSED, SUMS, WORKING
from streams.recounting import About, Cell
from streams.verifying import OnRead, Unsettled, Verified, verify

#: Ids that are named where something is wrong with several.
_NAMED = 3


def run_verify(as_of: str | None, *, data: Path | None, config: Path | None) -> None:
    """Verify the engine the settings name; ends with status 1 where something differs."""
    settings = load(config, data=data).settings
    # One that is opened to append would be made where it is missing.
    open_reading(settings).close()
    with open_engine(settings) as engine:
        at = None if as_of is None else parse_moment(as_of, engine.zone, "--as-of")
        if not is_verified(engine, at):
            raise typer.Exit(REFUSED)


def is_verified(engine: Engine, as_of: Instant | None = None) -> bool:
    """Compare all partitions with the log and say what was found; whether all is as it must be."""
    found: list[Verified] = []
    with progress_bars(notes()) as bars:
        task = add_bar(bars, "verifying", "records")
        for partition in range(engine.reader.partitions):
            told = _told(bars, task, partition, engine.reader.partitions)
            try:
                one = verify(engine.log, engine.reader, engine.topics, partition, as_of, told)
            except Unsettled as error:
                raise Failure(sentence(str(error)), MISSING) from None
            found.append(one)
    console = answers()
    issues, cells = sum(one.issues for one in found), sum(one.cells for one in found)
    when = "" if as_of is None else f", as of {moment_text(as_of, engine.zone)}"
    console.print(f"{issues:,} issues counted again from the log{when}.")
    if all(one.well for one in found):
        console.print(f"All {cells:,} cells of the tables are equal.")
        if as_of is None:
            alerts = sum(one.alerts for one in found)
            console.print(f"All {alerts:,} alerts were told once, and none is missing.")
    for one in found:
        for text in _wrong(one):
            console.print(f"Partition {one.partition}: {text}", style="red", soft_wrap=True)
    if is_behind(engine, ends_of(engine)):
        console.print("What nobody has worked on yet was left out.", style="yellow")
    return all(one.well for one in found)


def _told(bars: Progress, task: TaskID, partition: int, partitions: int) -> OnRead:
    # How much each partition holds is known when its turn has come; each gets as much of the bar.
    def tell(done: int, of: int) -> None:
        bars.update(task, completed=partition * of + done, total=partitions * of)

    return tell


def _wrong(one: Verified) -> Iterator[str]:
    """What is wrong with a partition, in sentences."""
    if one.differences:
        first = one.differences[0]
        yield (
            f"{len(one.differences):,} of {one.cells:,} cells differ. The first, in the {first.kept_in}:"
            f" {cell_text(first.cell)}: {first.stored:,} stored, {first.recounted:,} recounted."
        )
    if one.missing:
        yield f"Alerts that are missing: {len(one.missing):,}. The first: {_alert_text(one.missing[0])}."
    if one.repeated:
        yield f"Alerts that were told more than once: {len(one.repeated):,}: {_ids(one.repeated)}."
    if one.numbers:
        channel, number, issue = one.numbers[0]
        yield (
            f"Numbers by which issues are found, missing or left over: {len(one.numbers):,}. The first:"
            f" {number} of {channel}, for {issue}."
        )
    if one.failed:
        said = "livelihood dead-letters says why"
        yield f"Issues that cannot be worked on: {len(one.failed):,}: {_ids(one.failed)}; {said}."


def cell_text(cell: Cell) -> str:
    """Which cell it is, in words."""
    dimensions, month, number = cell
    row = " ".join(f"{name}={value}" for name, value in dimensions._asdict().items() if value)
    if number >= ELAPSED:
        kind = "working" if number >= WORKING else "elapsed"
        measure = f"times to resolve ({kind}), bucket {number - (WORKING if kind == 'working' else ELAPSED)}"
    else:
        measure = SUMS[number]
    return f"{row}, {month or 'now'}, {measure}"


def _alert_text(about: About) -> str:
    issue, obligation, kind, level, due, _ = about
    what = f"{kind} {level}" if level else kind
    return f"{what} of {issue}, {obligation} due {to_datetime(due):%Y-%m-%d %H:%M} UTC"


def _ids(ids: list[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (", ..." if len(ids) > _NAMED else "")
