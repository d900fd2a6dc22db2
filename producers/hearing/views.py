"""One issue as a channel sees it, or the person who asked: nothing of what identifies anybody."""

from typing import Any
from zoneinfo import ZoneInfo

from livelihood.changes import promised, told_of
from livelihood.events import Kind
from livelihood.facts import MOMENT_NAMES
from livelihood.fields import LanguageCode
from livelihood.histories import Entry, History, read_history
from livelihood.instants import Instant, iso
from livelihood.issue import reopen_until
from livelihood.lifecycle import State
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.state import unpack
from producers.hearing.documents import numbers_by_channel
from producers.hearing.words import happened, outcome_words, standing
from web.context import Context

#: What the person is not told of in a list of what happened: how others' systems deal with it.
_NOT_FOR_PERSONS = frozenset(
    {
        Kind.NUMBERED,
        Kind.PART,
        Kind.COMMENTED,
        Kind.ASSIGNED,
        Kind.ACKNOWLEDGED,
        Kind.CONTESTED,
        Kind.CONTEST_ANSWERED,
    }
)


def find(reader: Reader, channel: str, number: str) -> list[str]:
    """The issues that a channel has that number for, or that have it for an id."""
    candidates = dict.fromkeys([*reader.numbered(channel, number), number])
    found = []
    for issue, packed in reader.states(candidates).items():
        numbers = numbers_by_channel(issue, unpack(packed).issue)
        if channel in numbers and (issue == number or number in numbers[channel]):
            found.append(issue)
    return sorted(found)


def may_see(history: History, channel: str) -> bool:
    """Whether an issue is one of a channel's own."""
    return channel in numbers_by_channel(history.id, history.issue)


def history_of(context: Context, issue: str) -> History | None:
    """An issue as it is now; None where it was never submitted."""
    history = read_history(context.reader, context.catalogue(), issue, None, context.clock())
    return None if history is None or history.state is State.ORPHAN else history


def for_channel(history: History, channel: str, catalogue: Catalogue) -> dict[str, Any]:
    """What a channel is told of an issue of its own."""
    zone = ZoneInfo(catalogue.latest.time_zone)
    issue = history.issue
    return {
        "issue": history.id,
        "numbers": numbers_by_channel(history.id, issue)[channel],
        "state": history.state.word,
        "words": standing(history.state.word),
        "outcome": issue.outcome or None,
        "service": issue.service,
        "department": issue.department,
        "area": issue.area,
        "submitted": iso(issue.submitted, zone),
        "promised": _moment(promised(issue), zone),
        "deadline": _moment(issue.due, zone),
        "acceptance_deadline": _moment(issue.acceptance_due, zone),
        "reopen_until": _reopen_until(history, catalogue, zone),
        "timeline": [_entry(entry, zone, in_detail=True) for entry in history.entries],
    }


def for_person(history: History, receipt: str, catalogue: Catalogue) -> dict[str, Any]:
    """What whoever holds the receipt is told."""
    zone = ZoneInfo(catalogue.latest.time_zone)
    issue, state = history.issue, history.state
    answered = issue.asked is not None and (issue.solved is not None or issue.satisfied is not None)
    may = {
        "reopen": state in (State.RESOLVED, State.REJECTED),
        "confirm": state in (State.RESOLVED, State.REJECTED),
        "rate": issue.settled is not None,
    }
    happenings = [
        _entry(entry, zone, in_detail=False)
        for entry in history.entries
        if not entry.ignored and entry.kind not in _NOT_FOR_PERSONS
    ]
    return {
        "receipt": receipt,
        "state": state.word,
        "words": standing(state.word),
        "outcome": issue.outcome or None,
        "outcome_words": outcome_words(issue.outcome),
        "service": issue.service,
        "service_title": _title(issue.service, catalogue),
        "submitted": iso(issue.submitted, zone),
        "promised": _moment(promised(issue), zone),
        "is_overdue": issue.open and issue.due is not None and issue.due < history.as_of,
        "settled": _moment(issue.settled, zone),
        "reopen_until": _reopen_until(history, catalogue, zone),
        "rated": answered,
        "may": may,
        "timeline": happenings,
    }


def _title(service: str, catalogue: Catalogue) -> dict[LanguageCode, str]:
    known = catalogue.latest.services.get(service)
    return known.title if known is not None else {}


def _reopen_until(history: History, catalogue: Catalogue, zone: ZoneInfo) -> str | None:
    if history.state not in (State.RESOLVED, State.REJECTED):
        return None
    return iso(reopen_until(history.issue, catalogue), zone)


def _entry(entry: Entry, zone: ZoneInfo, *, in_detail: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "at": iso(entry.at, zone),
        "what": entry.kind.word,
        "words": happened(entry.kind.word),
        "state": entry.state.word,
    }
    if in_detail:
        told["channel"] = entry.fact.channel
        told["details"] = {
            name: _moment(value, zone) if name in MOMENT_NAMES else value
            for name, value in told_of(entry.fact).items()
        }
        if entry.ignored:
            told["ignored"] = entry.ignored
    return told


def _moment(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else iso(instant, zone)
