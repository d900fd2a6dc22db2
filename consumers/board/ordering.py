"""Which lines of a table are shown: searched, sorted, and one page of them. All traffic stays on top."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from consumers.board.shown import Shown
from consumers.board.view import NoView, View
from livelihood.catalogue import CatalogueVersion, Entry
from livelihood.measures import FEW, Rate
from livelihood.rollup import Line

One = TypeVar("One")


def chosen(lines: Sequence[Shown], view: View, version: CatalogueVersion) -> tuple[list[Shown], int]:
    """The page of a table that a view asks for, and how many lines there are beside all traffic.

    NoView where it is sorted by what is no figure.
    """
    first, rest = list(lines[:1]), list(lines[1:])
    if view.search:
        wanted = view.search.casefold()
        rest = [one for one in rest if any(wanted in name for name in _names_of(one.line, version))]
    if view.sort:
        rest = by_figure(rest, lambda one: one.line.measures(), view.sort)
    start = (view.page - 1) * view.size
    return first + rest[start : start + view.size], len(rest)


def by_figure(some: Sequence[One], measures_of: Callable[[One], Mapping[str, Any]], sort: str) -> list[One]:
    """In the order of a measure, "-open" from the largest on; NoView for what is no measure."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    figures = [(figure(measures_of(one), name), one) for one in some]
    ranked = [pair for pair in figures if pair[0] is not None]
    ranked.sort(key=lambda pair: pair[0], reverse=descending)
    # What is not known, and a rate of few, has no rank: it comes last either way.
    return [one for _, one in ranked] + [one for value, one in figures if value is None]


def figure(measures: Mapping[str, Any], name: str) -> Any:
    """A measure by its name as CSV has it, to be compared; None: no rank. NoView for what is no measure."""
    value: Any = measures
    rest = name
    while isinstance(value, Mapping):
        found = [one for one in value if rest == one or rest.startswith(f"{one}_")]
        if not found:
            raise NoView("sort", f"no measure is called {name[:80]!r}; docs/measures.md has the names")
        longest = max(found, key=len)
        value, rest = value[longest], rest[len(longest) + 1 :]
    if isinstance(value, Rate):
        if rest in Rate._fields:
            return getattr(value, rest)
        if not rest:
            return value.value if value.denominator >= FEW else None
    if rest:
        raise NoView("sort", f"no measure is called {name[:80]!r}; docs/measures.md has the names")
    return value


def _names_of(line: Line, version: CatalogueVersion) -> list[str]:
    """What a line is called, in every language, and its codes; without regard to case."""
    entries: dict[str, Mapping[str, Entry]] = {
        "department": version.departments,
        "service": version.services,
        "area": version.areas,
        "channel": version.channels,
    }
    named: list[tuple[Mapping[str, Entry], str]] = [(version.commitments, line.commitment)]
    named += [(entries.get(name, {}), code) for name, code in line.dimensions.items()]
    names = []
    for known, code in named:
        titles = known[code].title.values() if code in known else ()
        names += [text.casefold() for text in (code, *titles)]
    return names
