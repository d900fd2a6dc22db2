"""A data folder, and what tests of one module need of the others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from backends.sqlite.files import Database
from backends.sqlite.log import SqliteLog
from backends.sqlite.schema import STATE
from backends.sqlite.store import SqliteStore
from livelihood.ports import Commit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Closes what a test opens."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def log(folder: Path, opened: ExitStack) -> SqliteLog:
    return opened.enter_context(SqliteLog(folder, lambda: 1_000))


@pytest.fixture
def store(folder: Path, opened: ExitStack) -> SqliteStore:
    return opened.enter_context(SqliteStore(folder))


@pytest.fixture
def database(folder: Path, opened: ExitStack) -> Database:
    """The state's file, to look into."""
    return opened.enter_context(Database(folder, STATE))


@pytest.fixture
def commit(store: SqliteStore) -> Callable[..., Commit]:
    """Commit some parts to the store, each time as the next of its owner."""
    position = store.take(0)
    sequence = position.sequence

    def make(**parts: Any) -> Commit:
        nonlocal sequence
        sequence += 1
        settings = {"epoch": position.epoch, "sequence": sequence, "next_offset": sequence, "ledger": b""}
        made = Commit(**(settings | parts))
        store.commit(0, made)
        return made

    return make
