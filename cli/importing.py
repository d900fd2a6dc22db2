"""`livelihood import`: a city's table becomes events, and the events tables, with progress in sight."""

from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from cli.engine import Engine
from cli.examples import example_path, example_roots
from cli.failures import USAGE, Failure, Interrupted
from cli.terminal import add_bar, is_person, progress_bars
from cli.work import Work, done_of, ends_of, working
from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import Instant
from producers.importer import Importer
from producers.known import facts_of
from producers.mapping import Mapping, load_mapping
from producers.reports import OnProgress, Progress, Report

#: Events appended between two commits of the worker, in calls of the importer's progress.
_APPENDS_A_STEP = 5
#: With fewer of its rows for a service of the catalogue, a table is taken for another city's.
HARDLY_ANY = 0.1
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


def catalogue_beside(engine: Engine, path: Path) -> CatalogueVersion | None:
    """The catalogue that comes with a shipped mapping, where nothing is promised yet; None: something is.

    Failure where there is neither.
    """
    if engine.published:
        return None
    beside = path.with_name(CATALOGUE_FILE)
    if path.parent.parent not in example_roots() or not beside.is_file():
        raise Failure(
            "Nothing is promised yet in this data folder: publish a catalogue first.\n"
            f"livelihood standards infer FILE --mapping {path} --format toml > {CATALOGUE_FILE} writes one,"
            f" livelihood catalogue publish {CATALOGUE_FILE} publishes it.",
            USAGE,
        )
    return parse_catalogue(beside.read_text("utf-8"))


def publish_beside(engine: Engine, version: CatalogueVersion, mapping: Mapping, notes: Console) -> None:
    """Publish the catalogue that comes with a mapping."""
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
        version: CatalogueVersion,
        rejects: Path | None = None,
        now: Instant | None = None,
    ) -> None:
        """`version` is what will hold; `now` what counts as the future, by default the engine's clock."""
        self._work = work
        self._importer = Importer(
            log=engine.log,
            facts=facts_of(engine.reader),
            folder=engine.imports,
            path=path,
            mapping=mapping,
            now=engine.clock() if now is None else now,
            catalogue=version,
            rejects=rejects,
            seal=engine.seal,
        )

    def plan(self, progress: OnProgress, *, abandon: bool = False) -> Report:
        """Read the file and find out what is to be said; everything before must have been worked on."""
        return self._importer.plan(progress, abandon=abandon)

    def take_up(self, run: str) -> Report:
        """Go on with an import that stands open, from what was planned."""
        return self._importer.take_up(run)

    @property
    def is_first(self) -> bool:
        """Whether nothing came in here by this mapping before."""
        return self._importer.is_first

    def discard(self) -> None:
        """Forget what was planned, of which nothing is published."""
        self._importer.discard()

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
    anyway: bool = False,
    rejects: Path | None = None,
    may_ask: bool = True,
    take_up: str = "",
) -> tuple[Report, int]:
    """The whole of an import; its report, and how many events were appended.

    Nothing is published, no catalogue either, before the file was read to its end. Failure where it seems
    to be of a city whose catalogue is not published here, unless it is to be imported `anyway` or somebody
    who may be asked says so. `take_up` names a run that stands open: then that one goes on.
    """
    with working(engine, notes) as work:
        beside = catalogue_beside(engine, mapping_path)
        work.catch_up()
        run = TableImport(engine, path, mapping, work, beside or engine.catalogue.latest, rejects)
        try:
            with progress_bars(notes) as bars:
                report = (
                    run.take_up(take_up)
                    if take_up
                    else run.plan(told(bars, "reading", "kB", 1e3), abandon=abandon)
                )
            if beside is not None:
                publish_beside(engine, beside, mapping, notes)
            elif not anyway and run.is_first and _is_elsewhere(report, engine.catalogue.latest):
                _warn_elsewhere(engine, path, mapping_path, report, run, may_ask=may_ask)
            with progress_bars(notes) as bars:
                appended = run.publish(until, told(bars, "publishing", "events"))
                catch_up(engine, work, bars)
        except KeyboardInterrupt:
            raise Interrupted(
                "Stopped. What was published is safe; the same command goes on where this one was."
            ) from None
    return report, appended


def _is_elsewhere(report: Report, version: CatalogueVersion) -> bool:
    """Whether services are named here, and hardly any row is for one of them."""
    return bool(version.services) and report.unserved > (1 - HARDLY_ANY) * report.compared


def _warn_elsewhere(
    engine: Engine, path: Path, mapping_path: Path, report: Report, run: TableImport, *, may_ask: bool
) -> None:
    """Ask whether it is meant, where somebody can answer; Failure where nobody can, or it is not."""
    latest = engine.catalogue.latest
    codes = list(report.unknown["service"])
    named = ", ".join(codes[:3]) + (", …" if len(codes) > 3 else "")
    warning = (
        f"{path.name} and the published catalogue, {latest.version}, seem to be of different places:"
        f" {report.unserved:,} of {report.compared:,} requests are for services it does not have ({named})."
    )
    if (
        may_ask
        and is_person()
        and typer.confirm(f"{warning}\nImport it all the same?", default=False, err=True)
    ):
        return
    run.discard()
    raise Failure(
        f"{warning}\nNothing was imported. Name another data folder by --data, or publish a catalogue of its"
        f" services: livelihood standards infer {path} --mapping {mapping_path} --format toml writes one."
        " With --anyway it is imported, and nothing is promised for them.",
    )


def catch_up(engine: Engine, work: Work, bars: Bars) -> None:
    """Work through what is left, with a bar from here to the end."""
    start = done_of(engine)
    if sum(ends_of(engine)) == start:
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
