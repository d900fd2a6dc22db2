"""What the demo says in the end: our figures, how they are made up, and the city's own beside them.

Every figure is worked out from the tables and the file; tests compare them with an independent count.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.city_labels import CityLabels, Label, Verdict
from cli.moments import moment_text
from cli.showing import Shown
from cli.simulation import Simulation
from cli.views import LinesTable, heading, percent
from livelihood.instants import Instant, to_datetime
from livelihood.measures import Rate
from livelihood.rollup import Line

#: Lines of a terminal kept free for what stands around the table.
_AROUND = 9
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)


def largest(simulation: Simulation, shown: Shown, console: Console, picture: Path | None) -> RenderableType:
    """The table of the day, as much of it as the terminal holds; `picture` is an SVG file of it."""
    version, zone = simulation.engine.catalogue.latest, simulation.engine.zone
    most = max(console.height - _AROUND, 10) if console.is_terminal else None
    parts: list[RenderableType] = [
        heading(version, "all", shown.as_of, zone),
        LinesTable(version, shown.lines, most=most),
    ]
    if most is not None and most < len(shown.lines):
        parts.append(Text(f"The largest of {len(shown.lines) - 1} commitments.\n", style="bright_black"))
    if picture is not None:
        draw(Group(parts[0], LinesTable(version, shown.lines, most=14)), picture)
    return Group(*parts)


def draw(what: RenderableType, file: Path) -> None:
    """Write an SVG of something as a terminal of 92 columns shows it."""
    from io import StringIO

    console = Console(record=True, width=92, file=StringIO(), force_terminal=True, highlight=False)
    console.print(what)
    file.parent.mkdir(parents=True, exist_ok=True)
    # One name for its parts, so that the same table is the same file; and no font fetched from anywhere.
    svg = console.export_svg(title="livelihood table", unique_id="livelihood")
    file.write_text(_FONT_FACE.sub("", svg), "utf-8")


def figures_at(simulation: Simulation, labels: CityLabels, months: Sequence[Instant]) -> RenderableType:
    """How things stood at the last of the months, by month due, by who asked, and by the city's label."""
    at, zone = months[-1], simulation.engine.zone
    measures = simulation.table(as_of=at).lines[0].measures()
    names = [f"{to_datetime(month, zone):%Y-%m}" for month in months[:-1]]
    by_month = [simulation.table(period=name, as_of=at).lines[0].measures()["on_time_rate"] for name in names]
    on_time, labelled = labels.share()
    without = measures["no_deadline"]
    rate, running = measures["on_time_rate"], measures["running_on_time_rate"]
    return Group(
        Text(f"How things stood on {moment_text(at, zone)}", style="bold"),
        _counts(measures),
        Text(""),
        _rates(
            [
                ("on-time rate", _per_cent(rate), _of(rate, "that had come due")),
                ("running rate", _per_cent(running), _of(running, "closed or overdue; it flatters")),
                ("city's own label", _share(on_time, labelled),
                 f"{on_time:,} of {labelled:,} labelled; {without:,} without a deadline count as on time"),
            ]
        ),
        Text(""),
        _months([f"{to_datetime(month, zone):%b}" for month in months[:-1]], [
            ("on time, by month due", [_per_cent(rate) for rate in by_month]),
            ("city's label, by month opened", [_share(*labels.share(name)) for name in names]),
        ]),
        *_who_and_how(simulation, at),
    )  # fmt: skip


def _counts(measures: dict[str, object]) -> Table:
    table = Table.grid(padding=(0, 3))
    figures = counts_of(measures)
    for row in (
        ("closed on time", "closed late"),
        ("overdue", "not yet due"),
        ("without a deadline", "received"),
    ):
        cells: list[RenderableType] = []
        for name in row:
            cells += [Text(f"  {name}"), Text(f"{figures[name]:,}", style="bold", justify="right")]
        table.add_row(*cells)
    return table


