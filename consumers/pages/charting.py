"""The charts of one commitment, filled with what the board answers."""

from collections.abc import Sequence
from dataclasses import replace

from consumers.board.answers import Series
from consumers.board.board import Board
from consumers.board.view import View
from consumers.pages.asking import Here
from consumers.pages.chart_data import by_month, flow, stock, times
from consumers.pages.commitment import standards
from consumers.pages.endings import outcomes
from consumers.pages.figures import Row
from livelihood.rollup import Line
from web.languages import Message, _

#: Up to so many weeks a chart is drawn by days, and up to so many by weeks.
_MOST_BY_DAY, _MOST_BY_WEEK = 10, 130
_NOTES = {
    "day": _("Each point is a day; the last is not over yet."),
    "week": _("Each point is a week; the last is not over yet."),
    "month": _("Each point is a month; the last is not over yet."),
}


def charts_of(
    board: Board, view: View, row: Row, by_origin: Sequence[Line], here: Here
) -> Sequence[tuple[str, object]]:
    """Each chart with its kind, those that have something to show."""
    # Counts by day are as known now.
    view = replace(view, known_at=None, by=())
    found: list[tuple[str, object]] = []
    months = board.months(replace(view, period="all"))
    if months:
        found.append(("by_month", by_month(months, row.target, here.formats)))
    series = _series(board, view)
    if series.points:
        note: Message = _NOTES[series.unit]
        found.append(("over_time", flow(series, here.formats, note)))
        found.append(("over_time", stock(series, here.formats, note)))
    took = times(
        row.line, standards(here.version, row.line.commitment, here.formats.language.code), here.formats
    )
    if took is not None:
        found.append(("histogram", took))
    ended = outcomes(by_origin)
    if ended.lines:
        found.append(("outcomes", ended))
    return found


def _series(board: Board, view: View) -> Series:
    """By days, weeks or months, as is best read."""
    by_week = board.series(view, "week")
    weeks = len(by_week.points)
    if weeks > _MOST_BY_WEEK:
        return board.series(view, "month")
    return by_week if weeks > _MOST_BY_DAY else board.series(view, "day")
