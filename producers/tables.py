"""Reading a city's table: CSV or TSV, packed or plain, in any named encoding, in bounded memory.

Lines are counted as an editor counts them, so that a reject can be looked up even where a cell
spans several lines.
"""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Literal, cast

#: The longest line read, in characters. A longer one is a broken file or an attack on memory.
LONGEST_LINE = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"

#: ASCII, and pairs of bytes as in GB 2312, which every later encoding of the mainland contains; somewhere two
#: pairs in a row, as two accents in a row are French too.
_COMMON_CHINESE = re.compile(rb"(?=.*[\xa1-\xfe]{4})(?:[\x00-\x7f]|[\xa1-\xfe]{2})*", re.DOTALL)

Fault = Literal["unreadable_row", "wrong_columns", "undecodable"]


class TableError(Exception):
    """A table that cannot be read at all: missing, cut off, of another encoding, without a heading."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One record of the table."""

    #: The line it begins on; the heading is on line 1.
    line: int
    #: One value per column of the heading; fewer or more only where there is a fault.
    values: list[str]
    #: Why the record cannot be used.
    fault: Fault | None = None


class Table:
    """An open table: its columns, then its rows, one pass.

    `bytes_read` over `bytes_total` is how far it is, in bytes of the file as it lies on the disk.
    """

    def __init__(self, path: Path, *, encoding: str = "utf-8", delimiter: str | None = None) -> None:
        """Open a table and read its heading; TableError says what is wrong with the file.

        Without a delimiter the heading decides: tab, semicolon, bar or comma, whichever it has most of.
        """
        self.path = path
        self.encoding = encoding
        try:
            self.bytes_total = path.stat().st_size
            self._raw: IO[bytes] = path.open("rb")
        except OSError as error:
            raise TableError(f"cannot read {path}: {error.strerror}") from None
        try:
            self._text = _text(self._raw, encoding)
            self._cut = False
            self._lines = self._bounded()
            first = self._guarded_line()
            self.delimiter = delimiter or max("\t;|,", key=lambda mark: (first.count(mark), mark == ","))
            self._reader = csv.reader(self._rejoined(first), delimiter=self.delimiter)
            self.columns = self._heading()
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *exception: object) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file taken in so far."""
        return self.bytes_total if self._raw.closed else self._raw.tell()

    def rows(self) -> Iterator[Row]:
        """The records in the file's order, blank lines left out; a broken one carries its fault."""
        width = len(self.columns)
        reader = self._reader
        while True:
            line, self._cut = reader.line_num + 1, False
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error:
                # A cell of more than csv's 128 Ki characters is a lost quotation mark; it goes on after it.
                yield Row(line=line, values=[], fault="unreadable_row")
                continue
            except (UnicodeError, OSError, EOFError, zlib.error) as error:
                raise self._damaged(error) from None
            if not values:
                continue
            fault: Fault | None = None
            if self._cut:
                fault = "unreadable_row"
            elif len(values) != width:
                fault = "wrong_columns"
            elif not _decoded(values):
                fault = "undecodable"
            yield Row(line=line, values=values, fault=fault)

    def _heading(self) -> list[str]:
        try:
            columns = [name.strip() for name in next(self._reader, [])]
        except csv.Error as error:
            raise TableError(f"{self.path}: the heading cannot be read: {error}") from None
        if not any(columns):
            raise TableError(f"{self.path} is empty: the first line must name the columns")
        if not _decoded(columns):
            raise TableError(
                f"{self.path}: the heading is not in {self.encoding}; name the encoding, as"
                " --encoding gb18030 or latin-1, in a mapping as encoding"
            )
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise TableError(f"{self.path}: two columns are called {', '.join(map(repr, twice))}")
        return columns

    def _guarded_line(self) -> str:
        try:
            return next(self._lines, "")
        except (UnicodeError, OSError, EOFError, zlib.error) as error:
            raise self._damaged(error) from None

    def _rejoined(self, first: str) -> Iterator[str]:
        yield first
        yield from self._lines

    def _bounded(self) -> Iterator[str]:
        """The lines, each cut at LONGEST_LINE; what is cut is skipped, not gathered in memory."""
        while line := self._text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
                self._cut = True
                while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                    pass
            yield line

    def _damaged(self, error: Exception) -> TableError:
        what = "is not in the encoding given" if isinstance(error, UnicodeError) else "is damaged or cut off"
        return TableError(f"{self.path} {what}: {error}")


def likely_encoding(path: Path) -> str:
    """utf-8, or gb18030 where the heading's bytes are Chinese in it and are not UTF-8; TableError.

    Latin letters with accents would pass for rare Chinese ones, so only common ones tell: both their bytes
    are high, and a heading has two in a row.
    """
    with Table(path, encoding="latin-1") as table:
        heading = table.delimiter.join(table.columns).encode("latin-1")
    try:
        heading.decode()
    except UnicodeDecodeError:
        if _COMMON_CHINESE.fullmatch(heading):
            return "gb18030"
    return "utf-8"


def digest(path: Path) -> str:
    """The SHA-256 of a file's content, which tells one import from another; TableError if unreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror}") from None


def _text(raw: IO[bytes], encoding: str) -> TextIOWrapper:
    packed = raw.read(2) == _GZIP_MAGIC
    raw.seek(0)
    source = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
    # A byte order mark is no part of the first column's name, whether or not the file has one.
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        # Bytes that do not fit are carried along, so that one bad cell refuses its row, not the file.
        return TextIOWrapper(source, encoding=name, errors="surrogateescape", newline="")
    except LookupError:
        raise TableError(f"no encoding is called {encoding!r}; utf-8, gb18030, latin-1 are some") from None


def _decoded(values: list[str]) -> bool:
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return False
    return True
