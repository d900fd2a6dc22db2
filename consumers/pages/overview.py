"""The overview: one row for each commitment, everything together above them, and the projects."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumers.board.answers import Series
from consumers.pages.asking import Here
from consumers.pages.charts import area_path, line_path, round_top
from consumers.pages.figures import (
    Row,
    Verdict,
    commitment_title,
    sorted_rows,
    to_whom,
    verdict_of,
)
from consumers.pages.reading import Read
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.instants import DAY, Instant, from_datetime
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line
from web.languages import Message, _
from web.titles import text_in, title_of

#: Days of the small picture beside each commitment: eight weeks.
TREND_DAYS = 56
#: No fewer, or a picture says nothing.
FEWEST_DAYS = 14
_LOWEST_TOP = 5
#: The pace of a project is told by the month.
_DAYS_A_MONTH = 365.2425 / 12
#: In which order verdicts are counted.
_TALLY = (Verdict.KEPT, Verdict.NEAR, Verdict.MISSED, Verdict.FEW, Verdict.NOTHING)


def key_of(line: Line) -> str:
    """What names a line among the others, as scripts make it from what a stream sends."""
    return "/".join([line.commitment, *line.dimensions.values()])


def row_of(line: Line, then: Line | None, version: CatalogueVersion, language: str) -> Row:
    """A commitment's line as a row; `then`: the same as it was known at the instant shown."""
    measures = line.measures()
    commitment = version.commitments.get(line.commitment)
    target = commitment.target if commitment else None
    return Row(
        key=key_of(line),
        title=commitment_title(version, line.commitment, language),
        to=to_whom(version, line.commitment, language),
        line=line,
        measures=measures,
        target=target,
        verdict=verdict_of(measures["on_time_rate"], target),
        then=None if then is None else then.measures(),
    )


def rows_of(
    table: Read, then: Read | None, version: CatalogueVersion, language: str, sort: str
) -> tuple[Row, list[Row]]:
    """Everything together, and a row for each commitment in the order asked for."""
    known = {} if then is None else {key_of(line): line for line in then.lines}
    rows = [row_of(line, known.get(key_of(line)), version, language) for line in table.lines]
    total = next(row for row in rows if row.line.commitment == ALL)
    return total, sorted_rows([row for row in rows if row is not total], sort)


def is_restated(rows: Sequence[Row]) -> bool:
    """Whether any figure was known otherwise."""
    return any(row.then is not None and row.then != row.measures for row in rows)


def tally(rows: Sequence[Row]) -> list[tuple[Verdict, int]]:
    """How many commitments are kept, how many not, and of how many it cannot be said."""
    counts = Counter(row.verdict for row in rows)
    return [(verdict, counts[verdict]) for verdict in _TALLY if counts[verdict]]


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How many were open, and of them overdue, at the end of each day."""

    days: Sequence[str]
    open: Sequence[int]
    overdue: Sequence[int]
    open_line: str
    open_area: str
    overdue_area: str


def trend_begins(series: Series | None) -> str:
    """The day pictures begin with: eight weeks ago, or where all of it began if that is two weeks ago."""
    points = [] if series is None else series.points
    busy = (number for number, one in enumerate(points) if one.received or one.open)
    first = min(next(busy, 0), max(len(points) - FEWEST_DAYS, 0))
    return points[first].day if points else ""


def trend_of(series: Series | None, begins: str) -> Trend | None:
    """The small picture of a series from a day on; None where nothing happened yet."""
    points = [] if series is None else [one for one in series.points if one.day >= begins]
    if len(points) < 2:
        return None
    opened, overdue = [one.open for one in points], [one.overdue for one in points]
    # One that is open must not look like many.
    top = max(round_top(max(opened)), _LOWEST_TOP)
    return Trend(
        days=[one.day for one in points],
        open=opened,
        overdue=overdue,
        open_line=line_path(opened, top),
        open_area=area_path(opened, top),
        overdue_area=area_path(overdue, top),
    )


@dataclass(frozen=True, kw_only=True)
class ProjectShown:
    """A project commitment as a page shows it."""

    title: str
    unit: str
    progress: ProjectProgress
    pace_a_month: float | None
    #: In hundredths of the target, and of the time from start to due date.
    done_share: float
    verified_share: float
    time_share: float | None
    word: Message
    tone: str


def projects_of(found: Mapping[str, ProjectProgress], here: Here) -> list[ProjectShown]:
    """The projects, in the catalogue's order."""
    return [_project(code, one, here) for code, one in found.items()]


def _project(code: str, one: ProjectProgress, here: Here) -> ProjectShown:
    project = here.version.projects[code]
    start = from_datetime(project.start)
    passed = (here.as_of - start) / max(one.due - start, DAY)
    word, tone = _standing(one, here.as_of)
    return ProjectShown(
        title=title_of(here.version.projects, code, here.formats.language.code),
        unit=text_in(project.unit, here.formats.language.code),
        progress=one,
        pace_a_month=None if one.pace is None else round(one.pace * _DAYS_A_MONTH, 1),
        done_share=_share(one.done, one.target),
        verified_share=_share(one.verified, one.target),
        time_share=round(100 * min(passed, 1.0), 2) if passed >= 0 else None,
        word=word,
        tone=tone,
    )


def _standing(one: ProjectProgress, as_of: Instant) -> tuple[Message, str]:
    if one.done >= one.target:
        in_time = one.expected is not None and one.expected <= one.due
        return (_("Done in time"), "good") if in_time else (_("Done late"), "late")
    if as_of > one.due:
        return _("Overdue"), "late"
    if one.last_change is None:
        return _("Nothing reported yet"), ""
    if one.expected is None or one.expected > one.due:
        return _("Behind its pace"), "soon"
    return _("On course"), "going"


def _share(amount: float, whole: float) -> float:
    return round(100 * min(amount / whole, 1.0), 2)
