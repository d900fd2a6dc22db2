"""The board: what pages and the API ask, answered from what is kept and otherwise from the store."""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

from consumers.board.answers import Cell, IssuePage, IssueRow, PartitionHealth, Series, TableNow, Unit
from consumers.board.cells import read_issues
from consumers.board.days import Counts, DayOf, back, points_of
from consumers.board.keeper import Keeper, Kept
from consumers.board.known import check_known
from consumers.board.ordering import chosen
from consumers.board.past import (
    Added,
    days_of,
    is_counted,
    months_of,
    read_days,
    read_lines,
    read_months,
    stands_at,
)
from consumers.board.remembered import Remembered
from consumers.board.shown import Shown, json_of
from consumers.board.view import View
from consumers.projects import read_projects
from consumers.tables import NotThere, clock_of, names_of
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.contribution import Dimensions
from livelihood.instants import SLOT, Instant
from livelihood.movements import split_key
from livelihood.ports import Moved, Unavailable
from livelihood.projects import ProjectProgress
from livelihood.rollup import ALL_ISSUES, Line
from livelihood.snapshots import of_one_moment
from web.context import Context

#: How often the movements are looked at.
TICK_SECONDS = 0.1
#: After a store that could not serve, or a fault of this software.
PAUSE_SECONDS = 2.0

_LOGGER = logging.getLogger("livelihood.board")
Found = TypeVar("Found")


