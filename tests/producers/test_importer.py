import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion, Service
from livelihood.envelope import parse_event
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS
from livelihood.fold import fold
from livelihood.instants import DAY, iso, parse
from livelihood.ports import EVENT, IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END
from livelihood.promises import Catalogue
from producers.importer import ImportBusy, Importer, UnfinishedImport
from producers.mapping import Mapping, MappingError
from producers.reports import Progress, Report
from producers.spool import SpoolError
from producers.tables import TableError

Make = Callable[..., Importer]
Table = Callable[..., Path]
Log = Any  # conftest's MemoryLog
CITY = Catalogue([NOTHING_PUBLISHED])

OPEN = {"status": "Open", "closed": "", "how": "", "ontime": ""}


def many(count: int, seed: int = 1) -> list[dict[str, str]]:
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        day, later = chance.randrange(28) + 1, chance.randrange(1, 300)
        closed = iso(parse(f"2011-07-{day:02}T09:00:00Z") + later * DAY)[:19].replace("T", " ")
        row = {"id": str(number), "opened": f"2011-07-{day:02} 08:00:00", "closed": closed}
        rows.append(row | OPEN if chance.random() < 0.3 else row)
    return rows


def run(make: Make, path: Path, **options: Any) -> Report:
    importer = make(path, **options)
    report = importer.plan()
    importer.publish()
    return report


def test_events_are_published_in_time_order_between_a_begin_and_an_end(
    log: Log, importer: Make, table: Table
) -> None:
    report = run(importer, table(*many(300)))
    assert report.new == report.rows == 300
    assert log.controls() == [IMPORT_BEGIN, IMPORT_END]
    assert (log.records[0].control, log.records[-1].control) == (IMPORT_BEGIN, IMPORT_END)
    facts = [fact for _, fact in log.events()]
    assert len(facts) == report.events == len(set(log.ids()))
    assert [fact.time for fact in facts] == sorted(fact.time for fact in facts)
    assert [record.received for record in log.records[1:-1]] == [fact.time for fact in facts]
    assert {record.run for record in log.records} == {report.run}


def test_every_published_event_would_be_accepted_at_the_edge(
    log: Log, importer: Make, table: Table, now: int
) -> None:
    run(importer, table(*many(50)))
    for record in log.records[1:-1]:
        assert parse_event(record.value, now).to_json() == record.value
        assert record.key == parse_event(record.value, now).key


def test_a_file_imported_again_changes_nothing(log: Log, importer: Make, table: Table) -> None:
    path = table(*many(100))
    run(importer, path)
    before = list(log.records)
    report = run(importer, path)
    assert (report.unchanged, report.rows, report.events) == (100, 100, 0)
    assert log.records == before


def test_a_changed_row_becomes_a_correction_that_names_old_and_new(
    log: Log, importer: Make, table: Table, now: int
) -> None:
    run(importer, table({}))
    report = run(
        importer, table({"target": "2011-07-08 08:00:00", "area": "", "closed": "2011-07-03 09:00:00"})
    )
    assert (report.corrected, report.rows, report.events) == (1, 1, 2)
    first, second = [fact for _, fact in log.events()][2:]
    assert [fact.id for fact in (first, second)] == ["1:corrected", "1:corrected:2"]
    assert {fact.kind for fact in (first, second)} == {Kind.CORRECTED}
    assert first.time == first.recorded == now
    data = dict(zip(DATA_FIELDS[Kind.CORRECTED], first.data, strict=True))
    assert data["corrects"] == "1:submitted"
    assert {name: (change["old"], change["new"]) for name, change in data["changes"].items()} == {
        "target": ("2011-07-05T12:00:00Z", "2011-07-08T12:00:00Z"),
        "area": ("jamaica-plain", None),
    }
    data = dict(zip(DATA_FIELDS[Kind.CORRECTED], second.data, strict=True))
    assert data["corrects"] == "1:resolved"
    assert {name: (change["old"], change["new"]) for name, change in data["changes"].items()} == {
        "time": ("2011-07-02T13:00:00Z", "2011-07-03T13:00:00Z")
    }


def test_a_cell_changed_there_and_back_is_corrected_twice_and_then_at_rest(
    log: Log, importer: Make, table: Table
) -> None:
    there, back = table({"area": "Roxbury"}, name="there.csv"), table({}, name="back.csv")
    for path in (back, there, back, back):
        report = run(importer, path)
    assert log.ids() == ["1:submitted", "1:resolved", "1:corrected", "1:corrected:2"]
    assert report.unchanged == 1


def test_a_closing_that_has_appeared_is_an_event_of_its_own(log: Log, importer: Make, table: Table) -> None:
    run(importer, table(OPEN))
    report = run(importer, table({}))
    assert (report.continued, report.corrected) == (1, 0)
    assert log.ids() == ["1:submitted", "1:resolved"]


