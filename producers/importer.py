"""Importing a city's table: read and compare first, then publish in time order, resumable throughout.

`plan` reads the file and leaves a spool of sorted events in the data folder; `publish` appends them
between a begin and an end record. The log counts what it holds of a run, so an import that was
killed goes on exactly where it was, from the same spool.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant, iso
from livelihood.ports import EVENT, IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END, EventLog, NewRecord, Refused
from producers.mapping import Mapping
from producers.personal import Seal
from producers.planning import FactsOf, Plan, chunks, make_plan
from producers.reports import OnProgress, Progress, RejectsFile, Report
from producers.spool import Spool, SpoolError, SpoolWriter
from producers.tables import digest

#: Events appended at a time: enough that the disk is waited for rarely, few enough to stop soon.
APPENDED_EVENTS = 1_000


class ImportBusy(RuntimeError):
    """Another process is importing into this data folder."""


class UnfinishedImport(RuntimeError):
    """An earlier import with the same mapping has not ended; it must be finished or abandoned first."""


class Unfinished(NamedTuple):
    """An import that has been planned and has not ended."""

    run: str
    #: The file it is of, as it was then, and the digest of what was in it.
    file: Path
    digest: str


def unfinished(folder: Path, mapping: Mapping) -> list[Unfinished]:
    """The imports by a mapping that stand open in a data folder's own folder for them."""
    found = []
    for run in _runs(folder, mapping.name, ".spool"):
        with suppress(FileNotFoundError), Spool(folder / f"{run}.spool") as spool:
            found.append(Unfinished(run, Path(spool.about["file"]), spool.about.get("digest", "")))
    return found


def _silent(_: Progress) -> None:
    pass


