"""`import`: the report, resuming, refusing, and who does the work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.embedded import EmbeddedEngine
from tests.patience import PATIENCE_SECONDS

MAIN = "import sys; from cli.main import main; sys.argv[0] = 'livelihood'; main()"


def started(*arguments: object) -> "subprocess.Popen[str]":
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def imported(run: Any, town: Any, *arguments: object, table: Path | None = None) -> Any:
    return run("import", table or town.table, "--mapping", town.mapping, "--data", town.data, *arguments)


def received(run: Any, town: Any, *arguments: object) -> int:
    ran = run("table", "--data", town.data, "--format", "json", *arguments)
    count: int = ran.json[0]["received"]
    return count


def with_rows(town: Any, change: Any) -> Path:
    """The town's table with its lines changed."""
    changed = town.folder / "changed.csv"
    changed.write_text("".join(change(town.table.read_text("utf-8").splitlines(keepends=True))), "utf-8")
    return Path(changed)


def test_importing_again_changes_nothing(run: Any, own_town: Any) -> None:
    before = run("table", "--data", own_town.data, "--format", "json").json
    ran = imported(run, own_town)
    assert ran.status == 0
    assert "0 events published" in ran.out
    assert [line.split()[:2] for line in ran.out.splitlines()[1:5]] == [
        ["new", "0"], ["unchanged", "300"], ["corrected", "0"], ["refused", "0"]
    ]  # fmt: skip
    assert run("table", "--data", own_town.data, "--format", "json").json == before


def test_a_changed_cell_is_a_correction(run: Any, own_town: Any) -> None:
    table = with_rows(own_town, lambda lines: [lines[0], lines[1].replace("Old Town", "Hilltop"), *lines[2:]])
    ran = imported(run, own_town, table=table)
    assert ran.status == 0
    assert "corrected" in ran.out
    assert "1 events published" in ran.out
    shown = run("issue", "T-1001", "--data", own_town.data, "--format", "json").json
    assert shown["area"] == "hilltop"
    assert shown["timeline"][-1]["data"]["changes"] == {"area": {"old": "old-town", "new": "hilltop"}}


def test_bad_rows_are_counted_by_reason_listed_with_their_line_and_the_rest_goes_on(
    run: Any, own_town: Any
) -> None:
    def spoil(lines: list[str]) -> list[str]:
        lines[3] = lines[3].replace("T-1003,2024-", "T-2003,20x4-")
        lines[5] = lines[5].replace("T-1005", "")
        new = lines[7].replace("T-1007", "T-9999")
        return [*lines, new]

    ran = imported(
        run, own_town, "--rejects", own_town.folder / "rejects.csv", table=with_rows(own_town, spoil)
    )
    assert ran.status == 1
    assert "a time in no known format" in ran.out
    assert "no id" in ran.out
    rejects = (own_town.folder / "rejects.csv").read_text().splitlines()
    assert rejects[0] == "line,reason,column,id"
    assert rejects[1].startswith("4,unreadable_time,Opened,T-2003")
    assert rejects[2].startswith("6,missing_id,Case ID,")
    assert received(run, own_town) == 301


def test_without_a_catalogue_it_says_how_to_make_one(run: Any, files: Any, data: Path) -> None:
    ran = run("import", files.table, "--mapping", files.mapping, "--data", data)
    assert ran.status == 2
    assert "publish a catalogue first" in ran.err
    assert "livelihood standards infer FILE --mapping" in ran.err


def test_a_shipped_mapping_brings_its_catalogue(run: Any, data: Path) -> None:
    from cli.examples import example_path

    table = example_path("kansas-city/potholes-2020.csv.gz")
    ran = run("import", table, "--mapping", "kansas-city", "--data", data)
    assert ran.status == 0, ran.err
    assert "Published the catalogue" in ran.err
    assert "4,493" in ran.out
    assert run("table", "--data", data, "--format", "json").json[0]["received"] == 4_493


def test_an_unknown_mapping_lists_the_shipped_ones(run: Any, files: Any, data: Path) -> None:
    ran = run("import", files.table, "--mapping", "atlantis", "--data", data)
    assert ran.status == 2
    assert "no shipped mapping of that name (boston, kansas-city)" in ran.err
    assert "livelihood mapping draft FILE" in ran.err


def test_a_mapping_that_does_not_fit_names_the_column(run: Any, own_town: Any) -> None:
    table = with_rows(own_town, lambda lines: [lines[0].replace("Source", "Quelle"), *lines[1:]])
    ran = imported(run, own_town, table=table)
    assert ran.status == 1
    assert "the table has no column 'Source'" in ran.err


def test_a_table_that_cannot_be_read_leaves_no_catalogue_behind(run: Any, files: Any, data: Path) -> None:
    ran = run("import", files.table, "--mapping", "boston", "--data", data)
    assert ran.status == 1
    assert "Mapping boston is for another table: it reads 'case_enquiry_id', " in ran.err
    assert "Published" not in ran.err
    with EmbeddedEngine(data) as engine:
        assert not engine.published


