"""The words of the design in people's languages: states, kinds of event, outcomes, reasons, alerts.

Codes that the catalogue defines (services, departments, a city's own reasons) have their titles there.
"""

from collections.abc import Mapping

from livelihood.catalogue import CatalogueVersion
from livelihood.event_data import OUTCOMES
from livelihood.events import Kind
from livelihood.lifecycle import TRANSITIONS, State
from web.languages import Message, _
from web.titles import title_of

STATES: Mapping[State, Message] = {
    State.ORPHAN: _("Never submitted"),
    State.SUBMITTED: _("Submitted"),
    State.ACCEPTED: _("Accepted"),
    State.ASSIGNED: _("Assigned"),
    State.PAUSED: _("Paused"),
    State.REOPENED: _("Reopened"),
    State.RESOLVED: _("Resolved"),
    State.CLOSED: _("Closed"),
    State.REJECTED: _("Rejected"),
    State.WITHDRAWN: _("Withdrawn"),
    State.MERGED: _("Merged"),
}

#: What happened, as a timeline says it.
KINDS: Mapping[Kind, Message] = {
    Kind.SUBMITTED: _("Submitted"),
    Kind.ACCEPTED: _("Accepted"),
    Kind.ASSIGNED: _("Assigned"),
    Kind.TRANSFER_OFFERED: _("Transfer offered"),
    Kind.TRANSFER_ACCEPTED: _("Transfer accepted"),
    Kind.RETURNED: _("Returned"),
    Kind.RECLASSIFIED: _("Put under another service"),
    Kind.PAUSED: _("Paused"),
    Kind.RESUMED: _("Resumed"),
    Kind.EXTENSION_ASKED: _("More time asked for"),
    Kind.EXTENSION_GRANTED: _("More time granted"),
    Kind.EXTENSION_REFUSED: _("More time refused"),
    Kind.PROGRESS_REPORTED: _("Progress reported"),
    Kind.VISIT_RECORDED: _("The person came to a window"),
    Kind.COMMENTED: _("Comment"),
    Kind.FOLLOWED_UP: _("The person asked again"),
    Kind.ABSORBED: _("Another issue was merged in"),
    Kind.RESOLVED: _("Resolved"),
    Kind.REJECTED: _("Rejected"),
    Kind.WITHDRAWN: _("Withdrawn by the person"),
    Kind.MERGED: _("Merged into another issue"),
    Kind.CLOSED: _("Closed"),
    Kind.REOPENED: _("Reopened"),
    Kind.RATED: _("The person's answer"),
    Kind.CORRECTED: _("Correction"),
    Kind.PART: _("A part changed"),
    Kind.NUMBERED: _("Another system's number"),
    Kind.ACKNOWLEDGED: _("Seen, and being acted on"),
    Kind.CONTESTED: _("How it counts was contested"),
    Kind.CONTEST_ANSWERED: _("The contest was decided"),
}

OUTCOME_WORDS: Mapping[str, Message] = {
    "fixed": _("Fixed"),
    "answered": _("Answered"),
    "scheduled": _("Scheduled for later"),
    "duplicate": _("A duplicate"),
    "not_found": _("Nothing found there"),
    "not_ours": _("Not ours to do"),
    "administrative": _("Administrative"),
    "rejected": _("Rejected"),
    "withdrawn": _("Withdrawn"),
    "merged": _("Merged"),
}
assert set(OUTCOMES) <= set(OUTCOME_WORDS)

