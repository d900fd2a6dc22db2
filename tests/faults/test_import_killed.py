"""An import killed at random moments, and gone on with, ends as one that nobody disturbed."""

import signal
import subprocess
import time
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app

#: How often it is killed in all.
KILLS = 30
#: Before the file's end, at it, and after everything in it is closed or overdue.
INSTANTS = ("2011-09-15T12:00:00-04:00", "2012-01-01T00:00:00-05:00", "2026-01-01T00:00:00-05:00")


def tables(data: Path) -> list[str]:
    """Tables as the command prints them, at stated instants."""
    asked = [("--as-of", instant) for instant in INSTANTS]
    asked += [
        ("--period", "2011-08", "--by", "department", "--as-of", INSTANTS[1]),
        ("--known-at", INSTANTS[1]),
    ]
    found = []
    for arguments in asked:
        result = CliRunner().invoke(app, ["table", "--format", "json", "--data", str(data), *arguments])
        assert result.exit_code == 0, result.output
        found.append(result.stdout)
    return found


def test_an_import_killed_at_thirty_moments_ends_as_if_it_never_was(command, boston, held, chance) -> None:
    undisturbed = command("undisturbed")
    begun = time.monotonic()
    status, out = undisturbed.run("import", boston, "--mapping", "boston")
    length = time.monotonic() - begun
    assert status == 0, out
    expected, expected_tables = held(undisturbed.data), tables(undisturbed.data)
    expected.check()
    assert len(expected.records) > 3_500
    assert len(expected.ids) > 1_000

    kills = folders = 0
    while kills < KILLS:
        folders += 1
        disturbed = command(f"disturbed{folders}")
        while True:
            process = disturbed.start("import", boston, "--mapping", "boston")
            try:
                process.wait(chance.uniform(0.25, 0.9) * length if kills < KILLS else 120)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            else:
                assert process.returncode == 0, process.communicate()[0]
                break
        result = held(disturbed.data)
        result.check()
        assert result.records == expected.records
        assert result.alerts == expected.alerts
        assert tables(disturbed.data) == expected_tables