def test_a_closing_taken_back_is_voided_and_may_come_again(log: Log, importer: Make, table: Table) -> None:
    run(importer, table({}))
    report = run(importer, table(OPEN))
    assert report.corrected == 1
    voided = log.events()[-1][1]
    data = dict(zip(DATA_FIELDS[Kind.CORRECTED], voided.data, strict=True))
    assert (voided.kind, data["corrects"]) == (Kind.CORRECTED, "1:resolved")
    assert data["changes"]["void"] == {"old": False, "new": True}
    run(importer, table({"closed": "2011-08-01 09:00:00"}))
    assert run(importer, table({"closed": "2011-08-01 09:00:00"})).unchanged == 1
    assert log.ids() == ["1:submitted", "1:resolved", "1:corrected", "1:resolved:2"]
    assert run(importer, table({}, name="first.csv")).corrected == 1  # the first closing time again
    assert run(importer, table({}, name="first.csv")).unchanged == 1


def test_another_channel_is_corrected_and_another_ending_replaces_the_first(
    log: Log, importer: Make, table: Table
) -> None:
    run(importer, table({}, {"id": "2"}))
    changed = table({"channel": "Crew"}, {"id": "2", "status": "Refused"}, name="changed.csv")
    report = run(importer, changed)
    assert (report.corrected, report.refused) == (2, {})
    assert run(importer, changed).unchanged == 2
    issues = {issue: fold([fact for one, fact in log.events() if one == issue], CITY) for issue in "12"}
    assert issues["1"].channel == "crew"
    assert issues["2"].outcome == "rejected"


def test_bad_rows_are_counted_listed_by_line_and_stop_nothing(
    log: Log, importer: Make, table: Table, tmp_path: Path
) -> None:
    path = table(
        {"id": "1"}, {"id": "2", "closed": "2010-01-01 00:00:00"}, {"id": ""}, {"id": "1"},
        {"id": "1", "area": "Elsewhere"}, {"id": "5", "opened": "call 617 555 0100"}, {"id": "6"},
    )  # fmt: skip
    report = run(importer, path)
    assert (report.new, report.repeated) == (2, 1)
    reasons = ["closed_before_opened", "missing_id", "duplicate_id", "unreadable_time"]
    assert report.refused == dict.fromkeys(reasons, 1)
    assert report.rows == 7
    with open(report.rejects, newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "column", "id"],
            ["3", "closed_before_opened", "closed", "2"],
            ["4", "missing_id", "id", ""],
            ["6", "duplicate_id", "id", "1"],
            ["7", "unreadable_time", "opened", "5"],
        ]
    assert "617" not in Path(report.rejects).read_text()
    assert len(log.events()) == 4


def test_without_rejects_there_is_no_list_of_them(importer: Make, table: Table, tmp_path: Path) -> None:
    listed = tmp_path / "town.rejects.csv"
    assert run(importer, table({"id": ""}), rejects=listed).rejects == str(listed)
    assert listed.exists()
    assert run(importer, table({}), rejects=listed).rejects == ""
    assert not listed.exists()


def test_the_report_tells_doubts_labels_and_codes_unknown_to_the_catalogue(
    importer: Make, table: Table
) -> None:
    catalogue = CatalogueVersion(
        version="1", time_zone="America/New_York",
        services={"request-for-pothole-repair": Service(department="PWDx")},
    )  # fmt: skip
    rows = [
        {},
        {"id": "2", "target": "2059-12-31 19:00:00", "ontime": "OVERDUE"},
        {"id": "3", "service": "Odd", **OPEN},
    ]
    report = run(importer, table(*rows), catalogue=catalogue)
    assert report.doubts == {"target_far": 1}
    assert report.doubtful == [(3, "target_far", "2")]
    assert report.labels == {"on_time": 1, "late": 1, "none": 1}
    assert report.unknown == {
        "service": {"odd": 1}, "channel": {"self-service": 3}, "department": {"PWDx": 3},
        "area": {"jamaica-plain": 3},
    }  # fmt: skip
    assert Report.from_json(report.to_json()) == report


def test_until_stops_before_an_instant_and_leaves_the_import_open(
    log: Log, importer: Make, table: Table
) -> None:
    path = table(*many(120))
    one = importer(path)
    one.plan()
    first = one.publish(until=parse("2011-08-01T00:00:00Z"))
    assert 0 < first == len(log.events())
    assert max(fact.time for _, fact in log.events()) < parse("2011-08-01T00:00:00Z")
    assert log.controls() == [IMPORT_BEGIN, IMPORT_CLOCK]
    assert one.publish(until=parse("2011-08-01T00:00:00Z")) == 0
    later = importer(path)
    report = later.plan()
    assert report.resumed
    assert first + later.publish() == report.events == len(log.events()) == len(set(log.ids()))
    assert log.controls() == [IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_CLOCK, IMPORT_END]
    assert not later.is_open


