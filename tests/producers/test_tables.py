import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.tables import LONGEST_LINE, Table, TableError, digest


def write(folder: Path, content: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(path: Path, **options: str) -> list[tuple[int, list[str]]]:
    with Table(path, **options) as table:  # type: ignore[arg-type]
        return [(row.line, row.values) for row in table.rows()]


def faults(path: Path) -> list[tuple[int, str | None]]:
    with Table(path) as table:
        return [(row.line, row.fault) for row in table.rows()]


def test_a_row_knows_its_line_where_cells_span_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"x\ny\nz"\n2,y\n\n3,z\n')
    assert rows(path) == [(2, ["1", "x\ny\nz"]), (5, ["2", "y"]), (7, ["3", "z"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbfCASE ID,b\n1,2\n")
    with Table(path) as table:
        assert table.columns == ["CASE ID", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "big5"])
def test_a_named_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "編號,事項\n1,路燈\n", encoding=encoding)
    assert rows(path, encoding=encoding) == [(2, ["1", "路燈"])]


def test_a_packed_table_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n"), name="download.csv")
    assert rows(path) == [(2, ["1", "2"])]


@pytest.mark.parametrize("mark", ["\t", ";", "|", ","])
def test_the_heading_tells_the_delimiter(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path, f"a{mark}b{mark}c\n1{mark}2{mark}3\n")
    assert rows(path) == [(2, ["1", "2", "3"])]


def test_broken_rows_carry_their_fault_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,2\n1\n1,2,3\n\xff,2\n5,6\n")
    assert faults(path) == [
        (2, None),
        (3, "wrong_columns"),
        (4, "wrong_columns"),
        (5, "undecodable"),
        (6, None),
    ]


def test_a_cell_of_a_megabyte_refuses_its_row_only(tmp_path: Path) -> None:
    path = write(tmp_path, f"a,b\n1,{'x' * 200_000}\n2,{'y' * (LONGEST_LINE + 5)}\n3,4\n")
    assert faults(path) == [(2, "unreadable_row"), (3, "unreadable_row"), (4, None)]


def test_a_lost_quotation_mark_does_not_swallow_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"lost\n' + "2,fine\n" * 30_000)
    found = faults(path)
    assert found[0] == (2, "unreadable_row")
    assert sum(fault is None for _, fault in found) > 10_000
    assert found[-1] == (30_002, None)


def test_the_bytes_read_reach_the_size_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 50_000))
    with Table(path) as table:
        seen = [table.bytes_read for _ in table.rows()]
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size == table.bytes_read


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b,a\n", "two columns are called 'a'"),
        (b"a,\xff\n", "the heading is not in utf-8; name the encoding, as"),
        (gzip.compress(b"a,b\n" + bytes(range(256)) * 500)[:-300], "damaged or cut off"),
        (b"\x1f\x8bnot packed", "damaged or cut off"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(TableError, match=message):
        rows(path)


def test_a_missing_table_and_an_unknown_encoding_say_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        Table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="no encoding is called 'klingon'"):
        Table(write(tmp_path, "a\n"), encoding="klingon")
    with pytest.raises(TableError, match="No such file"):
        digest(tmp_path / "none.csv")


def test_the_digest_tells_one_content_from_another(tmp_path: Path) -> None:
    one, other = write(tmp_path, "a\n1\n", "1"), write(tmp_path, "a\n2\n", "2")
    assert digest(one) != digest(other)
    assert digest(one) == digest(write(tmp_path, "a\n1\n", "3"))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=20))
def test_whatever_csv_writes_is_read_back_on_its_line(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    lines = []
    for row in table:
        lines.append(1 + _lines(text.getvalue()))
        writer.writerow(row)
    path = write(tmp_path_factory.mktemp("tables"), text.getvalue())
    assert rows(path) == list(zip(lines, table, strict=True))


def _lines(text: str) -> int:
    return len(io.StringIO(text, newline="").readlines())
