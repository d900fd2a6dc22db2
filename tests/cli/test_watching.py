"""`livelihood import --watch`: a folder's files, once each, whatever happens in between."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cli.failures import INTERRUPTED, MISSING, REFUSED, USAGE
from tests.cli.conftest import Town
from tests.patience import PATIENCE_SECONDS, until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def exports(files: Town, tmp_path: Path, run: Any, data: Path) -> Path:
    """The town's table as three nights' files, and its catalogue published."""
    folder = tmp_path / "exports"
    folder.mkdir()
    head, *rows = files.table.read_text().splitlines(keepends=True)
    for night in range(3):
        (folder / f"2024-04-0{night + 1}.csv").write_text("".join([head, *rows[night::3]]))
    assert run("catalogue", "publish", files.catalogue, "--data", data).status == 0
    return folder


@pytest.fixture
def watch(run: Any, files: Town, exports: Path, data: Path) -> Any:
    def step(*arguments: object) -> Any:
        options = ("--mapping", files.mapping, "--data", data, "--every", "0.1", "--once")
        return run("import", "--watch", exports, *options, *arguments)

    return step


def tables(run: Any, data: Path) -> Any:
    return run("table", "--by", "service", "--format", "json", "--as-of", "2024-06-01", "--data", data).json


def imported(out: str) -> list[str]:
    return [line.split()[2].rstrip(":") for line in out.splitlines() if line.endswith("events published.")]


def test_three_nights_make_the_tables_of_the_whole_and_each_is_imported_once(
    run: Any, watch: Any, town: Town, exports: Path, data: Path
) -> None:
    ran = watch()
    assert ran.status == 0, ran.err
    assert imported(ran.out) == ["2024-04-01.csv", "2024-04-02.csv", "2024-04-03.csv"]
    assert tables(run, data) == tables(run, town.data)
    assert sorted(path.name for path in exports.iterdir()) == imported(ran.out)
    (exports / "2024-04-01.csv").touch()
    shutil.copy(exports / "2024-04-02.csv", exports / "2024-04-04.csv")
    again = watch()
    assert (again.status, again.out) == (0, "")


def test_a_bad_file_is_reported_and_left_out_until_it_is_another(
    run: Any, watch: Any, town: Town, exports: Path, data: Path
) -> None:
    good = (exports / "2024-04-02.csv").read_text()
    (exports / "2024-04-02.csv").write_text(good.replace("Case ID,", "Case No,", 1))
    ran = watch()
    assert ran.status == REFUSED
    assert imported(ran.out) == ["2024-04-01.csv", "2024-04-03.csv"]
    assert "2024-04-02.csv: " in ran.err
    assert "2024-04-02.csv is left out" in ran.err
    assert watch().err == ""
    (exports / "2024-04-02.csv").write_text(good)
    ran = watch()
    assert imported(ran.out) == ["2024-04-02.csv"]
    assert tables(run, data) == tables(run, town.data)


def test_what_is_no_files_fault_holds_them_up(
    run: Any, watch: Any, files: Town, exports: Path, data: Path
) -> None:
    whole = ("import", files.table, "--mapping", files.mapping, "--data", data)
    assert run(*whole, "--until", "2024-01-20").status == 0
    ran = watch()
    assert (ran.status, ran.out) == (REFUSED, "")
    assert "stands open" in ran.err
    assert run(*whole).status == 0
    assert watch().status == 0
    lock = data / "imports" / "lock"
    shutil.copy(files.table, exports / "z.csv")
    (exports / "z.csv").write_text((exports / "z.csv").read_text() + "\n")
    with lock.open("a") as file:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        ran = watch()
    assert ran.status == MISSING
    assert "another process is importing" in ran.err.lower()
    assert imported(watch().out) == ["z.csv"]


def test_a_file_or_a_folder_is_named_and_options_fit_it(run: Any, files: Town, exports: Path) -> None:
    mapping = ("--mapping", files.mapping)
    assert run("import", *mapping).status == USAGE
    assert run("import", files.table, "--watch", exports, *mapping).status == USAGE
    assert run("import", "--watch", exports, "--until", "2024-01-01", *mapping).status == USAGE
    assert run("import", "--watch", exports / "none", *mapping).status == USAGE


#: The command with appends so small that there are many moments to be killed at. With STANDS it comes to a
#: stand after so many of an import that it began itself: however late it is killed, that is in the middle.
SLOW = """
import os, sys, time
import producers.importer
producers.importer.APPENDED_EVENTS = 10
importer = producers.importer.Importer
append, plan, begun = importer._append, importer.plan, []
def planned(*arguments, **options):
    begun.append(0)
    return plan(*arguments, **options)
def slowly(*arguments):
    time.sleep(0.02)
    if begun:
        begun[-1] += 1
        while begun[-1] > int(os.environ.get("STANDS", "1000000")):
            time.sleep(0.02)
    return append(*arguments)
importer.plan, importer._append = planned, slowly
from cli.main import main
sys.argv[0] = "livelihood"
main()
"""


def started(exports: Path, mapping: Path, data: Path, *more: str, **env: str) -> "subprocess.Popen[str]":
    command = ["import", "--watch", exports, "--mapping", mapping, "--data", data, "--every", "0.1", *more]
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, *map(str, command)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"COLUMNS": "200"} | env,
    )


@pytest.mark.slow
def test_killed_again_and_again_it_imports_everything_once_though_files_vanish(
    run: Any, town: Town, files: Town, exports: Path, data: Path, chance: random.Random
) -> None:
    waiting = [(path.name, path.read_text()) for path in sorted(exports.iterdir())]
    for path in exports.iterdir():
        path.unlink()
    for name, text in waiting:
        (exports / name).write_text(text)
        before = set((data / "imports").glob("*.spool"))
        process = started(exports, files.mapping, data, STANDS=str(chance.randrange(12)))
        until(lambda before=before: not set((data / "imports").glob("*.spool")) <= before)
        time.sleep(chance.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # Whoever keeps the folder tidy takes it away, in the middle of its import.
        (exports / name).unlink()
    last = started(exports, files.mapping, data, "--once")
    out, _ = last.communicate(timeout=PATIENCE_SECONDS)
    assert last.returncode == 0, out
    assert "going on with an interrupted import" in out
    assert tables(run, data) == tables(run, town.data)
    for name, text in waiting:
        (exports / name).write_text(text)
    last = started(exports, files.mapping, data, "--once")
    out, _ = last.communicate(timeout=PATIENCE_SECONDS)
    assert (last.returncode, out) == (0, "")


def test_a_watch_takes_what_appears_and_ends_by_a_signal_with_what_to_do(
    run: Any, files: Town, exports: Path, data: Path, tmp_path: Path
) -> None:
    late = exports / "2024-04-03.csv"
    kept = late.rename(tmp_path / "late.csv")
    process = started(exports, files.mapping, data)
    lines: list[str] = []
    assert process.stdout is not None
    reading = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    reading.start()

    def told(text: str) -> None:
        until(lambda: any(text in line for line in lines))

    try:
        told("2024-04-02.csv: ")
        shutil.move(kept, late)
        told("2024-04-03.csv: ")
        (exports / "2024-03-31.csv").write_text(late.read_text() + "\n")
        told("2024-03-31.csv comes before 2024-04-03.csv by name")
        told("2024-03-31.csv: ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == INTERRUPTED
    finally:
        process.kill()
        process.wait()
        reading.join()
        process.stdout.close()
    assert "goes on where this one was" in "".join(lines)