ELSEWHERE = """
version = "elsewhere"
time_zone = "America/Chicago"
calendar = "office"
[calendars.office]
include = "us-federal"
opening = {mon-fri = ["09:00-17:00"]}
[departments.lamps]
[services.lamp]
department = "lamps"
"""


@pytest.fixture
def elsewhere(run: Any, tmp_path: Path) -> Path:
    """A data folder with another place's catalogue."""
    catalogue = tmp_path / "elsewhere.toml"
    catalogue.write_text(ELSEWHERE, "utf-8")
    assert run("catalogue", "publish", catalogue, "--data", tmp_path / "elsewhere").status == 0
    return tmp_path / "elsewhere"


def test_a_table_of_another_city_is_refused_before_anything_is_imported(
    run: Any, files: Any, elsewhere: Path
) -> None:
    data = elsewhere
    to = ("import", files.table, "--mapping", files.mapping, "--data", data)
    refused = run(*to)
    assert refused.status == 1
    assert "300 of 300 requests are for services it does not have (pothole, " in refused.err
    assert "Nothing was imported" in refused.err
    assert run("table", "--data", data, "--format", "json").json[0]["received"] == 0
    assert run(*to).status == 1, "what was planned is forgotten"
    ran = run(*to, "--anyway")
    assert ran.status == 0, ran.err
    assert run("table", "--data", data, "--format", "json").json[0]["received"] == 300
    assert run(*to).status == 0, "once is enough"


def test_at_a_terminal_it_is_asked_whether_another_citys_table_is_meant(
    run: Any, files: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(question: str, **_: object) -> bool:
        asked.append(question)
        return len(asked) > 1

    monkeypatch.setattr("cli.importing.is_person", lambda: True)
    monkeypatch.setattr("typer.confirm", answer)
    to = ("import", files.table, "--mapping", files.mapping, "--data", elsewhere)
    assert run(*to).status == 1
    assert run(*to).status == 0
    assert "Import it all the same?" in asked[0]


def test_until_stops_there_and_the_same_command_goes_on(run: Any, own_town: Any, tmp_path: Path) -> None:
    town = type(own_town)(own_town.folder)
    fresh = tmp_path / "fresh"
    run("catalogue", "publish", town.catalogue, "--data", fresh)
    to = ("--mapping", town.mapping, "--data", fresh)
    ran = run("import", town.table, *to, "--until", "2024-02-01")
    assert ran.status == 0, ran.err
    assert "The import stands at Thu 1 Feb 2024 00:00; without --until it goes on." in ran.out
    part = run("table", "--data", fresh, "--format", "json").json
    assert part == run("table", "--data", town.data, "--format", "json", "--as-of", "2024-02-01").json
    ran = run("import", town.table, *to)
    assert ran.status == 0, ran.err
    assert "going on with an interrupted import" in ran.out
    whole = run("table", "--data", fresh, "--format", "json").json
    assert whole == run("table", "--data", town.data, "--format", "json").json


def test_another_files_unfinished_import_is_refused_until_it_is_abandoned(
    run: Any, own_town: Any, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    run("catalogue", "publish", own_town.catalogue, "--data", fresh)
    to = ("--mapping", own_town.mapping, "--data", fresh)
    assert run("import", own_town.table, *to, "--until", "2024-02-01").status == 0
    other = with_rows(own_town, lambda lines: lines[:-1])
    ran = run("import", other, *to)
    assert ran.status == 1
    assert "stands open after" in ran.err
    assert "or end it where it stands by --abandon." in ran.err
    assert run("import", other, *to, "--abandon").status == 0


def test_a_killed_import_goes_on_to_the_same_tables(run: Any, own_town: Any, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    run("catalogue", "publish", own_town.catalogue, "--data", fresh)
    to = ("--mapping", own_town.mapping, "--data", fresh)
    with started("import", own_town.table, *to) as process:
        time.sleep(0.9)
        process.kill()
    assert run("import", own_town.table, *to).status == 0
    ours, theirs = (
        run("table", "--data", folder, "--format", "json").json for folder in (fresh, own_town.data)
    )
    assert ours == theirs


def test_with_a_worker_elsewhere_it_appends_waits_and_says_so(
    run: Any, own_town: Any, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    with started("serve", "--data", fresh) as worker:
        assert worker.stderr is not None
        assert "Working on" in worker.stderr.readline()
        assert run("catalogue", "publish", own_town.catalogue, "--data", fresh).status == 0
        with started("import", own_town.table, "--mapping", own_town.mapping, "--data", fresh) as importing:
            out, err = importing.communicate(timeout=PATIENCE_SECONDS)
        assert importing.returncode == 0, err
        assert "; waiting for it to catch up" in err
        assert "569 events published" in out
        assert run("table", "--data", fresh, "--format", "json").json[0]["received"] == 300
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0


def test_ctrl_c_says_how_to_go_on(run: Any, own_town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from producers.importer import Importer

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Importer, "publish", stopped)
    ran = imported(run, own_town)
    assert ran.status == 130
    assert "the same command goes on where this one was" in ran.err
    with EmbeddedEngine(own_town.data) as engine:
        assert engine.lease.try_take()
        engine.lease.release()
