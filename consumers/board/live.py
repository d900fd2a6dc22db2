"""A table kept current: its lines, changed by the same movements as the cube, each with its JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from consumers.board.cube import Changes, Cube, Row
from consumers.board.places import Place
from consumers.board.shown import Published, Shown, json_of
from consumers.board.view import View
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant
from livelihood.movements import split_key
from livelihood.rollup import Line, Table, add_sums, within


@dataclass(slots=True)
class _Held:
    """A line that is being kept, and what was last published of it."""

    line: Line
    number: int
    shown: Shown | None = None
    #: Numbers of the dimensions it has open issues of, or had.
    rows: set[int] = field(default_factory=set)
    is_oldest_known: bool = True


class LiveTable:
    """One view's table, without its order and page. Only one thread at a time may use it."""

    def __init__(self, view: View, version: CatalogueVersion, cube: Cube) -> None:
        self._by = view.by
        self._zone = ZoneInfo(version.time_zone)
        self._cube = cube
        self._months = view.span(version).months
        self._table = Table(version, view.by, view.commitment, view.filters)
        self._is_project = view.commitment in version.projects
        self._held: dict[int, _Held] = {}
        self._order: list[_Held] = []
        self._lines_of: dict[Row, tuple[_Held, ...]] = {}
        self._sums_of: dict[int, tuple[tuple[int, int], ...]] = {}
        self._stale: dict[int, _Held] = {}
        self._change = 0
        self.published: Published | None = None
        self.apply(Changes(cube.counts, cube.changed, set(cube.opened)))

    def apply(self, changes: Changes) -> None:
        """Change the lines as the cube was changed."""
        names, stale = self._cube.names, self._stale
        # Rows that count in the same lines are taken together: there are far more rows than lines.
        grouped: dict[tuple[int, ...], tuple[tuple[_Held, ...], dict[int, int]]] = {}
        for key, count in changes.counts.items():
            number, shape = split_key(key)
            lines = self._lines((number, names.outcomes[shape]))
            if lines:
                _, counts = grouped.setdefault(tuple(map(id, lines)), (lines, {}))
                counts[shape] = counts.get(shape, 0) + count
        for lines, counts in grouped.values():
            for shape, count in counts.items():
                sums = self._sums(shape)
                for held in lines:
                    add_sums(held.line, sums, count)
            stale.update((id(held), held) for held in lines)
        for row, at in changes.touched.items():
            for held in self._lines(row):
                if held.line.last_change is None or at > held.line.last_change:
                    held.line.last_change = at
                    stale[id(held)] = held
        for number in changes.opened:
            for held in self._lines((number, "")):
                held.rows.add(number)
                held.is_oldest_known = False
                stale[id(held)] = held

    def publish(self, place: Place, as_of: Instant) -> Published:
        """The table as it is now."""
        lines = self._table.lines()
        if len(lines) != len(self._order):
            self._order = list(map(self._keep, lines[:1] if self._is_project else lines))
        for held in self._stale.values():
            if not held.is_oldest_known:
                firsts = (self._cube.opened[number].first for number in held.rows)
                held.line.oldest_open = min((at for at in firsts if at is not None), default=None)
                held.is_oldest_known = True
        for held in self._order:
            if held.shown is None or id(held) in self._stale:
                json = json_of(held.line, self._by, self._zone)
                if held.shown is None or json != held.shown.json:
                    self._change += 1
                    held.shown = Shown(_copy(held.line), json, held.number, self._change)
        self._stale.clear()
        shown = tuple(held.shown for held in self._order if held.shown is not None)
        numbered = {one.number: one for one in shown}
        self.published = Published(shown, numbered, self._change, place, as_of)
        return self.published

    def numbers_of(self, rows: Iterable[Row]) -> frozenset[int]:
        """The numbers of the lines that these rows count in."""
        return frozenset(held.number for row in rows for held in self._lines(row))

    def _keep(self, line: Line) -> _Held:
        held = self._held.get(id(line))
        if held is None:
            held = self._held[id(line)] = _Held(line, len(self._held))
        return held

    def _lines(self, row: Row) -> tuple[_Held, ...]:
        found = self._lines_of.get(row)
        if found is None:
            number, outcome = row
            lines = self._table.lines_of(self._cube.names.dimensions[number], outcome)
            found = self._lines_of[row] = tuple(map(self._keep, lines))
        return found

    def _sums(self, shape: int) -> tuple[tuple[int, int], ...]:
        sums = self._sums_of.get(shape)
        if sums is None:
            sums = self._sums_of[shape] = within(self._cube.names.sums[shape], self._months)
        return sums


def _copy(line: Line) -> Line:
    return Line(line.commitment, line.dimensions, dict(line.sums), line.oldest_open, line.last_change)