class Board:
    """One for a process. Threads may share it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._remembered = Remembered()
        #: None until it follows the work; until then everything is read anew.
        self.keeper: Keeper | None = None
        self._listeners: dict[int, Callable[[], None]] = {}
        self._ids = count()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="board", daemon=True)

    def start(self) -> None:
        """Begin to follow the work, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stop.is_set():
            opened = self._context.open_reader
            try:
                with opened() if opened is not None else nullcontext(self._context.reader) as reader:
                    keeper = Keeper(reader, self._context.catalogue, self._tell)
                    while not self._stop.is_set():
                        self._look(keeper)
                        self.keeper = keeper
            except (Unavailable, Moved):
                self._stop.wait(PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001  # whatever it is, pages are answered meanwhile
                # An error's own text may hold what a person wrote. What is kept may be half changed.
                _LOGGER.error("a fault of this software in the board: %s", type(error).__name__)
                self._stop.wait(PAUSE_SECONDS)
            if self.keeper is not None:
                self.keeper.abandon()
            self.keeper = None

    def _tell(self) -> None:
        for heard in list(self._listeners.values()):
            heard()

    @contextmanager
    def heard(self, listener: Callable[[], None]) -> Iterator[None]:
        """Have a listener called whenever live tables were brought up to date, in a thread of the board's."""
        number = next(self._ids)
        self._listeners[number] = listener
        try:
            yield
        finally:
            del self._listeners[number]

    def _look(self, keeper: Keeper) -> None:
        try:
            keeper.look()
        except (Unavailable, Moved):
            self._stop.wait(PAUSE_SECONDS)
        else:
            self._stop.wait(TICK_SECONDS)

    def kept(self, view: View) -> Kept | None:
        """The live table of a view; None where it is not kept: of the past, of days, or not read yet."""
        keeper = self.keeper
        if keeper is None or not view.is_of_now:
            return None
        is_kept = view.span(self._context.catalogue().latest).whole_months
        return keeper.kept(view.whole) if is_kept else None

    def check(self, view: View) -> None:
        """NoView where a view is narrowed to what there is not."""
        if view.filters != ALL_ISSUES:
            check_known(view.filters, self._context.catalogue(), self._dimensions)

    def _dimensions(self) -> Iterable[Dimensions]:
        if self.keeper is not None:
            with self.keeper.held() as held:
                if held is not None:
                    return list(held[0].names.dimensions)
        reader = self._context.reader
        return (one for number in range(reader.partitions) for one in names_of(reader, number)[0].values())

    def version_at_hand(self) -> CatalogueVersion | None:
        """The version published last, as of the last look; None where it would have to be looked up."""
        return None if self.keeper is None else self.keeper.version

    def at_hand(self, view: View) -> TableNow | None:
        """The table where nothing has to be waited for or worked out: a coroutine may ask. Else None."""
        keeper = self.keeper
        if keeper is None or not view.is_of_now or view.search or view.sort:
            return None
        kept, version = keeper.at_hand(view.whole), keeper.version
        if kept is None or version is None or (version.projects and not view.by):
            return None
        published = kept.published
        page, total = chosen(published.lines, view, version)
        return TableNow(
            shown=page, total=total, as_of=published.as_of, position=str(published.place), projects={}
        )

    def table(self, view: View) -> TableNow:
        """The lines of a table; NotThere for an instant the data cannot speak of."""
        found = self.kept(view)
        if found is not None:
            published = found.published
            lines, as_of, position = published.lines, published.as_of, str(published.place)
        else:
            lines, as_of = self._answer(("table", view.whole), lambda: self._read_lines(view))
            position = ""
        page, total = chosen(lines, view, self._context.catalogue().latest)
        return TableNow(
            shown=page,
            total=total,
            as_of=as_of or self._context.clock(),
            position=position,
            projects={} if view.by else self.projects(view),
        )

    def _read_lines(self, view: View) -> tuple[tuple[Shown, ...], Instant]:
        reader, catalogue = self._context.reader, self._context.catalogue()
        lines, as_of = of_one_moment(reader, lambda: (read_lines(reader, catalogue, view), self._as_of(view)))
        zone = ZoneInfo(catalogue.latest.time_zone)
        return tuple(Shown(line, json_of(line, view.by, zone)) for line in lines), as_of

    def months(self, view: View) -> dict[str, Line]:
        """Month by month the line of the view's commitment, or of all traffic."""
        asked = replace(view.whole, by=())
        return self._answer(("months", asked), lambda: self._months(asked))

    def _months(self, view: View) -> dict[str, Line]:
        reader, catalogue = self._context.reader, self._context.catalogue()
        if self.keeper is not None and view.is_of_now:
            with self.keeper.held() as held:
                if held is not None:
                    names, counts = held[0].names, list(held[0].counts.items())
                    wanted = [is_counted(one, catalogue, view) for one in names.dimensions]
                    shapes = ((split_key(key), count) for key, count in counts)
                    found = ((names.shapes[shape], count) for (row, shape), count in shapes if wanted[row])
                    return months_of(found, view.span(catalogue.latest), view.commitment or ALL)
        return of_one_moment(reader, lambda: read_months(reader, catalogue, view))

    def series(self, view: View, unit: Unit = "day", last: int | None = None) -> Series:
        """Counts over the view's period, of its commitment or of all traffic; with `last`, the last so many.

        NotThere with `known_at`: days are counted as known now.
        """
        added, as_of = self._days(view)
        return self._series(added.get(view.commitment or ALL, {}), view, unit, last, as_of)

    def sparks(self, view: View, unit: Unit = "day", last: int = 30) -> dict[str, Series]:
        """The same of all traffic and of each commitment that has something."""
        added, as_of = self._days(view)
        return {code: self._series(days, view, unit, last, as_of) for code, days in added.items()}

    def _days(self, view: View) -> tuple[Added, Instant]:
        if view.known_at is not None:
            raise NotThere("counts by day are as known now; leave known_at out")
        asked = View(filters=view.filters, as_of=view.as_of)
        return self._answer(("days", asked), lambda: self._read_days(asked))

    def _read_days(self, view: View) -> tuple[Added, Instant]:
        reader, catalogue = self._context.reader, self._context.catalogue()
        if self.keeper is not None and view.is_of_now:
            with self.keeper.held() as held:
                if held is not None:
                    cube, as_of = held
                    return days_of(cube.days, enumerate(cube.names.dimensions), catalogue, view), as_of
        return of_one_moment(reader, lambda: (read_days(reader, catalogue, view), self._as_of(view)))

    def _series(
        self, days: dict[int, Counts], view: View, unit: Unit, last: int | None, as_of: Instant
    ) -> Series:
        version = self._context.catalogue().latest
        day_of, period = DayOf(version.time_zone), view.span(version)
        end = day_of[min(as_of, as_of if period.end is None else period.end - 1) // SLOT]
        first = None if period.start is None else day_of[period.start // SLOT]
        if last is not None:
            first = max(back(unit, end, last - 1), first or 0)
        return Series(unit=unit, points=points_of(days, unit, first, end), as_of=as_of)

    def issues(self, view: View, cell: Cell) -> IssuePage:
        """The issues behind a figure; NoView where it is none, NotThere where they cannot be listed."""
        asked = replace(view.whole, by=(), commitment=None)
        key = ("issues", asked, cell.commitment, tuple(cell.dimensions.items()), cell.measure)
        found, as_of = self._answer(key, lambda: self._read_issues(asked, cell))
        start = (cell.page - 1) * cell.size
        return IssuePage(issues=found[start : start + cell.size], total=len(found), as_of=as_of)

    def _read_issues(self, view: View, cell: Cell) -> tuple[list[IssueRow], Instant]:
        as_of = self._as_of(view)
        return read_issues(self._context.reader, self._context.catalogue(), view, cell), as_of

    def projects(self, view: View) -> dict[str, ProjectProgress]:
        """Project commitments, or the view's own if it is one."""
        if not self._context.catalogue().latest.projects or view.filters != ALL_ISSUES:
            return {}
        asked = View(as_of=view.as_of, known_at=view.known_at)
        found = self._answer(("projects", asked), lambda: self._read_projects(asked))
        return {code: one for code, one in found.items() if view.commitment in (None, code)}

    def _read_projects(self, view: View) -> dict[str, ProjectProgress]:
        reader, catalogue = self._context.reader, self._context.catalogue()
        return read_projects(reader, catalogue, self._as_of(view), view.known_at)

    def health(self) -> list[PartitionHealth]:
        """How far the work has come, partition by partition."""
        reader, log = self._context.reader, self._context.log
        behind = self.keeper.behind() if self.keeper is not None else None
        found = []
        for partition in range(reader.partitions):
            position = reader.position(partition)
            found.append(
                PartitionHealth(
                    partition=partition,
                    lag=max(log.end(partition) - position.next_offset, 0),
                    clock=clock_of(reader, partition),
                    next_offset=position.next_offset,
                    behind=None if behind is None else behind[partition],
                )
            )
        return found

    def _as_of(self, view: View) -> Instant:
        as_of = view.known_at if view.as_of is None else view.as_of
        # Where nothing has been worked on yet it is of now that there is nothing.
        return as_of if as_of is not None else stands_at(self._context.reader) or self._context.clock()

    def _answer(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """What `make` answers, kept while nothing changes."""
        reader, catalogue = self._context.reader, self._context.catalogue()
        positions = (reader.position(partition) for partition in range(reader.partitions))
        stamp = (len(catalogue.published), *((one.born, one.sequence) for one in positions))
        return self._remembered.get(key, stamp, make)
