"""The city's own verdicts beside ours: what its label said of each request, and what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from consumers.tables import scan_states
from livelihood.instants import SLOT, Instant, Months
from livelihood.issue import Issue
from livelihood.ports import Reader
from livelihood.state import IssueState
from producers.cells import label_cells
from producers.mapping import Mapping
from producers.tables import Table

#: What became of a request, in the end.
Verdict = Literal["on_time", "late", "never_closed", "not_yet_due", "no_deadline"]
#: The city's word for it, as the mapping reads it; None: it left the label empty.
Label = bool | None


@dataclass
class CityLabels:
    """What the city itself said of its requests."""

    by_issue: dict[str, Label] = field(default_factory=dict)
    #: (month opened, label) -> requests.
    by_month: Counter[tuple[str, Label]] = field(default_factory=Counter)

    def share(self, month: str | None = None) -> tuple[int, int]:
        """How many it called on time, and how many it labelled at all; of a month, or of all."""
        on_time, late = (
            sum(
                count
                for (of, label), count in self.by_month.items()
                if label is wanted and month in (None, of)
            )
            for wanted in (True, False)
        )
        return on_time, on_time + late


def read_labels(path: Path, mapping: Mapping) -> CityLabels:
    """The labels of a table; rows that could not be imported are none of our business here."""
    labels = CityLabels()
    months, times = Months(mapping.time_zone), mapping.times(mapping.opened)
    with Table(path, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        at = {name: position for position, name in enumerate(table.columns)}
        label_of = label_cells(mapping.label, at)
        for row in table.rows():
            if row.fault is not None:
                continue
            label = label_of(row.values)
            opened = " ".join(row.values[at[name]] for name in mapping.opened.columns)
            labels.by_issue[f"{mapping.id_prefix}{row.values[at[mapping.id]]}"] = label
            labels.by_month[months[times.read(opened) // SLOT], label] += 1
    return labels


def verdict(issue: Issue, as_of: Instant) -> Verdict:
    """What has become of an issue by an instant after its last event."""
    if issue.due is None:
        return "no_deadline"
    if issue.settled is not None:
        return "on_time" if issue.settled <= issue.due else "late"
    return "never_closed" if issue.due < as_of else "not_yet_due"


def compare(reader: Reader, labels: CityLabels, as_of: Instant) -> Counter[tuple[Verdict, Label]]:
    """How often each verdict of ours meets each label of the city's."""
    met: Counter[tuple[Verdict, Label]] = Counter()
    for partition in range(reader.partitions):
        met.update(_pairs(scan_states(reader, partition), labels, as_of))
    return met


def _pairs(
    states: Iterable[tuple[str, IssueState]], labels: CityLabels, as_of: Instant
) -> Iterable[tuple[Verdict, Label]]:
    for issue_id, state in states:
        if issue_id in labels.by_issue:
            yield verdict(state.issue, as_of), labels.by_issue[issue_id]
