"""A city's table run through the engine by a clock of our own: time passes as fast as it is told to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cli.engine import Engine, open_engine, system_clock
from cli.failures import USAGE, Failure
from cli.importing import TableImport, catalogue_beside, find_mapping, publish_beside
from cli.settings import Settings
from cli.showing import Shown, read
from cli.work import Work, working
from consumers.alerts import AlertQuery, places, read_alerts
from consumers.tables import Query
from livelihood.alerts import Alert
from livelihood.instants import Instant
from livelihood.periods import parse_period
from producers.mapping import Mapping
from producers.reports import OnProgress, Report


class VirtualClock:
    """A clock that stands where it is put."""

    def __init__(self, now: Instant) -> None:
        self.now = now

    def __call__(self) -> Instant:
        """What it shows."""
        return self.now


@dataclass(kw_only=True)
class Simulation:
    """An import under way, and the tables and alerts that follow from it."""

    engine: Engine
    mapping: Mapping
    clock: VirtualClock
    work: Work
    run: TableImport
    report: Report
    #: Whether the tables stand at the clock: on servers they stand at the world's, but for open imports.
    clock_is_ours: bool
    #: Events appended so far.
    appended: int = 0
    #: Alerts told so far, and the place of the last.
    alerts: int = 0
    _places: Sequence[int] = ()

    def run_to(self, instant: Instant, progress: OnProgress = lambda _: None) -> list[Alert]:
        """Let time pass up to an instant; the alerts it brought."""
        self.appended += self.run.publish(instant, progress)
        return self._pass(instant)

    def finish(self, instant: Instant, progress: OnProgress = lambda _: None) -> list[Alert]:
        """Publish what is left and end the import, then let time pass; the alerts that brought."""
        self.appended += self.run.publish(None, progress)
        return self._pass(instant)

    def _pass(self, instant: Instant) -> list[Alert]:
        self.clock.now = instant
        self.work.catch_up()
        topics = self.engine.topics
        told = list(read_alerts(topics, AlertQuery(), self._places))
        self._places = places(told, self._places, topics.partitions)
        self.alerts += len(told)
        return sorted((one.alert for one in told), key=lambda alert: (alert.raised, alert.at))

    def table(self, *, period: str = "all", by: tuple[str, ...] = (), as_of: Instant | None = None) -> Shown:
        """A table, as it stands or stood."""
        if as_of is None and not self.clock_is_ours:
            as_of = self.clock.now
        zone = self.engine.zone.key
        return read(self.engine, Query(period=parse_period(period, zone), by=by, as_of=as_of, instants=False))


@contextmanager
def simulated(
    settings: Settings, path: Path, mapping_name: str, start: Instant, notes: Console, progress: OnProgress
) -> Iterator[Simulation]:
    """Open an empty engine with the clock at `start`, and read the table; nothing of it is published yet."""
    mapping, mapping_path = find_mapping(mapping_name)
    clock = VirtualClock(start)
    with open_engine(settings, clock) as engine, working(engine, notes) as work:
        check_empty(engine)
        if beside := catalogue_beside(engine, mapping_path):
            publish_beside(engine, beside, mapping, notes)
        work.catch_up()
        # What counts as the future is that of the person at the terminal, not of the story.
        run = TableImport(engine, path, mapping, work, engine.catalogue.latest, now=system_clock())
        report = run.plan(progress)
        yield Simulation(
            engine=engine,
            mapping=mapping,
            clock=clock,
            work=work,
            run=run,
            report=report,
            clock_is_ours=not settings.distributed,
        )


def check_empty(engine: Engine) -> None:
    """Failure where the log has records already."""
    if any(engine.log.read(partition, 0, 1) for partition in range(engine.log.partitions)):
        raise Failure(
            f"{engine.place} holds events already; the demo needs topics of its own. Set another name, as"
            " LIVELIHOOD_TOPICS=demo, and make them by  livelihood stack init.",
            USAGE,
        )


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing yet, or is not there."""
    return not folder.exists() or not any(folder.iterdir())
