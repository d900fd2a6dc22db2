"""Tables for people: lines as a table in the terminal, with honest rates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from cli.moments import day_text, moment_text
from livelihood.catalogue import ALL, CatalogueVersion, Entry
from livelihood.fields import LanguageCode
from livelihood.instants import Instant
from livelihood.measures import FEW, Rate
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line

#: Measures by their names.
Measures = dict[str, Any]

NOTHING = Text("–", style="bright_black")


def title_of(entries: Mapping[str, Entry], code: str) -> str:
    """What a code is called, in English where there is a choice."""
    entry = entries.get(code)
    return _in_english(entry.title if entry is not None else {}, code)


def _in_english(texts: Mapping[LanguageCode, str], otherwise: str = "") -> str:
    return texts.get("en") or next(iter(texts.values()), otherwise)


def commitment_title(version: CatalogueVersion, code: str) -> str:
    """What a commitment is called; all traffic has a name of its own."""
    return "All traffic" if code == ALL else title_of(version.commitments, code)


def heading(
    version: CatalogueVersion, period: str, as_of: Instant, zone: ZoneInfo, known_at: Instant | None = None
) -> Text:
    """The line above a table: whose it is, which period, as of when."""
    title = version.title.get("en") or next(iter(version.title.values()), "")
    text = Text(title, style="bold")
    parts = [] if not title else [" · "]
    parts.append("all time" if period == "all" else period)
    parts.append(f" · as of {moment_text(as_of, zone)}")
    if known_at is not None:
        parts.append(f" · as known on {moment_text(known_at, zone)}")
    return text.append("".join(parts)).append(f" ({zone.key})", style="bright_black")


def rate_text(rate: Rate, target: float | None = None) -> Text:
    """A share in per cent: grey where it is of few, red or green where it is surely off or on target."""
    if rate.value is None or rate.low is None or rate.high is None:
        return NOTHING
    style = ""
    if rate.denominator < FEW:
        style = "bright_black"
    elif target is not None:
        style = "red" if rate.high < target else "green" if rate.low >= target else ""
    return Text(percent(rate.value), style=style)


def percent(share: float) -> str:
    """As "75.4 %"."""
    return f"{share:.1%}".replace("%", " %")


def clipped(text: str) -> Text:
    """A name that gives way to figures where there is little room."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def count_text(count: int, style: str = "") -> Text:
    """A count, with its thousands apart; a zero says so quietly."""
    return Text(f"{count:,}", style=style) if count else Text("0", style="bright_black")


@dataclass(frozen=True)
class LinesTable:
    """A table of lines, as wide as there is room: where there is little, the lesser figures are left out."""

    version: CatalogueVersion
    #: The first is all traffic.
    lines: Sequence[Line]
    by: Sequence[str] = ()
    #: The largest only, where there are more.
    most: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        figures = list(FIGURES)
        names = _NAME_COLUMNS + len(self.by) * _DIMENSION_COLUMNS
        for lesser in _LESSER:
            if names + sum(_figure_columns(name) for name in figures) > options.max_width:
                figures.remove(lesser)
        yield self._table(figures)

    def _table(self, figures: Sequence[str]) -> Table:
        version, by = self.version, self.by
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 0, 0, 1))
        table.add_column("", min_width=_SHORTEST_NAME)
        for name in by:
            table.add_column(name, min_width=_DIMENSION_COLUMNS - 2, max_width=26)
        for name in figures:
            table.add_column(name, justify="right", no_wrap=True, min_width=_figure_columns(name) - 2)
        previous = ""
        for number, line in enumerate(self.lines if self.most is None else _largest(self.lines, self.most)):
            title = commitment_title(version, line.commitment)
            measures = line.measures()
            table.add_row(
                clipped("" if line.commitment == previous and number > 1 else title),
                *(_dimension(version, name, line) for name in by),
                *(FIGURES[name](version, line, measures) for name in figures),
                style="bold" if number == 0 else None,
                end_section=number == 0,
            )
            previous = line.commitment
        return table


def _figure_columns(name: str) -> int:
    """The width of a figure's column with what parts it from the one before."""
    return max(len(name), 7) + 2


def _on_time(version: CatalogueVersion, line: Line, measures: Measures) -> Text:
    commitment = version.commitments.get(line.commitment)
    return rate_text(measures["on_time_rate"], commitment.target if commitment else None)


def _of_due(_: CatalogueVersion, __: Line, measures: Measures) -> Text:
    due: int = measures["on_time_rate"].denominator
    return count_text(due, "bright_black" if due < FEW else "")


#: The figures of a table in their order, and how each is written.
FIGURES: dict[str, Callable[[CatalogueVersion, Line, Measures], Text]] = {
    "received": lambda _, __, measures: count_text(measures["received"]),
    "open": lambda _, __, measures: count_text(measures["open"]),
    "due soon": lambda _, __, measures: count_text(measures["due_soon"], "yellow"),
    "overdue": lambda _, __, measures: count_text(measures["overdue"], "red"),
    "on time": _on_time,
    "of due": _of_due,
    "running": lambda _, __, measures: rate_text(measures["running_on_time_rate"]),
}
#: What is left out first.
_LESSER = ("running", "due soon", "received", "open")
#: A name wants so much, before figures are left out for it; and less where there is nothing to leave out.
_NAME_COLUMNS, _SHORTEST_NAME, _DIMENSION_COLUMNS = 22, 14, 14


def _dimension(version: CatalogueVersion, name: str, line: Line) -> Text:
    value = line.dimensions.get(name)
    if value is None:
        return Text("all", style="bright_black")
    entries: dict[str, Mapping[str, Entry]] = {
        "department": version.departments,
        "service": version.services,
        "area": version.areas,
        "channel": version.channels,
    }
    return clipped(title_of(entries[name], value) if name in entries else value) if value else NOTHING


def _largest(lines: Sequence[Line], most: int) -> list[Line]:
    """All traffic and the lines with most requests, in the order they were in."""
    first, rest = lines[:1], lines[1:]
    kept = sorted(rest, key=lambda line: -line.measures()["received"])[: max(most - 1, 0)]
    chosen = {id(line) for line in kept}
    return [*first, *(line for line in rest if id(line) in chosen)]


def projects_table(version: CatalogueVersion, found: Mapping[str, ProjectProgress], zone: ZoneInfo) -> Table:
    """Project commitments: how much is done, and when it will be at this pace."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 1))
    table.add_column("", min_width=14)
    for name in ("done", "verified", "of", "unit", "due", "expected"):
        table.add_column(name, justify="right", no_wrap=True)
    for code, one in found.items():
        late = one.expected is None or one.expected > one.due
        table.add_row(
            clipped(title_of(version.projects, code)),
            f"{one.done:,g}",
            f"{one.verified:,g}",
            f"{one.target:,g}",
            _in_english(version.projects[code].unit),
            day_text(one.due, zone),
            NOTHING
            if one.expected is None
            else Text(day_text(one.expected, zone), "red" if late else "green"),
        )
    return table
