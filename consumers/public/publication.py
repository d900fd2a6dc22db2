"""What configuration publishes, and the rows a commitment is broken down by in public."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumers.public.saying import EVERY
from livelihood.catalogue import CatalogueVersion, Entry
from livelihood.rollup import Line


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is published: commitment -> its breakdown, or nothing."""

    chosen: Mapping[str, str]
    #: Counts below this are not shown; 1: all are.
    fewest: int

    def names(self, commitment: str) -> bool:
        """Whether a commitment is among them."""
        return commitment in self.chosen or EVERY in self.chosen

    def of(self, version: CatalogueVersion) -> dict[str, str]:
        """The commitments of a catalogue that are published, in its order, each with its breakdown."""
        every = self.chosen.get(EVERY)
        found = {}
        for code in version.commitments:
            by = self.chosen.get(code, every)
            if by is not None:
                found[code] = by
        return found


def read_publication(text: str, fewest: int) -> Publication:
    """What a setting says, which has PATTERN."""
    parts = (one.strip().partition(" by ") for one in text.split(",") if one.strip())
    return Publication(chosen={code: by for code, _, by in parts}, fewest=fewest)


def rows_of(version: CatalogueVersion, commitment: str, by: str) -> list[str]:
    """The rows a breakdown may have, whether anybody is in them or not; most important ones first.

    They follow from the catalogue alone: a row that came only with its first request would tell of it.
    """
    services = version.commitments[commitment].services
    match by:
        case "area":
            return list(version.areas)
        case "department":
            return list(dict.fromkeys(version.services[code].department for code in services))
        case "service":
            return list(services)
        case "channel":
            return list(version.channels)
        case "origin":
            return ["person", "staff"]
    return []


def by_row(
    lines: Sequence[Line], rows: Sequence[str], by: str, count: Callable[[Mapping[int, int]], int]
) -> tuple[dict[str, int], int]:
    """Counts by row, and what is in none of them."""
    counts = dict.fromkeys(rows, 0)
    elsewhere = 0
    for line in lines:
        row = line.dimensions[by]
        if row in counts:
            counts[row] += count(line.sums)
        else:
            elsewhere += count(line.sums)
    return counts, elsewhere


def entries_of(version: CatalogueVersion, by: str) -> Mapping[str, Entry]:
    """Where the titles of a breakdown's rows are; empty: in the pages' own words."""
    entries: dict[str, Mapping[str, Entry]] = {
        "area": version.areas,
        "department": version.departments,
        "service": version.services,
        "channel": version.channels,
    }
    return entries.get(by, {})
