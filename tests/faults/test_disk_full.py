"""A disk that is full: a clear message, and nothing lost that was acknowledged."""

import json
import subprocess
from pathlib import Path

import pytest

#: So many pages may each file of the data folder have; SQLite then says that the disk is full.
LIMITS = (12, 40, 90, 160, 260)


def line(number: int) -> str:
    event = {
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/phone",
        "id": f"e{number}",
        "subject": f"r{number}",
        "time": "2026-01-01T00:00:00Z",
        "channel": "phone",
        "data": {"service": "lamp"},
    }
    return json.dumps(event) + "\n"


def test_an_import_the_disk_has_no_room_for_says_so_and_goes_on_later(command, boston, held) -> None:
    undisturbed, starved = command("undisturbed"), command("starved")
    assert undisturbed.run("import", boston, "--mapping", "boston")[0] == 0
    for limit in LIMITS:
        status, out = starved.run("import", boston, "--mapping", "boston", pages=limit)
        assert status == 3, out
        assert "the disk is full; free some space" in out
    status, out = starved.run("import", boston, "--mapping", "boston")
    assert status == 0, out
    result, expected = held(starved.data), held(undisturbed.data)
    result.check()
    assert result.records == expected.records
    assert result.alerts == expected.alerts


def test_what_was_not_accepted_for_want_of_room_can_be_published_again(command, held, tmp_path) -> None:
    starved, lines = command("starved"), tmp_path / "events.jsonl"
    lines.write_text("".join(line(number) for number in range(3_000)))
    status, out = starved.run("publish", lines, pages=30)
    assert status == 3, out
    assert "the disk is full" in out
    before = held(starved.data, worked=False)
    assert 0 < len(before.records) < 3_000
    status, out = starved.run("publish", lines)
    assert status == 0, out
    assert f"{3_000 - len(before.records):,} accepted, {len(before.records):,} there before" in out
    after = held(starved.data)
    after.check()
    assert [record.key for record in after.records] == [f"r{number}" for number in range(3_000)]
    assert after.records[: len(before.records)] == before.records


def test_a_disk_that_is_really_full(command, boston, held, tmp_path) -> None:
    """The same on a small file system of its own, where this user may make one."""
    starved = command("small-disk")
    starved.data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", starved.data], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        status, out = starved.run("import", boston, "--mapping", "boston")
        assert status == 3, out
        assert "full" in out or "No space left" in out
        subprocess.run(["mount", "-o", "remount,size=200m", starved.data], check=True)
        status, out = starved.run("import", boston, "--mapping", "boston")
        assert status == 0, out
        held(starved.data).check()
    finally:
        subprocess.run(["umount", starved.data], check=True)


def test_a_folder_nobody_may_write_is_said_so(command, tmp_path) -> None:
    one = command("data")
    Path(one.data).write_text("a file where the folder should be")
    status, out = one.run("serve")
    assert status == 3, out
    assert str(one.data) in out
