"""Limits: how long something may take, and the deadline arithmetic over them.

Rules, measured on a real city's deadlines (docs/deadlines.md):
- The clock starts when the person asked. For the units that know working days, a start on a day not worked
  moves to the next working day at the same time of day; after that, a start at or after the cut-off moves to
  the opening of the next working day. For working_hours, which stand still outside opening hours anyway,
  only a start on a working day can be after the cut-off.
- Days end at the time of day they started, whatever the clocks do in between; hours and minutes of
  `calendar` are exact, those of working_hours exact within opening hours.

Every function is pure. ValueError for times outside the years 1900 to 2199, where a calendar is needed.
deadline_explained.py says how a deadline came about.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from livelihood.instants import DAY, HOUR, MINUTE, SECOND, Instant
from livelihood.worktime import WorkCalendar

#: A hundred years; more is a mistake.
_MOST_DAYS = 36_500
_AMOUNT = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_EXAMPLES = (
    '"2 working_days", "4h working_hours", "14 days_then_next_working", "120 calendar" or "36h calendar"'
)


class Unit(StrEnum):
    """What a limit is counted in. Each is in use in real systems (docs/deadlines.md)."""

    #: Every day counts. Days end at the same time of day; hours, minutes and seconds are exact.
    CALENDAR = "calendar"
    #: Only the time inside opening hours counts; breaks are left out.
    WORKING_HOURS = "working_hours"
    #: Only working days count; the last ends at the same time of day.
    WORKING_DAYS = "working_days"
    #: Every day counts; an end on a day not worked moves to the next working day, at the same time of day.
    DAYS_THEN_NEXT_WORKING = "days_then_next_working"


class Limit(BaseModel):
    """A length of time, frozen and hashable; read from and written as a short text.

    "2 working_days" · "14 days_then_next_working" · "4 working_hours" or "1h30m working_hours" ·
    "120 calendar" (days) · "36h calendar", "90m calendar", "1d12h calendar", or "36h" for short.
    A bare number counts what the unit is named for: hours for working_hours, else days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Unit
    days: int = Field(default=0, ge=0, le=_MOST_DAYS)
    hours: int = Field(default=0, ge=0, le=_MOST_DAYS * 24)
    minutes: int = Field(default=0, ge=0, lt=60)
    seconds: int = Field(default=0, ge=0, lt=60)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The limit a short text describes; ValueError says how to write one."""
        return cls.model_validate(text)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        parts = _parts(value) if isinstance(value, str) else value
        if not isinstance(parts, Mapping):
            return parts
        # One length, one limit: 90m is 1h30m. Hours stay hours: 24h is not always a day (daylight saving).
        amounts = {name: parts.get(name, 0) for name in ("hours", "minutes", "seconds")}
        if all(type(amount) is int and amount >= 0 for amount in amounts.values()):
            minutes, seconds = divmod(amounts["minutes"] * 60 + amounts["seconds"], 60)
            amounts = {"hours": amounts["hours"] + minutes // 60, "minutes": minutes % 60, "seconds": seconds}
        return {**parts, **amounts}

    @model_validator(mode="after")
    def _counts_in_its_unit(self) -> Self:
        exact = self.hours or self.minutes or self.seconds
        if self.unit is Unit.WORKING_HOURS and self.days:
            raise ValueError('working_hours has no days: write hours, for instance "16 working_hours"')
        if self.unit in (Unit.WORKING_DAYS, Unit.DAYS_THEN_NEXT_WORKING) and exact:
            raise ValueError(f'{self.unit} counts whole days: write for instance "2 {self.unit}"')
        if self.unit is not Unit.CALENDAR and not (self.days or exact):
            raise ValueError(f'a limit of nothing: write at least 1, for instance "1 {self.unit}"')
        return self

    @cached_property
    def length(self) -> int:
        """The hours, minutes and seconds, in microseconds; days are not in it."""
        return self.hours * HOUR + self.minutes * MINUTE + self.seconds * SECOND

    def __str__(self) -> str:
        amounts = {"d": self.days, "h": self.hours, "m": self.minutes, "s": self.seconds}
        written = [f"{amount}{letter}" for letter, amount in amounts.items() if amount]
        if written == [f"{self.days}d"]:
            written = [str(self.days)]
        return f"{''.join(written) or '0s'} {self.unit}"

    @model_serializer
    def _write(self) -> str:
        return str(self)


def _parts(text: str) -> dict[str, Any]:
    words = text.split()
    amount = words[0] if words else ""
    found = _AMOUNT.fullmatch(amount)
    # Unsaid, the unit is clear only where the amount says hours: "36h", "0s".
    unit = (
        words[1]
        if len(words) == 2
        else Unit.CALENDAR
        if len(words) == 1 and found and "d" not in amount
        else None
    )
    if not amount or unit not in list(Unit) or not (found or amount.isdecimal()):
        raise ValueError(f"{text!r} is no limit: write for instance {_EXAMPLES}")
    if amount.isdecimal():
        return {"unit": unit, "hours" if unit == Unit.WORKING_HOURS else "days": int(amount)}
    assert found is not None
    names = ("days", "hours", "minutes", "seconds")
    return {
        "unit": unit,
        **{name: int(part) for name, part in zip(names, found.groups(), strict=True) if part},
    }


_CALENDAR = Unit.CALENDAR
_WORKING_HOURS = Unit.WORKING_HOURS
_WORKING_DAYS = Unit.WORKING_DAYS
_NEXT_WORKING = Unit.DAYS_THEN_NEXT_WORKING


def nominal(limit: Limit) -> int:
    """A limit's length in microseconds, days taken as 24 hours and working time as if it ran on."""
    return limit.days * DAY + limit.length


