"""A whole table seen at once: which standards lie behind its deadlines, and a catalogue to begin with.

"Is this work standardised?" is answered per service, from the deadlines the city itself has stated.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from livelihood.event_data import SubmittedData
from livelihood.inference import Fit, fit
from livelihood.instants import Instant, from_datetime
from livelihood.worktime import WorkCalendar
from producers.mapping import Mapping
from producers.parts import code_of
from producers.rows import Reject, RowReader
from producers.tables import Table

#: Rows between two reports of progress.
_REPORTED_ROWS = 1_000
#: A time after any that a table holds, where nothing is to count as the future.
_NEVER: Instant = 1 << 57


@dataclass(kw_only=True)
class Survey:
    """What the rows of a table name, and how often."""

    mapping: Mapping
    #: (service, opened, target) of each request.
    cases: list[tuple[str, Instant, Instant | None]] = field(default_factory=list)
    #: Part -> code -> the names it has in the table.
    names: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    #: Service -> departments that had it, and categories it was in.
    departments: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    categories: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    #: Rows that could not be read.
    rejected: int = 0

    def title(self, part: str, code: str) -> str:
        """The name a code has in most rows; the code itself where it has none."""
        names = self.names.get(part, {}).get(code)
        return _most(names) if names else code


def survey(path: Path, mapping: Mapping, progress: Callable[[int, int], None] = lambda *_: None) -> Survey:
    """Read a whole table; `progress` is told bytes read and bytes in all. TableError, MappingError."""
    found = Survey(mapping=mapping)
    names: dict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    with Table(path, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        reader = RowReader(mapping, table.columns, _NEVER)
        for number, row in enumerate(table.rows()):
            if number % _REPORTED_ROWS == 0:
                progress(table.bytes_read, table.bytes_total)
            request = reader.read(row)
            if isinstance(request, Reject):
                found.rejected += 1
                continue
            submitted = request.events[0]
            data = submitted.data
            assert isinstance(data, SubmittedData)
            target = None if data.target is None else from_datetime(data.target)
            found.cases.append((data.service, from_datetime(submitted.time), target))
            category = code_of(request.names.get("category", ""))
            codes = {
                "service": data.service,
                "channel": submitted.channel,
                "department": data.department,
                "area": data.area,
                "category": category,
            }
            for part, code in codes.items():
                if code is not None:
                    names[part][code][request.names.get(part) or code] += 1
            if data.department is not None:
                found.departments[data.service][data.department] += 1
            if category is not None:
                found.categories[data.service][category] += 1
        progress(table.bytes_total, table.bytes_total)
    found.names = {part: dict(codes) for part, codes in names.items()}
    return found


def infer_standards(found: Survey) -> list[Fit]:
    """For each service, the rule that explains most of the deadlines the city stated for it."""
    return fit(found.cases, WorkCalendar(found.mapping.work_calendar()))


def _most(names: Counter[str]) -> str:
    # Of equals the first in the alphabet, so that the same table gives the same answer.
    return min(names, key=lambda name: (-names[name], name))


def most_common(names: Counter[str]) -> str | None:
    """The commonest, the first in the alphabet of equals; None of none."""
    return _most(names) if names else None
