"""`livelihood table`: a table read, and shown to people or programs, once or as it changes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from cli.engine import Reading, open_reading, system_clock
from cli.failures import LOOKED, USAGE, Failure, going_on
from cli.moments import moment_text, parse_moment
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, notes, plain
from cli.views import LinesTable, heading, projects_table
from cli.work import note_idle, note_unworked
from consumers.objects import csv_text, table_objects
from consumers.projects import read_projects
from consumers.tables import Query, open_imports, read_table
from livelihood.catalogue import ALL
from livelihood.instants import Instant
from livelihood.periods import parse_period
from livelihood.projects import ProjectProgress
from livelihood.rollup import BREAKDOWNS, Line
from livelihood.snapshots import of_one_moment


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for, in the person's words."""

    commitment: str | None = None
    by: Sequence[str] = ()
    period: str = "all"
    as_of: str | None = None
    known_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A table that was read."""

    query: Query
    lines: list[Line]
    projects: dict[str, ProjectProgress]
    #: What the table stands for.
    as_of: Instant


def show_table(asked: Asked, format_: str, *, follow: bool, data: Path | None, config: Path | None) -> None:
    """Print the table; with `follow`, again whenever it changes."""
    settings = load(config, data=data).settings
    if follow and format_ == "csv":
        raise Failure("--follow: CSV is one table; use --format json, which prints one a line.", USAGE)
    if follow and not (asked.as_of is None and asked.known_at is None):
        option = "--known-at" if asked.as_of is None else "--as-of"
        raise Failure(
            f"--follow: what was so at an instant does not change as time passes; leave {option} out.", USAGE
        )
    with open_reading(settings) as reading:
        # People are shown counts and rates only.
        query = query_of(reading, asked, instants=format_ != "table")
        note_unworked(reading, notes())
        if not follow:
            _print(reading, read(reading, query), format_)
            return
        note_idle(reading, notes())
        with going_on(LOOKED):
            if format_ == "json":
                for shown in _changes(reading, query, settings.follow_seconds):
                    plain(json_text(_objects(reading, shown), indent=None))
            else:
                _follow(reading, query, settings.follow_seconds)


def query_of(reading: Reading, asked: Asked, *, instants: bool = True) -> Query:
    """The query a person's words mean; Failure says which word is wrong."""
    zone, version = reading.zone, reading.catalogue.latest
    by = list(dict.fromkeys(name.strip() for part in asked.by for name in part.split(",") if name.strip()))
    for name in by:
        if name not in BREAKDOWNS:
            raise Failure(f"--by: no table is kept by {name!r}; choose from {', '.join(BREAKDOWNS)}.", USAGE)
    known = [ALL, *version.commitments, *version.projects]
    if asked.commitment is not None and asked.commitment not in known:
        close = get_close_matches(asked.commitment, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else "livelihood table lists them all."
        raise Failure(f"There is no commitment {asked.commitment!r}; {hint}", USAGE)
    try:
        period = parse_period(asked.period, zone.key)
    except ValueError as error:
        raise Failure(f"--period: {error}.", USAGE) from None
    return Query(
        period=period,
        commitment=asked.commitment,
        by=by,
        as_of=None if asked.as_of is None else parse_moment(asked.as_of, zone, "--as-of"),
        known_at=None if asked.known_at is None else parse_moment(asked.known_at, zone, "--known-at"),
        instants=instants,
    )


def read(reading: Reading, query: Query) -> Shown:
    """The table, all of it of one moment."""
    return of_one_moment(reading.reader, lambda: _read(reading, query))


def _read(reading: Reading, query: Query) -> Shown:
    version = reading.catalogue.latest
    as_of = query.known_at if query.as_of is None else query.as_of
    if as_of is None:
        # Where nothing has been worked on yet it is of now that there is nothing.
        as_of = reading.stands_at or system_clock()
    lines = read_table(reading.reader, reading.catalogue, query)
    projects = {}
    if version.projects and not query.by:
        found = read_projects(reading.reader, reading.catalogue, as_of, query.known_at)
        projects = {code: one for code, one in found.items() if query.commitment in (None, code)}
    if query.commitment in version.projects:
        lines = lines[:1]
    return Shown(query=query, lines=lines, projects=projects, as_of=as_of)


def view(reading: Reading, shown: Shown, *, most: int | None = None) -> RenderableType:
    """The table as people read it; with `most`, so many lines of it, the largest."""
    version, zone, query = reading.catalogue.latest, reading.zone, shown.query
    parts: list[RenderableType] = [
        heading(version, query.period.text, shown.as_of, zone, query.known_at),
        LinesTable(version, shown.lines, query.by, most=most),
    ]
    if not (version.commitments or version.projects):
        parts.append(Text("No commitment is published yet; docs/catalogue.md says how.", "yellow"))
    if shown.projects:
        parts.append(projects_table(version, shown.projects, zone))
    if query.as_of is None and query.known_at is None:
        for name, at in open_imports(reading.reader).items():
            parts.append(Text(f"The import {name} stands at {moment_text(at, zone)}.", style="yellow"))
    return Group(*parts)


def _objects(reading: Reading, shown: Shown) -> list[dict[str, Any]]:
    return table_objects(shown.lines, shown.projects, shown.query.by, reading.catalogue.latest)


def _print(reading: Reading, shown: Shown, format_: str) -> None:
    if format_ == "json":
        plain(json_text(_objects(reading, shown)))
    elif format_ == "csv":
        plain(csv_text(_objects(reading, shown)))
    else:
        answers().print(view(reading, shown))


def _changes(reading: Reading, query: Query, seconds: float) -> Iterator[Shown]:
    """The table now, and again whenever something was worked on."""
    seen = None
    while True:
        position = [reading.reader.position(number).sequence for number in range(reading.reader.partitions)]
        if position != seen:
            seen = position
            yield read(reading, query)
        time.sleep(seconds)


def _follow(reading: Reading, query: Query, seconds: float) -> None:
    console = answers()
    if not console.is_terminal:
        for shown in _changes(reading, query, seconds):
            console.print(view(reading, shown))
        return
    with Live(console=console, auto_refresh=False) as live:
        for shown in _changes(reading, query, seconds):
            live.update(view(reading, shown, most=max(console.height - _AROUND, 5)), refresh=True)


#: Lines a followed table needs beside its own.
_AROUND = 8
