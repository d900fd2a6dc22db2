"""The embedded engine, put together from its parts: everything in one data folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from backends.sqlite.lease import Holder, Lease
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.schema import LOG, STATE
from backends.sqlite.store import SqliteStore
from backends.vaults.forgotten_file import ForgottenFile
from cli.engine import Clock, Engine, Present, Reading, system_clock
from cli.failures import MISSING, Failure
from cli.moments import moment_text
from cli.settings import Settings
from livelihood.ports import Unavailable
from streams.worker import Worker

#: The file that says where the data of a folder were moved.
MOVED = "moved"


class EmbeddedReading(Reading):
    """A data folder, for commands that only read."""

    starts_work = "livelihood serve"

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        """Open the folder's files; Unavailable says what to do where that cannot be, as when it is empty."""
        super().__init__(settings or Settings(data=folder), lambda: ForgottenFile(folder))
        _check_not_moved(folder)
        self.folder = folder
        self.place = str(folder)
        self.reader = self.topics = self._held.enter_context(SqliteReader(folder))
        self.lease = Lease(folder, system_clock)

    def open_reader(self) -> SqliteReader:
        """Another reader of the folder."""
        return SqliteReader(self.folder)

    def open_topics(self) -> SqliteReader:
        """What was published, by another reader."""
        return SqliteReader(self.folder)

    def present(self) -> list[Present]:
        """The process that holds the lease, if one does."""
        holder = self.lease.holder()
        return [] if holder is None else [Present(holder_text(holder), holder.since)]


class EmbeddedEngine(EmbeddedReading, Engine):
    """A data folder, for commands that append or work. One process works at a time."""

    log: SqliteLog
    is_shared = False

    def __init__(self, folder: Path, clock: Clock = system_clock, settings: Settings | None = None) -> None:
        """Open the folder, made where it is missing; Unavailable says what to do where that cannot be."""
        log = SqliteLog(folder, clock)
        try:
            super().__init__(folder, settings)
        except BaseException:
            log.close()
            raise
        self.log = self.outlet = self._held.enter_context(log)
        self.clock = clock
        self.lease = Lease(folder, clock)

    @contextmanager
    def worker(self) -> Iterator[Worker | None]:
        """A worker, where nobody else works on this folder; None where somebody does."""
        if not self.lease.try_take():
            yield None
            return
        try:
            with SqliteStore(self.folder) as store:
                yield Worker(self.log, store, self.log, self.clock, lambda: self.published)
        finally:
            self.lease.release()

    @contextmanager
    def alone(self) -> Iterator[Sequence[Worker]]:
        """The worker; Failure where another process works."""
        with self.worker() as worker:
            if worker is None:
                raise self._busy()
            yield [worker]

    def _busy(self) -> Failure:
        holder = self.lease.holder()
        if holder is not None:
            return Failure(
                f"{holder_text(holder)} works on {self.place} already, since"
                f" {moment_text(holder.since, self.zone)}.\n"
                "One is enough; stop it first if this one is to work.",
                MISSING,
            )
        return Failure("Another process worked on this data folder a moment ago; try again.", MISSING)


def moved_to(folder: Path) -> str:
    """Where a folder's data were moved by `migrate`; empty: they were not."""
    try:
        return (folder / MOVED).read_text("utf-8").strip()
    except OSError:
        return ""


def _check_not_moved(folder: Path) -> None:
    if moved := moved_to(folder):
        raise Unavailable(
            f"{folder} was moved to {moved}: set `kafka` and `redis` to go on there"
            f" (removing the file {MOVED} in it brings back what it was)"
        )


def note_moved(folder: Path, place: str) -> None:
    """Note that a folder's data are elsewhere now, so that nobody goes on with them here."""
    (folder / MOVED).write_text(f"{place}\n", "utf-8")


def discard_state(folder: Path) -> None:
    """Remove the state file, which is made again from the log; Failure where somebody works on it."""
    if not (folder / LOG.file).is_file():
        raise Failure(f"{folder} holds no log, so nothing could be made again.", MISSING)
    _check_not_moved(folder)
    with Lease(folder, system_clock) as lease:
        if not lease.try_take():
            holder = lease.holder()
            who = "Another process" if holder is None else holder_text(holder)
            raise Failure(f"{who} works on {folder}; stop it first.", MISSING)
        for suffix in ("", "-wal", "-shm"):
            (folder / f"{STATE.file}{suffix}").unlink(missing_ok=True)


def holder_text(holder: Holder) -> str:
    """Who works, in words: "livelihood serve (process 123)"."""
    command = holder.command.rpartition("/")[2] if " " not in holder.command else _short(holder.command)
    return f"{command} (process {holder.pid})"


def _short(command: str) -> str:
    program, *rest = command.split()
    words = takewhile(lambda word: not word.startswith("-"), rest)
    return " ".join([program.rpartition("/")[2], *words])
