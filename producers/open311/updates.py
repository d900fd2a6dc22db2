"""mySociety's servicerequestupdates: an issue's events as updates, and updates as events."""

from base64 import b32encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from livelihood.envelope import type_of
from livelihood.events import Kind
from livelihood.histories import Entry, History
from livelihood.instants import iso
from livelihood.lifecycle import OPEN, SETTLED, TRANSITIONS, State
from producers.channel_keys import ChannelKey
from producers.open311.documents import Trouble
from producers.open311.parameters import Parameters, moment, one
from producers.open311.reporting import LONGEST_DESCRIPTION, contact_of, with_personal
from producers.open311.requests import Telling
from producers.open311.wording import standing

#: What an event makes of a request, where its kind says it better than the state it leads to.
_BY_KIND: dict[Kind, str] = {
    Kind.TRANSFER_OFFERED: "INTERNAL_REFERRAL",
    Kind.TRANSFER_ACCEPTED: "INTERNAL_REFERRAL",
    Kind.RETURNED: "FOR_TRIAGE",
    Kind.REJECTED: "NO_FURTHER_ACTION",
    Kind.WITHDRAWN: "CANCELLED",
    Kind.MERGED: "DUPLICATE",
    Kind.CLOSED: "CLOSED",
}
_BY_STATE: dict[State, str] = {
    State.SUBMITTED: "OPEN",
    State.ACCEPTED: "INVESTIGATING",
    State.ASSIGNED: "IN_PROGRESS",
    State.PAUSED: "IN_PROGRESS",
    State.REOPENED: "OPEN",
}
_BY_OUTCOME: dict[str, str] = {
    "fixed": "FIXED",
    "answered": "CLOSED",
    "scheduled": "ACTION_SCHEDULED",
    "duplicate": "DUPLICATE",
    "not_found": "NO_FURTHER_ACTION",
    "not_ours": "NOT_COUNCILS_RESPONSIBILITY",
    "administrative": "CLOSED",
}

#: What a status that is sent says of a resolution.
_OUTCOMES: dict[str, str] = {
    "FIXED": "fixed",
    "CLOSED": "administrative",
    "DUPLICATE": "duplicate",
    "NOT_COUNCILS_RESPONSIBILITY": "not_ours",
}
#: Somebody has begun with it.
_BEGUN = frozenset({"INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED", "PLANNED", "INTERNAL_REFERRAL"})
STATUSES = (
    *("OPEN", "CLOSED", "FIXED", "IN_PROGRESS", "ACTION_SCHEDULED", "PLANNED", "INVESTIGATING", "DUPLICATE"),
    *("NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL", "FOR_TRIAGE"),
    *("CANCELLED", "REOPEN", "UNCHANGED"),
)


def public_id(source: str, id_: str) -> str:
    """The update_id that everybody sees of an event: a source's own ids may tell too much."""
    return b32encode(sha256(f"{source}\0{id_}".encode()).digest()[:10]).decode()


def updates_of(
    history: History, telling: Telling, texts: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """(source, id) -> the update, for each event of an issue that had an effect.

    `texts` are the words that are published, by the same. The time of an update is that of its recording
    here, so that who asks again and again misses none.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    state, status, outcome = State.ORPHAN, "OPEN", ""
    for entry in history.entries:
        if entry.ignored:
            continue
        if entry.state != state or entry.kind in _BY_KIND:
            status, outcome = _after(entry)
        state = entry.state
        fact = entry.fact
        is_remark = entry.kind in (Kind.COMMENTED, Kind.PROGRESS_REPORTED)
        ours = "" if is_remark else standing(entry.state, outcome, telling.language)
        found[fact.source, fact.id] = {
            "update_id": public_id(fact.source, fact.id),
            "service_request_id": history.id,
            "status": status,
            "updated_datetime": telling.time(fact.recorded),
            "description": texts.get((fact.source, fact.id)) or ours or None,
            "media_url": None,
        }
    return found


def update_event(parameters: Parameters, issue: str, state: State, key: ChannelKey) -> dict[str, Any]:
    """The CloudEvent an update makes of an issue in that state; Trouble lists what is wrong."""
    needed = ("update_id", "status", "updated_datetime", "description")
    problems = [f"{name} is required" for name in needed if one(parameters, name) is None]
    update_id = one(parameters, "update_id") or ""
    status = (one(parameters, "status") or "").upper()
    at = 0
    try:
        at = moment(parameters, "updated_datetime") or 0
    except Trouble as trouble:
        problems += trouble.descriptions
    description = one(parameters, "description") or ""
    if status and status not in STATUSES:
        problems.append(f"status: expected one of {', '.join(STATUSES)}")
    if len(update_id) > 150:
        problems.append("update_id: 150 characters at most")
    if len(description) > LONGEST_DESCRIPTION:
        problems.append(f"description: {LONGEST_DESCRIPTION:,} characters at most")
    if problems:
        raise Trouble(400, *problems)
    kind, data = event_for(status, state)
    media = [url for name in ("media_url", "media_url[]") for url in parameters.get(name, ())]
    personal = {**contact_of(parameters), "text": "\n".join([description, *media])}
    return {
        "specversion": "1.0",
        "type": type_of(kind),
        "source": key.source,
        "id": f"open311-update-{update_id}",
        "subject": issue,
        "time": iso(at),
        "channel": key.channel,
        "data": {**data, **with_personal(personal)},
    }


def event_for(status: str, state: State) -> tuple[Kind, dict[str, Any]]:
    """The event that a status asks for in a state; Trouble where it can no longer come to that."""
    comment: tuple[Kind, dict[str, Any]] = (Kind.COMMENTED, {})
    if status == "REOPEN" or (status == "OPEN" and (state, Kind.REOPENED) in TRANSITIONS):
        if state in OPEN:
            return comment
        if (state, Kind.REOPENED) not in TRANSITIONS:
            raise Trouble(400, f"this request is {state.word} and can no longer be reopened; send a new one")
        return Kind.REOPENED, {}
    if state in SETTLED:
        return comment
    if status in _OUTCOMES:
        return Kind.RESOLVED, {"outcome": _OUTCOMES[status]}
    if status == "NO_FURTHER_ACTION":
        return Kind.REJECTED, {"reason": "no_further_action"}
    if status == "CANCELLED":
        return Kind.WITHDRAWN, {}
    if status == "FOR_TRIAGE":
        return Kind.RETURNED, {"reason": "for_triage"}
    if status in _BEGUN:
        to_accept = state in (State.SUBMITTED, State.ASSIGNED, State.REOPENED)
        return (Kind.ACCEPTED, {}) if to_accept else (Kind.PROGRESS_REPORTED, {})
    return comment


def _after(entry: Entry) -> tuple[str, str]:
    """The status and outcome after an event that changed something."""
    if entry.kind is Kind.RESOLVED:
        outcome = str(entry.data.get("outcome", ""))
        return _BY_OUTCOME.get(outcome, "CLOSED"), outcome
    return _BY_KIND.get(entry.kind) or _BY_STATE.get(entry.state, "OPEN"), ""
