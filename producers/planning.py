"""The first half of an import: read the file, compare each row with the log, spool what must be said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from livelihood.catalogue import CatalogueVersion
from livelihood.envelope import RequestEvent
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import Instant
from producers.changes import difference
from producers.mapping import Mapping as TableMapping
from producers.personal import Seal, sealed
from producers.reports import Inspector, OnProgress, Progress, RejectsFile, Report
from producers.rows import Reject, Request, RowReader
from producers.spool import SpoolWriter
from producers.tables import Table

#: Issue -> the facts the log holds of it; issues it holds nothing of may be left out.
FactsOf = Callable[[Sequence[str]], Mapping[str, Sequence[Fact]]]
T = TypeVar("T")

#: Rows compared with the log at a time.
COMPARED_ROWS = 500
#: So many are sealed at a time: a vault then waits once for its disk, for all of them.
SEALED_TOGETHER = 32


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a file is read with."""

    path: Path
    mapping: TableMapping
    facts: FactsOf
    #: What counts as the future, and when corrections are said to happen.
    now: Instant
    catalogue: CatalogueVersion | None = None
    #: What rows say of people goes on as this makes it; as it stands, nothing of that does.
    seal: Seal = lambda _, __: None


def make_plan(
    plan: Plan, spool: SpoolWriter, report: Report, rejects: RejectsFile, progress: OnProgress
) -> None:
    """Read the whole file into the spool and the report; nothing is published.

    TableError and MappingError stop it: a file or mapping that does not fit at all.
    """
    inspector = Inspector(report, plan.catalogue)
    mapping = plan.mapping
    with Table(plan.path, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        reader = RowReader(mapping, table.columns, plan.now)

        def refuse(reject: Reject) -> None:
            report.refuse(reject)
            rejects.write(reject)

        def requests() -> Iterator[Request]:
            for row in table.rows():
                read = reader.read(row)
                if isinstance(read, Reject):
                    refuse(read)
                    continue
                seen = spool.see(read.id, b"\n".join(event.to_json() for event in read.events))
                if seen == "same":
                    report.repeated += 1
                elif seen == "other":
                    refuse(Reject(line=read.line, reason="duplicate_id", column=mapping.id, id=read.id))
                else:
                    yield read

        for batch in chunks(requests(), COMPARED_ROWS):
            said: list[tuple[RequestEvent, dict[str, str] | None]] = []
            known = plan.facts([request.id for request in batch])
            for request in batch:
                found = difference(request, known.get(request.id, ()), reader, plan.now)
                inspector.see(request)
                setattr(report, found.verdict, getattr(report, found.verdict) + 1)
                for event in found.events:
                    personal = request.personal if event.kind is Kind.SUBMITTED else {}
                    said.append((event, personal or None))
            for event in _sealed(said, plan.seal):
                spool.add(event)
            progress(Progress(step="reading", done=table.bytes_read, total=table.bytes_total))
        progress(Progress(step="reading", done=table.bytes_total, total=table.bytes_total))
    inspector.finish()
    report.events = spool.total


def _sealed(said: Sequence[tuple[RequestEvent, dict[str, str] | None]], seal: Seal) -> Iterator[RequestEvent]:
    """The events, each with what it says of a person sealed."""
    if not any(personal for _, personal in said):
        yield from (event for event, _ in said)
        return
    with ThreadPoolExecutor(SEALED_TOGETHER) as threads:
        yield from threads.map(lambda one: sealed(one[0], one[1], seal), said)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of a size, the last one shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