class Importer:
    """One file's import into one log. Safe to kill and start again at any moment."""

    def __init__(
        self,
        *,
        log: EventLog,
        facts: FactsOf,
        folder: Path,
        path: Path,
        mapping: Mapping,
        now: Instant,
        catalogue: CatalogueVersion | None = None,
        rejects: Path | None = None,
        seal: Seal | None = None,
    ) -> None:
        """`folder` is the data folder's own for imports. `facts` must have seen all that the log holds.

        With a catalogue, the report names the codes it does not have. Refused rows are listed at
        `rejects`, or else in `folder`. What rows say of people is sealed by `seal`, or else left out.
        """
        self._log = log
        self._folder = folder
        self._plan = Plan(path=path, mapping=mapping, facts=facts, now=now, catalogue=catalogue)
        if seal is not None:
            self._plan = replace(self._plan, seal=seal)
        self._rejects = rejects
        #: Known after `plan`, as is the file's.
        self.run = ""
        self._digest = ""

    def plan(self, progress: OnProgress = _silent, *, abandon: bool = False) -> Report:
        """Find out what the file has to say; what was already found out is not done again.

        TableError, MappingError, SpoolError: the file, the mapping or the folder cannot be used.
        UnfinishedImport: another file's import by the same mapping stands open; `abandon` ends it
        where it is. ImportBusy: another process is at it. Nothing is published but that end.
        """
        with self._locked():
            self.run, is_new = self._which_run()
            for stem in self._runs(".spool"):
                if stem != self.run:
                    self._set_aside(stem, abandon)
            if not is_new:
                with Spool(self._spool) as spool:
                    report = Report.from_json(spool.about["report"])
                report.resumed = self._log.run_position(self.run) > 0
                return report
            report = Report(run=self.run)
            listed = self._rejects or self._folder / f"{self.run}.rejects.csv"
            writer = SpoolWriter(self._spool)
            try:
                with RejectsFile(listed) as rejects:
                    make_plan(self._plan, writer, report, rejects, progress)
            except BaseException:
                writer.abandon()
                raise
            report.rejects = str(listed) if report.refused else ""
            about = {
                "report": report.to_json(),
                "file": str(self._plan.path.absolute()),
                "digest": self._digest,
            }
            if report.events:
                writer.finish(about)
            else:
                writer.abandon()
            return report

    def take_up(self, run: str) -> Report:
        """Go on with an import that `unfinished` names, from its spool, whatever became of its file since."""
        self.run = run
        with Spool(self._spool) as spool:
            report = Report.from_json(spool.about["report"])
        report.resumed = True
        return report

    def publish(self, until: Instant | None = None, progress: OnProgress = _silent) -> int:
        """Append the planned events before `until`, all of them and the end without it; how many.

        With `until` the import stays open, and its issues keep its clock, until a later call ends it.
        ImportBusy: another process published meanwhile. Unavailable: the log cannot take it now.
        """
        with self._locked(), ExitStack() as stack:
            if not self.is_open:
                return 0
            spool = stack.enter_context(Spool(self._spool))
            position = self._log.run_position(self.run)
            if position == 0:
                begin = self._marker(self.run, IMPORT_BEGIN, spool.time_of(1))
                position = self._append(self.run, 0, [begin])
            first = number = spool.published(position)
            last = spool.reach(until)
            for batch in chunks(spool.after(number, until), APPENDED_EVENTS):
                records = [NewRecord(one.key, one.value, one.time, EVENT, self.run) for one in batch]
                position = self._append(self.run, position, records)
                number = batch[-1].number
                progress(Progress(step="publishing", done=number, total=last, at=batch[-1].time))
            if until is not None:
                # Deadlines between the last event and `until` pass too, so the import's clock is moved on.
                spool.mark_clock(position)
                self._append(self.run, position, [self._marker(self.run, IMPORT_CLOCK, until)])
            else:
                if number == spool.total:
                    self._end(self.run, position, spool.time_of(number))
                self._done(self.run).touch()
                spool.delete()
        return number - first

    @property
    def is_open(self) -> bool:
        """Whether something planned is still to be published or ended."""
        return self._spool.exists()

    @property
    def is_first(self) -> bool:
        """Whether no import by this mapping has ended here, and this one has published nothing yet."""
        return not self._runs(".done") and self._log.run_position(self.run) == 0

    def discard(self) -> None:
        """Forget what was planned, of which nothing may be published yet."""
        self._spool.unlink(missing_ok=True)

    @property
    def _spool(self) -> Path:
        return self._folder / f"{self.run}.spool"

    def _which_run(self) -> tuple[str, bool]:
        """The run this file and mapping belong to, and whether it must be planned anew.

        The same file may be imported again after another version of it was: that is another run.
        """
        mapping = self._plan.mapping
        self._digest = digest(self._plan.path)
        content = self._digest + mapping.model_dump_json()
        stem = f"{mapping.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        number = 1
        while True:
            run = f"{stem}-{number}"
            try:
                Spool(self._folder / f"{run}.spool").__exit__()
            except FileNotFoundError:
                position = self._log.run_position(run)
                if position == 0:
                    return run, True
                if not self._done(run).exists():
                    # Its spool is gone, perhaps with the folder. Its end may be there already: one
                    # more does no harm, and whatever is missing the comparison finds again.
                    self._end(run, position, self._plan.now)
                    self._done(run).touch()
            else:
                return run, False
            number += 1

    def _runs(self, suffix: str) -> list[str]:
        """Runs of this mapping that have such a file here."""
        return _runs(self._folder, self._plan.mapping.name, suffix)

    def _set_aside(self, run: str, abandon: bool) -> None:
        """Deal with another file's unfinished run: end it if it may be abandoned."""
        with Spool(self._folder / f"{run}.spool") as spool:
            position = self._log.run_position(run)
            number = spool.published(position)
            # One that published nothing has promised nothing; one that published all lacks its end only.
            if position > 0 and number < spool.total and not abandon:
                at = spool.time_of(number)
                raise UnfinishedImport(
                    f"the import of {spool.about.get('file', 'another file')} stands open"
                    f" after {number:,} of {spool.total:,} events"
                    f"{f', at {iso(at)}' if at is not None else ''}; finish it with the same command,"
                    " or end it where it stands"
                )
            if position > 0 and number <= spool.total:
                self._end(run, position, spool.time_of(max(number, 1)))
            self._done(run).touch()
            spool.delete()

    def _done(self, run: str) -> Path:
        # Tells a run that has ended from one whose spool was lost.
        return self._folder / f"{run}.done"

    def _marker(self, run: str, control: str, time: Instant | None) -> NewRecord:
        value = msgspec.json.encode({"run": run, "name": self._plan.mapping.name})
        return NewRecord("", value, time, control, run)

    def _end(self, run: str, position: int, time: Instant | None) -> None:
        self._append(run, position, [self._marker(run, IMPORT_END, time)])

    def _append(self, run: str, position: int, records: list[NewRecord]) -> int:
        try:
            return self._log.append_run(run, position, records)
        except Refused as error:
            raise ImportBusy(f"another process is at this import: {error}") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from importing into the same folder; released however this one ends."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / "lock").open("a")
        except OSError as error:
            raise SpoolError(f"cannot write in {self._folder}: {error.strerror}") from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ImportBusy("another process is importing into this data folder; wait for it") from None
            yield


def _runs(folder: Path, name: str, suffix: str) -> list[str]:
    found = (path.name.removesuffix(suffix) for path in folder.glob(f"{name}-*{suffix}"))
    return sorted(run for run in found if run.rsplit("-", 2)[0] == name)
