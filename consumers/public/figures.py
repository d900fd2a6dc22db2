"""A commitment in one month, as it is published: what is left of its counts once small ones are kept back.

What is published by row are counts none of which is part of another, of this month or of any other: of what
fell due in the month, what was done in time and what was not. docs/public.md says why nothing else is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from consumers.pages.figures import Verdict, verdict_of
from consumers.public.publication import by_row
from consumers.public.suppression import ELSEWHERE, Column, least_received, protect
from livelihood.measures import FEW, SUM, Rate, rate
from livelihood.rollup import Line

Sums = Mapping[int, int]


#: The counts that are published by row.
COUNTS: dict[str, Callable[[Sums], int]] = {
    "on_time": lambda sums: sums.get(SUM["due_on_time"], 0),
    "not_on_time": lambda sums: sums.get(SUM["due"], 0) - sums.get(SUM["due_on_time"], 0),
}


def received(sums: Sums) -> int:
    """The count that is published in all only: by row it would tell what of it fell due."""
    return sums.get(SUM["received"], 0)


@dataclass(frozen=True, kw_only=True)
class Share:
    """An on-time rate as it may be published; nothing of it tells more than the counts shown."""

    #: "at_least" or "at_most" where one of both counts is small, and is taken as large as that can be.
    kind: Literal["exactly", "at_least", "at_most"]
    #: Of the counts that are shown, and of a small one as large as that can be.
    rate: Rate

    @property
    def value(self) -> float:
        """The rate, or its bound."""
        assert self.rate.value is not None
        return self.rate.value

    @property
    def is_grey(self) -> bool:
        """Whether it is taken over too few to be ranked or coloured."""
        return self.rate.denominator < FEW

    def verdict(self, target: float | None) -> Verdict | None:
        """What it says of a target, as on the pages inside; None where a bound leaves that open."""
        verdict = verdict_of(self.rate, target)
        sure = {"at_least": Verdict.KEPT, "at_most": Verdict.MISSED}
        return verdict if verdict is sure.get(self.kind, verdict) else None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A commitment in one month."""

    commitment: str
    #: As "2026-02".
    month: str
    #: What its rows are; empty: it has none.
    by: str
    rows: tuple[str, ...]
    columns: Mapping[str, Column]
    #: In all; None: fewer than `least_received(fewest)`.
    received: int | None
    fewest: int

    def count(self, name: str, row: str = "") -> int | None:
        """A count in a row, or in all; None where it is not shown."""
        column = self.columns[name]
        return column.shown.get(row) if row else column.total

    def is_small(self, name: str, row: str = "") -> bool:
        """Whether everybody can tell that a count which is not shown is below `fewest`."""
        column = self.columns[name]
        return row in column.few if row else column.total is None

    def share(self, row: str = "") -> Share | None:
        """The on-time rate of a row, or of all; None where nothing can be said."""
        done, missed = self.count("on_time", row), self.count("not_on_time", row)
        most = self.fewest - 1
        if done is not None and missed is not None:
            return Share(kind="exactly", rate=rate(done, done + missed)) if done + missed else None
        if done is not None and self.is_small("not_on_time", row):
            return Share(kind="at_least", rate=rate(done, done + most))
        if missed is not None and self.is_small("on_time", row):
            return Share(kind="at_most", rate=rate(most, missed + most))
        return None


def figures_of(
    commitment: str, month: str, by: str, rows: Sequence[str], lines: Sequence[Line], fewest: int
) -> Figures:
    """What is published of a commitment, from its lines of a table by its breakdown (or its only one)."""
    columns = {}
    for name, count in COUNTS.items():
        if by:
            counts, elsewhere = by_row(lines, rows, by, count)
        else:
            counts, elsewhere = {"": sum(count(line.sums) for line in lines)}, 0
        columns[name] = protect(counts, fewest, elsewhere)
    number = sum(received(line.sums) for line in lines)
    return Figures(
        commitment=commitment,
        month=month,
        by=by,
        rows=(*rows, *([ELSEWHERE] if any(ELSEWHERE in one.shown for one in columns.values()) else [])),
        columns=columns,
        received=number if number >= least_received(fewest) else None,
        fewest=fewest,
    )
