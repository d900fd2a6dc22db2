"""The data that ship: what they hold, what they must not hold, and that their pages tell the truth."""

import csv
import gzip
import importlib.util
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from producers.mapping import load_mapping
from producers.tables import Table

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = {"boston": ("requests-2011h2.csv.gz", 58_251), "kansas-city": ("potholes-2020.csv.gz", 4_493)}


def rows(city: str) -> list[dict[str, str]]:
    with gzip.open(EXAMPLES / city / FILES[city][0], "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def prepare() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", EXAMPLES / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("city", FILES)
def test_every_row_of_the_download_is_there(city: str) -> None:
    assert len(rows(city)) == FILES[city][1]
    assert f"{FILES[city][1]:,}" in (EXAMPLES / city / "README.md").read_text()


@pytest.mark.parametrize("city", FILES)
def test_no_cell_holds_an_address_a_telephone_number_or_prose(city: str) -> None:
    mapping = load_mapping(EXAMPLES / city / "mapping.toml")
    seen = {cell for row in rows(city) for name, cell in row.items() if name != mapping.id}
    assert not [cell for cell in seen if "@" in cell or "://" in cell]
    assert not [cell for cell in seen if re.search(r"\d{3}\D{0,2}\d{3}\D?\d{4}", cell)]
    assert not [cell for cell in seen if re.search(r"\d+ \w+ (St|Ave|Rd|Dr|Pl|Way)\b", cell)]
    assert max(map(len, seen)) < 60


def test_bostons_page_counts_its_outcomes_and_labels() -> None:
    page = (EXAMPLES / "boston" / "README.md").read_text()
    table = dict(re.findall(r"^\| ([\w ]+?) \| ([\d,]+) \|", page, re.MULTILINE))
    counts = Counter(row["closure_reason"] or "still open" for row in rows("boston"))
    assert table == {outcome: f"{count:,}" for outcome, count in counts.items()}
    labels = Counter(row["ontime"] for row in rows("boston"))
    assert f"{labels['ONTIME']:,}\nONTIME, {labels['OVERDUE']:,} OVERDUE, {labels['']} empty" in page
    assert f"{sum(not row['target_dt'] for row in rows('boston')):,} rows have no target" in page


def test_kansas_citys_page_counts_its_labels() -> None:
    labels = Counter(row["EXCEEDED EST TIMEFRAME"] for row in rows("kansas-city"))
    assert f"{labels['Y']:,} Y, {labels['N']:,} N" in (EXAMPLES / "kansas-city" / "README.md").read_text()


@pytest.mark.parametrize("city", FILES)
def test_what_was_reduced_is_not_reduced_further(city: str, prepare: ModuleType) -> None:
    mapping = load_mapping(EXAMPLES / city / "mapping.toml")
    with Table(EXAMPLES / city / FILES[city][0]) as table:
        columns, *again = prepare.reduced(mapping, table, Counter())
    assert [dict(zip(columns, row, strict=True)) for row in again] == rows(city)


@pytest.mark.parametrize("city", FILES)
def test_the_packed_file_says_nothing_of_when_it_was_packed(city: str) -> None:
    head = (EXAMPLES / city / FILES[city][0]).read_bytes()[:10]
    assert head[4:8] == b"\0\0\0\0"
    assert head[3] == 0  # no file name either
