"""docs/command-line.md names every command and every setting, and no other."""

import re
from pathlib import Path
from typing import Any

from cli.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text("utf-8")


def test_the_page_lists_the_commands_there_are(run: Any) -> None:
    listed = set()
    for row in re.findall(r"^\| (`[^|]*) \|", PAGE.partition("## Exit")[0], re.MULTILINE):
        listed |= set(re.findall(r"`([^`]+)`", row))
    out = run("--help").out
    known = set()
    for command in re.findall(r"^│ ([a-z][a-z-]+) {2,}", out, re.MULTILINE):
        below = re.findall(
            r"^│ ([a-z-]+) {2,}", run(command, "--help").out.partition("Commands")[2], re.MULTILINE
        )
        known |= {f"{command} {one}" for one in below} or {command}
    assert listed == known


def test_the_page_lists_the_settings_there_are() -> None:
    table = PAGE.partition("## Settings")[2].partition("## When")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Settings.model_fields)


def test_the_page_gives_the_statuses_there_are() -> None:
    from cli import failures

    table = PAGE.partition("## Exit statuses")[2].partition("## Times")[0]
    known = {
        failures.WELL,
        failures.REFUSED,
        failures.USAGE,
        failures.MISSING,
        failures.FAULT,
        failures.INTERRUPTED,
    }
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == known
