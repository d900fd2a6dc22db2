"""`init`, `catalogue`, `standards infer`, `mapping draft` and `doctor`."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli import health

GOOD = """
version = "1"
time_zone = "UTC"
[departments]
roads = {title = "Roads"}
[services]
pothole = {department = "roads", standard = "pothole"}
[standards.pothole]
resolution = "2 working_days"
[commitments.roads]
services = ["pothole"]
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "catalogue.toml"
        path.write_text(text)
        return path

    return write


def test_a_sound_catalogue_is_summed_up(run: Any, written: Any) -> None:
    ran = run("catalogue", "check", written(GOOD))
    assert ran.status == 0
    assert "is sound: version 1, 1 service, 1 standard, 1 commitment, 1 department." in ran.out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('services = ["pothole"]', 'services = ["lamp"]'), "services: no service has the code 'lamp'"),
        (('roads = {title = "Roads"}', 'roads = {parent = "a"}\na = {parent = "roads"}'), "a cycle, "),
        (('[services]', '[services]\npothole = {department = "roads"}'), "a code is given twice"),
        (('"2 working_days"', '"2 fortnights"'), "standards.pothole.resolution"),
        (('"UTC"', '"Atlantis/Capital"'), "time"),
        (('version = "1"', 'version = '), "not valid TOML"),
    ],
)  # fmt: skip
def test_each_thing_wrong_with_a_catalogue_is_listed(
    run: Any, written: Any, change: tuple[str, str], said: str
) -> None:
    ran = run("catalogue", "check", written(GOOD.replace(*change)))
    assert (ran.status, ran.out) == (1, "")
    assert re.search(r"catalogue.toml: \d+ problems?", ran.err)
    assert said in ran.err


def test_a_catalogue_is_published_once(run: Any, written: Any, data: Path) -> None:
    ran = run("catalogue", "publish", written(GOOD), "--data", data)
    assert ran.status == 0
    assert "Published version 1" in ran.out
    again = run("catalogue", "publish", written(GOOD), "--data", data)
    assert again.status == 1
    assert "'1' is published already; give the new one another name" in again.err


def test_all_that_keeps_a_version_from_being_published_is_listed(run: Any, own_town: Any) -> None:
    ran = run("catalogue", "publish", own_town.catalogue, "--data", own_town.data)
    assert ran.status == 1
    assert "is published already" in ran.err
    assert 'correction = "..."' in ran.err


def test_a_version_that_changes_the_past_needs_a_reason(run: Any, own_town: Any) -> None:
    before = run("table", "--data", own_town.data, "--format", "json").json[0]
    text = own_town.catalogue.read_text().replace('version = "draft"', 'version = "2"')
    own_town.catalogue.write_text(text)
    ran = run("catalogue", "publish", own_town.catalogue, "--data", own_town.data)
    assert ran.status == 1
    assert 'correction = "..."' in ran.err
    own_town.catalogue.write_text(text.replace("time_zone", 'correction = "a better one"\ntime_zone', 1))
    assert run("catalogue", "publish", own_town.catalogue, "--data", own_town.data).status == 0
    assert run("table", "--data", own_town.data, "--format", "json").json[0]["due"] == before["due"]


def test_standards_are_inferred_as_a_table_and_as_a_catalogue(run: Any, files: Any, tmp_path: Path) -> None:
    ran = run("standards", "infer", files.table, "--mapping", files.mapping)
    assert ran.status == 0
    assert re.search(r"Pothole +2 working_days +100.0 % +70", ran.out)
    assert re.search(r"Question +none", ran.out)
    assert (
        "278 of 278 stated deadlines (100.0 %) follow these standards; 1 of 6 services have none." in ran.out
    )
    ran = run("standards", "infer", files.table, "--mapping", files.mapping, "--format", "toml")
    assert ran.out == files.catalogue.read_text()
    to = tmp_path / "out.toml"
    ran = run("standards", "infer", files.table, "--mapping", files.mapping, "--format", "toml", "-o", to)
    assert ran.out == ""
    assert to.read_text() == files.catalogue.read_text()


