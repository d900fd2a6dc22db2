"""Verifying and rebuilding a data folder: what is found where something was broken, and that it heals."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli import embedded
from cli.embedded import EmbeddedEngine
from cli.failures import MISSING, REFUSED, USAGE
from livelihood.ports import NewRecord
from livelihood.rollup import BREAKDOWNS


def tables(run: Any, data: Path) -> list[Any]:
    """Every breakdown, and how things stood in between."""
    asked = [("--by", by) for by in BREAKDOWNS] + [("--as-of", "2024-02-10"), ("--known-at", "2024-02-20")]
    return [run("table", *arguments, "--format", "json", "--data", data).json for arguments in asked]


def alerts(run: Any, data: Path) -> Any:
    return run("alerts", "--format", "json", "--data", data).json


def change(data: Path, statement: str, *parameters: Any) -> None:
    with sqlite3.connect(data / "state.sqlite") as connection:
        assert connection.execute(statement, parameters).rowcount == 1
    connection.close()


def test_a_town_is_verified(run: Any, town: Any) -> None:
    ran = run("verify", "--data", town.data)
    assert ran.status == 0
    assert "300 issues counted again from the log." in ran.out
    assert "cells of the tables are equal" in ran.out
    assert "alerts were told once, and none is missing" in ran.out
    ran = run("verify", "--as-of", "2024-02-10", "--data", town.data)
    assert ran.status == 0
    assert "as of Sat 10 Feb 2024 00:00" in ran.out


def test_what_is_still_to_come_cannot_be_verified(run: Any, town: Any) -> None:
    ran = run("verify", "--as-of", "2099-01-01", "--data", town.data)
    assert ran.status == MISSING
    assert "The tables have not come to that instant yet" in ran.err


def test_records_nobody_has_worked_on_are_said_to_be_left_out(run: Any, own_town: Any, event: Any) -> None:
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("H-1", event().encode())])
    ran = run("verify", "--data", own_town.data)
    assert ran.status == 0
    assert "What nobody has worked on yet was left out." in ran.out


def test_a_cell_that_differs_is_named(run: Any, own_town: Any) -> None:
    with sqlite3.connect(own_town.data / "state.sqlite") as connection:
        number, month, packed = connection.execute(
            "SELECT dimensions, month, measures FROM rows WHERE month = '2024-01' LIMIT 1"
        ).fetchone()
    connection.close()
    measures = msgspec.msgpack.decode(packed, type=dict[int, int])
    measures[0] += 7
    change(
        own_town.data, "UPDATE rows SET measures = ? WHERE dimensions = ? AND month = ?",
        msgspec.msgpack.encode(measures), number, month,
    )  # fmt: skip
    ran = run("verify", "--data", own_town.data)
    assert ran.status == REFUSED
    (said,) = [line for line in ran.out.splitlines() if line.startswith("Partition 0:")]
    assert "1 of " in said
    assert "The first, in the rows: commitment=" in said
    assert f"2024-01, received: {measures[0]} stored, {measures[0] - 7} recounted." in said
    assert "equal" not in ran.out


def test_movements_that_were_lost_are_found(run: Any, own_town: Any) -> None:
    change(own_town.data, "UPDATE position SET movement_bytes = movement_bytes - 240")
    ran = run("verify", "--data", own_town.data)
    assert ran.status == REFUSED
    assert "The first, in the movements:" in ran.out


def test_alerts_that_are_missing_or_told_twice_are_found(run: Any, own_town: Any) -> None:
    town, log = alerts(run, own_town.data), own_town.data / "log.sqlite"
    overdue = [one for one in town if one["kind"] == "overdue"]
    standing = {one["issue"] for one in town} - {one["issue"] for one in town if one["kind"] == "cleared"}
    lost = next(one for one in overdue if one["issue"] in standing)
    with sqlite3.connect(log) as connection:
        connection.execute("DELETE FROM alerts WHERE id = ?", (lost["id"],))
        connection.execute(
            'INSERT INTO alerts ("key", id, value) SELECT "key" || \'-again\', id, value FROM alerts LIMIT 1'
        )
    connection.close()
    ran = run("verify", "--data", own_town.data)
    assert ran.status == REFUSED
    assert f"Alerts that are missing: 1. The first: overdue of {lost['issue']}, resolution due" in ran.out
    assert "Alerts that were told more than once: 1: " in ran.out


@pytest.mark.parametrize("damage", ["lost", "wrong", "rubbish"])
def test_what_was_lost_or_damaged_is_rebuilt_and_nobody_is_told_again(
    run: Any, own_town: Any, event: Any, lines: Any, damage: str
) -> None:
    events = lines([event(), event("commented"), event("resolved", data={"outcome": "fixed"}), "rubbish"])
    assert run("publish", events, "--data", own_town.data).status == REFUSED
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("X-1", b"{}")])
    assert run("publish", lines([event(subject="H-2")]), "--data", own_town.data).status == 0
    letters = ("dead-letters", "--format", "json", "--data", own_town.data)
    before = tables(run, own_town.data), alerts(run, own_town.data), run(*letters).json
    state = own_town.data / "state.sqlite"
    match damage:
        case "lost":
            for file in own_town.data.glob("state.sqlite*"):
                file.unlink()
        case "wrong":
            change(own_town.data, "UPDATE position SET movement_bytes = movement_bytes - 240")
        case "rubbish":
            state.write_bytes(b"rubbish" * 10_000)
            assert run("table", "--data", own_town.data).status == MISSING
    ran = run("rebuild", "--yes", "--data", own_town.data)
    assert ran.status == 0, ran.err
    assert "Rebuilt from " in ran.out
    assert "cells of the tables are equal" in ran.out
    after = tables(run, own_town.data), alerts(run, own_town.data), run(*letters).json
    assert json.dumps(after) == json.dumps(before)


def test_a_copy_of_the_log_taken_while_somebody_publishes_is_backup_enough(
    run: Any, own_town: Any, event: Any, tmp_path: Path
) -> None:
    (restored := tmp_path / "restored").mkdir()
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("H-1", event().encode())])
        # What `sqlite3 log.sqlite ".backup ..."` does; the event is in the write-ahead log only.
        log, to = (sqlite3.connect(folder / "log.sqlite") for folder in (own_town.data, restored))
        log.backup(to)
        log.close()
        to.close()
    assert run("rebuild", "--yes", "--data", own_town.data).status == 0
    assert run("rebuild", "--yes", "--data", restored).status == 0
    assert run("issue", "H-1", "--data", restored).status == 0
    assert tables(run, restored) == tables(run, own_town.data)
    assert alerts(run, restored) == alerts(run, own_town.data)


def test_rebuilding_asks_first(run: Any, own_town: Any) -> None:
    ran = run("rebuild", "--data", own_town.data, given="n\n")
    assert ran.status == USAGE
    assert "Nothing was changed." in ran.err
    assert run("rebuild", "--data", own_town.data, given="y\n").status == 0


def test_rebuilding_waits_for_nobody_who_works(run: Any, own_town: Any) -> None:
    with EmbeddedEngine(own_town.data) as engine, engine.worker() as worker:
        assert worker is not None
        ran = run("rebuild", "--yes", "--data", own_town.data)
    assert ran.status == MISSING
    assert "stop it first" in ran.err
    assert run("verify", "--data", own_town.data).status == 0


def test_without_a_log_there_is_nothing_to_rebuild(run: Any, data: Path) -> None:
    ran = run("rebuild", "--yes", "--data", data)
    assert ran.status == MISSING
    assert "holds no log" in ran.err
    assert not data.exists()


def test_a_rebuild_that_was_stopped_goes_on_with_the_next_who_works(
    run: Any, own_town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(run, own_town.data)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cli.rebuilding.work_through", stop)
        ran = run("rebuild", "--yes", "--data", own_town.data)
    assert ran.status == 130
    assert "whoever works next makes the rest" in ran.err
    again = run("import", own_town.table, "--mapping", own_town.mapping, "--data", own_town.data)
    assert "0 events published" in again.out
    assert tables(run, own_town.data) == before


def test_migrating_needs_somewhere_to_go(run: Any, own_town: Any, data: Path) -> None:
    ran = run("migrate", "--data", own_town.data)
    assert ran.status == USAGE
    assert "livelihood stack up" in ran.err
    env = {"LIVELIHOOD_KAFKA": "127.0.0.1:1", "LIVELIHOOD_REDIS": "redis://127.0.0.1:1"}
    ran = run("migrate", "--data", data, env=env)
    assert ran.status == USAGE
    assert "holds no log of the embedded engine" in ran.err


def test_a_folder_that_was_moved_says_where_its_data_are(run: Any, own_town: Any) -> None:
    embedded.note_moved(own_town.data, "Kafka at broker:9092, topics livelihood")
    for command in (("table",), ("rebuild", "--yes"), ("serve",)):
        ran = run(*command, "--data", own_town.data)
        assert ran.status == MISSING
        assert "was moved to Kafka at broker:9092" in ran.err
    shutil.copytree(own_town.data, own_town.folder / "copy")
    (own_town.folder / "copy" / embedded.MOVED).unlink()
    assert run("table", "--data", own_town.folder / "copy").status == 0
