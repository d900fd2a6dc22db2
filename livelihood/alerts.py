"""Alerts: the facts a supervisor is told about an issue, each with an id of its own.

`schedule` says when an open issue's obligations raise what; `reconcile` compares what should be
standing with what was raised. An alert is about one deadline in one cycle: when the deadline moves
or the issue is settled it is cleared, with the reason, and a moved deadline raises a new one.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Literal, NamedTuple

import msgspec

from livelihood.instants import HOUR, Instant, to_datetime
from livelihood.issue import Issue, promise_of
from livelihood.lifecycle import OPEN
from livelihood.limits import later
from livelihood.promises import Catalogue

#: Raised this much after its instant, an alert is old news: recorded, not pushed to people one by one.
STALE_AFTER: Instant = HOUR

Obligation = Literal["acceptance", "resolution"]
AlertKind = Literal["due_soon", "overdue", "escalated", "pause_expired", "cleared"]


class Alarm(NamedTuple):
    """Something to be raised at an instant unless the obligation is met before."""

    at: Instant
    obligation: str
    kind: str
    #: 0, or the rung of the escalation ladder from 1.
    level: int
    due: Instant
    #: The event that opened the cycle.
    cycle: str
    #: The role an escalation goes to.
    to: str

    @property
    def about(self) -> tuple[str, str, int, Instant, str]:
        """What makes it the same alert again."""
        return (self.obligation, self.kind, self.level, self.due, self.cycle)


class Alert(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One alert, as the alerts topic carries it."""

    id: str
    issue: str
    obligation: str
    kind: str
    level: int
    #: The deadline it is about.
    due: datetime
    #: When it became true, and when it was raised.
    at: datetime
    raised: datetime
    #: Counts the issue's alerts from 1.
    sequence: int
    cycle: str
    commitment: str
    service: str
    department: str
    area: str
    channel: str
    to: str = ""
    #: Of a cleared one: why.
    reason: str = ""
    stale: bool = False


def alert_id(issue: str, alarm: Alarm, kind: str | None = None) -> str:
    """The id of an alert: the same fact has the same id, whoever raises it and however often."""
    about = f"{issue}|{alarm.obligation}|{kind or alarm.kind}|{alarm.level}|{alarm.due}|{alarm.cycle}"
    return blake2b(about.encode(), digest_size=12).hexdigest()


def alert_of(issue_id: str, issue: Issue, alarm: Alarm) -> Alert:
    """What an alarm tells, told at its own moment; without an id, and with no place among the issue's others.

    So whoever is asked which alerts are wanted can be asked of what stands, or is to come.
    """
    at = to_datetime(alarm.at)
    return Alert(
        "",
        issue_id,
        alarm.obligation,
        alarm.kind,
        alarm.level,
        to_datetime(alarm.due),
        at,
        at,
        0,
        alarm.cycle,
        issue.commitment,
        issue.service,
        issue.department,
        issue.row_area,
        issue.channel,
        alarm.to,
    )


def next_alarm(issue: Issue, after: Instant, catalogue: Catalogue) -> Instant | None:
    """When the next alarm after an instant goes off: the earliest of `schedule`, without making it."""
    if issue.state not in OPEN:
        return None
    if issue.acceptance_due is None and issue.pause_until is None and issue.rework_due is None:
        due = issue.due
        if due is None:
            return None
        if issue.reminder is not None and after < issue.reminder + 1 and issue.reminder < due:
            return issue.reminder + 1
        overdue = due + 1 + catalogue.lateness(issue.channel, issue.submitted)
        if after < overdue:
            return overdue
    return min((alarm.at for alarm in schedule(issue, catalogue) if alarm.at > after), default=None)


def schedule(issue: Issue, catalogue: Catalogue) -> list[Alarm]:
    """Every alarm of an issue as it now stands, earliest first; none where nothing is due."""
    if issue.state not in OPEN:
        return []
    promise = promise_of(issue, catalogue)
    # A resolution may still be claimed this long after the fact.
    lateness = catalogue.lateness(issue.channel, issue.submitted)
    alarms: list[Alarm] = []
    cycle, due = issue.cycle, issue.acceptance_due
    if due is not None and issue.accepted is None:
        alarms.append(Alarm(due + 1 + lateness, "acceptance", "overdue", 0, due, cycle, ""))
    due, reminder = issue.due, issue.reminder
    if issue.rework_due is not None:
        due, reminder = issue.rework_due, None
    if due is not None:
        if reminder is not None and reminder < due:
            alarms.append(Alarm(reminder + 1, "resolution", "due_soon", 0, due, cycle, ""))
        alarms.append(Alarm(due + 1 + lateness, "resolution", "overdue", 0, due, cycle, ""))
        for level, step in enumerate(promise.standard.escalation, 1):
            at = later(due, step.after, promise.calendar) + 1 + lateness
            alarms.append(Alarm(at, "resolution", "escalated", level, due, cycle, step.to))
    if issue.pause_until is not None:
        at = issue.pause_until + 1 + lateness
        alarms.append(Alarm(at, "resolution", "pause_expired", 0, issue.pause_until, cycle, ""))
    alarms.sort()
    return alarms


def why_cleared(issue: Issue, alarm: Alarm) -> str:
    """Why an alert no longer stands."""
    if alarm.obligation == "acceptance" and issue.accepted is not None and issue.settled is None:
        return "accepted_in_time" if issue.accepted <= alarm.due else "accepted"
    if issue.settled is None:
        if alarm.kind == "pause_expired":
            return "pause_ended"
        return "reopened" if issue.cycle != alarm.cycle else "deadline_moved"
    if issue.settled <= alarm.due and alarm.kind in ("overdue", "escalated"):
        return f"{issue.outcome}_in_time_reported_late"
    return issue.outcome
