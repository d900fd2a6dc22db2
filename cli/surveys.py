"""`livelihood standards infer` and `livelihood mapping draft`: a first look at a city's table."""

from pathlib import Path
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from cli.failures import MISSING, USAGE, Failure
from cli.importing import find_mapping
from cli.terminal import add_bar, answers, notes, plain, progress_bars
from cli.views import clipped, percent
from livelihood.inference import Fit
from producers.catalogue_draft import catalogue_toml
from producers.draft import draft_mapping
from producers.mapping import Mapping
from producers.parts import code_of
from producers.survey import Survey, infer_standards, survey

#: From this width on there is room for the standards that explain as much.
_WIDE_COLUMNS = 110


def run_infer(file: Path, mapping_name: str, format_: str, output: Path | None) -> None:
    """Infer standards and print them, as a table or as a catalogue."""
    mapping, _ = find_mapping(mapping_name)
    found, fits = surveyed(file, mapping)
    if format_ == "toml":
        write(catalogue_toml(found, fits), output)
        return
    if output is not None:
        raise Failure("--output writes a catalogue; use it with --format toml.", USAGE)
    console = answers()
    console.print(_table(found, fits, others=console.width >= _WIDE_COLUMNS))
    cases, explained = sum(one.cases for one in fits), sum(one.explained for one in fits if one.limit)
    without = sum(one.limit is None for one in fits)
    if cases:
        console.print(
            f"{explained:,} of {cases:,} stated deadlines ({percent(explained / cases)}) follow these"
            f" standards; {without:,} of {len(fits):,} services have none."
        )
    else:
        console.print(
            f"The table states no deadline in {len(found.cases):,} requests, so none can be inferred."
        )
    if found.rejected:
        were = "row could not be read and was" if found.rejected == 1 else "rows could not be read and were"
        console.print(f"{found.rejected:,} {were} left out.", style="yellow")


def surveyed(file: Path, mapping: Mapping) -> tuple[Survey, list[Fit]]:
    """A table read whole, and the standards behind its deadlines."""
    with progress_bars(notes()) as bars:
        task = add_bar(bars, "reading", "kB", 1e3)
        found = survey(file, mapping, lambda done, total: bars.update(task, completed=done, total=total))
    return found, infer_standards(found)


def _table(found: Survey, fits: list[Fit], *, others: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 1))
    table.add_column("service", min_width=18)
    table.add_column("standard", no_wrap=True, min_width=len("14 days_then_next_working"))
    for name in ("explains", "of", "without"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    if others:
        table.add_column("as well", style="bright_black")
    for one in fits:
        share = one.explained / one.cases if one.cases else 0
        style = "green" if share >= 0.95 else "" if share >= 0.8 else "yellow"
        table.add_row(
            clipped(found.title("service", one.service)),
            Text("none", style="yellow") if one.limit is None else Text(str(one.limit)),
            Text(percent(share), style=style) if one.cases else Text("–", "bright_black"),
            f"{one.cases:,}",
            f"{one.without_target:,}" if one.without_target else "",
            *([clipped(", ".join(map(str, one.equally)))] if others else []),
        )
    return table


def run_draft(
    file: Path, time_zone: str, name: str | None, encoding: str | None, output: Path | None
) -> None:
    """Draft a mapping and print it."""
    write(draft(file, time_zone, name, encoding), output)


def draft(file: Path, time_zone: str, name: str | None, encoding: str | None = None) -> str:
    """A first mapping of a table; Failure for a zone that is none."""
    check_zone(time_zone, "--time-zone")
    stem = file.name.partition(".")[0]
    return draft_mapping(
        file, name=name or (code_of(stem) or "table")[:40], time_zone=time_zone, encoding=encoding
    )


def check_zone(name: str, option: str) -> None:
    """Failure for a time zone that is none."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Failure(
            f"{option}: there is no time zone {name!r}; write for instance America/New_York.", USAGE
        ) from None


def write(text: str, output: Path | None) -> None:
    """Write a text to a file, or print it."""
    if output is None:
        plain(text)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}.", MISSING) from None
    notes().print(f"Wrote {output}.")
