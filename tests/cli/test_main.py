"""The command line as a whole: help, completion, errors and statuses."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import main
from cli.failures import Failure
from livelihood.ports import Unavailable
from livelihood.state import NewerData
from producers.tables import TableError

COMMANDS = [
    "demo", "table", "issue", "alerts", "orphans", "dead-letters", "import", "publish", "serve",
    "keys add", "init", "config", "doctor", "standards infer", "mapping draft",
    "catalogue check", "catalogue publish",
]  # fmt: skip


def test_help_lists_every_command_and_the_statuses(run: Any) -> None:
    ran = run("--help")
    assert ran.status == 0
    for command in COMMANDS:
        assert command.split()[0] in ran.out
    assert "0 well, 1 some input refused, 2 wrong usage, 3 something is missing or busy" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Any, command: str) -> None:
    ran = run(*command.split(), "--help")
    assert ran.status == 0
    assert "Usage: livelihood" in ran.out or "Usage: root" in ran.out
    without = {"init", "demo", "standards infer", "mapping draft", "catalogue check"}
    assert ("--data" in ran.out) == (command not in without - {"demo"})


def test_the_version_is_said(run: Any) -> None:
    ran = run("--version")
    assert (ran.status, ran.out) == (0, f"livelihood {version('livelihood')}\n")


def test_settings_are_read_without_loading_what_they_are_for() -> None:
    script = "import sys, cli.settings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"livelihood.catalogue", "consumers.public.publication"} & loaded


def test_help_is_quick_because_nothing_else_is_imported() -> None:
    script = "import sys, cli.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [
        name for name in loaded if name.split(".")[0] in ("livelihood", "producers", "backends", "streams")
    ]


def test_the_shell_can_complete_commands() -> None:
    environment = os.environ | {
        "_LIVELIHOOD_COMPLETE": "complete_bash", "COMP_WORDS": "livelihood ca", "COMP_CWORD": "1"
    }  # fmt: skip
    command = Path(sys.executable).with_name("livelihood")
    done = subprocess.run([command], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["catalogue"]


@pytest.mark.parametrize(
    "arguments",
    [["tabel"], ["table", "--colour"], ["import"], ["import", "nowhere.csv", "--mapping", "boston"],
     ["table", "--format", "xml"], ["issue"], ["publish", "nowhere.jsonl"],
     ["catalogue", "check", "nowhere.toml"]],
)  # fmt: skip
def test_wrong_usage_has_status_2(run: Any, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Failure("Nothing to do; try again.", 1), 1, "Nothing to do; try again."),
        (Unavailable("/data is locked: try again"), 3, "/data is locked: try again."),
        (NewerData("written by a newer version; update the software"), 3, "Written by a newer version"),
        (TableError("requests.csv is empty: no heading"), 1, "requests.csv is empty: no heading."),
        (KeyboardInterrupt(), 130, "Stopped."),
        (PermissionError(13, "Permission denied", "/data/x"), 3, "/data/x: Permission denied."),
        (OSError(28, "No space left on device"), 3, "No space left on device."),
    ],
)
def test_errors_become_a_line_and_a_status(
    run: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("cli.health.run_config", fails)
    ran = run("config")
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_fault_of_our_own_is_said_to_be_one(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("cli.health.run_config", fails)
    ran = run("config")
    assert (ran.status, ran.out) == (70, "")
    assert "A fault of this software: ZeroDivisionError: by zero." in ran.err
    assert "LIVELIHOOD_DEBUG=1" in ran.err


def test_debugging_shows_the_traceback(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVELIHOOD_DEBUG", "1")
    with pytest.raises(Failure):
        run("table", "--as-of", "never", "--config", "nowhere.toml")


def test_a_reader_that_has_seen_enough_is_no_error(town: Any) -> None:
    command = f"{Path(sys.executable).with_name('livelihood')} alerts --limit 0 --data {town.data} | head -1"
    shell = f"set -o pipefail; {command}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_entry_point_is_the_app() -> None:
    assert isinstance(main.app, typer.Typer)


def test_a_paragraph_of_help_is_as_wide_as_the_terminal(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = run("import", "--help").out
    assert "interrupted goes on. A bad row is refused, listed and counted; the rest goes on, and" in said
