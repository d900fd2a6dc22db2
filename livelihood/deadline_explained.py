"""How a deadline came about: the same answers as limits.py, with the steps that lead to them.

It walks day by day, to meet every holiday on the way; where limits.py looks up totals. That both always
agree is a property test.
"""

from collections.abc import Iterator

from livelihood.deadline_steps import (
    AfterCutOff,
    ClockChanged,
    Counted,
    Deadline,
    Holidays,
    MakeUpDay,
    MovedOn,
    NotPublished,
    NotWorked,
    Opened,
    OutsideHours,
    Paused,
    Step,
)
from livelihood.instants import MINUTE, Instant
from livelihood.limits import Limit, Unit, is_provisional, shift_due
from livelihood.localtime import date_of
from livelihood.workcalendars import WEEKDAYS, time_text
from livelihood.worktime import WorkCalendar


def explain_due_after(start: Instant, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """`due_after` with its steps."""
    steps: list[Step] = [Opened(at=start)]
    due = _COUNT[limit.unit](start, limit, calendar, steps)
    return _finished(due, steps, limit, calendar)


def explain_shift_due(
    deadline: Deadline, paused_from: Instant, paused_to: Instant, limit: Limit | None, calendar: WorkCalendar
) -> Deadline:
    """`shift_due` of a deadline, with the pause added to its steps."""
    due = shift_due(deadline.due, paused_from, paused_to, limit, calendar)
    steps: list[Step] = [step for step in deadline.steps if not isinstance(step, NotPublished)]
    steps.append(Paused(since=paused_from, until=paused_to, due_before=deadline.due, due=due))
    return _finished(due, steps, limit, calendar)


def _finished(due: Instant, steps: list[Step], limit: Limit | None, calendar: WorkCalendar) -> Deadline:
    covered_through = calendar.calendar.covered_through
    provisional = limit is not None and is_provisional(due, limit, calendar)
    if provisional and covered_through is not None:
        steps.append(NotPublished(covered_through=covered_through))
    return Deadline(due=due, steps=tuple(steps), provisional=provisional)


def _calendar(start: Instant, limit: Limit, calendar: WorkCalendar, steps: list[Step]) -> Instant:
    due = start
    if limit.days:
        day, time_of_day = calendar.split(start)
        due = _joined(day + limit.days, time_of_day, calendar, steps)
    due += limit.length
    steps.append(Counted(limit=limit, until=due))
    return due


def _working_hours(start: Instant, limit: Limit, calendar: WorkCalendar, steps: list[Step]) -> Instant:
    day, time_of_day = calendar.split(start)
    counted = start
    if (
        _works(day, calendar)
        and (following := _after_cut_off(day, time_of_day, start, calendar, steps)) is not None
    ):
        counted = calendar.join(following, calendar.opens_at(following))
    elif (opening := calendar.next_open(start)) != start:
        counted = opening
        steps += _exceptions(day, calendar.split(counted)[0], calendar)
        steps.append(OutsideHours(at=start, counts_from=counted))
    due = calendar.add_working(counted, limit.length)
    steps += _exceptions(calendar.split(counted)[0] + 1, calendar.split(due)[0], calendar)
    steps.append(Counted(limit=limit, until=due))
    return due


def _working_days(start: Instant, limit: Limit, calendar: WorkCalendar, steps: list[Step]) -> Instant:
    first, time_of_day = _counted_day(start, calendar, steps)
    day = first
    for _ in range(limit.days):
        day = _next_working(day + 1, calendar)
    steps += _exceptions(first + 1, day, calendar)
    due = _joined(day, time_of_day, calendar, steps)
    steps.append(Counted(limit=limit, until=due))
    return due


def _days_then_next_working(
    start: Instant, limit: Limit, calendar: WorkCalendar, steps: list[Step]
) -> Instant:
    first, time_of_day = _counted_day(start, calendar, steps)
    end = first + limit.days
    day = _next_working(end, calendar)
    if day == end:
        due = _joined(day, time_of_day, calendar, steps)
        steps.append(Counted(limit=limit, until=due))
        return due
    at = calendar.join(end, time_of_day)
    steps.append(Counted(limit=limit, until=at))
    steps += _exceptions(end, day, calendar)
    due = _joined(day, time_of_day, calendar, steps)
    steps.append(MovedOn(at=at, until=due))
    return due


def _counted_day(start: Instant, calendar: WorkCalendar, steps: list[Step]) -> tuple[int, int]:
    """Where the day units count from, with the steps that lead there."""
    opened_day, time_of_day = calendar.split(start)
    day, at = opened_day, start
    if not _works(day, calendar):
        day = _next_working(day, calendar)
        steps += _exceptions(opened_day, day, calendar)
        at = _joined(day, time_of_day, calendar, steps)
        steps.append(NotWorked(at=start, counts_from=at))
    if (following := _after_cut_off(day, time_of_day, at, calendar, steps)) is not None:
        return following, calendar.opens_at(following)
    return day, time_of_day


def _after_cut_off(
    day: int, time_of_day: int, at: Instant, calendar: WorkCalendar, steps: list[Step]
) -> int | None:
    """The day from whose opening a start on a working day counts when it is too late for its own."""
    if calendar.cut_off is None or time_of_day < calendar.cut_off:
        return None
    following = _next_working(day + 1, calendar)
    steps += _exceptions(day + 1, following, calendar)
    counts_from = _joined(following, calendar.opens_at(following), calendar, steps)
    steps.append(AfterCutOff(at=at, cut_off=time_text(calendar.cut_off // MINUTE), counts_from=counts_from))
    return following


def _works(day: int, calendar: WorkCalendar) -> bool:
    return calendar.is_working_day(date_of(day))


def _next_working(day: int, calendar: WorkCalendar) -> int:
    while not _works(day, calendar):
        day += 1
    return day


def _exceptions(first: int, last: int, calendar: WorkCalendar) -> Iterator[Step]:
    """The days from first to last, both included, on which a week is not an ordinary one."""
    run: list[int] = []
    for day in range(first, last + 1):
        ordinary = WEEKDAYS[date_of(day).weekday()] in calendar.calendar.opening
        if not _works(day, calendar):
            if ordinary:
                run.append(day)
            continue
        if run:
            yield Holidays(first=date_of(run[0]), last=date_of(run[-1]))
            run = []
        if not ordinary:
            yield MakeUpDay(day=date_of(day))
    if run:
        yield Holidays(first=date_of(run[0]), last=date_of(run[-1]))


def _joined(day: int, time_of_day: int, calendar: WorkCalendar, steps: list[Step]) -> Instant:
    """The instant of a local time, with a step where the clocks do not show it exactly once."""
    at = calendar.join(day, time_of_day)
    shown = calendar.local.spans(day, time_of_day, time_of_day + 1)
    if len(shown) != 1:
        time = time_text(time_of_day // MINUTE)
        steps.append(ClockChanged(day=date_of(day), time=time, twice=bool(shown), at=at))
    return at


_COUNT = {
    Unit.CALENDAR: _calendar,
    Unit.WORKING_HOURS: _working_hours,
    Unit.WORKING_DAYS: _working_days,
    Unit.DAYS_THEN_NEXT_WORKING: _days_then_next_working,
}
