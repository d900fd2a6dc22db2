"""What an import counts and says of itself: its report, its progress, and the file of rejects."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

import msgspec

from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant
from producers.rows import Reject, Request

#: So many doubtful rows are listed one by one; the rest are counted.
LISTED = 20
#: So many unknown codes of a part are counted by name; a wrong mapping could make one per row.
_UNKNOWN_CODES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a step of an import is."""

    step: Literal["reading", "publishing"]
    #: In bytes of the file while reading, in events while publishing.
    done: int
    total: int
    #: The time of the event published last.
    at: Instant | None = None


OnProgress = Callable[[Progress], None]


@dataclass(kw_only=True)
class Report:
    """What an import found in its file. Rows are counted once each, under one of the first six."""

    #: The import's id in the log.
    run: str
    new: int = 0
    unchanged: int = 0
    #: Closed since, or open again.
    continued: int = 0
    #: With cells that changed: `corrected` events name old and new.
    corrected: int = 0
    #: The same row a second time in this file.
    repeated: int = 0
    #: Refused rows by reason.
    refused: dict[str, int] = field(default_factory=dict)
    #: Events to publish.
    events: int = 0
    #: Imported though strange, by what is strange.
    doubts: dict[str, int] = field(default_factory=dict)
    #: The first doubtful rows: line, what is strange, id.
    doubtful: list[tuple[int, str, str]] = field(default_factory=list)
    #: Codes the catalogue does not have: part -> code -> rows. Empty where none was given to compare.
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Rows for a service the catalogue does not have.
    unserved: int = 0
    #: The city's own verdicts, for comparison: on_time, late, none.
    labels: dict[str, int] = field(default_factory=dict)
    #: Where the refused rows are listed; empty where there are none.
    rejects: str = ""
    #: Whether an earlier, interrupted import is going on.
    resumed: bool = False

    @property
    def compared(self) -> int:
        """Rows that are requests, each counted once."""
        return self.new + self.unchanged + self.continued + self.corrected

    @property
    def rows(self) -> int:
        """All rows of the file."""
        return self.compared + self.repeated + sum(self.refused.values())

    def refuse(self, reject: Reject) -> None:
        """Count a refused row."""
        self.refused[reject.reason] = self.refused.get(reject.reason, 0) + 1

    def to_json(self) -> str:
        """Itself as text, to be kept with the spool."""
        return msgspec.json.encode(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """The report a text holds."""
        return msgspec.json.decode(text, type=cls)


class Inspector:
    """Counts, for a report, what is strange or unknown about the requests it is shown."""

    def __init__(self, report: Report, catalogue: CatalogueVersion | None) -> None:
        """Without a catalogue no code is unknown."""
        self._report = report
        self._known: dict[str, Any] = {}
        if catalogue is not None:
            self._known = {
                "service": catalogue.services,
                "channel": catalogue.channels,
                "department": catalogue.departments,
                "area": catalogue.areas,
            }
        self._labels: Counter[str] = Counter()
        self._doubts: Counter[str] = Counter()

    def see(self, request: Request) -> None:
        """Count one request."""
        self._labels["none" if request.label is None else "on_time" if request.label else "late"] += 1
        for doubt in request.doubts:
            self._doubts[doubt] += 1
            if len(self._report.doubtful) < LISTED:
                self._report.doubtful.append((request.line, doubt, request.id))
        submitted = request.events[0]
        for part, known in self._known.items():
            code = submitted.channel if part == "channel" else getattr(submitted.data, part)
            if code is not None and code not in known:
                self._report.unserved += part == "service"
                seen = self._report.unknown.setdefault(part, {})
                if code in seen or len(seen) < _UNKNOWN_CODES:
                    seen[code] = seen.get(code, 0) + 1

    def finish(self) -> None:
        """Write the counts into the report."""
        self._report.labels, self._report.doubts = dict(self._labels), dict(self._doubts)


class RejectsFile:
    """The list of refused rows: line, reason, column, id. Cells are left out: they may be personal.

    The file is made with the first reject, so that its being there says that there are some.
    """

    def __init__(self, path: Path) -> None:
        """Take the list of an earlier run at this path away."""
        self.path = path
        self._file: TextIO | None = None
        path.unlink(missing_ok=True)

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, reject: Reject) -> None:
        """Add a row."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(["line", "reason", "column", "id"])
        self._writer.writerow([reject.line, reject.reason, reject.column, reject.id])
