"""A worker on an engine's ports: its tables, of now and of the past, are those of a recount of its log."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from consumers.tables import Query, read_table
from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import DAY, HOUR, MINUTE, Instant, iso, to_datetime
from livelihood.ledger import unpack_ledger
from livelihood.periods import parse_period
from livelihood.ports import CATALOGUE, IMPORT_BEGIN, IMPORT_END, NewRecord
from livelihood.promises import Catalogue
from livelihood.snapshots import of_one_moment
from streams.verifying import verify
from streams.worker import Worker

CATALOGUE_TOML = """
version = "1"
time_zone = "America/New_York"
calendar = "town"
[calendars.town]
include = "monday-friday"
opening = {mon-sun = ["00:00-23:59"]}
[channels]
phone = {origin = "person"}
desk = {origin = "staff", allowed_lateness = "2h"}
[departments.roads]
[areas.north]
[services]
pothole = {department = "roads", standard = "quick"}
[standards.quick]
resolution = "1 calendar"
reminder = 0.5
[commitments.roads]
services = ["pothole"]
target = 0.9
"""


def event(issue: str, kind: str, time: Instant, recorded: Instant | None = None, **data: Any) -> NewRecord:
    document = {
        "specversion": "1.0",
        "type": f"livelihood.request.{kind}",
        "source": "/channels/phone",
        "id": f"{issue}:{kind}",
        "subject": issue,
        "time": iso(time),
        "channel": "desk" if recorded else "phone",
        "data": data,
    }
    if recorded is not None:
        document["recorded"] = iso(recorded)
    return NewRecord(issue, msgspec.json.encode(document))


class Town:
    """An engine with a worker, and requests of the last ten days, by their own clock."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.log, self.store, self.outlet = engine.log(), engine.store(), engine.outlet()
        self.reader, self.topics = engine.reader(), engine.published()
        self.start: Instant = self.log.look(0) - 10 * DAY
        self.take()
        self.publish(parse_catalogue(CATALOGUE_TOML))
        self._import()

    def take(self) -> None:
        self.worker = Worker(
            self.log, self.store, self.outlet, lambda: self.log.look(0), lambda: self.published
        )

    @property
    def published(self) -> list[CatalogueVersion]:
        return [CatalogueVersion.model_validate_json(document) for document in self.topics.catalogues()]

    def work(self) -> None:
        while not self.worker.step().idle:
            pass

    def publish(self, version: CatalogueVersion) -> None:
        self.log.append([NewRecord("", version.model_dump_json().encode(), control=CATALOGUE)])

    def _import(self) -> None:
        told: list[tuple[Instant, NewRecord]] = []
        for number in range(60):
            at = self.start + number * 3 * HOUR
            told.append((at, event(f"I-{number}", "submitted", at, service="pothole", area="north")))
            if number % 3:
                # Some in time, some late.
                done = at + number % 7 * 9 * HOUR
                told.append((done, event(f"I-{number}", "resolved", done, outcome="fixed")))
        told.sort(key=lambda one: one[0])
        records = [NewRecord("", b"{}", told[0][0], IMPORT_BEGIN, "r")]
        records += [record._replace(received=at, run="r") for at, record in told]
        records.append(NewRecord("", b"{}", told[-1][0], IMPORT_END, "r"))
        self.log.append_run("r", 0, records)

    def periods(self, moment: Instant) -> list[str]:
        """All, and the month and the day before a moment's."""
        day = (to_datetime(moment) - timedelta(days=1)).date().isoformat()
        return ["all", day[:7], day]

    def table(
        self, as_of: Instant | None = None, known_at: Instant | None = None, period: str = "all"
    ) -> dict[str, Any]:
        query = Query(period=parse_period(period, "America/New_York"), as_of=as_of, known_at=known_at)
        lines = of_one_moment(self.reader, lambda: read_table(self.reader, Catalogue(self.published), query))
        return lines[0].measures()

    def verify(self) -> None:
        counted = unpack_ledger(self.reader.position(0).ledger).counted
        for as_of in (None, counted, *(self.start + day * DAY for day in range(1, 10))):
            found = verify(self.log, self.reader, self.topics, 0, as_of)
            assert found.well, found
            assert not found.failed
            assert found.issues


@pytest.fixture
def town(engine: Any) -> Town:
    return Town(engine)


def test_tables_of_now_and_of_every_day_are_those_of_a_recount(town: Town) -> None:
    town.work()
    town.verify()
    measures = town.table()
    assert (measures["received"], measures["open"]) == (60, 20)
    then = town.table(as_of=town.start + 5 * DAY)
    assert then["received"] == 41
    assert 0 < then["open"] < 41


def test_what_is_recorded_later_was_not_known_before(town: Town) -> None:
    town.work()
    now = town.log.look(0)
    before = town.table(as_of=now)
    # A desk may claim two hours back: it was solved an hour ago.
    solved = event("I-57", "resolved", now - HOUR, recorded=now, outcome="fixed")
    town.log.append([solved])
    town.work()
    known, after = town.table(known_at=now - 30 * MINUTE), town.table(as_of=now - 30 * MINUTE)
    assert (known["open"], after["open"]) == (before["open"], before["open"] - 1)
    town.verify()


def test_what_a_correction_of_the_catalogue_changed_was_not_known_before(town: Town) -> None:
    town.work()
    then, published = town.start + 5 * DAY, town.log.look(0)
    before = [town.table(as_of=then, period=period) for period in town.periods(then)]
    corrected = parse_catalogue(CATALOGUE_TOML.replace("1 calendar", "3 calendar"))
    changed = {"version": "2", "correction": "A word was wrong.", "recorded": to_datetime(published + 1)}
    town.publish(corrected.model_copy(update=changed))
    town.work()
    for period, as_it_was in zip(town.periods(then), before, strict=True):
        as_known_now = town.table(as_of=then, period=period)
        assert as_known_now["overdue"] < as_it_was["overdue"]
        assert town.table(as_of=then, known_at=published, period=period) == as_it_was
        assert town.table(as_of=then, known_at=published + 1, period=period) == as_known_now


def test_a_worker_that_is_replaced_at_any_step_changes_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.worker.BATCH_RECORDS", 7)
    monkeypatch.setattr("streams.worker.BATCH_TIMERS", 3)
    while not town.worker.step().idle:
        town.take()
    town.verify()
    told = [identity for _, identity, _ in town.topics.outgoing("alert", 0, 0, 10_000)]
    assert len(set(told)) == len(told) > 60
