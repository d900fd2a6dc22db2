"""`livelihood config` and `livelihood doctor`: where things are, and whether they are well."""

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from cli.engine import Engine, Reading, open_engine, open_reading, system_clock
from cli.failures import MISSING, Failure, failure_of, libraries
from cli.listing import orphans
from cli.moments import length_text, moment_text
from cli.objects import json_text
from cli.safe import FOLDER
from cli.settings import PREFIX, Settings, load, shown
from cli.terminal import answers, plain
from cli.work import done_of, ends_of, is_behind
from consumers.tables import open_imports
from livelihood.envelope import MAX_AHEAD
from livelihood.instants import MINUTE
from livelihood.ledger import unpack_ledger
from livelihood.ports import Unavailable

#: With less room than this an import of a city's year may not fit.
LITTLE_ROOM_BYTES = 500 * 1024 * 1024
#: Holidays should be published this long ahead.
COVERED_AHEAD = timedelta(days=90)
#: A worker looks at least every few seconds; one that has not looked for this long is not there.
LONG_AGO = 2 * MINUTE
_LIBRARIES = ("livelihood", "pydantic", "msgspec", "typer", "rich", "tzdata")


def run_config(format_: str, *, data: Path | None, config: Path | None) -> None:
    """Print each setting with its origin."""
    loaded = load(config, data=data)
    if format_ == "json":
        values = loaded.settings.model_dump(mode="json")
        told = {
            name: {"value": shown(name, value), "origin": loaded.origins[name]}
            for name, value in values.items()
        }
        plain(json_text(told))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 1))
    for name in ("setting", "value", "from", "meaning"):
        table.add_column(name, overflow="fold")
    for name, field in type(loaded.settings).model_fields.items():
        origin = loaded.origins[name]
        table.add_row(name, _value(name, loaded.settings), _origin(name, origin), field.description)
    console = answers()
    console.print(table)
    file = f"The settings file is {loaded.file}." if loaded.file else "There is no settings file."
    console.print(Text(file, "bright_black"), soft_wrap=True)


def _value(name: str, settings: Settings) -> str:
    value = shown(name, getattr(settings, name))
    if isinstance(value, dict):
        return ", ".join(f"{option}={one}" for option, one in value.items())
    return "" if value is None else str(value)


def _origin(name: str, origin: str) -> Text:
    match origin:
        case "environment":
            return Text(f"{PREFIX}{name.upper()}")
        case "option":
            return Text(f"--{name}")
        case "file":
            return Text("file")
    return Text("default", style="bright_black")


class Finding(NamedTuple):
    """One thing that was looked at."""

    how: Literal["well", "note", "bad"]
    text: str


def run_doctor(*, data: Path | None, config: Path | None) -> None:
    """Look at everything and say what to do; ends with status 3 where something is bad."""
    loaded = load(config, data=data)
    console = answers()
    bad = False
    for found in look(loaded.settings):
        mark = {"well": ("well", "green"), "note": ("note", "yellow"), "bad": ("bad ", "red")}[found.how]
        console.print(Text.assemble(mark, "  ", found.text), soft_wrap=True)
        bad = bad or found.how == "bad"
    if bad:
        raise typer.Exit(MISSING)


def look(settings: Settings) -> Iterator[Finding]:
    """Everything there is to say about this machine and an engine."""
    yield _python()
    yield Finding("well", "versions: " + ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
                  + f", SQLite {sqlite3.sqlite_version}")  # fmt: skip
    yield from _folder(settings.data)
    if not settings.distributed and not settings.data.is_dir():
        return
    try:
        if settings.distributed:
            yield from _servers(settings)
        # One that is opened to append is made where it is missing.
        open_reading(settings).close()
        with open_engine(settings) as engine:
            yield from _vault(engine)
            yield from _catalogue(engine)
            yield from _work(engine)
            yield from _attention(engine)
    except (Unavailable, OSError, sqlite3.Error, RuntimeError) as error:
        failure = failure_of(error)
        empty = type(error).__name__ == "NoData"
        yield Finding("note" if empty else "bad", failure.message)


def _servers(settings: Settings) -> Iterator[Finding]:
    with libraries():
        from cli.distributed import look_at_servers
    for text in look_at_servers(settings):
        yield Finding("well", text)


