"""`publish` and `serve`: every bad input a clear error, nothing lost, the rest goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_SECONDS

MAIN = "import sys; from cli.main import main; sys.argv[0] = 'livelihood'; main()"


def started(*arguments: object, **more: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def test_events_are_accepted_worked_on_and_recognised_again(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    resolved = event("resolved", time="2024-05-02T10:00:00-05:00", data={"outcome": "fixed"})
    ran = run("publish", lines([event(), resolved]), "--data", own_town.data)
    assert (ran.status, ran.out) == (0, "2 accepted, 0 there before, 0 refused\n")
    assert run("table", "--data", own_town.data, "--format", "json").json[0]["received"] == 301
    ran = run("publish", lines([event()]), "--data", own_town.data)
    assert ran.out == "0 accepted, 1 there before, 0 refused\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"time": "2024-05-01T09:00:00"}, "line 2, time: needs its offset from UTC, for instance"),
        ({"type": "livelihood.request.eaten"}, "line 2, type: 'livelihood.request.eaten' is unknown"),
        ({"type": "livelihood.request.submited"}, "nearest are livelihood.request.submitted, livelihood."),
        ({"time": "2098-05-01T09:00:00Z"}, "line 2, time: 2098-05-01T09:00:00+00:00 is in the future"),
        ({"subject": None}, "line 2, subject: is missing"),
        ({"colour": "red"}, "line 2, colour: there is no such field"),
        ({"data": {"service": "pothole", "note": "a" * 1_000_000}}, "line 2: larger than 256 KiB"),
    ],
)
def test_a_bad_line_is_named_with_what_was_expected_and_the_rest_goes_on(
    run: Any, own_town: Any, event: Any, lines: Any, line: dict[str, Any], said: str
) -> None:
    texts = [event(), event(**({"subject": "H-2"} | line)), event(subject="H-3")]
    ran = run("publish", lines(texts), "--data", own_town.data)
    assert (ran.status, ran.out) == (1, "2 accepted, 0 there before, 1 refused\n")
    assert said in ran.err
    assert run("table", "--data", own_town.data, "--format", "json").json[0]["received"] == 302


def test_a_line_that_is_no_json_is_named(run: Any, own_town: Any, event: Any, lines: Any) -> None:
    ran = run("publish", lines(["{", event(), "", "[]"]), "--data", own_town.data)
    assert ran.status == 1
    assert "line 1: Invalid JSON" in ran.err
    assert "line 4" in ran.err


def test_codes_the_catalogue_does_not_have_are_named(run: Any, own_town: Any, event: Any, lines: Any) -> None:
    strange = event(channel="pigeon", data={"service": "ufo", "area": "atlantis"})
    ran = run("publish", lines([strange]), "--data", own_town.data)
    assert ran.status == 0
    said = " ".join(ran.out.split())
    for code, counted in (("ufo", "nothing"), ("pigeon", "a person"), ("atlantis", "area 'other'")):
        assert f"{code!r}, which the catalogue does not have: they are counted" in said
        assert counted in said


def test_the_same_id_with_other_content_is_refused(run: Any, own_town: Any, event: Any, lines: Any) -> None:
    other = event(data={"service": "tree"})
    ran = run("publish", lines([event(), other]), "--data", own_town.data)
    assert ran.status == 1
    assert "line 2, id: 'H-1:submitted' from /channels/phone has other content in the log" in ran.err
    ran = run("publish", lines([other]), "--data", own_town.data)
    assert ran.status == 1
    assert "pothole" in run("issue", "H-1", "--data", own_town.data, "--format", "json").json["service"]


def test_a_resolution_without_a_submission_is_an_orphan_until_the_submission_comes(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    resolved = event("resolved", time="2024-05-02T10:00:00-05:00", data={"outcome": "fixed"})
    ran = run("publish", lines([resolved]), "--data", own_town.data)
    assert ran.status == 0
    assert "1 not submitted, so counted in no table: livelihood orphans lists them" in ran.out
    other = run("publish", lines([event(subject="H-2")]), "--data", own_town.data)
    assert other.out == "1 accepted, 0 there before, 0 refused\n", "an orphan is said once"
    assert run("orphans", "--data", own_town.data, "--format", "json").json[0]["issue"] == "H-1"
    shown = run("issue", "H-1", "--data", own_town.data)
    assert "the issue was never submitted" in shown.out
    run("publish", lines([event()]), "--data", own_town.data)
    assert run("orphans", "--data", own_town.data, "--format", "json").json == []
    assert run("table", "--data", own_town.data, "--format", "json").json[0]["received"] == 302


def test_without_a_catalogue_requests_are_counted_and_nothing_is_promised(
    run: Any, data: Path, event: Any, lines: Any
) -> None:
    ran = run("publish", lines([event()]), "--data", data)
    assert ran.status == 0
    assert "nothing is promised" in ran.err
    measures = run("table", "--data", data, "--format", "json").json[0]
    assert (measures["received"], measures["no_deadline"]) == (1, 1)


def test_standard_input_is_read_as_it_comes(run: Any, own_town: Any, event: Any) -> None:
    with started("publish", "-", "--data", own_town.data, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(event() + "\n")
        process.stdin.flush()
        deadline = time.monotonic() + PATIENCE_SECONDS
        # The line counts though the pipe is still open.
        while run("table", "--data", own_town.data, "--format", "json").json[0]["received"] == 300:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        out, _ = process.communicate(event(subject="H-2") + "\n", timeout=PATIENCE_SECONDS)
        assert out == "2 accepted, 0 there before, 0 refused\n"


def test_a_server_works_on_what_others_publish_until_it_is_told_to_stop(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    with started("serve", "--data", own_town.data) as worker:
        assert worker.stderr is not None
        assert f"Working on {own_town.data}" in worker.stderr.readline()
        ran = run("publish", lines([event()]), "--data", own_town.data)
        assert ran.status == 0
        assert run("table", "--data", own_town.data, "--format", "json").json[0]["received"] == 301
        second = run("serve", "--data", own_town.data)
        assert second.status == 3
        assert f"(process {worker.pid}) works on {own_town.data} already, since" in second.err
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
        assert "Stopped; everything is on the disk." in worker.stderr.read()


def test_ctrl_c_stops_a_server_cleanly(own_town: Any) -> None:
    with started("serve", "--data", own_town.data) as worker:
        assert worker.stderr is not None
        worker.stderr.readline()
        os.kill(worker.pid, signal.SIGINT)
        assert worker.wait(PATIENCE_SECONDS) == 0


def test_a_server_raises_alerts_once_they_are_due(run: Any, own_town: Any, event: Any, lines: Any) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    due = (now + timedelta(seconds=3)).isoformat()
    submitted = event(time=now.isoformat(), data={"service": "pothole", "target": due, "target_stated": True})
    with started("serve", "--data", own_town.data) as worker:
        assert worker.stderr is not None
        worker.stderr.readline()
        assert run("publish", lines([submitted]), "--data", own_town.data).status == 0
        following = (
            "alerts",
            "--kind",
            "overdue",
            "--follow",
            "--format",
            "json",
            "--since",
            now.isoformat(),
        )
        with started(*following, "--data", own_town.data) as watching:
            assert watching.stdout is not None
            alert = json.loads(watching.stdout.readline())
            os.kill(watching.pid, signal.SIGINT)
            assert watching.wait(PATIENCE_SECONDS) == 130
        os.kill(worker.pid, signal.SIGTERM)
        worker.wait(PATIENCE_SECONDS)
    assert alert["issue"] == "H-1"
    # How soon after, the bench says.
    assert datetime.fromisoformat(alert["raised"]) >= datetime.fromisoformat(due)
