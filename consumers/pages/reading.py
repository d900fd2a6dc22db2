"""What pages ask of the board; of an instant that has passed no more than they need: each look costs.

While the slider moves a page is only glanced at: then what costs most of such a look is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from consumers.board.answers import Series
from consumers.board.board import Board
from consumers.board.ordering import chosen
from consumers.board.shown import Shown
from consumers.board.view import MOST, View
from consumers.pages.periods import beginning
from consumers.tables import NotThere, read_table
from livelihood.catalogue import ALL
from livelihood.instants import DAY, Instant, to_datetime
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line, add_sums
from livelihood.snapshots import of_one_moment
from web.context import Context
from web.formats import Formats


@dataclass(frozen=True, kw_only=True)
class Read:
    """A table that was read."""

    #: All traffic first.
    lines: Sequence[Line]
    as_of: Instant
    projects: Mapping[str, ProjectProgress] = field(default_factory=dict)


class Reading:
    """Reads for pages."""

    def __init__(self, context: Context, board: Board) -> None:
        self._context = context
        self.board = board

    def table(self, view: View, *, is_glance: bool = False) -> Read:
        """A table, unsorted and on one page; NotThere for an instant that the data cannot speak of.

        At a glance it has no instants: no oldest open, no last change.
        """
        view = replace(view, sort="", page=1, size=MOST)
        if is_glance and view.as_of is not None:
            return self._glanced(view, view.as_of)
        found = self.board.table(view)
        return Read(lines=found.lines, as_of=found.as_of, projects=found.projects)

    def _glanced(self, view: View, as_of: Instant) -> Read:
        reader, catalogue = self._context.reader, self._context.catalogue()
        query = replace(view.table_query(catalogue.latest), instants=False)
        lines = of_one_moment(reader, lambda: read_table(reader, catalogue, query))
        shown, _total = chosen([Shown(line, b"") for line in lines], view, catalogue.latest)
        projects = {} if view.by else self.board.projects(view)
        return Read(lines=[one.line for one in shown], as_of=as_of, projects=projects)

    def then(self, view: View, *, is_glance: bool = False) -> Read | None:
        """The same table as it was known at its instant; None where there is nothing to compare."""
        if view.as_of is None or view.known_at is not None or is_glance:
            return None
        try:
            return self.table(replace(view, known_at=view.as_of))
        except NotThere:
            return None

    def by_day(self, view: View, days: int, formats: Formats) -> dict[str, Series]:
        """So many days of all traffic and of each commitment, up to the view's instant."""
        view = replace(view, known_at=None)
        if view.as_of is None or view.as_of != _midnight(view.as_of, formats):
            return self.board.sparks(view, "day", days)
        # Up to the beginning of a day the days of now say the same, and need no look at the past.
        today = f"{to_datetime(view.as_of, formats.zone):%Y-%m-%d}"
        since = max(self._context.clock() - view.as_of, 0) // DAY + days + 2
        found = self.board.sparks(replace(view, as_of=None), "day", since)
        return {
            code: replace(one, points=[point for point in one.points if point.day < today][-days:])
            for code, one in found.items()
        }

    def first(self, as_of: Instant, formats: Formats) -> Instant:
        """When the first of all issues was submitted, to the month."""
        found = self.board.series(View(commitment=ALL), "month").points
        return min(beginning(found[0].day, formats), as_of) if found else as_of


def _midnight(instant: Instant, formats: Formats) -> Instant:
    return beginning(f"{to_datetime(instant, formats.zone):%Y-%m-%d}", formats)


def rolled_up(lines: Sequence[Line], names: Sequence[str]) -> list[Line]:
    """Lines put together by some of their dimensions, in the order of their first."""
    found: dict[tuple[str, ...], Line] = {}
    for line in lines:
        dimensions = {name: line.dimensions[name] for name in names}
        whole = found.setdefault((line.commitment, *dimensions.values()), Line(line.commitment, dimensions))
        add_sums(whole, line.sums.items())
        opened = [one for one in (whole.oldest_open, line.oldest_open) if one is not None]
        whole.oldest_open = min(opened, default=None)
        changed = [one for one in (whole.last_change, line.last_change) if one is not None]
        whole.last_change = max(changed, default=None)
    return list(found.values())
