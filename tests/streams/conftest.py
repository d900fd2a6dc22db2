"""A town on the embedded engine: a log, a worker that can be restarted and made to fail, and an oracle."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

import streams.worker
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import root_of
from livelihood.instants import Instant, iso, parse
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.ports import CATALOGUE, IMPORT_BEGIN, IMPORT_END, Commit, NewRecord, Outgoing, Record
from livelihood.promises import Catalogue
from livelihood.state import IssueState, unpack
from streams.worker import Worker

START = parse("2026-02-26T08:00:00-05:00")

#: Short limits, so that much falls due within a few days, around a month's end and a change of the clocks.
CATALOGUE_TOML = """
version = "1"
time_zone = "America/New_York"
calendar = "town"
[calendars.town]
include = "monday-friday"
opening = {mon-fri = ["09:00-12:00", "13:00-17:00"]}
cut_off = "17:00"
[channels]
phone = {origin = "person"}
desk = {origin = "staff", allowed_lateness = "2h"}
[departments.roads]
[departments.water]
[areas.north]
[areas.south]
[services]
pothole = {department = "roads", standard = "quick"}
leak = {department = "water", standard = "working"}
noise = {department = "water"}
[standards.quick]
resolution = [{limit = "6h"}, {limit = "2h", urgency = "urgent"}]
acceptance = "1h"
reminder = 0.5
escalation = [{after = "1h", to = "head"}, {after = "30h", to = "city"}]
pauses = {reasons = ["waiting"], max_total = "5h"}
reopen_window = "2 calendar"
rework = "1h"
[standards.working]
resolution = "1 working_days"
pauses = {reasons = ["waiting"], max_total = "3 working_hours"}
[commitments.roads]
services = ["pothole"]
target = 0.9
[commitments.water]
services = ["leak"]
[projects.pipes]
amount = 100
unit = "houses"
start = 2026-01-01T00:00:00-05:00
due = 2026-12-31T00:00:00-05:00
"""


def make_version(name: str = "1", **changes: Any) -> CatalogueVersion:
    """The catalogue, or another version of it with some texts of the file changed."""
    text = CATALOGUE_TOML.replace('version = "1"', f'version = "{name}"', 1)
    top = ""
    for old, new in changes.get("replace", {}).items():
        assert old in text
        text = text.replace(old, new)
    for key in changes.keys() - {"replace"}:
        value = changes[key]
        top += f"{key} = {value}\n"
    return parse_catalogue(top + text)


class Post:
    """Where the outbox goes: alerts and dead letters by id, events back into the log; each once."""

    def __init__(self, log: SqliteLog) -> None:
        self._log = log
        self.alerts: dict[str, dict[str, Any]] = {}
        self.letters: dict[str, dict[str, Any]] = {}
        self.events: set[str] = set()
        #: "before" or "after": the next call fails before or after it has done its work.
        self.fails = ""

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        how, self.fails = self.fails, ""
        if how == "before":
            raise OSError("no connection")
        for _, (topic, identity, key, value) in waiting:
            if topic == "event":
                if identity not in self.events:
                    self.events.add(identity)
                    self._log.append([NewRecord(key, value)])
            else:
                kept = self.alerts if topic == "alert" else self.letters
                content = msgspec.json.decode(value)
                assert kept.setdefault(identity, content) == content, "an id with two contents"
        if how == "after":
            raise OSError("the answer was lost")

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """As Published has it."""
        kept = list((self.alerts if topic == "alert" else self.letters).items())[after : after + limit]
        return [(after + n, id_, msgspec.json.encode(content)) for n, (id_, content) in enumerate(kept, 1)]


class FlakyStore(SqliteStore):
    """A store whose next commit can be made to fail before or after it is applied."""

    fails = ""

    def commit(self, partition: int, commit: Commit) -> Any:
        how, self.fails = self.fails, ""
        if how == "before":
            raise OSError("the disk is away")
        answer = super().commit(partition, commit)
        if how == "after":
            raise OSError("the answer was lost")
        return answer


@dataclass
class Town:
    folder: Path
    now: Instant = START
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.log = self._open.enter_context(SqliteLog(self.folder, lambda: self.now))
        self.store = self._open.enter_context(FlakyStore(self.folder))
        self.reader = self._open.enter_context(SqliteReader(self.folder))
        self.post = Post(self.log)
        self._numbers = iter(range(1, 1_000_000))
        self.restart()

    def close(self) -> None:
        self._open.close()

    def restart(self) -> None:
        """Another worker on what is stored."""
        self.worker = self.another_worker()

    def another_worker(self) -> Worker:
        return Worker(self.log, self.store, self.post, lambda: self.now, lambda: self.published)

    @property
    def published(self) -> list[CatalogueVersion]:
        return [CatalogueVersion.model_validate_json(document) for document in self.reader.catalogues()]

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.published)

    def publish(self, version: CatalogueVersion) -> None:
        self.log.append([NewRecord("", version.model_dump_json().encode(), None, CATALOGUE)])

    def event(
        self, issue: str, kind: str, time: Instant | None = None, *, event_id: str = "", **fields: Any
    ) -> NewRecord:
        """A live record of an event; `fields` are those of its data, and channel, source, actor, recorded."""
        time = self.now if time is None else time
        document = {
            "specversion": "1.0",
            "type": f"livelihood.request.{kind}",
            "source": fields.pop("source", "/channels/phone"),
            "id": event_id or f"e{next(self._numbers)}",
            "subject": issue,
            "time": iso(time),
            "channel": fields.pop("channel", "phone"),
        }
        recorded = fields.pop("recorded", None)
        if recorded is not None:
            document["recorded"] = iso(recorded)
        if "actor" in fields:
            document["actor"] = fields.pop("actor")
        document["data"] = fields
        return NewRecord(root_of(issue), msgspec.json.encode(document))

    def tell(self, issue: str, kind: str, time: Instant | None = None, **fields: Any) -> int:
        """Append a live event now; its offset."""
        ((_, offset),) = self.log.append([self.event(issue, kind, time, **fields)])
        return offset

    def bring(self, run: str, *records: NewRecord) -> None:
        """Append records of an import, each received at its event's own time."""
        self.log.append([self.imported(run, record) for record in records])

    def imported(self, run: str, record: NewRecord) -> NewRecord:
        received = parse(msgspec.json.decode(record.value)["time"])
        return record._replace(received=received, run=run)

    def mark(self, run: str, control: str, at: Instant) -> None:
        self.log.append([NewRecord("", b"{}", at, control, run)])

    def begin(self, run: str, at: Instant) -> None:
        self.mark(run, IMPORT_BEGIN, at)

    def end(self, run: str, at: Instant) -> None:
        self.mark(run, IMPORT_END, at)

    def pass_time(self, length: Instant) -> None:
        self.now += length

    def work(self) -> None:
        """Until nothing is left to do."""
        for _ in range(10_000):
            if self.worker.step().idle:
                return
        raise AssertionError("the worker finds no end")

    def records(self) -> list[Record]:
        return self.log.read(0, 0, 1_000_000)

    def state(self, issue: str) -> IssueState:
        return unpack(self.reader.states([issue])[issue])

    @property
    def ledger(self) -> Ledger:
        return unpack_ledger(self.reader.position(0).ledger)

    def alerts_of(self, issue: str) -> list[dict[str, Any]]:
        return [alert for alert in self.post.alerts.values() if alert["issue"] == issue]

    def told(self, issue: str) -> list[tuple[str, str]]:
        """(obligation, kind) of an issue's alerts in order; with the level of an escalation."""
        return [
            (
                alert["obligation"],
                alert["kind"] + (str(alert["level"]) if alert["kind"] == "escalated" else ""),
            )
            for alert in self.alerts_of(issue)
        ]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path / "data")
    town.publish(make_version())
    yield town
    town.close()


@pytest.fixture(scope="session")
def version() -> Callable[..., CatalogueVersion]:
    """Makes versions of the towns' catalogue."""
    return make_version


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Town]:
    """Founds towns, for tests that need many."""
    numbers = iter(range(1_000_000))
    base = tmp_path_factory.mktemp("towns")
    return lambda: Town(base / str(next(numbers)))


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Sets how many records and timers go into a commit."""

    def set_sizes(records: int, timers: int) -> None:
        monkeypatch.setattr(streams.worker, "BATCH_RECORDS", records)
        monkeypatch.setattr(streams.worker, "BATCH_TIMERS", timers)

    return set_sizes
