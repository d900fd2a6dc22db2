"""`livelihood import`: a city's table becomes events, and the events tables, with progress in sight."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from cli.engine import Engine
from cli.examples import example_path, example_roots
from cli.failures import USAGE, Failure, Interrupted
from cli.terminal import add_bar, progress_bars
from cli.work import Work, working
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import Instant
from producers.importer import Importer
from producers.known import facts_of
from producers.mapping import Mapping, load_mapping
from producers.reports import OnProgress, Progress, Report

#: Events appended between two commits of the worker, in calls of the importer's progress.
_APPENDS_A_STEP = 5
#: What the mapping is called in a folder of examples, and the catalogue beside it.
MAPPING_FILE, CATALOGUE_FILE = "mapping.toml", "catalogue.toml"


def shipped() -> list[str]:
    """The names of the shipped mappings."""
    return sorted({path.parent.name for root in example_roots() for path in root.glob(f"*/{MAPPING_FILE}")})


def find_mapping(name: str) -> tuple[Mapping, Path]:
    """The mapping a person names: a file, or a shipped one by its name."""
    path = Path(name)
    if not path.is_file():
        if name not in shipped():
            raise Failure(
                f"--mapping: there is no file {name}, and no shipped mapping of that name"
                f" ({', '.join(shipped())}).\nlivelihood mapping draft FILE writes a first one.",
                USAGE,
            )
        path = example_path(f"{name}/{MAPPING_FILE}")
    return load_mapping(path), path


def ensure_catalogue(engine: Engine, mapping: Mapping, path: Path, notes: Console) -> None:
    """See that something is promised: publish the catalogue beside a shipped mapping where there is none."""
    if engine.published:
        return
    beside = path.with_name(CATALOGUE_FILE)
    if path.parent.parent not in example_roots() or not beside.is_file():
        raise Failure(
            "Nothing is promised yet in this data folder: publish a catalogue first.\n"
            f"livelihood standards infer FILE --mapping {path} --format toml > {CATALOGUE_FILE} writes one,"
            f" livelihood catalogue publish {CATALOGUE_FILE} publishes it.",
            USAGE,
        )
    version = parse_catalogue(beside.read_text("utf-8"))
    engine.publish(version)
    notes.print(f"Published the catalogue {version.version} that comes with {mapping.name}.")


class TableImport:
    """One import, from the file to the tables."""

    def __init__(
        self,
        engine: Engine,
        path: Path,
        mapping: Mapping,
        work: Work,
        rejects: Path | None = None,
        now: Instant | None = None,
    ) -> None:
        """`now` is what counts as the future; by default what the engine's clock shows."""
        self._work = work
        self._importer = Importer(
            log=engine.log,
            facts=facts_of(engine.reader),
            folder=engine.imports,
            path=path,
            mapping=mapping,
            now=engine.clock() if now is None else now,
            catalogue=engine.catalogue.latest,
            rejects=rejects,
        )

    def plan(self, progress: OnProgress, *, abandon: bool = False) -> Report:
        """Read the file and find out what is to be said; everything before must have been worked on."""
        return self._importer.plan(progress, abandon=abandon)

    def publish(self, until: Instant | None, progress: OnProgress) -> int:
        """Append, and work in between; how many events were appended. The rest of the work is left."""
        calls = 0

        def step(told: Progress) -> None:
            nonlocal calls
            calls += 1
            progress(told)
            if calls % _APPENDS_A_STEP == 0:
                self._work.step()

        return self._importer.publish(until, step)


def import_table(
    engine: Engine,
    path: Path,
    mapping: Mapping,
    mapping_path: Path,
    notes: Console,
    *,
    until: Instant | None = None,
    abandon: bool = False,
    rejects: Path | None = None,
) -> tuple[Report, int]:
    """The whole of an import; its report, and how many events were appended."""
    with working(engine, notes) as work:
        ensure_catalogue(engine, mapping, mapping_path, notes)
        work.catch_up()
        run = TableImport(engine, path, mapping, work, rejects)
        try:
            with progress_bars(notes) as bars:
                report = run.plan(told(bars, "reading", "kB", 1e3), abandon=abandon)
                appended = run.publish(until, told(bars, "publishing", "events"))
                catch_up(engine, work, bars)
        except KeyboardInterrupt:
            raise Interrupted(
                "Stopped. What was published is safe; the same command goes on where this one was."
            ) from None
    return report, appended


def catch_up(engine: Engine, work: Work, bars: Bars) -> None:
    """Work through what is left, with a bar from here to the end."""
    start = engine.reader.position(0).next_offset
    if engine.log.end(0) == start:
        work.catch_up()
        return
    task = add_bar(bars, "working", "events")
    work.catch_up(lambda done, end: bars.update(task, completed=done - start, total=end - start))


def told(bars: Bars, name: str, unit: str, scale: float = 1) -> OnProgress:
    """What a step of an import tells, shown as a bar from its first word on."""
    task: TaskID | None = None

    def tell(progress: Progress) -> None:
        nonlocal task
        if task is None:
            task = add_bar(bars, name, unit, scale)
        bars.update(task, completed=progress.done, total=progress.total)

    return tell