def test_a_mapping_is_drafted_with_its_guesses_marked(run: Any, files: Any) -> None:
    ran = run("mapping", "draft", files.table, "--time-zone", "America/Chicago", "--name", "town")
    assert ran.status == 0
    drafted = tomllib.loads(ran.out)
    assert (drafted["name"], drafted["time_zone"], drafted["drop"]) == (
        "town",
        "America/Chicago",
        ["Caller Phone"],
    )
    assert "# guessed" in ran.out
    ran = run("mapping", "draft", files.table, "--time-zone", "Mars/Base")
    assert ran.status == 2
    assert "there is no time zone 'Mars/Base'" in ran.err


def test_init_with_a_table_writes_files_that_work_and_says_what_comes_next(run: Any, files: Any) -> None:
    assert 'include = "us-federal"' in files.mapping.read_text()
    assert 'title = "Example Town"' in files.mapping.read_text()
    assert run("catalogue", "check", files.catalogue).status == 0


def test_init_without_a_table_writes_an_example_to_edit(run: Any, tmp_path: Path) -> None:
    ran = run(
        "init", tmp_path / "place", "--time-zone", "Asia/Shanghai", "--calendar", "cn-mainland", "--yes"
    )
    assert ran.status == 0, ran.err
    assert "livelihood catalogue publish" in ran.out
    assert run("catalogue", "check", tmp_path / "place" / "catalogue.toml").status == 0
    assert not (tmp_path / "place" / "mapping.toml").exists()


