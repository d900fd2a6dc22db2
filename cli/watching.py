"""`livelihood import --watch`: a folder's files imported as they appear, once each, by name."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from cli.engine import open_engine
from cli.failures import FAULT, REFUSED, Failure, Interrupted, failure_of, going_on
from cli.importing import find_mapping, import_table
from cli.reporting import print_report
from cli.settings import Settings, load
from cli.terminal import answers, notes
from producers.arrivals import Arrival, Arrivals
from producers.importer import unfinished
from producers.mapping import MappingError
from producers.tables import TableError

_GO_ON = "Stopped. What was published is safe; the same command goes on where this one was."


class Watch:
    """One folder, one mapping, one place to import to."""

    def __init__(
        self, settings: Settings, folder: Path, mapping_name: str, *, anyway: bool, is_patient: bool
    ) -> None:
        """Who `is_patient` waits for what cannot be had now; else that is a Failure."""
        self._settings = settings
        self._is_patient = is_patient
        self._folder = folder
        self._mapping, self._mapping_path = find_mapping(mapping_name)
        self._anyway = anyway
        self._imports = settings.data / "imports"
        self._arrivals = Arrivals(folder, self._imports / "watched", self._mapping)
        self._notes, self._answers = notes(), answers()
        #: Said already of what holds the files up.
        self._said = ""
        self._last = ""
        #: Files that could not be imported as a whole, and rows refused.
        self.bad = self.refused = 0

    def step(self) -> bool:
        """Look once, and import what is complete; whether nothing waits."""
        for one in unfinished(self._imports, self._mapping):
            # Killed in the middle of it, and since then the file may have gone.
            if one.file.parent == self._folder.absolute() and not self._import(
                Arrival(one.file, one.digest), take_up=one.run
            ):
                return False
        try:
            arrivals, are_written = self._arrivals.look()
        except OSError as error:
            # A share that is away comes back.
            return self._hold(failure_of(error))
        # What cannot be imported now holds those after it up: they come in order.
        return all(self._import(arrival) for arrival in arrivals) and not are_written

    def _import(self, arrival: Arrival, take_up: str = "") -> bool:
        """Import one; whether it is dealt with, so that the next may come."""
        name = arrival.path.name
        if name < self._last and not take_up:
            self._say(
                f"{name} comes before {self._last} by name and is imported after it: where both say something"
                " of one request, this one now holds.",
                "yellow",
            )
        try:
            with open_engine(self._settings) as engine:
                report, appended = import_table(
                    engine,
                    arrival.path,
                    self._mapping,
                    self._mapping_path,
                    self._notes,
                    anyway=self._anyway,
                    may_ask=False,
                    take_up=take_up,
                )
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  # one file must not keep the others out for ever
            return self._failed(arrival, error)
        self._said = ""
        self._last = max(self._last, name)
        print_report(self._answers, report, name)
        self._answers.print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {name}: {appended:,} events published.\n")
        self.refused += sum(report.refused.values())
        if arrival.digest:
            self._arrivals.remember(arrival.digest, name, "imported")
        return True

    def _failed(self, arrival: Arrival, error: Exception) -> bool:
        """Say why a file could not be imported; whether that is its own fault, so that others may come."""
        failure = failure_of(error)
        name = arrival.path.name
        if not (isinstance(error, TableError | MappingError) or failure.status == FAULT):
            return self._hold(failure)
        if arrival.path.exists():
            self._say(
                f"{name}: {failure.message}\n{name} is left out; it is tried again when it or the mapping has"
                " changed."
            )
            self.bad += 1
            self._arrivals.remember(arrival.digest, name, "bad")
        return True

    def _hold(self, failure: Failure) -> bool:
        """Say once what holds everything up."""
        if not self._is_patient:
            raise failure
        said = f"{failure.message}\nWhat is there waits, and is tried again until it can be imported."
        if said != self._said:
            self._said = said
            self._say(said)
        return False

    def _say(self, text: str, style: str = "red") -> None:
        self._notes.print(text, style=style, soft_wrap=True, markup=False)


def run_watch(
    folder: Path,
    mapping_name: str,
    every_seconds: float,
    *,
    once: bool,
    anyway: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Import what appears until told to stop; with `once`, until nothing waits.

    Ends with status 1 where rows or whole files were refused.
    """
    settings = load(config, data=data).settings
    watch = Watch(settings, folder, mapping_name, anyway=anyway, is_patient=not once)
    if not once:
        notes().print(
            f"Watching {folder} every {every_seconds:g} s for what {mapping_name} maps. Stop with Ctrl-C.",
            soft_wrap=True,
        )
    with _stopping():
        while not watch.step() or not once:
            time.sleep(every_seconds)
    if watch.bad or watch.refused:
        raise typer.Exit(REFUSED)


@contextmanager
def _stopping() -> Iterator[None]:
    """Within it SIGTERM is as Ctrl-C, and either ends the command with what to do to go on."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with going_on(_GO_ON):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