def due_after(start: Instant, limit: Limit, calendar: WorkCalendar) -> Instant:
    """The deadline of what was asked at `start`: the last instant that is still on time."""
    unit = limit.unit
    if unit is _WORKING_DAYS:
        day, time_of_day = counted_day(start, calendar)
        return calendar.join(calendar.working_day(day, limit.days), time_of_day)
    if unit is _NEXT_WORKING:
        day, time_of_day = counted_day(start, calendar)
        return calendar.join(calendar.working_day(day + limit.days, 0), time_of_day)
    if unit is _WORKING_HOURS:
        return calendar.add_working(_counted_instant(start, calendar), limit.length)
    return _calendar_later(start, limit, calendar)


def later(instant: Instant, limit: Limit, calendar: WorkCalendar) -> Instant:
    """A limit's time after a moment at which nobody asked for anything, so that no cut-off applies.

    For what follows a deadline (a step of escalation), not for what starts a clock.
    """
    unit = limit.unit
    if unit is _CALENDAR:
        return _calendar_later(instant, limit, calendar)
    if unit is _WORKING_HOURS:
        return calendar.add_working(instant, limit.length)
    day, time_of_day = calendar.split(instant)
    day = calendar.working_day(day, 0)
    if unit is _WORKING_DAYS:
        return calendar.join(calendar.working_day(day, limit.days), time_of_day)
    return calendar.join(calendar.working_day(day + limit.days, 0), time_of_day)


def counted_day(start: Instant, calendar: WorkCalendar) -> tuple[int, int]:
    """The local day and time of day from which the day units count."""
    day, time_of_day = calendar.split(start)
    day = calendar.working_day(day, 0)
    cut_off = calendar.cut_off
    if cut_off is not None and time_of_day >= cut_off:
        day = calendar.working_day(day, 1)
        time_of_day = calendar.opens_at(day)
    return day, time_of_day


def counted_start(start: Instant, limit: Limit, calendar: WorkCalendar) -> Instant:
    """The instant from which a limit counts."""
    if limit.unit is _CALENDAR:
        return start
    if limit.unit is _WORKING_HOURS:
        return calendar.next_open(_counted_instant(start, calendar))
    counted = counted_day(start, calendar)
    # An hour the clocks show twice would come back as the first.
    return start if counted == calendar.split(start) else calendar.join(*counted)


def shift_due(
    due: Instant, paused_from: Instant, paused_to: Instant, limit: Limit | None, calendar: WorkCalendar
) -> Instant:
    """The deadline after a pause, moved by what the pause took from the time allowed.

    That is opening time for the working units, elapsed time for the others (and without a limit, for a
    deadline the channel stated); days_then_next_working then moves on to a working day. A pause that
    began after the deadline does not revive it. ValueError for a pause that ends before it begins.
    """
    if paused_to < paused_from:
        raise ValueError("a pause ends before it begins")
    if paused_from > due:
        return due
    if limit is not None and limit.unit in (_WORKING_HOURS, _WORKING_DAYS):
        return calendar.add_working(due, calendar.working_between(paused_from, paused_to))
    moved = due + paused_to - paused_from
    if limit is not None and limit.unit is _NEXT_WORKING and moved != due:
        day, time_of_day = calendar.split(moved)
        working_day = calendar.working_day(day, 0)
        return moved if working_day == day else calendar.join(working_day, time_of_day)
    return moved


def fraction_point(
    start: Instant, due: Instant, fraction: float, limit: Limit | None, calendar: WorkCalendar
) -> Instant:
    """The instant at which a fraction of the time from start to deadline is used up: the reminder point.

    Counted in opening time for the working units, else (and without a limit, or when no opening time lies
    between the two) in elapsed time. Never after the deadline. ValueError for a fraction outside 0 to 1.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"a fraction of {fraction}: write one between 0 and 1")
    if due <= start:
        return due
    if limit is not None and limit.unit in (_WORKING_HOURS, _WORKING_DAYS):
        counted = min(counted_start(start, limit, calendar), due)
        if total := calendar.working_between(counted, due):
            return min(calendar.add_working(counted, round(total * fraction)), due)
    return start + round((due - start) * fraction)


def is_provisional(due: Instant, limit: Limit, calendar: WorkCalendar) -> bool:
    """Whether a deadline may still move because holidays up to it are not published yet."""
    return limit.unit is not _CALENDAR and calendar.provisional(due)


def _calendar_later(instant: Instant, limit: Limit, calendar: WorkCalendar) -> Instant:
    if not limit.days:
        return instant + limit.length
    day, time_of_day = calendar.split(instant)
    return calendar.join(day + limit.days, time_of_day) + limit.length


def _counted_instant(start: Instant, calendar: WorkCalendar) -> Instant:
    """Where the working hours begin to count, or a closed instant before it."""
    cut_off = calendar.cut_off
    if cut_off is not None:
        day, time_of_day = calendar.split(start)
        if time_of_day >= cut_off and calendar.working_day(day, 0) == day:
            day = calendar.working_day(day, 1)
            return calendar.join(day, calendar.opens_at(day))
    return start