def test_init_does_not_write_over_what_is_there(run: Any, tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text("mine")
    ran = run("init", tmp_path, "--time-zone", "UTC", "--yes")
    assert ran.status == 1
    assert "is there already; --force writes over it" in ran.err
    assert (tmp_path / "catalogue.toml").read_text() == "mine"
    assert run("init", tmp_path, "--time-zone", "UTC", "--yes", "--force").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--time-zone is needed"),
        (["--time-zone", "Nowhere"], "there is no time zone 'Nowhere'"),
        (["--time-zone", "UTC", "--calendar", "moon"], "'moon' is not shipped; choose from cn-mainland"),
    ],
)
def test_init_names_what_is_missing_or_wrong(run: Any, arguments: list[str], said: str) -> None:
    ran = run("init", "--yes", *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_init_asks_for_what_the_options_do_not_say(
    run: Any, files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.starting.is_person", lambda: True)
    answers = f"Asked Town\nMars/Base\nAmerica/Chicago\nus-federal\nnowhere.csv\n{files.table}\n"
    ran = run("init", tmp_path / "asked", given=answers)
    assert ran.status == 0, ran.err
    assert "There is no time zone 'Mars/Base'" in ran.err
    assert "There is no file nowhere.csv." in ran.err
    assert 'en = "Asked Town"' in (tmp_path / "asked" / "catalogue.toml").read_text()


def test_init_makes_one_commitment_where_nothing_groups_services(
    run: Any, files: Any, tmp_path: Path
) -> None:
    table = tmp_path / "plain.csv"
    lines = files.table.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    table.write_text("\n".join(",".join(row[:7] + row[8:]) for row in cells))
    folder = tmp_path / "plain"
    assert run("init", folder, "--time-zone", "America/Chicago", "--table", table, "--yes").status == 0
    drafted = tomllib.loads((folder / "catalogue.toml").read_text())
    assert "pothole" in drafted["commitments"]["all-standards"]["services"]


def test_init_says_where_nothing_is_promised_because_the_table_states_no_deadlines(
    run: Any, tmp_path: Path
) -> None:
    table = tmp_path / "Calls.csv"
    rows = "".join(f"{day}|{day:02}.03.2024 08:15|{day:02}.03.2024 17:00|Lamp|phone\n" for day in range(1, 9))
    table.write_text(f"ticket|opened on|closed on|problem|via\n{rows}9|soon||Lamp|web\n")
    folder = tmp_path / "calls"
    ran = run("init", folder, "--time-zone", "Europe/Rome", "--table", table, "--yes")
    assert ran.status == 0, ran.err
    assert "The table states no deadlines" in ran.out
    mapping = tomllib.loads((folder / "mapping.toml").read_text())
    assert mapping["delimiter"] == "|"
    assert mapping["opened"] == {"columns": ["opened on"], "formats": ["%d.%m.%Y %H:%M"]}
    assert mapping["channel"] == {"column": "via", "staff": []}


def test_init_with_a_table_that_cannot_be_drafted_says_why(run: Any, tmp_path: Path) -> None:
    table = tmp_path / "empty.csv"
    table.write_text("a,b\n")
    ran = run("init", tmp_path / "x", "--time-zone", "UTC", "--table", table, "--yes")
    assert ran.status == 1
    assert "has no rows to learn from" in ran.err


def findings(out: str) -> list[tuple[str, str]]:
    return [(line[:4].strip(), line[6:]) for line in out.splitlines()]


def test_the_doctor_finds_everything_well(run: Any, town: Any) -> None:
    ran = run("doctor", "--data", town.data)
    assert ran.status == 0
    found = findings(ran.out)
    assert {how for how, _ in found} <= {"well", "note"}
    assert ("well", "everything in the log has been worked on") in found
    assert any(f"nobody works on {town.data}" in text for _, text in found)
    assert any(text.startswith("catalogue draft, 1 published") for _, text in found)


def test_the_doctor_of_a_folder_that_is_not_there_says_so(run: Any, data: Path) -> None:
    ran = run("doctor", "--data", data)
    assert ran.status == 0
    assert f"data folder {data} is not there yet" in ran.out
    assert not data.exists()


def test_the_doctor_warns_of_a_log_whose_clock_is_ahead(run: Any, own_town: Any) -> None:
    from cli.embedded import EmbeddedEngine
    from cli.engine import system_clock
    from livelihood.instants import DAY

    with EmbeddedEngine(own_town.data, lambda: system_clock() + 3 * DAY) as engine, engine.worker() as worker:
        assert worker is not None
        worker.step()
    ran = run("doctor", "--data", own_town.data)
    assert ran.status == 3
    assert "the log's clock is 2 d 23 h ahead of this machine's" in ran.out


def test_the_doctor_says_what_to_do(
    run: Any, own_town: Any, event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from cli.embedded import EmbeddedEngine
    from livelihood.ports import NewRecord

    text = own_town.catalogue.read_text().replace('include = "us-federal"', 'include = "cn-mainland"')
    text = text.replace('version = "draft"', 'version = "2"\ncorrection = "other days"')
    own_town.catalogue.write_text(text)
    assert run("catalogue", "publish", own_town.catalogue, "--data", own_town.data).status == 0
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("X-1", b"{}")])
    monkeypatch.setattr(health, "COVERED_AHEAD", timedelta(days=365 * 100))
    monkeypatch.setattr(health, "LITTLE_ROOM_BYTES", 1 << 80)
    ran = run("doctor", "--data", own_town.data)
    assert ran.status == 3
    assert "free some space before it is full" in ran.out
    assert "later deadlines are provisional" in ran.out
    assert "1 records wait to be worked on" in ran.out
    with EmbeddedEngine(own_town.data) as engine, engine.worker() as worker:
        assert worker is not None
        worker.step()
    assert "1 dead letters" in run("doctor", "--data", own_town.data).out


def test_init_names_what_a_chinese_table_names_in_chinese(run: Any, tmp_path: Path) -> None:
    table, folder = tmp_path / "诉求.csv", tmp_path / "place"
    rows = "".join(f"{day},2024-03-{day:02} 08:15,2024-03-{day:02} 17:00,路灯,热线\n" for day in range(1, 9))
    table.write_text(f"工单编号,受理时间,办结时间,事项,渠道\n{rows}")
    ran = run("init", folder, "--time-zone", "Asia/Shanghai", "--table", table, "--yes")
    assert ran.status == 0, ran.err
    drafted = tomllib.loads((folder / "catalogue.toml").read_text("utf-8"))
    assert [one["title"] for one in drafted["services"].values()] == [{"zh": "路灯"}]
    assert [one["title"] for one in drafted["channels"].values()] == [{"zh": "热线"}]
