"""What the charts of one commitment show, with the table beside each and what a screen reader says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumers.board.answers import Series
from consumers.pages import charts
from consumers.pages.charts import Label
from consumers.pages.commitment import Standards
from consumers.pages.figures import Verdict, verdict_of
from consumers.pages.periods import day_title, month_title
from livelihood.instants import DAY, HOUR
from livelihood.measures import BUCKETS, ELAPSED, WORKING
from livelihood.rollup import Line
from web.formats import Formats
from web.languages import Message, _

#: Rates by month due are shown of so many months.
MONTHS = 12
#: Where the bars of times to resolve end: as people tell lengths of time.
EDGES: tuple[int, ...] = (
    1 * HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 1 * DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 10 * DAY, 14 * DAY,
    21 * DAY, 30 * DAY, 60 * DAY, 90 * DAY, 180 * DAY, 365 * DAY,
)  # fmt: skip
#: The same for opening time, which is told in hours.
WORKING_EDGES: tuple[int, ...] = tuple(
    hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 60, 80, 120, 160, 240, 400)
)
#: A mark further to the right has its text on its left.
_ROOM = 65.0


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A line of a chart, with the area under it where that is filled."""

    name: str
    label: Message
    line: str
    area: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What every chart has."""

    title: Message
    #: What is said of it to who does not see it.
    spoken: Message
    #: Below it, until somebody points at it.
    note: Message | str
    grid: Sequence[Label]
    labels: Sequence[Label]
    heads: Sequence[Message | str]
    table: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class OverTime(Chart):
    """Counts over time."""

    series: Sequence[Drawn]


@dataclass(frozen=True, kw_only=True)
class RateBar:
    """The rate of a month: places in hundredths of the picture."""

    x: float
    width: float
    middle: float
    y: float
    height: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class ByMonth(Chart):
    """Rates by the month deadlines fell in."""

    bars: Sequence[RateBar]
    #: Of how many each rate is, below its month.
    counts: Sequence[Label]
    target: float | None
    target_text: Message | str


@dataclass(frozen=True, kw_only=True)
class Histogram(Chart):
    """How long it took."""

    bars: Sequence[charts.Bar]
    #: The standards.
    marks: Sequence[Label]


_FLOW_TITLES = {
    "day": _("Received and resolved, a day"),
    "week": _("Received and resolved, a week"),
    "month": _("Received and resolved, a month"),
}


def flow(series: Series, formats: Formats, note: Message) -> OverTime:
    """Received and resolved, by day, week or month."""
    counts = {
        "received": [one.received for one in series.points],
        # More may have been reopened than resolved.
        "resolved": [max(one.resolved, 0) for one in series.points],
    }
    spoken = _("Two lines: how many were received and how many resolved. The figures are in the table below.")
    return _over_time(_FLOW_TITLES[series.unit], spoken, counts, series, formats, note)


def stock(series: Series, formats: Formats, note: Message) -> OverTime:
    """Open, and of them overdue."""
    counts = {
        "open": [one.open for one in series.points],
        "overdue": [one.overdue for one in series.points],
    }
    spoken = _(
        "Two areas: how many were open, and how many of them overdue. The figures are in the table below."
    )
    return _over_time(_("Open, and of them overdue"), spoken, counts, series, formats, note, is_filled=True)


_LABELS = {
    "received": _("Received"), "resolved": _("Resolved"), "open": _("Open"), "overdue": _("Overdue"),
}  # fmt: skip


def _over_time(
    title: Message, spoken: Message, counts: Mapping[str, Sequence[int]], series: Series, formats: Formats,
    note: Message, *, is_filled: bool = False,
) -> OverTime:  # fmt: skip
    top = charts.round_top(max(max(values) for values in counts.values()))
    return OverTime(
        title=title,
        spoken=spoken,
        note=note,
        grid=charts.grid(_scale(top, formats)),
        labels=_days(series, formats),
        heads=[_("From"), *(_LABELS[name] for name in counts)],
        table=[
            [day_title(one.day, formats), *(formats.number(values[number]) for values in counts.values())]
            for number, one in enumerate(series.points)
        ],
        series=[
            Drawn(
                name=name,
                label=_LABELS[name],
                line=charts.line_path(values, top),
                area=charts.area_path(values, top) if is_filled else "",
            )
            for name, values in counts.items()
        ],
    )


def _days(series: Series, formats: Formats) -> list[Label]:
    days = [one.day for one in series.points]
    is_by_month = series.unit == "month"
    titles = [month_title(day[:7], formats) if is_by_month else day_title(day, formats) for day in days]
    return charts.labels(titles, charts.places(len(days)), _MOST_ALONG)


#: Labels along a line: the last one stands inside the picture, and on a phone reaches towards the one before.
_MOST_ALONG = 4


def _scale(top: int, formats: Formats) -> list[str]:
    # Half of an odd number is no count.
    return [formats.number(0), "" if top % 2 else formats.number(top // 2), formats.number(top)]


def by_month(months: Mapping[str, Line], target: float | None, formats: Formats) -> ByMonth:
    """The on-time rate by the month in which the deadlines fell, of the last twelve."""
    names = sorted(months)[-MONTHS:]
    rates = [months[name].measures()["on_time_rate"] for name in names]
    places = charts.bars([rate.value or 0.0 for rate in rates], 1.0, share=0.62)
    table = [
        [
            month_title(name, formats),
            "–" if rate.value is None else formats.percent(rate.value),
            formats.number(rate.numerator),
            formats.number(rate.denominator),
        ]
        for name, rate in zip(names, rates, strict=True)
    ]
    return ByMonth(
        title=_("On time, by the month the deadline fell in"),
        spoken=_("A bar for each month, with its interval. The figures are in the table below."),
        note=_("The thin stroke is the interval at 95 per cent; a pale bar is of fewer than 30."),
        grid=charts.grid([formats.share(0), formats.share(0.5), formats.share(1)]),
        labels=charts.labels([month_title(name, formats) for name in names], charts.centres(len(names))),
        counts=charts.labels(
            [
                formats.language.said(_("of %(number)s", number=formats.number(rate.denominator)))
                for rate in rates
            ],
            charts.centres(len(names)),
        ),
        heads=[_("Month"), _("On time"), _("On time, number"), _("Due")],
        table=table,
        bars=[
            RateBar(
                x=place.x,
                width=place.width,
                middle=round(place.x + place.width / 2, 3),
                y=place.y,
                height=place.height,
                low=round(100 - 100 * (rate.low or 0), 2),
                high=round(100 - 100 * (rate.high or 0), 2),
                verdict=verdict_of(rate, target),
            )
            for place, rate in zip(places, rates, strict=True)
        ],
        target=None if target is None else round(100 - 100 * target, 2),
        target_text="" if target is None else _("target %(share)s", share=formats.share(target)),
    )


def times(line: Line, promised: Standards, formats: Formats) -> Histogram | None:
    """How long issues took, with the standards marked; None where none was resolved.

    In opening time where all standards are counted in that, else in elapsed time.
    """
    told, edges = (formats.hours, WORKING_EDGES) if promised.is_working else (formats.rough, EDGES)
    first = WORKING if promised.is_working else ELAPSED
    counts = [line.sums.get(first + number, 0) for number in range(len(BUCKETS) + 1)]
    buckets = charts.trimmed(charts.gathered(counts, BUCKETS, edges))
    if not buckets:
        return None
    top = charts.round_top(max(one.count for one in buckets))
    ends = [f"> {told(one.low)}" if one.high is None else told(one.high) for one in buckets]
    table = [
        [end, formats.number(one.count), formats.percent(one.count / sum(counts))]
        for end, one in zip(ends, buckets, strict=True)
    ]
    marks = []
    for text, length in promised.lengths.items():
        at = charts.place_in(buckets, length)
        if at is not None:
            marks.append(Label(at=at, text=text, anchor="start" if at < _ROOM else "end"))
    return Histogram(
        title=_("How long it took, in opening time") if promised.is_working else _("How long it took"),
        spoken=_("A bar for each length of time. The figures are in the table below."),
        note=_("Pauses left out; each bar ends at the time below it, a dashed line is a standard.")
        if promised.is_working
        else _(
            "Nights and pauses included; each bar ends at the time below it, a dashed line is a standard."
        ),
        grid=charts.grid(_scale(top, formats)),
        labels=charts.labels(ends, charts.centres(len(ends))),
        heads=[_("No longer than"), _("Issues"), _("Share")],
        table=table,
        bars=charts.bars([one.count for one in buckets], top, share=0.86),
        marks=marks,
    )
