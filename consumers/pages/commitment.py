"""One commitment: why its number is what it is, what stands beside it, breaks it down, is promised."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consumers.pages.asking import Here
from consumers.pages.figures import Measures, Row, dimension_title, ranks, sorted_rows, verdict_of
from consumers.pages.overview import key_of
from livelihood.catalogue import CatalogueVersion
from livelihood.deadline_text import amount
from livelihood.instants import MINUTE, Instant
from livelihood.limits import Limit, Unit, nominal
from livelihood.measures import SUM
from livelihood.rollup import Line
from livelihood.workcalendars import Calendar
from web.languages import Message, _
from web.titles import title_of
from web.vocabulary import reason_text

#: What a commitment may be broken down by here, and what that is called.
BREAKDOWNS: Mapping[str, Message] = {
    "department": _("Department"), "service": _("Service"), "area": _("Area"), "channel": _("Channel"),
    "origin": _("People or staff"),
}  # fmt: skip
BREAKDOWN_TITLES: Mapping[str, Message] = {
    "department": _("Departments against the target"), "service": _("Services against the target"),
    "area": _("Areas against the target"), "channel": _("Channels against the target"),
    "origin": _("People's requests and staff's against the target"),
}  # fmt: skip
#: Rates that stand beside the headline, and what each says.
OTHER_RATES: Sequence[tuple[str, Message, Message]] = (
    (
        "running_on_time_rate",
        _("Running rate"),
        _("closed on time, of all closed or overdue; it flatters while cases are young"),
    ),
    (
        "on_time_rate_original",
        _("By the first deadline"),
        _("as if no pause or extension had been granted"),
    ),
    ("accepted_on_time_rate", _("Accepted on time"), _("taken on by the deadline for that")),
    ("share_with_deadline", _("With a deadline"), _("the others are in no rate")),
    ("one_visit_rate", _("One visit"), _("resolved with at most one visit, where visits were recorded")),
    ("solved_rate", _("Solved"), _("what people answered themselves")),
    ("satisfaction_rate", _("Satisfied"), _("what people answered themselves")),
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A line of the sum that makes the number."""

    label: Message
    count: int
    #: How it is set: "sum", "part", "part of-part", "apart" or "apart-first".
    level: str
    #: Its issues; empty where they cannot be listed.
    href: str = ""


def reasons(row: Row, here: Here) -> list[Reason]:
    """Why the number is what it is: what is counted, what of it is on time, and what is left out."""
    return list(_reasons(row, here))


def _reasons(row: Row, here: Here) -> Iterator[Reason]:
    measures, rate = row.measures, row.measures["on_time_rate"]
    still_open, left_out = row.line.sums.get(SUM["due_open"], 0), measures["excluded"]

    def reason(label: Message, count: int, level: str, measure: str = "") -> Reason:
        href = here.issues(row.line.commitment, measure) if measure and here.listed else ""
        return Reason(label=label, count=count, level=level, href=href)

    due = _("Their deadline fell in the period, and has passed")
    yield reason(due, rate.denominator, "sum", "due")
    yield reason(_("answered by their deadline"), rate.numerator, "part", "due_on_time")
    late = rate.denominator - rate.numerator
    yield reason(_("not answered by their deadline"), late, "part", "on_time_rate.rest")
    yield reason(_("of these still open"), still_open, "part of-part", "due_open")
    withdrawn = _("Left out: withdrawn before the deadline")
    yield reason(withdrawn, left_out["withdrawn"], "apart-first", "excluded_withdrawn")
    merged = _("Left out: merged before the deadline")
    yield reason(merged, left_out["merged"], "apart", "excluded_merged")
    nothing = _("Left out: nothing was promised, so no deadline")
    yield reason(nothing, measures["no_deadline"], "apart", "no_deadline")
    if here.view.period == "all":
        yield reason(_("Left out: the deadline is still ahead"), _ahead(measures), "apart")


def _ahead(measures: Measures) -> int:
    """Of all time: received with a deadline, neither passed nor left before it."""
    with_deadline: int = measures["share_with_deadline"].numerator
    left: int = sum(measures["excluded"].values())
    return with_deadline - int(measures["due"]) - left


def rows_by(
    lines: Sequence[Line], then: Sequence[Line] | None, by: str, target: float | None, here: Here
) -> list[Row]:
    """The lines of a breakdown in the order asked for: by rank where none is, those of few come last."""
    figures = [line.measures() for line in lines]
    places = ranks(figures)
    known = {} if then is None else {key_of(line): line.measures() for line in then}
    language = here.formats.language.code
    rows = []
    for number, (line, measures) in enumerate(zip(lines, figures, strict=True)):
        rows.append(
            Row(
                key=key_of(line),
                title=dimension_title(here.version, by, line.dimensions[by], language),
                line=line,
                measures=measures,
                target=target,
                verdict=verdict_of(measures["on_time_rate"], target),
                then=known.get(key_of(line)),
                rank=places.get(number),
            )
        )
    return sorted_rows(rows, here.sort or "-on_time_rate")


@dataclass(frozen=True, kw_only=True)
class Promised:
    """A service of a commitment, and within what time it is promised."""

    title: str
    department: str
    limits: Sequence[Message | str]


def promised(version: CatalogueVersion, code: str, language: str) -> list[Promised]:
    """What a commitment promises, service by service."""
    found = []
    for service in version.commitments[code].services:
        entry = version.services[service]
        standard = version.standards.get(entry.standard) if entry.standard else None
        limits: list[Message | str] = []
        for case in standard.resolution if standard else ():
            text = amount(case.limit, language)
            named = [_condition(version, name, value, language) for name, value in case.conditions.items()]
            limits.append(_("%(limit)s (%(when)s)", limit=text, when=named[0]) if named else text)
        found.append(
            Promised(
                title=title_of(version.services, service, language),
                department=title_of(version.departments, entry.department, language),
                limits=limits,
            )
        )
    return found


def _condition(version: CatalogueVersion, name: str, value: str, language: str) -> Message | str:
    if name == "urgency":
        return reason_text(version, value, language)
    return dimension_title(version, name, value, language)


@dataclass(frozen=True, kw_only=True)
class Standards:
    """The limits of a commitment, to be marked where times to resolve are shown."""

    #: Whether they are lengths of opening time.
    is_working: bool
    #: As people say them -> how long, in the time shown.
    lengths: Mapping[str, Instant]


def standards(version: CatalogueVersion, code: str, language: str) -> Standards:
    """What resolution is limited to where nothing special holds: all in opening time, or all in elapsed."""
    limits = set()
    for service in version.commitments[code].services:
        standard = version.standards.get(version.services[service].standard or "")
        limits |= {case.limit for case in standard.resolution if not case.conditions} if standard else set()
    is_working = bool(limits) and all(one.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS) for one in limits)
    day = day_length(version.calendars[version.calendar])
    lengths = {one: _opening_time(one, day) if is_working else nominal(one) for one in limits}
    ordered = sorted(limits, key=lambda one: lengths[one])
    return Standards(is_working=is_working, lengths={amount(one, language): lengths[one] for one in ordered})


def _opening_time(limit: Limit, day: Instant) -> Instant:
    return limit.days * day + limit.length


def day_length(calendar: Calendar) -> Instant:
    """The opening time of a calendar's longest weekday."""
    days = (sum(one.closes - one.opens for one in hours) for hours in calendar.opening.values())
    return max(days) * MINUTE
