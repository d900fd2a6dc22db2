"""The demo's parts; what it prints in the end is held by tests/acceptance/test_boston.py."""

import os
import re
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import demo, live
from cli.city_labels import CityLabels, verdict
from cli.live import instants, speed_text
from cli.terminal import notes
from livelihood.instants import DAY, HOUR, MINUTE, SECOND
from livelihood.issue import Issue
from tests.patience import PATIENCE_SECONDS

LIVELIHOOD = Path(sys.executable).with_name("livelihood")


@pytest.mark.parametrize(
    ("speed", "text"),
    [(DAY, "1 day a second"), (3 * DAY, "3 days a second"), (12 * HOUR, "12 hours a second"),
     (36 * HOUR, "1.5 days a second"), (90 * MINUTE, "1.5 hours a second"),
     (30 * SECOND, "30 seconds a second")],
)  # fmt: skip
def test_a_speed_is_said_in_words(speed: int, text: str) -> None:
    assert speed_text(speed) == text


@pytest.mark.parametrize("late", [0.0, 0.1, 3.0])
def test_the_virtual_clock_follows_the_real_one_without_leaps_and_ends_exactly(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    now = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])

    def sleep(seconds: float) -> None:
        # The machine may be busy: it comes back late.
        now[0] += seconds + late

    monkeypatch.setattr(live.time, "sleep", sleep)
    seen = [1_000 * DAY, *instants(1_000 * DAY, 1_010 * DAY, 3 * DAY)]
    steps = [after - before for before, after in pairwise(seen)]
    assert seen[-1] == 1_010 * DAY
    assert all(0 < step <= 3 * DAY * live.LONGEST_LEAP_SECONDS for step in steps)
    if late < live.LONGEST_LEAP_SECONDS / 2:
        assert now[0] - 100 == pytest.approx(10 / 3, abs=0.5)


@pytest.mark.parametrize(
    ("due", "settled", "said"),
    [(None, 5, "no_deadline"), (10, 10, "on_time"), (10, 11, "late"), (10, None, "never_closed"),
     (99, None, "not_yet_due")],
)  # fmt: skip
def test_what_became_of_an_issue(due: int | None, settled: int | None, said: str) -> None:
    assert verdict(Issue(due=due, settled=settled), 50) == said


def test_the_citys_share_leaves_out_what_it_left_blank() -> None:
    labels = CityLabels()
    labels.by_month.update(
        {("2011-07", True): 3, ("2011-07", False): 1, ("2011-07", None): 6, ("2011-08", True): 1}
    )
    assert labels.share("2011-07") == (3, 4)
    assert labels.share() == (4, 5)


def test_the_demo_needs_a_folder_of_its_own(run: Any, town: Any) -> None:
    ran = run("demo", "--data", town.data)
    assert ran.status == 2
    assert "is not empty; the demo needs a folder of its own" in ran.err


def test_a_speed_that_is_none_is_refused(run: Any) -> None:
    ran = run("demo", "--speed", "fast")
    assert ran.status == 2
    assert "--speed: 'fast' is no speed; write 12h/s, 3d/s or 1w/s" in ran.err


def test_ctrl_c_is_how_looking_around_ends_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.time, "sleep", interrupted)
    demo.wait_for_the_end(notes(), "http://127.0.0.1:8080")
    assert "Stop with Ctrl-C." in capsys.readouterr().err


@pytest.mark.slow
def test_a_demo_is_seen_in_a_browser_and_stopped_leaves_no_folder_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [LIVELIHOOD, "demo", "--speed", "10d/s"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        said = iter(demo.stderr.readline, "")
        address = next(found[1] for line in said if (found := re.search(r"in a browser: (http://\S+)", line)))
        assert demo.stdout.readline().startswith("Mon 1 Aug 2011 00:00: 9,854 received")
        page = httpx.get(f"{address}/commitments", timeout=PATIENCE_SECONDS).text
        assert "City of Boston" in page
        # The story's time, not the clock's; how far it has gone meanwhile depends on the machine.
        as_of = re.search(r'as of <time data-as-of datetime="([^"]+)"', page)
        assert as_of
        assert "2011-07" < as_of[1] < "2012-02"
        os.kill(demo.pid, signal.SIGINT)
        _, err = demo.communicate(timeout=PATIENCE_SECONDS)
        assert demo.returncode == 130
    assert "Stopped." in err
    # What passes is a story: nobody is told of its alerts.
    assert "alert of" not in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("livelihood-demo-*"))
