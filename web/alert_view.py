"""An alert as pages show it: what it says of which deadline, to whom it went, and whether it was cleared."""

from dataclasses import dataclass

from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant, from_datetime
from web.languages import Message, _
from web.vocabulary import ALERTS, cleared_text, reason_text

#: A class of parts.css by kind.
_TONES = {
    "due_soon": "soon",
    "overdue": "late",
    "escalated": "late",
    "pause_expired": "soon",
    "cleared": "good",
}


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One alert."""

    id: str
    issue: str
    kind: str
    word: Message
    #: A class of parts.css.
    tone: str
    #: Which deadline; of a cleared one, why it no longer stands.
    about: Message
    #: The role an escalation went to, or nothing.
    to: Message | str
    #: When it became true.
    at: Instant
    due: Instant
    #: Old news when it was found out.
    is_stale: bool

    @property
    def is_cleared(self) -> bool:
        """Whether it takes back what was told before."""
        return self.kind == "cleared"


def alert_view(alert: Alert, version: CatalogueVersion, language: str) -> AlertView:
    """An alert in the language of whoever looks."""
    return AlertView(
        id=alert.id,
        issue=alert.issue,
        kind=alert.kind,
        word=ALERTS[alert.kind],
        tone=_TONES[alert.kind],
        about=_about(alert),
        to=reason_text(version, alert.to, language) if alert.to else "",
        at=from_datetime(alert.at),
        due=from_datetime(alert.due),
        is_stale=alert.stale,
    )


def _about(alert: Alert) -> Message:
    if alert.kind == "cleared":
        return cleared_text(alert.reason)
    if alert.obligation == "acceptance":
        return _("not accepted yet")
    if alert.kind == "escalated":
        return _("step %(level)s after the deadline", level=alert.level)
    return _("not done yet")