def counts_of(measures: dict[str, object]) -> dict[str, int]:
    """Every request once, by where it stands, and how many there are."""
    share = measures["share_with_deadline"]
    assert isinstance(share, Rate)
    counts = {
        "closed on time": measures["closed_on_time"],
        "closed late": measures["closed_late"],
        "overdue": measures["overdue"],
    }
    known = {name: count for name, count in counts.items() if isinstance(count, int)}
    return {
        **known,
        "not yet due": share.numerator - sum(known.values()),
        "without a deadline": share.denominator - share.numerator,
        "received": share.denominator,
    }


def _rates(rows: Sequence[tuple[str, str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value, why in rows:
        table.add_row(
            f"  {name}", Text(value, style="bold", justify="right"), Text(why, style="bright_black")
        )
    return table


def _months(names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bright_black", padding=(0, 1))
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for name, values in rows:
        table.add_row(name, *values)
    return table


def _who_and_how(simulation: Simulation, at: Instant) -> list[RenderableType]:
    by_origin = {
        line.dimensions.get("origin"): line.measures()["on_time_rate"]
        for line in _of_all(simulation.table(by=("origin",), as_of=at).lines)
    }
    measures = simulation.table(as_of=at).lines[0].measures()
    scheduled, resolved = measures["resolved_by_outcome"]["scheduled"], measures["resolved"]
    return [
        Text(""),
        _rates(
            [
                ("asked by people", _per_cent(by_origin["person"]), _of(by_origin["person"], "on time")),
                ("entered by staff", _per_cent(by_origin["staff"]), _of(by_origin["staff"], "on time")),
                ('closed as "scheduled"', f"{scheduled:,}",
                 f"of {resolved:,} resolved: planned is not fixed"),
            ]
        ),
    ]  # fmt: skip


def _of_all(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.commitment == "*" and line.dimensions]


def figures_in_the_end(
    simulation: Simulation,
    met: Counter[tuple[Verdict, Label]],
    then: Instant,
    now: Instant,
) -> RenderableType:
    """What became of everything, and what the city's labels say of the same requests."""
    zone = simulation.engine.zone
    measures = simulation.table().lines[0].measures()
    head = f"\nWhat became of them by {moment_text(now, zone)}, after the last closing"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bright_black", padding=(0, 1))
    table.add_column("")
    for name in ("ours", "city: ONTIME", "OVERDUE", "no label"):
        table.add_column(name, justify="right", no_wrap=True)
    verdicts: list[tuple[str, Verdict, int]] = [
        ("closed on time", "on_time", measures["closed_on_time"]),
        ("closed late", "late", measures["closed_late"]),
        ("never closed, overdue", "never_closed", measures["overdue"]),
        ("never closed, due in 2059", "not_yet_due", counts_of(measures)["not yet due"]),
        ("without a deadline", "no_deadline", measures["no_deadline"]),
    ]
    for name, verdict, count in verdicts:
        if count:
            labelled: list[Label] = [True, False, None]
            table.add_row(name, f"{count:,}", *(f"{met[verdict, label]:,}" for label in labelled))
    then_measures, was = measures["on_time_rate"], simulation.table(as_of=then).lines[0].measures()
    same = was["on_time_rate"]
    return Group(
        Text(head, style="bold"),
        table,
        Text(
            f"\nOn time {_per_cent(then_measures)} of all that came due"
            f" ({_per_cent(same)} on {moment_text(then, zone)});"
            f" {simulation.alerts:,} alerts were raised, {simulation.appended:,} events read."
        ),
    )


def _per_cent(rate: Rate) -> str:
    return "–" if rate.value is None else percent(rate.value)


def _share(numerator: int, denominator: int) -> str:
    return "–" if not denominator else percent(numerator / denominator)


def _of(rate: Rate, what: str) -> str:
    return f"{rate.numerator:,} of {rate.denominator:,} {what}"