def _python() -> Finding:
    # An older one gets no further than the first import.
    return Finding("well", f"Python {platform.python_version()} ({sys.executable})")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding(
            "note", f"data folder {folder} is not there yet: import or publish something, and it is made"
        )
        return
    writable = os.access(folder, os.W_OK | os.X_OK)
    if not writable:
        yield Finding(
            "bad", f"data folder {folder} cannot be written: correct its rights, or name another by --data"
        )
    room = shutil.disk_usage(folder).free
    text = f"data folder {folder}, {room / 1e9:,.1f} GB free"
    if room < LITTLE_ROOM_BYTES:
        yield Finding("bad", f"{text}: free some space before it is full")
    elif writable:
        yield Finding("well", text)


def _vault(engine: Engine) -> Iterator[Finding]:
    settings = engine.safe.settings
    if not (settings.vault or (settings.data / FOLDER).is_dir()):
        # Made when something is first to be kept apart from the data.
        return
    from backends.sealing.master_keys import MasterKeys, wrapped_by

    try:
        wrapped = wrapped_by(engine.vault)
        missing = set(wrapped) - set(MasterKeys(engine.safe.master_keys).ids) if wrapped else set()
    except (Failure, Unavailable) as error:
        yield Finding("bad", str(error))
        return
    if missing:
        yield Finding(
            "bad",
            f"{sum(wrapped[one] for one in missing):,} keys of people are wrapped by a master key that is not"
            " here: set the right one, or what they open is lost",
        )
    else:
        yield Finding("well", f"the vault answers; {wrapped.total():,} keys in it, the master key opens them")


def _catalogue(reading: Reading) -> Iterator[Finding]:
    if not reading.published:
        yield Finding(
            "note", "no catalogue: nothing is promised; livelihood init writes one, then publish it"
        )
        return
    latest = reading.catalogue.latest
    yield Finding(
        "well", f"catalogue {latest.version}, {len(reading.published)} published, {latest.time_zone}"
    )
    today = datetime.now(UTC).date()
    for code, calendar in latest.calendars.items():
        through = calendar.covered_through
        if through is not None and through < today + COVERED_AHEAD:
            provisional = (
                f"calendar {code}: holidays are known through {through}; later deadlines are provisional"
            )
            yield Finding("note", f"{provisional}: update the software, or add holidays to the catalogue")
        else:
            yield Finding("well", f"calendar {code}" + (f", holidays through {through}" if through else ""))


def _work(engine: Engine) -> Iterator[Finding]:
    present = engine.present()
    for who, at in present:
        since_text = "" if at is None else f", since {moment_text(at, engine.zone)}"
        yield Finding("well", f"{who} works{since_text}")
    ledgers = [
        unpack_ledger(engine.reader.position(number).ledger) for number in range(engine.reader.partitions)
    ]
    ahead = max(ledger.live for ledger in ledgers) - system_clock()
    if ahead > MAX_AHEAD:
        yield Finding(
            "bad",
            f"the log's clock is {length_text(ahead)} ahead of this machine's, so deadlines pass that much"
            " too early: correct the clock that is wrong; the log's never goes back",
        )
    looked = min(ledger.live for ledger in ledgers)
    since = system_clock() - looked
    if not present:
        last = f", last {length_text(since)} ago" if looked else ""
        yield Finding(
            "note",
            f"nobody works on {engine.place}{last}: {engine.starts_work} raises alerts at their moment",
        )
    elif looked and since > LONG_AGO:
        yield Finding("bad", f"a worker has not looked for {length_text(since)}: stop it and start it again")
    ends = ends_of(engine)
    if is_behind(engine, ends):
        yield Finding("note", f"{sum(ends) - done_of(engine):,} records wait to be worked on")
    else:
        yield Finding("well", "everything in the log has been worked on")
    if any(ledger.refolding is not None for ledger in ledgers):
        yield Finding("note", "issues are being folded again after a change of the catalogue")


def _attention(reading: Reading) -> Iterator[Finding]:
    for name, at in open_imports(reading.reader).items():
        stands = f"the import {name} stands open at {moment_text(at, reading.zone)}"
        yield Finding("note", f"{stands}: finish it with the same command, without --until")
    without = len(orphans(reading))
    if without:
        yield Finding("note", f"{without:,} orphans: livelihood orphans lists them")
    letters = sum(
        len(reading.topics.outgoing("dead_letter", partition, 0, 100_000))
        for partition in range(reading.topics.partitions)
    )
    if letters:
        yield Finding("note", f"{letters:,} dead letters: livelihood dead-letters lists them")
