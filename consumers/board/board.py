"""The board: what pages and the API ask, answered from what is kept and otherwise from the store."""

from collections.abc import Callable
from typing import TypeVar

from consumers.board.answers import Cell, IssuePage, PartitionHealth, Series, TableNow, Unit
from consumers.board.cells import read_issues
from consumers.board.days import Counts, DayOf, back, points_of
from consumers.board.ordering import chosen
from consumers.board.past import Added, read_days, read_lines, read_months, stands_at
from consumers.board.view import View
from consumers.projects import read_projects
from consumers.tables import NotThere, clock_of
from livelihood.catalogue import ALL
from livelihood.instants import SLOT, Instant
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line
from livelihood.snapshots import of_one_moment
from web.context import Context

Found = TypeVar("Found")


class Board:
    """One for a process. Threads may share it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def start(self) -> None:
        """Begin to follow the work, in a thread of its own."""

    def close(self) -> None:
        """Stop following."""

    def table(self, view: View) -> TableNow:
        """The lines of a table; NotThere for an instant the data cannot speak of."""
        catalogue = self._context.catalogue()
        lines, as_of = self._of_one_moment(
            lambda: (read_lines(self._context.reader, catalogue, view), self._as_of(view))
        )
        shown = chosen(lines, view, catalogue.latest)
        projects = {} if view.by else self.projects(view)
        return TableNow(lines=shown.lines, total=shown.total, as_of=as_of, position="", projects=projects)

    def months(self, view: View) -> dict[str, Line]:
        """Month by month the line of the view's commitment, or of all traffic."""
        catalogue = self._context.catalogue()
        return self._of_one_moment(lambda: read_months(self._context.reader, catalogue, view))

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
        catalogue = self._context.catalogue()
        return self._of_one_moment(
            lambda: (read_days(self._context.reader, catalogue, view), self._as_of(view))
        )

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
        """The issues behind a figure; NotThere where they cannot be listed."""
        catalogue = self._context.catalogue()
        found = read_issues(self._context.reader, catalogue, view, cell)
        start = (cell.page - 1) * cell.size
        return IssuePage(issues=found[start : start + cell.size], total=len(found), as_of=self._as_of(view))

    def projects(self, view: View) -> dict[str, ProjectProgress]:
        """Project commitments, or the view's own if it is one."""
        catalogue = self._context.catalogue()
        if not catalogue.latest.projects:
            return {}
        found = read_projects(self._context.reader, catalogue, self._as_of(view), view.known_at)
        return {code: one for code, one in found.items() if view.commitment in (None, code)}

    def health(self) -> list[PartitionHealth]:
        """How far the work has come, partition by partition."""
        reader, log = self._context.reader, self._context.log
        found = []
        for partition in range(reader.partitions):
            position = reader.position(partition)
            found.append(
                PartitionHealth(
                    partition=partition,
                    lag=max(log.end(partition) - position.next_offset, 0),
                    clock=clock_of(reader, partition),
                    next_offset=position.next_offset,
                    counted=0,
                    behind=0,
                )
            )
        return found

    def _as_of(self, view: View) -> Instant:
        as_of = view.known_at if view.as_of is None else view.as_of
        # Where nothing has been worked on yet it is of now that there is nothing.
        return as_of if as_of is not None else stands_at(self._context.reader) or self._context.clock()

    def _of_one_moment(self, read: Callable[[], Found]) -> Found:
        return of_one_moment(self._context.reader, read)
