"""The command line as a person uses it: a command, what it prints, its status; and a town with data."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from cli.examples import example_path
from cli.main import app

ZONE = "America/Chicago"


@dataclass(frozen=True)
class Ran:
    """What became of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_command(*arguments: object, given: str | None = None, env: dict[str, str] | None = None) -> Ran:
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=given, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the person who runs the tests is read or written."""
    for name in [name for name in os.environ if name.startswith("LIVELIHOOD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    # Several servers at once, as tests have them, would want the same port.
    monkeypatch.setenv("LIVELIHOOD_ADDRESS", "127.0.0.1:0")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    # As costly as it must be for a thief, a hash takes half a second of a busy machine.
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Run a command in this process."""
    return run_command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "data"


@dataclass(frozen=True)
class Town:
    """The simulated town: its table, what `init` made of it, and a data folder with all of it."""

    folder: Path

    @property
    def table(self) -> Path:
        return self.folder / "requests.csv"

    @property
    def mapping(self) -> Path:
        return self.folder / "mapping.toml"

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town's table, with mapping and catalogue as `init` writes them; nothing is imported. Read only."""
    town = Town(tmp_path_factory.mktemp("files"))
    shutil.copy(example_path("town/requests.csv"), town.table)
    made = run_command(
        *("init", town.folder, "--time-zone", ZONE, "--calendar", "us-federal", "--title", "Example Town"),
        *("--table", town.table, "--yes"),
    )
    assert made.status == 0, made.err
    return town


@pytest.fixture(scope="session")
def town(files: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The town with its table imported. Read only: take a copy to change it."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copytree(files.folder, folder, dirs_exist_ok=True)
    town = Town(folder)
    for command in (
        ("catalogue", "publish", town.catalogue),
        ("import", town.table, "--mapping", town.mapping),
    ):
        ran = run_command(*command, "--data", town.data)
        assert ran.status == 0, ran.err
    return town


@pytest.fixture
def own_town(town: Town, tmp_path: Path) -> Town:
    """A copy of the town to change."""
    folder = tmp_path / "town"
    shutil.copytree(town.folder, folder)
    return Town(folder)


@pytest.fixture
def event() -> Callable[..., str]:
    """A line of JSON: one request event, some of its fields changed; None leaves a field out."""

    def line(kind: str = "submitted", **changes: Any) -> str:
        fields = {
            "specversion": "1.0",
            "type": f"livelihood.request.{kind}",
            "source": "/channels/phone",
            "id": f"{changes.get('subject', 'H-1')}:{kind}",
            "subject": "H-1",
            "time": "2024-05-01T09:00:00-05:00",
            "channel": "phone",
            "data": {"service": "pothole"} if kind == "submitted" else {},
        } | changes
        return json.dumps({name: value for name, value in fields.items() if value is not None})

    return line


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[Sequence[str]], Path]:
    """A file of lines."""

    def write(texts: Sequence[str]) -> Path:
        path = tmp_path / "events.jsonl"
        path.write_text("".join(f"{text}\n" for text in texts), "utf-8")
        return path

    return write
