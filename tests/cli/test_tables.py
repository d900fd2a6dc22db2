"""`table`: the live table for people and programs."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from livelihood.measures import measures_of
from tests.patience import PATIENCE_SECONDS

RATES = [
    "share_with_deadline", "on_time_rate", "running_on_time_rate", "on_time_rate_original",
    "accepted_on_time_rate", "one_visit_rate", "solved_rate", "satisfaction_rate",
]  # fmt: skip


def table(run: Any, town: Any, *arguments: str) -> Any:
    ran = run("table", "--data", town.data, "--format", "json", *arguments)
    assert ran.status == 0, ran.err
    return ran.json


def test_the_first_object_is_all_traffic_and_holds_every_measure_by_its_name(run: Any, town: Any) -> None:
    objects = table(run, town)
    assert [one["commitment"] for one in objects] == ["*", "parks", "streets", "waste"]
    assert list(objects[0]) == ["commitment", *measures_of({}), "oldest_open", "last_change"]
    assert objects[0]["received"] == 300
    for name in RATES:
        assert list(objects[0][name]) == ["value", "numerator", "denominator", "low", "high"]
    assert objects[0]["one_visit_rate"]["value"] is None


def test_instants_are_written_in_the_jurisdictions_zone(run: Any, town: Any) -> None:
    assert table(run, town)[0]["oldest_open"].endswith(("-06:00", "-05:00"))


def test_a_breakdown_names_its_dimensions_and_adds_up(run: Any, town: Any) -> None:
    objects = table(run, town, "--by", "department,origin", "--by", "department")
    total, *rest = objects
    assert (total["commitment"], total["department"], total["origin"]) == ("*", None, None)
    of_all = [one for one in rest if one["commitment"] == "*"]
    assert {one["origin"] for one in of_all} == {"person", "staff"}
    for measure in ("received", "open", "overdue", "closed_late", "due"):
        assert sum(one[measure] for one in of_all) == total[measure]


def test_one_commitment_alone(run: Any, town: Any) -> None:
    assert [one["commitment"] for one in table(run, town, "parks")] == ["*", "parks"]


def test_as_of_counts_what_had_happened_by_then(run: Any, town: Any) -> None:
    early, late = table(run, town, "--as-of", "2024-02-01")[0], table(run, town, "--as-of", "2024-03-01")[0]
    assert 0 < early["received"] < late["received"] < 300
    assert table(run, town, "--as-of", "2024-02-01T00:00-06:00")[0] == early
    assert table(run, town, "--as-of", "2024-01-01")[0]["received"] == 0


def test_a_period_narrows_to_what_happened_or_fell_due_in_it(run: Any, town: Any) -> None:
    months = [table(run, town, "--period", f"2024-0{month}")[0] for month in range(1, 7)]
    whole = table(run, town)[0]
    for measure in ("received", "due", "closed_on_time"):
        assert sum(month[measure] for month in months) == whole[measure]
    assert table(run, town, "--period", "2024-Q1")[0]["received"] == 300
    week = table(run, town, "--period", "2024-W06")[0]["received"]
    days = [table(run, town, "--period", f"2024-02-{day:02}")[0]["received"] for day in range(5, 12)]
    assert week == sum(days) > 0


def test_an_instant_after_the_tables_own_counts_the_deadlines_until_then(run: Any, own_town: Any) -> None:
    run("import", own_town.table, "--mapping", own_town.mapping, "--data", own_town.folder / "other")
    ran = run("catalogue", "publish", own_town.catalogue, "--data", own_town.folder / "other")
    assert ran.status == 0
    ran = run("import", own_town.table, "--mapping", own_town.mapping, "--until", "2024-02-01", "--data",
              own_town.folder / "other")  # fmt: skip
    assert ran.status == 0, ran.err
    ran = run("table", "--as-of", "2024-02-20", "--format", "json", "--data", own_town.folder / "other")
    then = run("table", "--as-of", "2024-02-01", "--format", "json", "--data", own_town.folder / "other")
    assert ran.json[0]["received"] == then.json[0]["received"]
    assert ran.json[0]["due"] > then.json[0]["due"]
    shown = run("table", "--data", own_town.folder / "other")
    assert "The import requests-" in shown.out
    assert "stands at Thu 1 Feb 2024 00:00" in shown.out


def test_known_at_leaves_out_what_was_recorded_later(run: Any, town: Any) -> None:
    ran = run("table", "--data", town.data, "--as-of", "2024-03-01", "--known-at", "2024-02-01")
    assert ran.status == 2
    assert "as-of lies after known-at" in ran.err.lower()
    assert table(run, town, "--known-at", "2024-03-01")[0]["received"] > 0


def test_csv_has_a_column_for_each_part_of_a_rate(run: Any, town: Any) -> None:
    ran = run("table", "--data", town.data, "--format", "csv", "--by", "origin")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert rows[0]["commitment"] == "*"
    assert rows[0]["origin"] == ""
    rate = {name: float(rows[0][f"on_time_rate{name}"]) for name in ("", "_numerator", "_denominator")}
    assert rate[""] == pytest.approx(rate["_numerator"] / rate["_denominator"])
    assert {
        "excluded_withdrawn",
        "resolved_by_outcome_fixed",
        "time_to_resolve_elapsed_median_seconds",
    } <= rows[0].keys()


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_people_see_titles_rates_with_denominators_period_and_instant(
    run: Any, town: Any, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = run("table", "--data", town.data, "--as-of", "2024-03-01", "--period", "2024-02")
    assert ran.out.startswith("Example Town · 2024-02 · as of Fri 1 Mar 2024 00:00 (America/Chicago)")
    assert max(map(len, ran.out.splitlines())) <= columns
    for word in ("received", "due soon", "overdue", "on time", "of due", "All traffic", "Streets"):
        assert word in ran.out
    # The flattering rate is the first to go where there is little room.
    assert ("running" in ran.out) == (columns > 80)


def test_a_rate_over_few_is_grey_and_over_nothing_a_dash(
    run: Any, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    ran = run("table", "--data", town.data, "--as-of", "2024-01-20")
    parks = next(line for line in ran.out.splitlines() if "Parks" in line)
    assert "–" in parks
    streets = next(line for line in ran.out.splitlines() if "Streets" in line)
    assert "\x1b[90m" in streets


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["street"], "There is no commitment 'street'; did you mean streets"),
        (["zzz"], "There is no commitment 'zzz'; livelihood table lists them all."),
        (["--by", "colour"], "no table is kept by 'colour'; choose from department, service"),
        (["--period", "2024-13"], "--period: '2024-13' is no period"),
        (["--as-of", "soon"], "--as-of: 'soon' is no date or time; write 2012-01-01"),
        (["--known-at", "2024-02-30"], "--known-at: '2024-02-30' is no date or time"),
        (["--follow", "--format", "csv"], "--follow: CSV is one table"),
        (["--follow", "--as-of", "2024-02-01"], "does not change as time passes; leave --as-of out"),
        (["--follow", "--known-at", "2024-02-01"], "does not change as time passes; leave --known-at out"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(
    run: Any, town: Any, arguments: list[str], said: str
) -> None:
    ran = run("table", "--data", town.data, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_a_folder_without_data_is_said_to_be_empty_and_stays_so(run: Any, tmp_path: Path) -> None:
    ran = run("table", "--data", tmp_path / "nothing")
    assert ran.status == 3
    assert "holds no data yet; import or publish something first" in ran.err
    assert not (tmp_path / "nothing").exists()


def test_following_prints_a_new_table_when_something_was_worked_on(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    (own_town.data / "livelihood.toml").write_text("follow_seconds = 0.1\n")
    command = [sys.executable, "-m", "cli.main", "table", "--follow", "--format", "json"]
    script = "import sys; from cli.main import main; sys.argv[0] = 'livelihood'; main()"
    command = [
        sys.executable,
        "-c",
        script,
        "table",
        "--follow",
        "--format",
        "json",
        "--data",
        str(own_town.data),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert '"received": 300' in following.stdout.readline()
        assert run("publish", lines([event()]), "--data", own_town.data).status == 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while '"received": 301' not in following.stdout.readline():
            assert time.monotonic() < deadline
        os.kill(following.pid, signal.SIGINT)
        assert following.wait(PATIENCE_SECONDS) == 130
