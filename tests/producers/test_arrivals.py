"""Which files of a folder are complete, in which order, and which were done before."""

import os
from pathlib import Path

import pytest

from producers.arrivals import Arrivals
from producers.mapping import parse_mapping
from tests.producers.conftest import MAPPING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


def arrivals(folder: Path, mapping: str = MAPPING) -> Arrivals:
    return Arrivals(folder, folder.parent / "memory", parse_mapping(mapping, "m"))


def names(watched: Arrivals) -> list[str]:
    return [arrival.path.name for arrival in watched.look()[0]]


def test_a_file_is_complete_when_two_looks_find_it_the_same(folder: Path) -> None:
    watched = arrivals(folder)
    (folder / "a.csv").write_text("1")
    assert watched.look() == ([], True)
    (folder / "a.csv").write_text("12")
    assert watched.look() == ([], True)
    ready, are_written = watched.look()
    assert [one.path.name for one in ready] == ["a.csv"]
    assert not are_written


def test_a_file_put_in_place_of_another_is_looked_at_again(folder: Path) -> None:
    watched = arrivals(folder)
    (folder / "a.csv").write_text("1")
    watched.look()
    at = (folder / "a.csv").stat()
    (folder / "b.tmp").write_text("2")
    os.utime(folder / "b.tmp", ns=(at.st_atime_ns, at.st_mtime_ns))
    (folder / "b.tmp").replace(folder / "a.csv")
    assert watched.look() == ([], True)


def test_files_come_by_name_and_those_being_written_are_passed_over(folder: Path) -> None:
    for name in ("2026-03-02.csv", "2026-03-01.csv", ".2026-03-00.csv", "x.csv.part", "x.tmp", "x.csv~"):
        (folder / name).write_text(name)
    (folder / "older").mkdir()
    watched = arrivals(folder)
    watched.look()
    assert names(watched) == ["2026-03-01.csv", "2026-03-02.csv"]


def test_what_was_done_is_known_by_its_content_in_another_process_too(folder: Path) -> None:
    watched = arrivals(folder)
    for name, text in (("a.csv", "1"), ("b.csv", "2")):
        (folder / name).write_text(text)
    watched.look()
    first, second = watched.look()[0]
    watched.remember(first.digest, "a.csv", "imported")
    watched.remember(second.digest, "b.csv", "bad")
    again = arrivals(folder)
    (folder / "copy.csv").write_text("1")
    (folder / "c.csv").write_text("3")
    again.look()
    assert names(again) == ["c.csv"]
    # One that could not be read may be by another mapping; one that was imported was.
    corrected = arrivals(folder, MAPPING.replace("keep_case = true", "keep_case = false"))
    corrected.look()
    assert names(corrected) == ["b.csv", "c.csv"]


def test_the_same_content_under_two_names_comes_once(folder: Path) -> None:
    (folder / "a.csv").write_text("1")
    (folder / "b.csv").write_text("1")
    watched = arrivals(folder)
    watched.look()
    assert names(watched) == ["a.csv"]


def test_a_memory_cut_off_by_a_crash_is_none(folder: Path) -> None:
    (folder / "a.csv").write_text("1")
    watched = arrivals(folder)
    watched.look()
    (ready,), _ = watched.look()
    watched.remember(ready.digest, "a.csv", "imported")
    (path,) = (folder.parent / "memory").glob("*/*.json")
    path.write_text('{"verd')
    assert names(watched) == ["a.csv"]
