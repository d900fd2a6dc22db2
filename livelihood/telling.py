"""Telling: what stands of an issue's alerts, compared with what was raised."""

from collections.abc import Iterable

from livelihood.alerts import STALE_AFTER, Alarm, Alert, alert_id, schedule, why_cleared
from livelihood.instants import Instant, to_datetime
from livelihood.promises import Catalogue
from livelihood.state import IssueState


class Teller:
    """Raises and clears alerts; what is told gathers in `told`, in order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.told: list[Alert] = []

    def reconcile(self, issue_id: str, state: IssueState, cause: str, stale: bool) -> None:
        """Clear what no longer stands, raise what now does; `cause` is the event that changed it.

        Found out at the issue's clock, which is not before anything told of it earlier.
        """
        clock = state.clock
        alarms = schedule(state.issue, self.catalogue)
        standing = {alarm.about for alarm in alarms}
        for alarm in [alarm for alarm in state.raised if alarm.about not in standing]:
            self._clear(issue_id, state, alarm, clock, stale, cause)
        for alarm in alarms:
            if alarm.at <= clock and not stands(alarm, state.raised):
                self.raise_(issue_id, state, alarm, clock, stale, cause)

    def raise_(
        self, issue_id: str, state: IssueState, alarm: Alarm, now: Instant, stale: bool, cause: str = ""
    ) -> None:
        """Tell that an alarm went off, found out at `now`."""
        identity = _identity(issue_id, state, alarm, alert_id(issue_id, alarm), alarm.kind, cause)
        state.raised = (*state.raised, alarm)
        self._tell(issue_id, state, identity, alarm, alarm.kind, "", now, stale)

    def _clear(
        self, issue_id: str, state: IssueState, alarm: Alarm, now: Instant, stale: bool, cause: str
    ) -> None:
        state.raised = tuple(other for other in state.raised if other != alarm)
        _remember(state, alert_id(issue_id, alarm))
        # One `cleared` an obligation's deadline: the last of its alerts to go tells.
        if any(other.obligation == alarm.obligation and other.due == alarm.due for other in state.raised):
            return
        cleared = alert_id(issue_id, alarm, "cleared")
        identity = _identity(issue_id, state, alarm, cleared, "cleared", cause)
        _remember(state, cleared)
        self._tell(issue_id, state, identity, alarm, "cleared", why_cleared(state.issue, alarm), now, stale)

    def _tell(
        self,
        issue_id: str,
        state: IssueState,
        identity: str,
        alarm: Alarm,
        kind: str,
        reason: str,
        now: Instant,
        stale: bool,
    ) -> None:
        issue = state.issue
        state.sequence += 1
        at = now if kind == "cleared" else alarm.at
        raised_at = to_datetime(now)
        self.told.append(
            Alert(
                identity,
                issue_id,
                alarm.obligation,
                kind,
                alarm.level,
                to_datetime(alarm.due),
                raised_at if at == now else to_datetime(at),
                raised_at,
                state.sequence,
                alarm.cycle,
                issue.commitment,
                issue.service,
                issue.department,
                issue.row_area,
                issue.channel,
                alarm.to,
                reason,
                stale or now - at > STALE_AFTER,
            )
        )


def _identity(issue_id: str, state: IssueState, alarm: Alarm, identity: str, kind: str, cause: str) -> str:
    """The alert's id. What was cleared and comes back opens a new cycle for it, with an id of its own."""
    if state.told and identity in state.told:
        again = f"{cause}#{state.sequence + 1}"
        identity = alert_id(issue_id, alarm._replace(cycle=again), kind)
    return identity


def _remember(state: IssueState, identity: str) -> None:
    if identity not in state.told:
        state.told = (*state.told, identity)


def stands(alarm: Alarm, raised: Iterable[Alarm]) -> bool:
    """Whether an alarm was raised already."""
    return any(alarm.about == other.about for other in raised)
