"""The alerts of a list, each with what has become of its issue since."""

from collections.abc import Sequence
from dataclasses import dataclass

from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant, from_datetime
from livelihood.ports import Reader
from livelihood.state import IssueState, unpack
from web.accounts import Right
from web.alert_view import AlertView, alert_view
from web.titles import title_of
from web.users import User


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """One alert in a list."""

    alert: AlertView
    service: str
    department: str
    area: str
    #: Nothing has cleared it.
    stands: bool
    #: When somebody last said to have seen the issue and to act, and by when it is to be done.
    seen: Instant | None
    expected: Instant | None
    #: Whether this person may say so now.
    may_acknowledge: bool


def alert_lines(
    alerts: Sequence[Alert], reader: Reader, version: CatalogueVersion, user: User, language: str
) -> list[AlertLine]:
    """Alerts as the page lists them."""
    issues = {alert.issue for alert in alerts}
    states = {issue: unpack(packed) for issue, packed in reader.states(issues).items()}
    return [_line(alert, states.get(alert.issue), version, user, language) for alert in alerts]


def _line(
    alert: Alert, state: IssueState | None, version: CatalogueVersion, user: User, language: str
) -> AlertLine:
    issue = state.issue if state is not None else None
    is_open = issue is not None and issue.open
    seen = issue.acknowledged if issue is not None and is_open else None
    stands = state is not None and _stands(alert, state)
    # Where it is now: who acts is the department that has it.
    department = issue.department if issue is not None else alert.department
    return AlertLine(
        alert=alert_view(alert, version, language),
        service=title_of(version.services, alert.service, language),
        department=title_of(version.departments, alert.department, language),
        area=title_of(version.areas, alert.area, language),
        stands=stands,
        seen=seen,
        expected=issue.expected if issue is not None and seen is not None else None,
        may_acknowledge=stands and seen is None and user.may(Right.ACT, department),
    )


def _stands(alert: Alert, state: IssueState) -> bool:
    about = (alert.obligation, alert.kind, alert.level, from_datetime(alert.due), alert.cycle)
    return any(alarm.about == about for alarm in state.raised)
