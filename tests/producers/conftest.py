"""A log in memory that keeps the port's promises, and a small city's table to import."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from livelihood.facts import Fact, decode
from livelihood.instants import parse
from livelihood.ports import EVENT, NewRecord, Record, Refused
from producers.importer import Importer
from producers.mapping import Mapping, parse_mapping

NOW = parse("2012-06-01T12:00:00Z")

MAPPING = """
name = "town"
time_zone = "America/New_York"
id = "id"
drop = ["note"]
[opened]
columns = ["opened"]
formats = ["%Y-%m-%d %H:%M:%S"]
[closed]
columns = ["closed"]
formats = ["%Y-%m-%d %H:%M:%S"]
[target]
columns = ["target"]
formats = ["%Y-%m-%d %H:%M:%S"]
[status]
column = "status"
values = {Open = "open", Closed = "resolved", Refused = "rejected", Cancelled = "withdrawn"}
[channel]
column = "channel"
staff = ["crew"]
[service]
column = "service"
[department]
column = "department"
keep_case = true
[area]
column = "area"
[outcome]
column = "how"
values = {fixed = "fixed", "Case Scheduled" = "scheduled"}
rules = [{match = "duplicate", outcome = "duplicate"}]
default = "answered"
[label]
column = "ontime"
on_time = ["ONTIME"]
late = ["OVERDUE"]
"""
COLUMNS = ["id", "opened", "closed", "target", "status", "channel", "service", "department", "area", "how",
           "ontime", "note"]  # fmt: skip
#: One ordinary row; tests change its cells by name.
ROW = {
    "id": "1", "opened": "2011-07-01 08:00:00", "closed": "2011-07-02 09:00:00",
    "target": "2011-07-05 08:00:00", "status": "Closed", "channel": "Self Service",
    "service": "Request for Pothole Repair", "department": "PWDx", "area": "Jamaica Plain",
    "how": "fixed", "ontime": "ONTIME", "note": "call 617 555 0100",
}  # fmt: skip


class MemoryLog:
    """One partition of an event log, in a list."""

    partitions = 1

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.runs: dict[str, int] = {}
        #: Raise in the append that would make the log longer than this: a crash at that moment.
        self.crash_at: int | None = None
        self.appends = 0

    def append(self, records: Sequence[NewRecord]) -> list[tuple[int, int]]:
        self.appends += 1
        first = len(self.records)
        if self.crash_at is not None and first + len(records) > self.crash_at:
            raise KeyboardInterrupt
        for record in records:
            received = NOW if record.received is None else record.received
            self.records.append(
                Record(len(self.records), received, record.key, record.value, record.control, record.run)
            )
        return [(0, first + number) for number in range(len(records))]

    def read(self, partition: int, offset: int, limit: int) -> list[Record]:
        return self.records[offset : offset + limit]

    def end(self, partition: int) -> int:
        return len(self.records)

    def append_run(self, run: str, position: int, records: Sequence[NewRecord]) -> int:
        if position != self.runs.get(run, 0):
            raise Refused(f"the log holds {self.runs.get(run, 0)} records of {run}, not {position}")
        self.append(records)
        self.runs[run] = position + len(records)
        return self.runs[run]

    def run_position(self, run: str) -> int:
        return self.runs.get(run, 0)

    # What tests ask.

    def facts(self, issues: Sequence[str]) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for record in self.records:
            if record.control == EVENT:
                issue, fact = decode(record.value, record.received)
                if issue in issues:
                    found.setdefault(issue, []).append(fact)
        return found

    def events(self) -> list[tuple[str, Fact]]:
        return [decode(record.value, record.received) for record in self.records if record.control == EVENT]

    def ids(self) -> list[str]:
        return [fact.id for _, fact in self.events()]

    def controls(self) -> list[str]:
        return [record.control for record in self.records if record.control != EVENT]


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture(scope="session")
def mapping() -> Mapping:
    return parse_mapping(MAPPING, "the town's mapping")


def write_table(path: Path, rows: Sequence[dict[str, str]], columns: Sequence[str] = COLUMNS) -> Path:
    """A table of rows, each the ordinary one with some cells changed."""
    lines = [",".join(columns)]
    lines += [",".join(f'"{({**ROW, **row})[name]}"' for name in columns) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    return lambda *rows, name="town.csv": write_table(tmp_path / name, rows)


@pytest.fixture
def importer(log: MemoryLog, mapping: Mapping, tmp_path: Path) -> Callable[..., Importer]:
    def make(path: Path, now: int = NOW, **options: object) -> Importer:
        settings: dict[str, object] = {
            "log": log, "facts": log.facts, "folder": tmp_path / "imports", "path": path, "mapping": mapping,
            "now": now,
        }  # fmt: skip
        return Importer(**(settings | options))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def now() -> int:
    """The instant of every import of the tests, unless they say otherwise."""
    return NOW


@pytest.fixture(scope="session")
def mapping_text() -> str:
    return MAPPING


@pytest.fixture(scope="session")
def columns() -> list[str]:
    return COLUMNS


@pytest.fixture(scope="session")
def cells() -> Callable[..., list[str]]:
    """The ordinary row's values, some changed by name."""
    return lambda **changed: [(ROW | changed)[name] for name in COLUMNS]
