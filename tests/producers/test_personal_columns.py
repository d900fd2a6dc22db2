"""Columns of a table that a mapping calls personal: sealed, and never what makes a row another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from producers.importer import Importer
from producers.mapping import Mapping, MappingError, parse_mapping

Make = Callable[..., Importer]


@pytest.fixture
def mapping(mapping_text: str) -> Mapping:
    """The town's, its notes no longer dropped but sealed."""
    text = mapping_text.replace('drop = ["note"]', "drop = []")
    assert text != mapping_text
    return parse_mapping(f'{text}\n[personal]\ntext = "note"\n', "mapping")


class Sealing:
    """Notes what it is given; every sealing is another text, as real ones are."""

    def __init__(self) -> None:
        self.clear: list[tuple[str, str]] = []

    def __call__(self, personal: dict[str, str], issue: str) -> str | None:
        self.clear.append((issue, personal["text"]))
        return None if "forgotten" in personal["text"] else f"sealed.{issue}.{len(self.clear)}"


def sealed_in(log: Any) -> list[str | None]:
    return [json.loads(one.value)["data"].get("personal") for one in log.records if not one.control]


def test_personal_cells_are_sealed_into_the_submission_only(
    log: Any, importer: Make, table: Callable[..., Path]
) -> None:
    seal = Sealing()
    run = importer(table({"note": "call 617 555 0100"}, {"id": "2", "note": ""}), seal=seal)
    run.plan()
    spooled = b"".join(path.read_bytes() for path in run._folder.rglob("*") if path.is_file())
    run.publish()
    assert seal.clear == [("1", "call 617 555 0100")]
    assert sorted(sealed_in(log), key=str) == [None, None, None, "sealed.1.1"]
    assert b"617 555" not in spooled + b"".join(one.value for one in log.records)


def test_a_row_whose_personal_cells_changed_or_that_stands_twice_is_unchanged(
    log: Any, importer: Make, table: Callable[..., Path]
) -> None:
    seal = Sealing()
    first = importer(table({"note": "a"}, {"note": "b"}), seal=seal)
    assert first.plan().repeated == 1
    first.publish()
    before = list(log.records)
    again = importer(table({"note": "another"}), seal=seal)
    report = again.plan()
    again.publish()
    assert (report.unchanged, report.events) == (1, 0)
    assert log.records == before
    assert seal.clear == [("1", "a")]


def test_nothing_personal_goes_on_of_the_forgotten_or_where_nothing_seals(
    log: Any, importer: Make, table: Callable[..., Path]
) -> None:
    for options in ({"seal": Sealing()}, {}):
        run = importer(table({"id": str(len(log.records)), "note": "forgotten"}), **options)
        run.plan()
        run.publish()
    assert len(sealed_in(log)) == 4
    assert set(sealed_in(log)) == {None}


def test_what_is_too_long_is_cut_and_reported(log: Any, importer: Make, table: Callable[..., Path]) -> None:
    seal = Sealing()
    report = importer(table({"note": "x" * 10_001}), seal=seal).plan()
    assert report.doubts == {"personal_cut": 1}
    assert [len(text) for _, text in seal.clear] == [10_000]


@pytest.mark.parametrize(
    ("personal", "said"),
    [
        ('shoe_size = "note"', "'shoe_size' is no field of a person"),
        ('text = "how"', "'how' is used elsewhere"),
    ],
)
def test_a_mapping_cannot_call_personal_what_is_none_or_what_it_shows(
    mapping_text: str, personal: str, said: str
) -> None:
    with pytest.raises(MappingError, match=said):
        parse_mapping(f"{mapping_text}\n[personal]\n{personal}\n", "mapping")