def test_until_moves_the_imports_clock_on_where_no_event_does(log: Log, importer: Make, table: Table) -> None:
    one = importer(table({}))
    one.plan()
    for until in ("2011-07-01T12:00:01Z", "2011-07-01T20:00:00Z", "2011-09-01T00:00:00Z"):
        one.publish(until=parse(until))
    one.publish()
    times = [iso(record.received)[:16] for record in log.records]
    assert times == [
        *("2011-07-01T12:00", "2011-07-01T12:00"),  # the begin and the submission
        *("2011-07-01T12:00", "2011-07-01T20:00"),  # the clock twice
        *("2011-07-02T13:00", "2011-09-01T00:00"),  # the resolution, and the clock
        "2011-07-02T13:00",  # the end
    ]


@pytest.mark.parametrize("seed", range(12))
def test_an_import_killed_at_any_append_goes_on_to_the_same_log(
    log: Log, importer: Make, table: Table, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("producers.importer.APPENDED_EVENTS", 7)
    path = table(*many(60))
    whole = type(log)()
    run(importer, path, log=whole, facts=whole.facts, folder=path.parent / "whole")
    chance = random.Random(seed)
    while IMPORT_END not in log.controls():
        log.crash_at = len(log.records) + chance.randrange(1, 40)
        one = importer(path)
        one.plan()
        try:
            if chance.random() < 0.5:
                one.publish(until=parse("2011-07-10T00:00:00Z") + chance.randrange(200) * DAY)
            one.publish()
        except KeyboardInterrupt:
            continue
    assert [record.value for record in log.records if record.control == EVENT] == [
        record.value for record in whole.records if record.control == EVENT
    ]


def test_an_import_killed_while_reading_begins_anew(
    log: Log, importer: Make, table: Table, tmp_path: Path
) -> None:
    path = table(*many(2000))

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importer(path).plan(stop)
    assert not log.records
    assert run(importer, path).new == 2000


def test_another_files_open_import_must_be_finished_or_abandoned(
    log: Log, importer: Make, table: Table
) -> None:
    old, new = table(*many(80), name="old.csv"), table(*many(90), name="new.csv")
    one = importer(old)
    one.plan()
    held = one.publish(until=parse("2011-07-20T00:00:00Z"))
    with pytest.raises(
        UnfinishedImport, match=rf"old.csv stands open after {held} of \d+ events, at 2011-07-19"
    ):
        importer(new).plan()
    other = importer(new)
    report = other.plan(abandon=True)
    other.publish()
    assert log.controls() == [IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END, IMPORT_BEGIN, IMPORT_END]
    assert report.rows == 90
    assert len(log.ids()) == len(set(log.ids()))
    assert {issue for issue, _ in log.events()} == {str(number) for number in range(90)}


def test_a_lost_spool_costs_another_reading_and_nothing_else(
    log: Log, importer: Make, table: Table, tmp_path: Path
) -> None:
    path = table(*many(80))
    one = importer(path)
    one.plan()
    one.publish(until=parse("2011-07-20T00:00:00Z"))
    for file in (tmp_path / "imports").iterdir():
        file.unlink()
    run(importer, path)
    assert len(log.ids()) == len(set(log.ids()))
    assert log.controls() == [IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END, IMPORT_BEGIN, IMPORT_END]
    assert run(importer, path).unchanged == 80


def test_two_processes_do_not_import_into_one_folder(importer: Make, table: Table) -> None:
    one, other = importer(table(*many(30))), importer(table(*many(30)))

    def meanwhile(progress: Progress) -> None:
        with pytest.raises(ImportBusy, match="another process"):
            other.plan()

    one.plan(meanwhile)


def test_two_folders_do_not_import_twice_into_one_log(
    log: Log, importer: Make, table: Table, tmp_path: Path
) -> None:
    path = table(*many(30))
    one, other = importer(path), importer(path, folder=tmp_path / "elsewhere")
    planned = [one.plan().events, other.plan().events]
    assert [one.publish(), other.publish()] == [planned[0], 0]
    assert len(log.ids()) == len(set(log.ids())) == planned[1]


def test_progress_tells_bytes_read_and_events_published(importer: Make, table: Table) -> None:
    path = table(*many(1200))
    seen: list[Progress] = []
    one = importer(path)
    report = one.plan(seen.append)
    one.publish(progress=seen.append)
    reading = [progress.done for progress in seen if progress.step == "reading"]
    assert reading == sorted(reading)
    assert reading[-1] == path.stat().st_size
    assert (seen[-1].step, seen[-1].done, seen[-1].total) == ("publishing", report.events, report.events)


def test_a_file_or_mapping_that_does_not_fit_publishes_nothing(
    log: Log, importer: Make, table: Table, tmp_path: Path, mapping: Mapping
) -> None:
    with pytest.raises(TableError, match="No such file"):
        importer(tmp_path / "none.csv").plan()
    with pytest.raises(MappingError, match="column 'note' is not classified"):
        importer(table({}), mapping=mapping.model_copy(update={"drop": []})).plan()
    (tmp_path / "taken").touch()
    with pytest.raises(SpoolError, match="cannot write in"):
        importer(table({}), folder=tmp_path / "taken").plan()
    assert not log.records
