"""The composition root: the embedded engine of a data folder, put together from its parts."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from backends.sqlite.lease import Lease
from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from consumers.tables import clock_of
from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.instants import Instant
from livelihood.ports import CATALOGUE, NewRecord
from livelihood.promises import Catalogue, check_publication
from streams.worker import Worker

Clock = Callable[[], Instant]


def system_clock() -> Instant:
    """Now."""
    return time.time_ns() // 1_000


class Reading:
    """What a data folder holds, for commands that only read."""

    def __init__(self, folder: Path) -> None:
        """Open the folder's files; Unavailable says what to do where that cannot be, as when it is empty."""
        self.folder = folder
        self._open = ExitStack()
        self.reader = self._open.enter_context(SqliteReader(folder))

    @property
    def published(self) -> list[CatalogueVersion]:
        """The versions of the catalogue, in order."""
        return [CatalogueVersion.model_validate_json(document) for document in self.reader.catalogues()]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue as it stood when first asked for; before any, one that promises nothing."""
        return Catalogue(self.published or [NOTHING_PUBLISHED])

    @property
    def zone(self) -> ZoneInfo:
        """The jurisdiction's time zone."""
        return ZoneInfo(self.catalogue.latest.time_zone)

    @property
    def stands_at(self) -> Instant:
        """The instant the tables stand for."""
        return max(clock_of(self.reader, partition) for partition in range(self.reader.partitions))

    def close(self) -> None:
        """Give the files back."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Engine(Reading):
    """The embedded engine of a data folder, for commands that append or work. One clock for everything."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        """Open the folder, made where it is missing; Unavailable says what to do where that cannot be."""
        log = SqliteLog(folder, clock)
        try:
            super().__init__(folder)
        except BaseException:
            log.close()
            raise
        self._open.enter_context(log)
        self.log = log
        self.clock = clock
        self.lease = Lease(folder, clock)

    @property
    def imports(self) -> Path:
        """The folder's own for imports under way."""
        return self.folder / "imports"

    def publish(self, version: CatalogueVersion) -> None:
        """Publish a version of the catalogue; CatalogueError where it may not be published now."""
        published = self.published
        check_publication(Catalogue(published) if published else None, version, self.clock())
        self.log.append([NewRecord("", version.model_dump_json().encode(), None, CATALOGUE)])
        self.__dict__.pop("catalogue", None)

    @contextmanager
    def worker(self) -> Iterator[Worker | None]:
        """A worker, where nobody else works on this folder; None where somebody does (see `lease`)."""
        if not self.lease.try_take():
            yield None
            return
        try:
            with SqliteStore(self.folder) as store:
                yield Worker(self.log, store, self.log, self.clock, lambda: self.published)
        finally:
            self.lease.release()
