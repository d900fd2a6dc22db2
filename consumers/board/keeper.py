"""The keeper: follows the movements of all partitions, and keeps the cube and the live tables current."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from consumers.board.cube import Cube, Row
from consumers.board.live import LiveTable
from consumers.board.names import PartitionNames
from consumers.board.places import Place, data_of
from consumers.board.shown import Published
from consumers.board.view import View
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant
from livelihood.ledger import unpack_ledger
from livelihood.movements import ENTRY_BYTES, columns, split_key
from livelihood.ports import Position, Reader
from livelihood.promises import Catalogue

#: A table that nobody has asked for within so long is brought up to date only when it is asked for again,
HOT_SECONDS = 10.0
#: and within so long is dropped; so are those asked for longest ago where there are more than these.
KEPT_SECONDS, MOST_TABLES = 300.0, 50
#: Who resumes further back than so many movements begins anew.
MOST_RESUMED = 200_000


@dataclass(slots=True)
class Kept:
    """A live table, and who wants it."""

    view: View
    table: LiveTable
    asked: float
    followers: int = 0
    #: Dropped or replaced: whoever follows it takes the one there is now.
    is_gone: bool = False

    @property
    def published(self) -> Published:
        """The table as of the last look."""
        assert self.table.published is not None
        return self.table.published


class Keeper:
    """One for a board. `look` belongs to one thread, all else to any."""

    def __init__(self, reader: Reader, catalogue: Callable[[], Catalogue], told: Callable[[], None]) -> None:
        """`told` is called, in the thread that looks, whenever tables were brought up to date."""
        self._reader = reader
        self._told = told
        self._catalogue = catalogue
        self._lock = threading.Lock()
        #: The version of the catalogue that the tables go by.
        self.version: CatalogueVersion | None = None
        self._tables: dict[View, Kept] = {}
        self._begin(catalogue().latest)

    def _begin(self, version: CatalogueVersion) -> None:
        partitions = range(self._reader.partitions)
        self.is_ready = False
        self._drop(list(self._tables.values()))
        self.cube = Cube(version.time_zone)
        self._names = [PartitionNames(self.cube.names, partition) for partition in partitions]
        self._counted = [0 for _ in partitions]
        self._sequences = [-1 for _ in partitions]
        self._born = ["" for _ in partitions]
        self._clocks = [0 for _ in partitions]
        self.version = version

    def look(self) -> bool:
        """Count in what is new; whether there was anything. Unavailable or Moved: look again later."""
        version = self._catalogue().latest
        if version is not self.version and version != self.version:
            with self._lock:
                if self.version is None or version.time_zone != self.version.time_zone:
                    self._begin(version)
                else:
                    # Titles, the order of lines and who is whose may be others now.
                    self._drop(list(self._tables.values()))
                    self.version = version
        positions = [self._reader.position(partition) for partition in range(self._reader.partitions)]
        if self._is_another_store(positions):
            with self._lock:
                self._begin(version)
        news = False
        for partition, position in enumerate(positions):
            news = self._look_at(partition, position.sequence) or news
        if news or not self.is_ready:
            self._publish()
        self._tidy()
        return news

    def _is_another_store(self, positions: Sequence[Position]) -> bool:
        """Whether a partition's data were lost and made again: its movements are counted from the first."""
        return any(
            born and born != position.born for born, position in zip(self._born, positions, strict=True)
        )

    def _look_at(self, partition: int, sequence: int) -> bool:
        if sequence == self._sequences[partition]:
            return False
        if not self.is_ready:
            # There may be millions: a moment cannot be held for so long.
            for page in self._reader.movements(partition, self._counted[partition]):
                with self._lock:
                    self._count(partition, page)
        with self._reader.snapshot():
            position = self._reader.position(partition)
            pages = list(self._reader.movements(partition, self._counted[partition]))
        with self._lock:
            # All of a commit, or none of it.
            for page in pages:
                self._count(partition, page)
            self._born[partition], self._sequences[partition] = position.born, position.sequence
            self._clocks[partition] = unpack_ledger(position.ledger).clock
        return True

    def _count(self, partition: int, page: bytes) -> None:
        instants, keys, submitted = columns(page)
        own = self._names[partition].translated(self._reader, keys)
        changes = self.cube.apply(instants, own, submitted)
        self._counted[partition] += len(page) // ENTRY_BYTES
        for kept in self._tables.values():
            kept.table.apply(changes)

    def _publish(self) -> None:
        """Bring the tables that somebody wants up to date, and say so."""
        now = time.monotonic()
        with self._lock:
            for kept in self._tables.values():
                if kept.followers or now - kept.asked < HOT_SECONDS:
                    self._bring_up_to_date(kept)
            self.is_ready = True
        self._told()

    def _bring_up_to_date(self, kept: Kept) -> None:
        assert self.version is not None
        data = data_of([self.version.version, *self._born])
        place, as_of = Place(data, tuple(self._counted)), max(self._clocks)
        before = kept.table.published
        if before is None or (before.place, before.as_of) != (place, as_of):
            kept.table.publish(place, as_of)

    def _tidy(self) -> None:
        """Drop the tables that nobody wants."""
        now = time.monotonic()
        with self._lock:
            idle = [kept for kept in self._tables.values() if not kept.followers]
            idle.sort(key=lambda kept: kept.asked)
            many = max(len(self._tables) - MOST_TABLES, 0)
            self._drop([*idle[:many], *(kept for kept in idle[many:] if now - kept.asked > KEPT_SECONDS)])

    def _drop(self, some: list[Kept]) -> None:
        for kept in some:
            kept.is_gone = True
            del self._tables[kept.view]

    def at_hand(self, view: View) -> Kept | None:
        """The table of a view without waiting, where it is up to date anyway."""
        kept, now = self._tables.get(view), time.monotonic()
        # Long before it cools: by then it would no longer be brought up to date.
        if kept is None or kept.is_gone or not (kept.followers or now - kept.asked < HOT_SECONDS / 2):
            return None
        kept.asked = now
        return kept

    def kept(self, view: View) -> Kept | None:
        """The table of a view, up to date; None while the board has not read everything yet.

        Of a view of now, without its order and page, whose period is made of months.
        """
        with self._lock:
            if not self.is_ready or self.version is None:
                return None
            kept = self._tables.get(view)
            if kept is None:
                table = LiveTable(view, self.version, self.cube)
                kept = self._tables[view] = Kept(view, table, 0)
            kept.asked = time.monotonic()
            self._bring_up_to_date(kept)
            return kept

    @contextmanager
    def held(self) -> Iterator[tuple[Cube, Instant] | None]:
        """The cube, which waits meanwhile, and the instant it stands for; None while not all is read."""
        with self._lock:
            yield (self.cube, max(self._clocks)) if self.is_ready else None

    def abandon(self) -> None:
        """Nothing is kept up to date any more; whoever follows is told."""
        with self._lock:
            self.is_ready = False
            self._drop(list(self._tables.values()))
        self._told()

    def touched(self, kept: Kept, after: Place, published: Published) -> frozenset[int] | None:
        """The numbers of the lines touched since a place that it has reached; None: too far back."""
        wanted = [until - since for since, until in zip(after.counted, published.place.counted, strict=True)]
        if sum(wanted) > MOST_RESUMED:
            return None
        rows: set[Row] = set()
        for partition, many in enumerate(wanted):
            pages = self._reader.movements(partition, after.counted[partition]) if many else ()
            for page in pages:
                keys = columns(page)[1][:many]
                many -= len(keys)
                with self._lock:
                    own = self._names[partition].translated(self._reader, keys)
                for key in {abs(key) for key in own}:
                    number, shape = split_key(key)
                    rows.add((number, self.cube.names.outcomes[shape]))
                if not many:
                    break
        with self._lock:
            return None if kept.is_gone else kept.table.numbers_of(rows)

    def behind(self) -> list[int]:
        """Of each partition, how many commits are not counted in yet."""
        return [
            max(self._reader.position(partition).sequence - max(seen, 0), 0)
            for partition, seen in enumerate(self._sequences)
        ]
