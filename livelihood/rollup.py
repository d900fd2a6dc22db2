"""Tables: rows summed and rolled up by whatever dimensions are asked for. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from livelihood.catalogue import ALL, NO_COMMITMENT, CatalogueVersion
from livelihood.contribution import Dimensions, Sums
from livelihood.instants import Instant
from livelihood.measures import STOCK, measures_of

#: What a table may be broken down by.
BREAKDOWNS = ("department", "service", "area", "channel", "origin", "outcome")
#: Whose a channel may be.
ORIGINS = ("person", "staff")
#: In a breakdown by outcome: not settled.
OPEN_OUTCOME = "open"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which issues a table is narrowed to: of each kind any of these values; an empty one asks for all."""

    department: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    #: Categories of services, life stages for one.
    category: tuple[str, ...] = ()

    def admits(self, dimensions: Dimensions, version: CatalogueVersion) -> bool:
        """Whether issues of these dimensions are asked for."""
        if self.category:
            service = version.services.get(dimensions.service)
            if ((service and service.category) or "") not in self.category:
                return False
        return (
            (not self.department or dimensions.department in self.department)
            and (not self.area or dimensions.area in self.area)
            and (not self.channel or dimensions.channel in self.channel)
            and (not self.service or dimensions.service in self.service)
            and (not self.origin or origin_of(dimensions.channel, version) in self.origin)
        )


#: Narrows to nothing.
ALL_ISSUES = Filters()


def origin_of(channel: str, version: CatalogueVersion) -> str:
    """Whose channel it is; one the catalogue does not list is the person's."""
    known = version.channels.get(channel)
    return known.origin if known else "person"


@dataclass(slots=True)
class Line:
    """One line of a table: what it is for, and its sums."""

    commitment: str
    #: The dimensions asked for; empty in the line of all traffic.
    dimensions: dict[str, str]
    sums: dict[int, int] = field(default_factory=dict)
    #: When the oldest issue still open was submitted.
    oldest_open: Instant | None = None
    last_change: Instant | None = None

    def measures(self) -> dict[str, Any]:
        """Every measure under its name in MEASURES.md; instants as `Instant`."""
        return {
            **measures_of(self.sums),
            "oldest_open": self.oldest_open,
            "last_change": self.last_change,
        }


class Table:
    """Collects sums into lines: all traffic first, then commitment by commitment."""

    def __init__(
        self,
        version: CatalogueVersion,
        by: Sequence[str] = (),
        commitment: str | None = None,
        filters: Filters = ALL_ISSUES,
    ) -> None:
        """`commitment` narrows the table to one; ValueError for a breakdown there is none of.

        `filters` narrow what is counted, all traffic included.
        """
        for name in by:
            if name not in BREAKDOWNS:
                raise ValueError(f"no table is kept by {name!r}; choose from {', '.join(BREAKDOWNS)}")
        self._version = version
        self._by = tuple(by)
        self._commitment = commitment
        self._filters = filters
        self._lines: dict[tuple[str, ...], Line] = {}
        self._total = Line(ALL, {})

    def lines_of(self, dimensions: Dimensions, outcome: str = "") -> list[Line]:
        """The lines issues of some dimensions and outcome count in; the same ones at every call."""
        lines: list[Line] = []
        if not self._filters.admits(dimensions, self._version):
            return lines
        values = self._values(dimensions, outcome)
        if not dimensions.part:
            lines.append(self._total)
            if self._by and self._commitment in (None, ALL):
                lines.append(self._line(ALL, values))
        code = dimensions.commitment
        if code != NO_COMMITMENT and self._commitment in (None, code):
            lines.append(self._line(code, values))
        return lines

    def _line(self, commitment: str, values: dict[str, str]) -> Line:
        key = (commitment, *values.values())
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(commitment, values)
        return line

    def _values(self, dimensions: Dimensions, outcome: str) -> dict[str, str]:
        values: dict[str, str] = {}
        for name in self._by:
            if name == "origin":
                values[name] = origin_of(dimensions.channel, self._version)
            elif name == "outcome":
                values[name] = outcome or OPEN_OUTCOME
            else:
                values[name] = getattr(dimensions, name)
        return values

    def lines(self) -> list[Line]:
        """All traffic, all traffic broken down, then the commitments in the catalogue's order."""
        if not self._by:
            # A commitment nobody has asked anything of yet is still a promise: it has its line.
            for code in self._version.commitments:
                if self._commitment in (None, code):
                    self._line(code, {})
        order = {code: number for number, code in enumerate((ALL, *self._version.commitments))}
        unknown = len(order)
        rest = sorted(
            self._lines.values(),
            key=lambda line: (order.get(line.commitment, unknown), *line.dimensions.values()),
        )
        return [self._total, *rest]


def add_sums(line: Line, sums: Iterable[tuple[int, int]], times: int = 1) -> None:
    """Add sums to a line, so many times."""
    held = line.sums
    for measure, amount in sums:
        held[measure] = held.get(measure, 0) + amount * times


def within(sums: Sums, months: Iterable[str] | None) -> tuple[tuple[int, int], ...]:
    """The sums of some months, stocks included; of all months with None."""
    wanted = None if months is None else {STOCK, *months}
    total: dict[int, int] = {}
    for (month, measure), amount in sums:
        if wanted is None or month in wanted:
            total[measure] = total.get(measure, 0) + amount
    return tuple(total.items())
