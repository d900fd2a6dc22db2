"""`livelihood init`: the first files of a new place, from a few answers and perhaps a table."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from cli.failures import REFUSED, USAGE, Failure
from cli.importing import CATALOGUE_FILE, MAPPING_FILE
from cli.surveys import check_zone, draft, surveyed
from cli.terminal import answers, is_person, notes
from livelihood.catalogue_reading import parse_catalogue
from livelihood.tables import SHIPPED
from producers.catalogue_draft import catalogue_toml
from producers.mapping import MappingError, parse_mapping
from producers.tables import TableError
from producers.toml_text import toml_value

#: For someone who has no table yet: every part once, to be replaced.
_TEMPLATE = """\
# What is promised here. `livelihood catalogue check {file}` says what is wrong with it,
# `livelihood catalogue publish {file}` puts it in force.
version = "1"
title = {title}
time_zone = {zone}
calendar = "office"

[calendars.office]
include = {calendar}
opening = {{mon-fri = ["09:00-17:00"]}}
# cut_off = "17:00"  # what comes in later counts from the next working day

[channels]
hotline = {{title = "Hotline", origin = "person"}}
counter = {{title = "Counter", origin = "person"}}
inspection = {{title = "Inspection", origin = "staff"}}

[departments]
roads = {{title = "Road Maintenance", recipients = []}}

[areas]
centre = {{title = "Centre"}}

# One entry for each kind of request: who does it, and by which standard.
[services]
pothole = {{title = "Pothole", department = "roads", standard = "pothole"}}

# Limits: "2 working_days", "14 days_then_next_working", "120 calendar", "4h working_hours".
[standards.pothole]
resolution = "2 working_days"
acceptance = "4h working_hours"

[commitments.roads]
title = "A pothole is repaired within two working days"
to = "everyone"
services = ["pothole"]
target = 0.95
"""
_COMMITMENT = """
# Nothing in the table groups services, so this is one commitment for all that have a standard.
[commitments.all-standards]
title = "Every service with a standard"
services = {services}
target = 0.9
"""


def run_init(
    folder: Path,
    time_zone: str | None,
    calendar: str | None,
    table: Path | None,
    title: str | None,
    encoding: str | None,
    *,
    ask: bool,
    force: bool,
) -> None:
    """Ask for what is missing, and write the files."""
    if ask and is_person():
        title = title or typer.prompt("Name of the place", default="My city")
        time_zone = time_zone or _asked_zone()
        calendar = calendar or typer.prompt(f"Holidays: {', '.join(SHIPPED)}", default="monday-friday")
        table = table or _asked_table()
    if time_zone is None:
        raise Failure("--time-zone is needed, for instance --time-zone America/New_York.", USAGE)
    check_zone(time_zone, "--time-zone")
    calendar = calendar or "monday-friday"
    if calendar not in SHIPPED:
        raise Failure(f"--calendar: {calendar!r} is not shipped; choose from {', '.join(SHIPPED)}.", USAGE)
    mapping_file, catalogue_file = folder / MAPPING_FILE, folder / CATALOGUE_FILE
    for file in [catalogue_file, *([mapping_file] if table else [])]:
        if file.exists() and not force:
            raise Failure(f"{file} is there already; --force writes over it.", REFUSED)
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = _TEMPLATE.format(
        file=catalogue_file,
        title=toml_value(title or "My city"),
        zone=toml_value(time_zone),
        calendar=toml_value(calendar),
    )
    if table is not None:
        mapping = _mapping(table, time_zone, calendar, title, encoding)
        mapping_file.write_text(mapping, "utf-8")
        catalogue = _from_table(table, mapping, notes()) or catalogue
    catalogue_file.write_text(catalogue, "utf-8")
    console = answers()
    _say_next(console, catalogue_file, mapping_file if table else None, table)
    if not parse_catalogue(catalogue).commitments:
        console.print(
            f"The table states no deadlines, so {catalogue_file} promises nothing yet: write standards and"
            " commitments into it before you publish it; docs/catalogue.md says how.",
            style="yellow",
            soft_wrap=True,
        )


def _asked_zone() -> str:
    while True:
        zone: str = typer.prompt("Time zone", default=_local_zone())
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            typer.echo(f"There is no time zone {zone!r}; write for instance America/New_York.", err=True)
        else:
            return zone


def _local_zone() -> str:
    """This machine's zone, where it can be told."""
    target = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    return os.environ.get("TZ") or target or "UTC"


def _asked_table() -> Path | None:
    while True:
        text: str = typer.prompt(
            "A table of requests to learn from (empty: none)", default="", show_default=False
        )
        if not text:
            return None
        path = Path(text).expanduser()
        if path.is_file():
            return path
        typer.echo(f"There is no file {text}.", err=True)


def _mapping(table: Path, time_zone: str, calendar: str, title: str | None, encoding: str | None) -> str:
    """The drafted mapping, with what was said about the place put in."""
    text = draft(table, time_zone, None, encoding)
    if title:
        text = text.replace("\ntime_zone = ", f"\ntitle = {toml_value(title)}\ntime_zone = ", 1)
    return (
        f"{text}\n# For inferring standards: the days and hours deadlines are counted by.\n[calendar]\n"
        f'include = {toml_value(calendar)}\nopening = {{mon-fri = ["09:00-17:00"]}}  # guessed\n'
    )


def _from_table(table: Path, mapping_text: str, console: Console) -> str | None:
    """A catalogue drafted from the table; None, said aloud, where the drafted mapping cannot read it."""
    try:
        found, fits = surveyed(table, parse_mapping(mapping_text, MAPPING_FILE))
    except (MappingError, TableError) as error:
        console.print(
            f"The drafted mapping needs your hand before it reads the table: {error}", style="yellow"
        )
        return None
    text = catalogue_toml(found, fits)
    version = parse_catalogue(text)
    standardised = [code for code, service in version.services.items() if service.standard]
    if standardised and not version.commitments:
        text += _COMMITMENT.format(services=toml_value(standardised))
    return text


def _say_next(console: Console, catalogue: Path, mapping: Path | None, table: Path | None) -> None:
    console.print(f"Wrote {catalogue}" + (f" and {mapping}" if mapping else "") + ".", soft_wrap=True)
    steps = [f"livelihood catalogue check {catalogue}", f"livelihood catalogue publish {catalogue}"]
    if mapping is not None:
        console.print(f"Read {mapping} first: every line marked `guessed` is a guess. Then:", soft_wrap=True)
        steps += [f"livelihood import {table} --mapping {mapping}", "livelihood table"]
    else:
        console.print(f"Edit {catalogue}: it promises an example. Then:", soft_wrap=True)
    for step in steps:
        console.print(f"  {step}", style="cyan", soft_wrap=True)
