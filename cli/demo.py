"""`livelihood demo`: six months of a real city, then what became of them, beside the city's own figures."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from rich.console import Console

from cli.city_labels import compare, read_labels
from cli.demo_report import figures_at, figures_in_the_end, largest
from cli.examples import example_path
from cli.failures import USAGE, Failure, going_on
from cli.importing import find_mapping, told
from cli.live import narrate, watch
from cli.moments import parse_speed
from cli.settings import Settings, load
from cli.simulation import Simulation, is_empty, simulated
from cli.terminal import add_bar, answers, notes, progress_bars
from livelihood.instants import Instant, from_datetime

CITY = "boston"
REQUESTS = "boston/requests-2011h2.csv.gz"
#: The city's requests were opened in these months; what was open at the end went on for years.
MONTHS = [(2011, month) for month in range(7, 13)] + [(2012, 1)]
#: After the last closing (2019) and the last deadline but 18 that lie in 2059.
LAST_YEAR = 2026
_LOOK_SECONDS = 0.5


def run_demo(
    speed_text: str,
    *,
    once: bool,
    folder: Path | None,
    picture: Path | None,
    stack: bool = False,
    config: Path | None = None,
) -> None:
    """Run the demo in an empty folder, or in a temporary one; with `stack`, on Kafka and Redis."""
    speed = None if once else parse_speed(speed_text)
    console = answers()
    if folder is not None and not is_empty(folder):
        raise Failure(f"--data: {folder} is not empty; the demo needs a folder of its own.", USAGE)
    settings = load(config).settings
    if stack and not settings.distributed:
        raise Failure("--stack: set `kafka` and `redis`, as livelihood stack up does.", USAGE)
    if not stack:
        settings = settings.model_copy(update={"kafka": "", "redis": ""})
    kept = f"What it has done so far is in {folder}; livelihood table --data {folder} shows it."
    with going_on("Stopped." if folder is None else f"Stopped. {kept}"), _folder(folder) as place:
        _run(settings.model_copy(update={"data": place}), console, speed, picture)
    if stack:
        console.print("\nThe data stay where they are: livelihood table --by department")
    elif folder is not None:
        console.print(f"\nThe data stay in {folder}: livelihood table --data {folder} --by department")
    else:
        console.print("\nTo look around in the data, keep them: livelihood demo --once --data boston")


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with TemporaryDirectory(prefix="livelihood-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _run(settings: Settings, console: Console, speed: Instant | None, picture: Path | None) -> None:
    mapping, _ = find_mapping(CITY)
    zone = ZoneInfo(mapping.time_zone)
    months = [from_datetime(datetime(year, month, 1, tzinfo=zone)) for year, month in MONTHS]
    last = from_datetime(datetime(LAST_YEAR, 1, 1, tzinfo=zone))
    path = example_path(REQUESTS)
    said = notes()
    with progress_bars(said) as bars, simulated(
        settings, path, CITY, months[0], said, told(bars, "reading", "kB", 1e3)
    ) as simulation, ExitStack() as held:  # fmt: skip
        bars.stop()
        url = ""
        if speed is not None and simulation.clock_is_ours:
            # Late: what is not shown in a browser needs nothing of the server.
            from cli.demo_pages import demo_pages

            url = held.enter_context(demo_pages(simulation.engine, settings))
            said.print(f"The same in a browser: {url}", soft_wrap=True)
        _run_through_months(simulation, console, months, speed, url)
        year_end = simulation.table()
        console.print(largest(simulation, year_end, console, picture))
        labels = read_labels(path, mapping)
        console.print(figures_at(simulation, labels, months))
        _run_on(simulation, said, months[-1], last, speed)
        met = compare(simulation.engine.reader, labels, last)
        console.print(figures_in_the_end(simulation, met, months[-1], last))
        if url and console.is_terminal:
            wait_for_the_end(said, url)


def _run_through_months(
    simulation: Simulation, console: Console, months: list[Instant], speed: Instant | None, url: str
) -> None:
    if speed is not None and console.is_terminal:
        watch(simulation, console, months[0], months[-1], speed, url)
    elif speed is not None or not console.is_terminal:
        narrate(simulation, console, months[1:], speed)
    else:
        with progress_bars(notes()) as bars:
            simulation.run_to(months[-1], told(bars, "six months", "events"))


def _run_on(
    simulation: Simulation, said: Console, start: Instant, end: Instant, speed: Instant | None
) -> None:
    """From the end of the year to when nothing more happens."""
    steps = 1 if speed is None or not said.is_terminal else (LAST_YEAR - MONTHS[-1][0]) * 4
    with progress_bars(said) as bars:
        task = add_bar(bars, "running on", "")
        # The last deadlines pass by the import's own clock; its end comes only then.
        for step in range(1, steps + 1):
            simulation.run_to(start + (end - start) * step // steps)
            bars.update(task, completed=step, total=steps)
        simulation.finish(end)


def wait_for_the_end(console: Console, url: str) -> None:
    """Keep the pages there until Ctrl-C, which is how this ends."""
    console.print(f"\nLook around in {url}: the slider there goes back to any day. Stop with Ctrl-C.")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_LOOK_SECONDS)
