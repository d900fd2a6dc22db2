"""Which rule lies behind the deadlines a city has stated: a standard, found from its cases.

Each case votes, in every unit, for the limits that would give its deadline; the limits with most votes are
then checked against all cases of the service.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from livelihood.instants import DAY, HOUR, MINUTE, Instant
from livelihood.limits import Limit, Unit, counted_day, counted_start, due_after
from livelihood.worktime import WorkCalendar

#: Cities' systems write a deadline down some seconds or minutes after they have worked it out.
TOLERANCE: int = 5 * MINUTE
#: A rule that explains fewer of its cases than this is no standard.
SMALLEST_SHARE = 0.5
#: How many of the limits with most votes are checked, per unit.
_CHECKED = 3
_KINDS = (
    (Unit.CALENDAR, "days"),
    (Unit.WORKING_DAYS, "days"),
    (Unit.DAYS_THEN_NEXT_WORKING, "days"),
    (Unit.CALENDAR, "hours"),
    (Unit.WORKING_HOURS, "hours"),
)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What was found for one service."""

    service: str
    #: The rule that explains most cases; None where none explains enough: the work is not standardised.
    limit: Limit | None
    #: Rules in other units that explain as many: without holidays, 14 days_then_next_working is also
    #: 10 working_days. The cases cannot tell which was meant.
    equally: tuple[Limit, ...]
    #: Cases with a target.
    cases: int
    #: Of these, how many the limit (or where it is None, the best there was) explains within the tolerance.
    explained: int
    #: Cases without a target; they are not in `cases`.
    without_target: int


class _Case(NamedTuple):
    opened: Instant
    target: Instant


class _Vote(NamedTuple):
    unit: Unit
    amount: str
    number: int


def fit(
    cases: Iterable[tuple[str, Instant, Instant | None]],
    calendar: WorkCalendar,
    tolerance: int = TOLERANCE,
    smallest_share: float = SMALLEST_SHARE,
) -> list[Fit]:
    """For each service, in order of its name, the rule that explains most of its cases.

    A case is (service, opened, target or None); `tolerance` is in microseconds. A case whose times lie
    outside the years 1900 to 2199 counts as one that no rule explains.
    """
    stated: defaultdict[str, list[_Case]] = defaultdict(list)
    without_target: Counter[str] = Counter()
    for service, opened, target in cases:
        if target is None:
            without_target[service] += 1
        else:
            stated[service].append(_Case(opened, target))
    fits = []
    for service in sorted(stated.keys() | without_target.keys()):
        of_service = stated[service]
        limits, explained = _best(of_service, calendar, tolerance)
        if explained < smallest_share * len(of_service):
            limits = []
        fits.append(
            Fit(
                service=service,
                limit=limits[0] if limits else None,
                equally=tuple(limit for limit in limits[1:] if limit.unit is not limits[0].unit),
                cases=len(of_service),
                explained=explained,
                without_target=without_target[service],
            )
        )
    return fits


def explains(limit: Limit, opened: Instant, target: Instant, calendar: WorkCalendar, tolerance: int) -> bool:
    """Whether a limit gives the target of a case, but for the tolerance."""
    try:
        return abs(due_after(opened, limit, calendar) - target) <= tolerance
    except ValueError:
        return False


def _best(cases: Sequence[_Case], calendar: WorkCalendar, tolerance: int) -> tuple[list[Limit], int]:
    """The limits that explain most cases, the simplest first, and how many that is."""
    votes: Counter[_Vote] = Counter()
    for case in cases:
        try:
            votes.update(_votes(case, calendar, tolerance))
        except ValueError:
            continue
    best: list[Limit] = []
    most = 1
    for unit, amount in _KINDS:
        of_unit = [vote for vote in votes if (vote.unit, vote.amount) == (unit, amount)]
        # Of equals the longer: a shorter one explains a Monday only because the weekend was rolled over.
        of_unit.sort(key=lambda vote: (votes[vote], vote.number), reverse=True)
        for vote in of_unit[:_CHECKED]:
            limit = Limit.model_validate({"unit": unit, amount: vote.number})
            explained = sum(explains(limit, *case, calendar, tolerance) for case in cases)
            if explained > most:
                best, most = [], explained
            if explained == most:
                best.append(limit)
    best.sort(key=_strangeness)
    return best, most if best else 0


def _strangeness(limit: Limit) -> int:
    """Of rules that explain as much, the one that assumes least comes first.

    Where no holiday tells them apart, whole weeks are taken for days ("14 days", not "10 working days"), as
    people promise weeks; anything else for working days.
    """
    match limit.unit:
        case Unit.CALENDAR:
            return 0 if limit.days else 4
        case Unit.DAYS_THEN_NEXT_WORKING:
            return 1 if limit.days % 7 == 0 else 3
        case Unit.WORKING_DAYS:
            return 2
        case Unit.WORKING_HOURS:
            return 5


def _votes(case: _Case, calendar: WorkCalendar, tolerance: int) -> Iterator[_Vote]:
    """The limits that could give the case's target. They need not be exact: they are checked later."""
    day, time_of_day = calendar.split(case.opened)
    target_day, target_time = calendar.split(case.target)
    target_wall = target_day * DAY + target_time

    days = _nearest(target_wall - day * DAY - time_of_day, DAY, tolerance)
    if days:
        yield _Vote(Unit.CALENDAR, "days", days)
    hours = _nearest(case.target - case.opened, HOUR, tolerance)
    if hours:
        yield _Vote(Unit.CALENDAR, "hours", hours)

    first_day, first_time = counted_day(case.opened, calendar)
    days = _nearest(target_wall - first_day * DAY - first_time, DAY, tolerance)
    last_day = first_day + days
    if days and calendar.working_day(last_day, 0) == last_day:
        yield _Vote(Unit.WORKING_DAYS, "days", calendar.working_days_between(first_day, last_day))
        # Every end on a day not worked just before the target would have been rolled on to it.
        while days and calendar.working_day(first_day + days, 0) == last_day:
            yield _Vote(Unit.DAYS_THEN_NEXT_WORKING, "days", days)
            days -= 1

    start = counted_start(case.opened, _ANY_WORKING_HOURS, calendar)
    hours = _nearest(calendar.working_between(start, case.target), HOUR, tolerance)
    if hours:
        yield _Vote(Unit.WORKING_HOURS, "hours", hours)


_ANY_WORKING_HOURS = Limit(unit=Unit.WORKING_HOURS, hours=1)


def _nearest(length: int, unit: int, tolerance: int) -> int:
    """How many whole units a length is, but for the tolerance; 0 when it is not, or not positive."""
    number = (length + unit // 2) // unit
    return number if number > 0 and abs(length - number * unit) <= tolerance else 0
