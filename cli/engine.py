"""What commands need of an engine, whichever it is, and the choice between the two.

The embedded engine is put together in embedded.py, the distributed one in distributed.py. Each is
imported only where it is used: `--help` needs neither, and the libraries of the second may be missing.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from cli.failures import libraries
from cli.safe import Safe
from cli.settings import Settings
from consumers.tables import clock_of
from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.instants import Instant, to_datetime
from livelihood.ports import CATALOGUE, EventLog, NewRecord, Outlet, Published, Reader
from livelihood.promises import Catalogue, check_publication
from livelihood.safekeeping import ForgottenList, Sealer, Vault
from streams.worker import Worker

Clock = Callable[[], Instant]


def system_clock() -> Instant:
    """Now."""
    return time.time_ns() // 1_000


class Present(NamedTuple):
    """Somebody who works."""

    #: In words, as "livelihood serve (process 123)".
    who: str
    #: None where that is not known.
    since: Instant | None


class Reading(ABC):
    """What an engine holds, for commands that only read."""

    #: What people call the place: a folder, or servers.
    place: str
    reader: Reader
    topics: Published
    #: What makes somebody work, as a person types it.
    starts_work: str

    def __init__(self, settings: Settings, forgotten: Callable[[], ForgottenList]) -> None:
        #: What is given back at the end.
        self._held = ExitStack()
        #: What is kept apart from the data.
        self.safe = Safe(settings, forgotten)
        self._held.callback(self.safe.close)

    @property
    def deliveries(self) -> Vault:
        """What is under way to webhooks; Failure or Unavailable as for the vault."""
        return self.safe.deliveries

    @property
    def vault(self) -> Vault:
        """Keys and accounts; Failure or Unavailable says what to do where they cannot be had."""
        return self.safe.vault

    @property
    def sealer(self) -> Sealer:
        """Seals personal data, and opens it; Failure or Unavailable as for the vault."""
        return self.safe.sealer

    def seal(self, personal: dict[str, str], issue: str) -> str | None:
        """As the sealer's own, which is opened by the first who needs it."""
        return self.sealer.seal(personal, issue)

    @property
    def published(self) -> list[CatalogueVersion]:
        """The versions of the catalogue, in order."""
        return published_in(self.topics)

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

    @abstractmethod
    def open_reader(self) -> AbstractContextManager[Reader]:
        """Another reader of the same, with connections of its own."""

    @abstractmethod
    def open_topics(self) -> AbstractContextManager[Published]:
        """What was published, read by connections of its own."""

    @abstractmethod
    def present(self) -> list[Present]:
        """Who works now."""

    def close(self) -> None:
        """Give files and connections back."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Engine(Reading):
    """An engine for commands that append or work. One clock for everything."""

    log: EventLog
    outlet: Outlet
    clock: Clock
    #: The data folder: imports under way are kept in it, whatever the engine.
    folder: Path
    #: Whether the work is always others': that they do it is no news then.
    is_shared: bool

    @property
    def imports(self) -> Path:
        """The folder for imports under way."""
        return self.folder / "imports"

    def publish(self, version: CatalogueVersion) -> None:
        """Publish a version of the catalogue; CatalogueError where it may not be published now."""
        published, now = self.published, self.clock()
        check_publication(Catalogue(published) if published else None, version, now)
        stamped = version.model_copy(update={"recorded": to_datetime(now)})
        self.log.append([NewRecord("", stamped.model_dump_json().encode(), None, CATALOGUE)])
        self.__dict__.pop("catalogue", None)

    @abstractmethod
    def worker(self) -> AbstractContextManager[Worker | None]:
        """A worker of ours for as long as this lasts; None where the work is others'."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[Sequence[Worker]]:
        """Workers of all partitions, with nobody else at work; Failure, with its name, where somebody is."""


def published_in(topics: Published) -> list[CatalogueVersion]:
    """The versions of the catalogue, in order."""
    return versions_of(topics.catalogues())


def versions_of(documents: Iterable[bytes]) -> list[CatalogueVersion]:
    """The versions that documents as they were published are of, in order."""
    return [CatalogueVersion.model_validate_json(document) for document in documents]


def open_reading(settings: Settings) -> Reading:
    """The engine the settings name, to read; Unavailable or Failure says what to do where that cannot be."""
    if settings.distributed:
        with libraries():
            from cli.distributed import DistributedReading
        return DistributedReading(settings)
    from cli.embedded import EmbeddedReading

    return EmbeddedReading(settings.data, settings)


def open_engine(settings: Settings, clock: Clock = system_clock) -> Engine:
    """The engine the settings name, made where it is missing; Unavailable or Failure as `open_reading`."""
    if settings.distributed:
        with libraries():
            from cli.distributed import DistributedEngine
        return DistributedEngine(settings, clock)
    from cli.embedded import EmbeddedEngine

    return EmbeddedEngine(settings.data, clock, settings)


def discard(settings: Settings) -> None:
    """Remove all that was made from the log and can be made again; Failure where somebody works on it."""
    if settings.distributed:
        with libraries():
            from cli import distributed
        distributed.discard_state(settings)
    else:
        from cli import embedded

        embedded.discard_state(settings.data)
