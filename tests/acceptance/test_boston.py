"""Boston's half year through the command line, against an independent count of the file (docs/boston.md)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

pytestmark = pytest.mark.slow

NEW_YEAR, IN_THE_END = "2012-01-01", "2026-01-01"
#: On time and due, by month due, as of the new year.
BY_MONTH = {
    "2011-07": (3_723, 4_559), "2011-08": (5_902, 7_659), "2011-09": (5_715, 7_446),
    "2011-10": (6_091, 7_945), "2011-11": (5_046, 6_946), "2011-12": (3_451, 5_130),
}  # fmt: skip


def run(*arguments: object) -> str:
    command = [Path(sys.executable).with_name("livelihood"), *map(str, arguments)]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo, run once as fast as it goes: its data folder, and what it printed."""
    folder = tmp_path_factory.mktemp("boston") / "data"
    return folder, run("demo", "--once", "--data", folder)


@pytest.fixture(scope="module")
def table(demo: tuple[Path, str]) -> Any:
    def read(*arguments: str) -> list[dict[str, Any]]:
        # In this process: there are many, and starting one takes longer than an answer.
        asked = ["table", "--data", str(demo[0]), "--format", "json", *arguments]
        ran = CliRunner().invoke(app, asked, env={"NO_COLOR": "1"})
        assert ran.exit_code == 0, ran.output
        objects: list[dict[str, Any]] = json.loads(ran.stdout)
        return objects

    return read


def part(rate: dict[str, Any]) -> tuple[int, int]:
    return rate["numerator"], rate["denominator"]


def test_at_the_new_year(table: Any) -> None:
    measures = table("--as-of", NEW_YEAR)[0]
    assert (measures["commitment"], measures["received"]) == ("*", 58_251)
    on_time, late, overdue = (measures[name] for name in ("closed_on_time", "closed_late", "overdue"))
    assert (on_time, late, overdue, measures["no_deadline"]) == (33_436, 5_050, 4_707, 10_981)
    not_yet_due = measures["share_with_deadline"]["numerator"] - on_time - late - overdue
    assert not_yet_due == 4_077
    assert part(measures["on_time_rate"]) == (29_928, 39_685)
    assert measures["on_time_rate"]["value"] == pytest.approx(0.754, abs=0.0005)
    assert measures["running_on_time_rate"]["value"] == pytest.approx(0.774, abs=0.0005)


@pytest.mark.parametrize("month", BY_MONTH)
def test_by_month_due(table: Any, month: str) -> None:
    assert part(table("--as-of", NEW_YEAR, "--period", month)[0]["on_time_rate"]) == BY_MONTH[month]


def test_when_nothing_more_happens(table: Any) -> None:
    for measures in (table("--as-of", IN_THE_END)[0], table()[0]):
        assert measures["closed_on_time"] == 35_591
        assert measures["closed_late"] == 8_230
        assert measures["overdue"] == 3_449
        assert measures["no_deadline"] == 10_981


def test_what_was_shown_at_the_new_year_is_what_is_said_of_it_afterwards(
    demo: tuple[Path, str], table: Any
) -> None:
    shown = re.search(r"All traffic +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d.]+) % +([\d,]+)", demo[1])
    assert shown
    then = table("--as-of", NEW_YEAR)[0]
    told = [int(number.replace(",", "")) for number in (*shown.groups()[:4], shown[6])]
    assert told == [then[name] for name in ("received", "open", "due_soon", "overdue", "due")]


def test_people_and_staff_and_the_scheduled(table: Any) -> None:
    by_origin = {
        one["origin"]: one for one in table("--as-of", NEW_YEAR, "--by", "origin") if one["commitment"] == "*"
    }
    assert part(by_origin["person"]["on_time_rate"]) == (21_552, 30_604)
    assert part(by_origin["staff"]["on_time_rate"]) == (8_376, 9_081)
    by_outcome = {
        one["outcome"]: one
        for one in table("--as-of", NEW_YEAR, "--by", "outcome")
        if one["commitment"] == "*" and one["outcome"]
    }
    assert by_outcome["scheduled"]["resolved"] == 8_993
    assert by_outcome["open"]["open"] == 9_879


def test_the_demo_prints_the_figures_beside_the_citys_own(demo: tuple[Path, str]) -> None:
    printed = " ".join(demo[1].split())
    for text in (
        "closed on time 33,436 closed late 5,050 overdue 4,707 not yet due 4,077",
        "on-time rate 75.4 % 29,928 of 39,685",
        "running rate 77.4 % 33,436 of 43,193",
        "city's own label 80.2 % 46,572 of 58,093 labelled; 10,981 without a deadline count as on time",
        "on time, by month due 81.7 % 77.1 % 76.8 % 76.7 % 72.6 % 67.3 %",
        "city's label, by month opened 81.3 % 79.7 % 78.9 % 80.5 % 80.6 % 80.3 %",
        "asked by people 70.4 %",
        "entered by staff 92.2 %",
        'closed as "scheduled" 8,993 of 48,372 resolved',
        # Ours, then the city's: ONTIME, OVERDUE, no label.
        "closed on time 35,591 35,591 0 0",
        "closed late 8,230 0 8,073 157",
        "never closed, overdue 3,449 0 3,448 1",
        "without a deadline 10,981 10,981 0 0",
    ):
        assert text in printed


def test_every_overdue_case_was_raised_at_its_own_moment(demo: tuple[Path, str]) -> None:
    alerts = json.loads(run("alerts", "--data", demo[0], "--kind", "overdue", "--format", "json"))
    assert len({alert["id"] for alert in alerts}) == len(alerts)
    # Closed late, and never closed: each was overdue once, a microsecond after its deadline.
    assert len({alert["issue"] for alert in alerts}) == len(alerts) == 8_230 + 3_449
    late = {alert["issue"] for alert in alerts if alert["at"] != alert["raised"]}
    # Their targets lie before their opening, so there was nobody to notice it earlier.
    assert late == {"101000304444", "101000304447", "101000304470"}
    assert all(
        alert["at"].removesuffix("Z") == f"{alert['due'].removesuffix('Z')}.000001" for alert in alerts
    )


def test_the_same_file_imported_again_changes_nothing(demo: tuple[Path, str]) -> None:
    from cli.examples import example_path

    printed = run(
        "import", example_path("boston/requests-2011h2.csv.gz"), "--mapping", "boston", "--data", demo[0]
    )
    assert "0 events published" in printed
    assert re.search(r"unchanged +58,251", printed)
