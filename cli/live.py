"""The live view of the demo: a clock that runs, tables that change, alerts that arrive."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.listing import alert_line
from cli.moments import moment_text
from cli.showing import Shown
from cli.simulation import Simulation
from cli.views import LinesTable, percent
from livelihood.alerts import Alert
from livelihood.instants import MINUTE, SECOND, Instant

#: Looks a second. Each look publishes, works, and reads the whole table.
FRAMES = 5
#: The virtual clock moves by no more than this much real time at once.
LONGEST_LEAP_SECONDS = 0.5
#: Alerts shown of a look, of each sort.
_PICKED = 2
#: Lines taken by all but the table's rows and the alerts: the head, the table's own head, the foot.
_OTHER_LINES = 8
_FEWEST_ALERTS, _MOST_ALERTS = 4, 10


@dataclass
class View:
    """What the live view shows, frame after frame."""

    start: Instant
    end: Instant
    speed: Instant
    #: Where the same is seen in a browser; empty: nowhere.
    url: str = ""
    alerts: deque[Alert] = field(default_factory=lambda: deque(maxlen=_MOST_ALERTS))

    def frame(self, simulation: Simulation, shown: Shown, now: Instant, console: Console) -> RenderableType:
        """One picture of the city, as large as the terminal."""
        version, zone = simulation.engine.catalogue.latest, simulation.engine.zone
        room = max(console.height - _OTHER_LINES, 8)
        alerts = min(max(room // 3, _FEWEST_ALERTS), _MOST_ALERTS)
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(
            Text.assemble(
                (version.title.get("en", ""), "bold"),
                "  ",
                (moment_text(now - now % MINUTE, zone), "bold cyan"),
            ),
            Text(f"{simulation.appended:,} events, {simulation.alerts:,} alerts", style="bright_black"),
        )
        bar = ProgressBar(total=self.end - self.start, completed=now - self.start)
        lines = [alert_line(alert, version, zone, year=False) for alert in list(self.alerts)[-alerts:]]
        lines += [Text("")] * (alerts - len(lines))
        browser = f"in a browser: {self.url} · " if self.url else ""
        foot = f"{browser}{speed_text(self.speed)} · every alert is raised at its own moment · Ctrl-C stops"
        return Group(
            head,
            bar,
            LinesTable(version, shown.lines, most=room - alerts),
            Text("Alerts", style="bright_black"),
            *lines,
            Text(foot, style="bright_black", no_wrap=True, overflow="ellipsis"),
        )


def speed_text(speed: Instant) -> str:
    """As "3 days a second"."""
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        amount = speed / (unit * SECOND)
        if amount >= 1:
            return f"{amount:,.3g} {name}{'' if amount == 1 else 's'} a second"
    return f"{speed / SECOND:,.3g} seconds a second"


def instants(start: Instant, end: Instant, speed: Instant, frames: float = FRAMES) -> Iterator[Instant]:
    """Where the virtual clock stands at each look; where the machine is slow it slows down, without leaps."""
    now, looked = start, time.monotonic()
    while now < end:
        time.sleep(max(0.0, looked + 1 / frames - time.monotonic()))
        passed, looked = time.monotonic() - looked, time.monotonic()
        now = min(end, now + round(min(passed, LONGEST_LEAP_SECONDS) * speed))
        yield now


def picked(alerts: Sequence[Alert]) -> list[Alert]:
    """Some alerts of a look, in their order: most are only due soon, and would crowd out the others."""
    due_soon = [alert for alert in alerts if alert.kind == "due_soon"][-_PICKED:]
    rest = [alert for alert in alerts if alert.kind != "due_soon"][-_PICKED:]
    return sorted([*due_soon, *rest], key=lambda alert: (alert.raised, alert.at))


def watch(
    simulation: Simulation, console: Console, start: Instant, end: Instant, speed: Instant, url: str = ""
) -> None:
    """Run the clock from start to end on the whole screen; what was on it comes back afterwards."""
    view = View(start, end, speed, url)
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for now in instants(start, end, speed):
            view.alerts.extend(picked(simulation.run_to(now)))
            live.update(view.frame(simulation, simulation.table(), now, console), refresh=True)


def narrate(
    simulation: Simulation, console: Console, months: Sequence[Instant], speed: Instant | None
) -> None:
    """The same for a console that is no terminal: a line at the beginning of each month."""
    zone = simulation.engine.zone
    for month in months:
        # Whoever looks in a browser meanwhile sees time pass, and no leaps.
        steps = [] if speed is None else instants(simulation.clock.now, month, speed)
        for now in steps:
            simulation.run_to(now)
        simulation.run_to(month)
        measures = simulation.table().lines[0].measures()
        rate = measures["on_time_rate"]
        share = "–" if rate.value is None else percent(rate.value)
        console.print(
            f"{moment_text(month, zone)}: {measures['received']:,} received, {measures['open']:,} open,"
            f" {measures['due_soon']:,} due soon, {measures['overdue']:,} overdue,"
            f" {share} of {rate.denominator:,} on time, {simulation.alerts:,} alerts"
        )
