"""`livelihood import` seen from outside: what it was asked, and the report at its end."""

import time
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from cli.engine import open_engine
from cli.failures import REFUSED
from cli.importing import find_mapping, import_table
from cli.moments import length_text, moment_text, parse_moment
from cli.settings import load
from cli.terminal import answers, notes
from livelihood.instants import SECOND
from producers.reports import LISTED, Report

#: What refused and doubtful rows are called in the mapping's page, for people.
_WORDS = {
    "unreadable_row": "unreadable line",
    "wrong_columns": "cells too few or too many",
    "undecodable": "in another encoding",
    "missing_id": "no id",
    "bad_id": "an id that cannot be one",
    "duplicate_id": "an id that an earlier line had, with other content",
    "missing_time": "no opening time",
    "unreadable_time": "a time in no known format",
    "closed_before_opened": "closed before it was opened",
    "closed_without_time": "closed, but not when",
    "in_the_future": "in the future",
    "missing_service": "no service",
    "missing_channel": "no channel",
    "unknown_status": "a status the mapping does not have",
    "target_far": "a target many years ahead",
    "target_before_opening": "a target before the opening",
    "open_with_closing_time": "open, with a closing time",
    "point_out_of_bounds": "a place outside the bounds",
}


def run_import(
    file: Path,
    mapping_name: str,
    until: str | None,
    rejects: Path | None,
    *,
    abandon: bool,
    anyway: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Import a table and print the report; ends with status 1 where rows were refused."""
    settings = load(config, data=data).settings
    mapping, mapping_path = find_mapping(mapping_name)
    started = time.monotonic()
    with open_engine(settings) as engine:
        zone = engine.zone if engine.published else mapping_zone(mapping.time_zone)
        stop = None if until is None else parse_moment(until, zone, "--until")
        report, appended = import_table(
            engine,
            file,
            mapping,
            mapping_path,
            notes(),
            until=stop,
            abandon=abandon,
            anyway=anyway,
            rejects=rejects,
        )
        took = round((time.monotonic() - started) * SECOND)
        console = answers()
        print_report(console, report, file.name)
        console.print(f"\n{appended:,} events published and worked on in {length_text(took)}.")
        if stop is not None and appended:
            console.print(f"The import stands at {moment_text(stop, zone)}; without --until it goes on.")
        console.print(f"livelihood table{_data_option(data)} shows how things stand.", style="bright_black")
    if report.refused:
        raise typer.Exit(REFUSED)


def mapping_zone(name: str) -> ZoneInfo:
    """The zone of a mapping, which has been checked."""
    return ZoneInfo(name)


def _data_option(data: Path | None) -> str:
    return "" if data is None else f" --data {data}"


def print_report(console: Console, report: Report, name: str) -> None:
    """What became of the rows of a table."""
    resumed = ", going on with an interrupted import" if report.resumed else ""
    console.print(f"[bold]{name}[/bold] {report.rows:,} rows{resumed}")
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=12)
    table.add_column(justify="right", min_width=8)
    table.add_column(overflow="fold")
    counts = [
        ("new", report.new, ""),
        ("unchanged", report.unchanged, "imported before; nothing happens"),
        ("continued", report.continued, "closed since, or open again"),
        ("corrected", report.corrected, "cells changed since; old and new are kept"),
        ("repeated", report.repeated, "the same row a second time in this file"),
        ("refused", sum(report.refused.values()), ""),
    ]
    for what, count, why in counts:
        if count or what in ("new", "unchanged", "corrected", "refused"):
            style = "red" if what == "refused" and count else "" if count else "bright_black"
            table.add_row(f"  {what}", f"{count:,}", why if count else "", style=style)
        if what == "refused":
            for reason, number in _by_count(report.refused):
                table.add_row("", f"{number:,}", _WORDS.get(reason, reason), style="red")
    console.print(table)
    if report.rejects:
        console.print(f"Refused rows are listed in {report.rejects}", soft_wrap=True)
    if report.doubts:
        print_doubts(console, report)
    for part, codes in report.unknown.items():
        most = ", ".join(f"{code} ({number:,})" for code, number in _by_count(codes)[:5])
        rest = f" and {len(codes) - 5:,} more" if len(codes) > 5 else ""
        console.print(f"Not in the catalogue: {part} {most}{rest}", style="yellow")


def print_doubts(console: Console, report: Report) -> None:
    """What was imported though it is strange."""
    said = ", ".join(
        f"{number:,} with {_WORDS.get(doubt, doubt)}" for doubt, number in _by_count(report.doubts)
    )
    console.print(f"Imported though strange: {said}", style="yellow")
    lines = ", ".join(str(line) for line, _, _ in report.doubtful[:8])
    more = ", …" if sum(report.doubts.values()) > min(8, LISTED) else ""
    console.print(f"  on lines {lines}{more}", style="bright_black")


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
