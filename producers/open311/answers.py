"""What is answered to who only asks: service requests and updates, from the states."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Any

from livelihood.facts import Fact
from livelihood.histories import history_of
from livelihood.lifecycle import State
from livelihood.state import IssueState, all_facts, unpack
from producers.open311.documents import Trouble
from producers.open311.listing import Listing
from producers.open311.parameters import Wanted, Window
from producers.open311.requests import Telling, service_request, submission
from producers.open311.texts import Place, Texts
from producers.open311.updates import updates_of
from web.context import Context
from web.patience import comes

#: So many of the latest reports are waited for until the worker knows of them, and so long.
MOST_AWAITED = 10_000
AWAITED_SECONDS = 3.0
_LOOK_SECONDS = 0.1


class Answers:
    """Reads for whoever asks."""

    def __init__(self, context: Context, listing: Listing, texts: Texts) -> None:
        self._context = context
        self._listing = listing
        self._texts = texts
        self._lock = Lock()
        #: Issues this process has just taken in, oldest first.
        self._awaited: OrderedDict[str, None] = OrderedDict()

    def expect(self, issue: str) -> None:
        """Note an issue that was just taken in: who asks for it is not told that there is none."""
        with self._lock:
            self._awaited[issue] = None
            if len(self._awaited) > MOST_AWAITED:
                self._awaited.popitem(last=False)

    def state(self, issue: str) -> IssueState:
        """The state of an issue that was submitted; Trouble where there is none."""
        state = self._submitted(issue)
        if state is None and issue in self._awaited:
            comes(lambda: self._submitted(issue) is not None, AWAITED_SECONDS, _LOOK_SECONDS)
            state = self._submitted(issue)
        if state is None:
            raise not_found(issue)
        return state

    def _submitted(self, issue: str) -> IssueState | None:
        packed = self._context.reader.states([issue]).get(issue)
        state = unpack(packed) if packed is not None else None
        return state if state is not None and state.issue.state != State.ORPHAN else None

    def one(self, issue: str, telling: Telling) -> list[dict[str, Any]]:
        """GET requests/id."""
        state = self.state(issue)
        if state.issue.service in hidden_services(telling):
            raise not_found(issue)
        return self._told({issue: state}, telling)

    def requests(self, wanted: Wanted, telling: Telling) -> list[dict[str, Any]]:
        """GET requests: those asked for by id in that order, others newest first."""
        hidden = hidden_services(telling)
        issues = wanted.ids or self._listing.requests(wanted, hidden)
        states = {issue: unpack(packed) for issue, packed in self._context.reader.states(issues).items()}
        seen = {
            issue: states[issue]
            for issue in issues
            if issue in states
            and states[issue].issue.state != State.ORPHAN
            and states[issue].issue.service not in hidden
        }
        return self._told(seen, telling)

    def updates(self, window: Window, telling: Telling) -> list[dict[str, Any]]:
        """GET servicerequestupdates: those recorded in a stretch of time, oldest first."""
        found = self._listing.updates(window)
        texts = self._texts.updates(update[1:] for update in found)
        by_place = self._updates_of({update.issue for update in found}, telling, texts)
        return [by_place[update[1:]] for update in found if update[1:] in by_place]

    def _updates_of(
        self, issues: Iterable[str], telling: Telling, texts: dict[Place, str]
    ) -> dict[Place, dict[str, Any]]:
        found: dict[Place, dict[str, Any]] = {}
        hidden = hidden_services(telling)
        for issue, packed in self._context.reader.states(issues).items():
            state = unpack(packed)
            if state.issue.service in hidden:
                continue
            history = history_of(issue, self.facts(issue, state), telling.catalogue, telling.now)
            own = {(source, id_): text for (of, source, id_), text in texts.items() if of == issue}
            for (source, id_), update in updates_of(history, telling, own).items():
                found[issue, source, id_] = update
        return found

    def _told(self, states: dict[str, IssueState], telling: Telling) -> list[dict[str, Any]]:
        submitted = {
            issue: submission(self.facts(issue, state), bool(state.corrected), telling.catalogue)
            for issue, state in states.items()
        }
        written = self._texts.submitted(
            (issue, fact.source, fact.id) for issue, fact in submitted.items() if fact is not None
        )
        return [
            service_request(issue, state.issue, submitted[issue], written.get(issue, {}), telling)
            for issue, state in states.items()
        ]

    def facts(self, issue: str, state: IssueState) -> list[Fact]:
        """All facts of an issue, archived ones too."""
        return all_facts(state, self._context.reader.archive(issue) if state.segments else ())


def hidden_services(telling: Telling) -> set[str]:
    """The services whose requests not everybody may see."""
    return {code for code, service in telling.version.services.items() if not service.listed}


def not_found(issue: str) -> Trouble:
    """What is said of an issue that is not there, or that is not for everybody."""
    return Trouble(404, f"service_request_id {issue[:80]!r} was not found")
