"""What is known of issues when events about them come in, and whether a key may publish those."""

from collections.abc import Callable, Sequence

from livelihood.envelope import RequestEvent
from livelihood.event_data import CorrectedData, SubmittedData
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import Instant, from_datetime
from livelihood.lifecycle import State
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.state import IssueState, all_facts, may_hold, short_id, unpack
from producers.channel_keys import ChannelKey
from producers.unworked import Unworked

#: Kinds by which a department answers an offer of another's issue.
_ANSWERS = frozenset({Kind.TRANSFER_ACCEPTED, Kind.RETURNED})


class Issues:
    """Some issues as the log has them by now: what workers made of them, and what came since."""

    def __init__(self, issues: Sequence[str], reader: Reader, unworked: Unworked) -> None:
        self._reader = reader
        # In this order: what is forgotten after it was worked on is in the states by then.
        self._since = unworked.of(issues)
        self._states = {issue: unpack(packed) for issue, packed in reader.states(issues).items()}

    def note(self, issue: str, fact: Fact) -> None:
        """Know one more fact."""
        self._since.setdefault(issue, []).append(fact)

    def before(self, issue: str, fact: Fact) -> Fact | None:
        """What came about the issue before by the same source and id."""
        for known in self._since.get(issue, ()):
            if known.id == fact.id and known.source == fact.source:
                return known
        state = self._states.get(issue)
        if state is not None and may_hold(state, short_id(fact)):
            for known in self._worked(issue, state):
                if known.id == fact.id and known.source == fact.source:
                    return known
        return None

    def facts(self, issue: str) -> list[Fact]:
        """All that came about an issue."""
        state = self._states.get(issue)
        worked = [] if state is None else self._worked(issue, state)
        return [*worked, *self._since.get(issue, ())]

    def department(self, issue: str, catalogue: Callable[[], Catalogue]) -> str | None:
        """The unit that leads; None: nobody has asked for anything yet."""
        state = self._states.get(issue)
        is_folded = state is not None and issue not in self._since
        found = state.issue if state is not None and is_folded else fold(self.facts(issue), catalogue())
        return None if found.state == State.ORPHAN else found.department

    def _worked(self, issue: str, state: IssueState) -> list[Fact]:
        return all_facts(state, self._reader.archive(issue) if state.segments else ())


def objection(
    event: RequestEvent, key: ChannelKey, issues: Issues, catalogue: Callable[[], Catalogue], now: Instant
) -> tuple[str, str] | None:
    """The field that forbids a new event by what is known of its issue, and what was expected.

    The catalogue is looked up only for a key of some departments.
    """
    if key.is_late(from_datetime(event.time), now):
        return "time", f"the key {key.name!r} may claim no further back than {key.claims}"
    data = event.data
    if isinstance(data, SubmittedData):
        if _is_of_another(event, key, issues):
            return "subject", f"{event.subject!r} was submitted by another channel; choose another id"
        if key.departments:
            return _of_submission(event, data, key, catalogue)
        return None
    if isinstance(data, CorrectedData) and (forbidden := _of_correction(event, data, key, issues)):
        return forbidden
    if key.departments and not _leads(event, key, issues, catalogue):
        return "subject", f"the key {key.name!r} is for issues of {_listed(key)}"
    return None


def _is_of_another(event: RequestEvent, key: ChannelKey, issues: Issues) -> bool:
    return any(
        fact.kind == Kind.SUBMITTED and not key.owns(fact.source) for fact in issues.facts(event.subject)
    )


def _of_submission(
    event: RequestEvent, data: SubmittedData, key: ChannelKey, catalogue: Callable[[], Catalogue]
) -> tuple[str, str] | None:
    at = from_datetime(event.time)
    owner = catalogue().promise(at, data.service, data.urgency, event.channel, data.area).department
    if (data.department or owner) in key.departments:
        return None
    field = "data.department" if data.department else "data.service"
    return field, f"the key {key.name!r} is for issues of {_listed(key)}"


def _leads(event: RequestEvent, key: ChannelKey, issues: Issues, catalogue: Callable[[], Catalogue]) -> bool:
    """Whether the issue is of one of the key's departments, or was offered to one that now answers."""
    if issues.department(event.subject, catalogue) in key.departments:
        return True
    return event.kind in _ANSWERS and any(
        fact.kind == Kind.TRANSFER_OFFERED and fact.data[0] in key.departments
        for fact in issues.facts(event.subject)
    )


def _of_correction(
    event: RequestEvent, data: CorrectedData, key: ChannelKey, issues: Issues
) -> tuple[str, str] | None:
    """A correction says no more than the key could have said at first."""
    if key.is_unlimited:
        return None
    named = [fact for fact in issues.facts(event.subject) if fact.id == data.corrects]
    own = [fact for fact in named if fact.source == event.source]
    if not named:
        return "data.corrects", f"there is no event {data.corrects!r} of this issue"
    for fact in own or named:
        if not key.owns(fact.source):
            return "data.corrects", f"the key {key.name!r} corrects events of {key.source} only"
        if Kind(fact.kind).word not in key.may:
            return "data.corrects", f"the key {key.name!r} may not publish {Kind(fact.kind).word}"
    time = data.changes.get("time")
    if time is not None and key.claims is not None:
        return (
            "data.changes.time",
            f"the key {key.name!r} is limited in what it may claim; it corrects no time",
        )
    return None


def _listed(key: ChannelKey) -> str:
    return ", ".join(sorted(key.departments))
