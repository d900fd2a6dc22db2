"""What a column of an unknown table seems to hold, told from its name and a sample of its cells."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: How many rows are looked at. Enough for a half per cent of odd cells to show.
SAMPLE_ROWS = 5_000
#: Different values up to which a column can be a list of services, areas or departments.
MANY_VALUES = 400
#: An average cell of more characters than this is prose.
PROSE_CHARACTERS = 40
#: The share of filled cells that must fit a date format, so that one bad cell does not hide it.
FITS = 0.98
#: Of so many cells one may be wrong.
A_FEW = 5

DATE_FORMATS = (
    "iso",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%y %I:%M %p",
    "%m/%d/%y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M",
    "%Y%m%d%H%M%S",
    "%b %d, %Y %I:%M:%S %p",
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y年%m月%d日",
    "%Y%m%d",
    "%b %d, %Y",
)
TIME_FORMATS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")

_PERSONAL = (
    "address",
    "street",
    "phone",
    "email",
    "mail",
    "owner",
    "caller",
    "contact",
    "地址",
    "电话",
    "姓名",
)
_PHONE = re.compile(r"(?<!\d)(\+?\d[\d\s().-]{8,14}\d)(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_LINK = re.compile(r"https?://", re.IGNORECASE)


@dataclass(kw_only=True)
class Column:
    """One column's name, and what its sample shows."""

    name: str
    position: int
    #: The sample's cells, empty ones left out.
    cells: list[str] = field(repr=False)
    rows: int

    def __post_init__(self) -> None:
        self.counts = Counter(self.cells)
        self.words = tuple(re.findall(r"[^\W\d_]+", _split_case(self.name).casefold()))

    @property
    def filled(self) -> float:
        """The share of rows where it is not empty."""
        return len(self.cells) / self.rows if self.rows else 0.0

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 0 and len(self.counts) == self.rows

    @property
    def tells_rows(self) -> bool:
        """Whether nearly every row has a value of its own: a slip or two, as where a date has one."""
        return 0 < self.rows - len(self.counts) <= _slips(self.rows) or self.is_unique

    def named(self, *words: str) -> bool:
        """Whether one of the words is in its name; a word of a script without spaces may be a part."""
        text = self.name.casefold()
        return any(word in self.words or (not word.isascii() and word in text) for word in words)

    def date_format(self, formats: Sequence[str] = DATE_FORMATS) -> str | None:
        """The format that fits best, if one fits nearly all cells; the first of equals."""
        if not self.cells or not any(mark.isdigit() for mark in self.cells[0]):
            return None
        best, fewest = None, _slips(len(self.cells))
        for format_ in formats:
            misses = 0
            for text in self.cells:
                misses += not _fits(text, format_)
                if misses > fewest:
                    break
            else:
                if best is None or misses < fewest:
                    best, fewest = format_, misses
        return best

    def numbers(self) -> list[float]:
        """Its cells as numbers; empty if one of them is none."""
        try:
            return [float(cell) for cell in self.cells]
        except ValueError:
            return []

    def private(self) -> str | None:
        """Why it must not be imported without thought: phones, e-mails, links, prose; None if it may."""
        if any(_EMAIL.search(cell) for cell in self.cells):
            return "holds e-mail addresses"
        if any(_LINK.search(cell) for cell in self.cells):
            return "holds links"
        if self.named(*_PERSONAL) or self.words == ("name",):
            return "its name speaks of a person or an address"
        if not self.numbers() and any(_PHONE.search(cell) for cell in self.cells):
            return "holds what look like telephone numbers"
        length = sum(map(len, self.cells)) / len(self.cells) if self.cells else 0
        if length > PROSE_CHARACTERS and len(self.counts) > MANY_VALUES:
            return "free text"
        return None


def sample(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[Column]:
    """The columns with the cells of the rows given."""
    taken = list(rows)
    return [
        Column(
            name=name,
            position=position,
            cells=[cell for row in taken if (cell := row[position].strip())],
            rows=len(taken),
        )
        for position, name in enumerate(columns)
    ]


def _slips(cells: int) -> int:
    """Of so many how many may be wrong. In a short table one slip of a pen is many per cent."""
    return max(int((1 - FITS) * cells), cells >= A_FEW)


def _fits(text: str, format_: str) -> bool:
    try:
        if format_ == "iso":
            # Without the T it also takes bare digits, and shapes that have a format of their own below.
            return "T" in text and bool(datetime.fromisoformat(text))
        datetime.strptime(text, format_)  # noqa: DTZ007 (only whether it fits)
    except ValueError:
        return False
    return True


def _split_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
