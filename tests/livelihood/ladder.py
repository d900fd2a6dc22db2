"""The ladder's oracle: issues whose lives are lived minute by minute, with a count that runs down.

It shares nothing with the domain but the words. A deadline is a number of open minutes that are left; they
run down while an office is open and the clock is not stopped, and what is told of an issue follows from the
count. Days are walked one by one.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from livelihood.events import Kind

#: A year of Mingchuan, whose clocks never change.
FIRST_DAY = date(2026, 1, 1)
DAYS = 365
HOLIDAYS = {
    date(2026, 1, 1), *(date(2026, 2, day) for day in range(16, 21)), date(2026, 5, 1),
    *(date(2026, 10, day) for day in range(1, 8)),
}  # fmt: skip
#: Saturdays worked in their place.
MAKE_UP_DAYS = {date(2026, 2, 28), date(2026, 10, 10)}
_HOURS = ((9 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))
_CUT_OFF = 17 * 60
MINUTES_OF_DAY = 24 * 60

CATALOGUE = f"""
version = "1"
time_zone = "Asia/Shanghai"
calendar = "office"
[calendars.office]
opening = {{mon-fri = ["09:00-12:00", "13:30-17:30"]}}
cut_off = "17:00"
holidays = [{", ".join(map(str, sorted(HOLIDAYS)))}]
make_up_days = [{", ".join(map(str, sorted(MAKE_UP_DAYS)))}]
[departments.streets]
[services.hours]
department = "streets"
standard = "hours"
[services.days]
department = "streets"
standard = "days"
[standards.hours]
resolution = "12h working_hours"
acceptance = "2h working_hours"
escalation = [
    {{after = "2h working_hours", to = "lead"}}, {{after = "1 working_days", to = "head"}},
    {{after = "72h", to = "bureau"}}, {{after = "5 working_days", to = "city"}},
]
pauses = {{reasons = ["waiting"], max_total = "3 calendar"}}
rework = "6h working_hours"
[standards.days]
resolution = "2 working_days"
acceptance = "1h working_hours"
reminder = 0.6
escalation = [{{after = "1 working_days", to = "head"}}, {{after = "5 working_days", to = "city"}}]
pauses = {{reasons = ["waiting"], max_total = "48h"}}
rework = "1 working_days"
"""


def is_worked(day: date) -> bool:
    """Whether the office opens on a day."""
    return day in MAKE_UP_DAYS or (day.weekday() < 5 and day not in HOLIDAYS)


def is_open(minute: int) -> bool:
    """Whether the office is open from a minute of the year to the next."""
    day, time = divmod(minute, MINUTES_OF_DAY)
    return is_worked(FIRST_DAY + timedelta(days=day)) and any(
        opens <= time < closes for opens, closes in _HOURS
    )


#: A quarter more than the year: what began in December ends in spring.
_OPEN = [is_open(minute) for minute in range(DAYS * MINUTES_OF_DAY * 5 // 4)]


def walk(minute: int, open_minutes: int) -> int:
    """The first minute by which so many open ones have passed."""
    while open_minutes > 0:
        open_minutes -= _OPEN[minute]
        minute += 1
    return minute


def walk_days(minute: int, working_days: int) -> int:
    """The same time of day so many working days later."""
    day, time = divmod(minute, MINUTES_OF_DAY)
    while working_days > 0:
        day += 1
        working_days -= is_worked(FIRST_DAY + timedelta(days=day))
    return day * MINUTES_OF_DAY + time


def begin(minute: int) -> int:
    """From when what is asked at a minute counts: not before the office opens, nor after the cut-off."""
    day, time = divmod(minute, MINUTES_OF_DAY)
    if is_worked(FIRST_DAY + timedelta(days=day)) and time >= _CUT_OFF:
        minute = (day + 1) * MINUTES_OF_DAY
    while not _OPEN[minute]:
        minute += 1
    return minute


def is_quiet(minute: int) -> bool:
    """Whether a minute lies well within opening hours, where no count ends twice."""
    return _OPEN[minute - 1] and _OPEN[minute] and minute % MINUTES_OF_DAY < _CUT_OFF


class Rung(NamedTuple):
    unit: str
    amount: int
    to: str

    def at(self, due: int) -> int:
        match self.unit:
            case "open":
                return walk(due, self.amount)
            case "days":
                return walk_days(due, self.amount)
            case _:
                return due + self.amount


class Promise(NamedTuple):
    """What CATALOGUE says of a service, once more in words of this page."""

    days: bool
    resolution: int
    acceptance: int
    reminder: tuple[int, int]
    ladder: tuple[Rung, ...]
    longest_pause: int
    rework: int


PROMISES = {
    "hours": Promise(
        False, 12 * 60, 2 * 60, (4, 5),
        (Rung("open", 120, "lead"), Rung("days", 1, "head"), Rung("any", 72 * 60, "bureau"),
         Rung("days", 5, "city")),
        3 * MINUTES_OF_DAY, 6 * 60,
    ),
    "days": Promise(
        True, 2, 60, (3, 5), (Rung("days", 1, "head"), Rung("days", 5, "city")), 48 * 60, 1,
    ),
}  # fmt: skip


class Told(NamedTuple):
    """An alert to come: at a minute of the year, or, where it was raised by the clock, just after."""

    minute: int
    obligation: str
    kind: str
    level: int
    due: int
    cycle: str
    to: str
    reason: str


class Happened(NamedTuple):
    minute: int
    kind: Kind
    id: str
    actor: str
    data: dict[str, Any]


#: What stands: obligation, kind, deadline.
Standing = tuple[str, str, int]


@dataclass
class Life:
    """One issue, from its submission on: its script, and what there is to be told of it."""

    name: str
    service: str
    random: Random
    submitted: int
    happened: list[Happened] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    is_open: bool = True
    accepted: bool = False
    cycle: str = ""
    #: Open minutes to go; None: not counted, or it was reached.
    left: int | None = None
    to_reminder: int | None = None
    to_accept: int | None = None
    #: An extension may put the reminder point into the past.
    reminder_passed_at: int | None = None
    rungs: list[tuple[int, int, str]] = field(default_factory=list)
    due: int = 0
    paused_since: int | None = None
    pause_used: int = 0
    #: The pause that expired and was not ended since.
    forgotten: int | None = None
    standing: list[Standing] = field(default_factory=list)

    @property
    def promise(self) -> Promise:
        return PROMISES[self.service]

    def live(self) -> None:
        """Live through the year and what follows of it."""
        moments = self._moments()
        minute = self.submitted
        self._happen(minute, Kind.SUBMITTED, service=self.service)
        self.cycle = self.happened[0].id
        self._count_from(minute, self.promise.resolution, with_reminder=True)
        self.to_accept = self.promise.acceptance
        start = begin(minute)
        while moments or self.rungs or self.left is not None or self.to_accept is not None:
            if moments and moments[0] == minute:
                del moments[0]
                self._act(minute)
            self._tell_what_is_due(minute)
            if minute >= start and _OPEN[minute]:
                self._run_down()
            minute += 1
            if not moments and not self.is_open:
                break

    def _moments(self) -> list[int]:
        """When somebody does something about it."""
        days, often = self.random.choice(((1, 0), (2, 20), (4, 60), (20, 60)))
        span = days * MINUTES_OF_DAY
        found = {self.submitted + self.random.randrange(5, span, 5) for _ in range(often)}
        return sorted(minute for minute in found if is_quiet(minute))

    def _count_from(self, minute: int, amount: int, *, with_reminder: bool) -> None:
        start = begin(minute)
        end = walk_days(start, amount) if self.promise.days else walk(start, amount)
        self.left = sum(_OPEN[start:end])
        self.to_reminder = self._share(self.left) if with_reminder else None

    def _share(self, minutes: int) -> int:
        part, whole = self.promise.reminder
        return minutes * part // whole

    # What happens.

    def _act(self, minute: int) -> None:
        """Do one of the things that could be done now, or one that has no effect."""
        if self.forgotten is not None:
            # Whatever comes ends it.
            expired, self.forgotten = self.forgotten, None
        else:
            expired = None
        likely: list[Any] = [self._note]
        if self.paused_since is not None:
            likely += [self._resume, self._resume, self._accept, self._resolve]
        elif self.is_open:
            likely += [self._accept, self._pause, self._pause, self._extend, self._resolve]
        else:
            likely += [self._reopen]
        chosen = self.random.choice(likely)
        if expired is not None and chosen != self._resolve:
            self._clear(minute, "pause_ended", lambda one: one[1] == "pause_expired")
        chosen(minute)

    def _happen(self, minute: int, kind: Kind, **data: Any) -> str:
        id_ = f"{self.name}-{len(self.happened)}"
        self.happened.append(Happened(minute, kind, id_, self.random.choice(("ann", "bob")), data))
        return id_

    def _note(self, minute: int) -> None:
        kind = self.random.choice((Kind.ACKNOWLEDGED, Kind.FOLLOWED_UP, Kind.COMMENTED, Kind.VISIT_RECORDED))
        self._happen(minute, kind)

    def _accept(self, minute: int) -> None:
        self._happen(minute, Kind.ACCEPTED)
        if not self.accepted:
            self.accepted, self.to_accept = True, None
            self._clear(minute, "accepted", lambda one: one[0] == "acceptance")

    def _pause(self, minute: int) -> None:
        self._happen(minute, Kind.PAUSED, reason="waiting")
        if self.left and self.pause_used < self.promise.longest_pause:
            self.paused_since = minute
            if ("resolution", "due_soon") in (one[:2] for one in self.standing):
                # It is due soon again as soon as the clock goes on.
                self.to_reminder = 0
            self._clear(minute, "deadline_moved", lambda one: one[0] == "resolution")

    def _resume(self, minute: int) -> None:
        self._happen(minute, Kind.RESUMED)
        self._end_pause(minute)

    def _end_pause(self, minute: int) -> None:
        assert self.paused_since is not None
        self.pause_used += minute - self.paused_since
        self.paused_since = None

    def _extend(self, minute: int) -> None:
        if self.left is None:
            # Too late: it changes nothing.
            self._happen(minute, Kind.EXTENSION_GRANTED, until=instant(minute + 3 * MINUTES_OF_DAY))
            return
        until = walk(minute, self.left + self.random.randrange(100, 2_000, 5))
        while not is_quiet(until) or until % 5:
            until += 1
        self._happen(minute, Kind.EXTENSION_GRANTED, until=instant(until))
        self._clear(minute, "deadline_moved", lambda one: one[0] == "resolution")
        self.left = sum(_OPEN[minute:until])
        if self.cycle == self.happened[0].id:
            start = begin(self.submitted)
            point = walk(start, self._share(sum(_OPEN[start:until])))
            self.to_reminder = sum(_OPEN[minute:point])
            self.reminder_passed_at = point if point < minute else None

    def _resolve(self, minute: int) -> None:
        self._happen(minute, Kind.RESOLVED, outcome="fixed")
        if self.paused_since is not None:
            self._end_pause(minute)
        self.is_open, self.accepted = False, True
        self.left = self.to_reminder = self.to_accept = self.reminder_passed_at = None
        self.rungs = []
        self._clear(minute, "fixed", lambda _: True)

    def _reopen(self, minute: int) -> None:
        self.cycle = self._happen(minute, Kind.REOPENED)
        self.is_open = True
        self._count_from(minute, self.promise.rework, with_reminder=False)

    # What is told.

    def _tell_what_is_due(self, minute: int) -> None:
        since = self.paused_since
        if since is not None and minute == since + self.promise.longest_pause - self.pause_used:
            self._end_pause(minute)
            self.forgotten = minute
            self._raise(minute, "resolution", "pause_expired", 0, minute)
        if self.to_accept == 0:
            self.to_accept = None
            self._raise(minute, "acceptance", "overdue", 0, minute)
        if self.left and self.to_reminder is not None and self.to_reminder <= 0 and self.paused_since is None:
            point = minute if self.reminder_passed_at is None else self.reminder_passed_at
            self.to_reminder = self.reminder_passed_at = None
            self._raise(point, "resolution", "due_soon", 0, walk(minute, self.left))
        if self.left == 0:
            self.left, self.to_reminder, self.due = None, None, minute
            self._raise(minute, "resolution", "overdue", 0, minute)
            ladder = enumerate(self.promise.ladder, 1)
            self.rungs = [(rung.at(minute), level, rung.to) for level, rung in ladder]
        for rung in [rung for rung in self.rungs if rung[0] == minute]:
            self.rungs.remove(rung)
            self._raise(minute, "resolution", "escalated", rung[1], self.due, rung[2])

    def _run_down(self) -> None:
        if self.to_accept is not None:
            self.to_accept -= 1
        if self.paused_since is None:
            if self.left is not None:
                self.left -= 1
            if self.to_reminder is not None:
                self.to_reminder -= 1

    def _raise(self, minute: int, obligation: str, kind: str, level: int, due: int, to: str = "") -> None:
        self.told.append(Told(minute, obligation, kind, level, due, self.cycle, to, ""))
        self.standing.append((obligation, kind, due))

    def _clear(self, minute: int, reason: str, goes: Any) -> None:
        gone = {(one[0], one[2]) for one in self.standing if goes(one)}
        self.standing = [one for one in self.standing if not goes(one)]
        for obligation, due in gone:
            self.told.append(Told(minute, obligation, "cleared", 0, due, "", "", reason))


def instant(minute: int) -> str:
    """A minute of the year as events say it."""
    midnight = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)  # noqa: DTZ001  # the offset follows
    return f"{midnight + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S}+08:00"
