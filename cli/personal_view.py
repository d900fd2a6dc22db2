"""`livelihood issue --personal`, `forget` and `looks`: what people said of themselves, and who read it."""

import getpass
import sys
from pathlib import Path

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.engine import open_engine, open_reading
from cli.failures import REFUSED, USAGE, Failure
from cli.moments import moment_text
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, is_person, notes, plain
from livelihood.instants import iso
from livelihood.personal import PersonalData, Said, looks

#: Said in the place of what cannot be read any more.
_GONE = "forgotten, or sealed with keys that are not in this vault"


def show_personal(issue: str, format_: str, *, data: Path | None, config: Path | None) -> None:
    """Print what people said of themselves in an issue, once the look is recorded."""
    with open_engine(load(config, data=data).settings) as engine:
        if not engine.reader.states([issue]):
            raise Failure(f"There is no issue {issue!r} in {engine.place}.", REFUSED)
        personal = PersonalData(engine.log, engine.reader, engine.vault, engine.sealer)
        found = personal.read(issue, who=f"command line, {getpass.getuser()}", now=engine.clock())
        zone = engine.zone
    if format_ == "json":
        plain(json_text([_object(said) for said in found]))
        return
    console = answers()
    if not found:
        console.print("Nobody said anything of themselves in it.")
    for said in found:
        head = Text(f"{moment_text(said.fact.time, zone)}  {said.kind.word.replace('_', ' ')}", "bold")
        console.print(head.append(f", by {said.fact.channel}", style="not bold"))
        table = Table.grid(padding=(0, 2))
        for field, text in (said.fields or {"": _GONE}).items():
            table.add_row(Text(field.replace("_", " "), "bright_black"), Text(text))
        console.print(Padding(table, (0, 0, 1, 2)))


def _object(said: Said) -> dict[str, object]:
    return {
        "time": iso(said.fact.time),
        "kind": said.kind.word,
        "channel": said.fact.channel,
        "personal": said.fields,
    }


def show_looks(issue: str | None, format_: str, *, data: Path | None, config: Path | None) -> None:
    """Print who looked at what is personal."""
    with open_reading(load(config, data=data).settings) as reading:
        found, zone = list(looks(reading.vault, issue or "")), reading.zone
    if format_ == "json":
        plain(json_text([{"when": iso(one.when), "who": one.who, "issue": one.issue} for one in found]))
        return
    if not found:
        answers().print("Nobody has looked.")
        return
    table = Table(box=None, header_style="bright_black", padding=(0, 2, 0, 0))
    for name in ("when", "issue", "who"):
        table.add_column(name)
    for one in found:
        table.add_row(moment_text(one.when, zone), one.issue, Text(one.who))
    answers().print(table)


def run_forget(
    issue: str | None, person: str | None, *, yes: bool, data: Path | None, config: Path | None
) -> None:
    """Forget a person, or the people of an issue, and say what that did."""
    if issue is not None and person is not None:
        raise Failure("Name an issue or a person, not both.", USAGE)
    settings = load(config, data=data).settings
    identifier = "" if issue is not None else _identifier(person)
    if not yes and is_person():
        notes().print("What was sealed for them cannot be read by anybody any more. It cannot be undone.")
        if not typer.confirm("Forget them?", err=True):
            raise Failure("Nothing was changed.", USAGE)
    with open_reading(settings) as reading:
        forgetting = reading.safe.forgetting
        # Mistyped, it would leave somebody unforgotten, and keep nothing of whoever is given that id later.
        if issue is not None and not (forgetting.knows(issue) or reading.reader.states([issue])):
            raise Failure(
                f"Nobody was forgotten: there is no issue {issue!r} in {reading.place}, and nothing was"
                " sealed for one of that id.",
                REFUSED,
            )
        try:
            done = forgetting.forget_person(identifier) if issue is None else forgetting.forget_issue(issue)
        except ValueError as error:
            # Not what was typed: it would be on the screen, or in a log, for longer than they wish.
            raise Failure(f"Nobody was forgotten: {error}.", USAGE) from None
    console = answers()
    if done.repeated:
        console.print("They had been forgotten before; there was nothing left to do.")
    elif done.keys == 0:
        console.print("Nothing was sealed for them. From now on nothing personal is kept of them.")
    else:
        console.print(
            f"{done.keys:,} {'key was' if done.keys == 1 else 'keys were'} deleted: what was sealed in"
            f" {done.issues:,} {'issue' if done.issues == 1 else 'issues'} cannot be read any more, here or"
            " in any backup of the log. From now on nothing personal is kept of them.",
            soft_wrap=True,
        )
    console.print(
        "Backups of the vault have the key until they expire; one that is restored is told first.",
        style="bright_black",
        soft_wrap=True,
    )


def _identifier(person: str | None) -> str:
    """Who is meant: as the option says, typed when asked for, or the first line of standard input."""
    if person not in (None, "-"):
        return str(person)
    if is_person():
        return str(typer.prompt("Telephone number, e-mail address or identity number", err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise Failure("Nobody was named: give an issue's id, or a person on standard input.", USAGE)
    return line