#: Reasons that pages offer, beside those the catalogue names. A city's own have titles in its catalogue.
RETURN_REASONS: Mapping[str, Message] = {
    "wrong-unit": _("Another unit is responsible"),
    "not-enough-information": _("Not enough information"),
    "outside-the-area": _("Outside our area"),
}
EXTENSION_REASONS: Mapping[str, Message] = {
    "more-work": _("More work than foreseen"),
    "waiting-for-material": _("Waiting for material"),
    "waiting-for-another-unit": _("Waiting for another unit"),
    "weather": _("Weather"),
}
REFUSAL_REASONS: Mapping[str, Message] = {
    "can-be-done-in-time": _("It can be done in time"),
    "no-sufficient-reason": _("The reason is not sufficient"),
}
REJECTION_REASONS: Mapping[str, Message] = {
    "no-legal-basis": _("There is no legal basis"),
    "not-for-this-government": _("Not a matter of this government"),
    "decided-before": _("Decided before"),
    "not-enough-information": _("Not enough information"),
}
REOPENING_REASONS: Mapping[str, Message] = {
    "not-done": _("It was not done"),
    "came-back": _("The problem came back"),
    "done-badly": _("It was done badly"),
}
CONTEST_REASONS: Mapping[str, Message] = {
    "not-ours": _("It was not ours to do"),
    "done-in-time": _("It was done in time"),
    "waited-for-others": _("We waited for somebody else"),
    "wrong-service": _("It is under the wrong service"),
}
OTHER_WORDS: Mapping[str, Message] = {
    "normal": _("Normal"),
    "urgent": _("Urgent"),
    "waiting-for-person": _("Waiting for the person"),
    "acceptance": _("acceptance"),
    "resolution": _("resolution"),
}
_KNOWN = {
    **RETURN_REASONS, **EXTENSION_REASONS, **REFUSAL_REASONS, **REJECTION_REASONS, **REOPENING_REASONS,
    **CONTEST_REASONS, **OTHER_WORDS,
}  # fmt: skip

#: Why an event had no effect that its state would have allowed: the rules of livelihood/effects.py.
RULES: Mapping[Kind, Message] = {
    Kind.TRANSFER_ACCEPTED: _("the unit leads already"),
    Kind.RECLASSIFIED: _("it is of that service already"),
    Kind.PAUSED: _("the standard does not allow that reason, the longest pause is used up, or it is overdue"),
    Kind.EXTENSION_GRANTED: _("the deadline had passed, or whoever asked for it granted it"),
    Kind.RESOLVED: _("not all parts of the bundle are done"),
    Kind.WITHDRAWN: _("it came neither from the person's own channel nor after a confirmed call"),
    Kind.CLOSED: _("it came neither from the person's own channel nor after a confirmed call"),
    Kind.REOPENED: _("the time for reopening had passed; please file a new request"),
    Kind.CONTEST_ANSWERED: _("nothing was contested, or whoever contested it answered"),
    Kind.MERGED: _("it would be merged into itself"),
}

ALERTS: Mapping[str, Message] = {
    "due_soon": _("Due soon"),
    "overdue": _("Overdue"),
    "escalated": _("Escalated"),
    "pause_expired": _("A pause ended by itself"),
    "cleared": _("Cleared"),
}

#: Why an alert no longer stands (livelihood/alerts.py, why_cleared); outcomes have words of their own.
CLEARED: Mapping[str, Message] = {
    "accepted": _("accepted"),
    "accepted_in_time": _("had been accepted in time"),
    "deadline_moved": _("the deadline moved"),
    "pause_ended": _("the pause ended"),
    "reopened": _("reopened"),
}
_IN_TIME = "_in_time_reported_late"


def cleared_text(reason: str) -> Message:
    """Why an alert was cleared, in a few words."""
    if reason.endswith(_IN_TIME):
        return _("%(outcome)s in time, told late", outcome=OUTCOME_WORDS[reason.removesuffix(_IN_TIME)])
    return CLEARED.get(reason) or OUTCOME_WORDS[reason]


def reason_text(version: CatalogueVersion, reason: str, language: str) -> Message | str:
    """What people call a reason, an urgency or a role: the catalogue's own title comes first."""
    if reason in version.words:
        return title_of(version.words, reason, language)
    return _KNOWN.get(reason, reason.replace("-", " "))


def why_ignored(kind: Kind, before: State) -> Message:
    """Why an event that found an issue in a state had no effect."""
    if before is State.ORPHAN:
        return _("the issue had not been submitted")
    if kind in RULES and (before, kind) in TRANSITIONS:
        return RULES[kind]
    return _("an issue in this state (%(state)s) does not allow it", state=STATES[before])
