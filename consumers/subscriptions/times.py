"""Quiet hours, and when the next digest is due: times of day as whoever is told reads them off the clock."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, model_validator

from livelihood.instants import HOUR, MINUTE, Instant
from livelihood.localtime import LocalTime, date_of
from livelihood.workcalendars import TimeOfDay
from livelihood.worktime import WorkCalendar

_DAY_MINUTES = 24 * 60


class Quiet(BaseModel):
    """The hours of each day in which nothing is sent; they may pass midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: TimeOfDay
    until: TimeOfDay

    @model_validator(mode="after")
    def _lasts(self) -> "Quiet":
        if self.since % _DAY_MINUTES == self.until % _DAY_MINUTES:
            raise ValueError("ends when it begins: leave quiet hours out, or pause the subscription")
        return self

    def holds(self, instant: Instant, zone: str) -> bool:
        """Whether an instant lies within."""
        minute = local_time(zone).split(instant)[1] // MINUTE
        since, until = self.since % _DAY_MINUTES, self.until % _DAY_MINUTES
        return since <= minute < until if since < until else not until <= minute < since


@lru_cache(maxsize=100)
def local_time(zone: str) -> LocalTime:
    """Local days and times of a zone; what it has worked out is kept."""
    return LocalTime(zone)


def next_hour(after: Instant, zone: str) -> Instant:
    """The next full hour on the clock."""
    _, time = local_time(zone).split(after)
    return after + HOUR - time % HOUR


def next_morning(after: Instant, zone: str, minutes: int, calendar: WorkCalendar) -> Instant:
    """The next time the clock shows so many minutes past 00:00 on a day on which people work."""
    local = local_time(zone)
    day, _ = local.split(after)
    # A clock set back shows a time twice; the first is meant, and may have passed.
    while (morning := local.join(day, minutes * MINUTE)) <= after or not _is_worked(day, calendar):
        day += 1
    return morning


def _is_worked(day: int, calendar: WorkCalendar) -> bool:
    return calendar.is_working_day(date_of(day))
