"""The counter: what the pages of a window share, put together once for a process."""

from collections.abc import Mapping, Sequence
from typing import Any

from livelihood.histories import History, read_history
from livelihood.personal import PersonalData
from livelihood.ports import Unavailable
from livelihood.snapshots import of_one_moment
from livelihood.state import all_facts, unpack
from producers.answers import Answer
from producers.intake import Intake
from producers.receipts import Receipts
from producers.window.acting import key_of
from producers.window.case import Case
from web.issue_view import IssueView, view_of
from web.languages import _
from web.open_issues import OpenIssues, offered_to
from web.page_problems import NotHere
from web.patience import comes
from web.shell import Shell
from web.users import User
from web.visits import Visit

#: How long a page waits for the worker to have worked on what it has just published.
PATIENCE_SECONDS = 3.0
_LOOK_SECONDS = 0.05


class Counter:
    """Reads issues, publishes what is done to them, and waits until that shows."""

    def __init__(self, shell: Shell, intake: Intake, receipts: Receipts, open_issues: OpenIssues) -> None:
        context = shell.context
        self.shell = shell
        self.context = context
        self.receipts = receipts
        self.open_issues = open_issues
        self.personal = PersonalData(context.log, context.reader, context.vault, context.sealer)
        self._intake = intake

    def find(self, issue: str) -> History | None:
        """An issue's history; None where there is none."""
        context = self.context
        return of_one_moment(
            context.reader,
            lambda: read_history(context.reader, context.catalogue(), issue, None, context.clock()),
        )

    def history(self, issue: str) -> History:
        """An issue's history; NotHere where there is none."""
        found = self.find(issue)
        if found is None:
            raise NotHere(_("There is no issue %(issue)s.", issue=issue))
        return found

    def view(self, visit: Visit, history: History) -> IssueView:
        """A history as a visitor's page shows it."""
        return view_of(history, self.context.catalogue().latest, self.shell.pages.formats(visit))

    def case(self, user: User, history: History) -> Case:
        """An issue before a person who may do something about it."""
        return Case(
            issue=history.issue,
            state=history.state,
            offered=offered_to([entry.fact for entry in history.entries]),
            user=user,
            catalogue=self.context.catalogue(),
            now=self.context.clock(),
        )

    def publish(self, documents: Sequence[Mapping[str, Any]], user: User) -> list[Answer]:
        """What became of each event; blocks until the disk has them."""
        return self._intake.take([dict(document) for document in documents], key_of(user))

    def shows(self, issue: str, event: str) -> bool:
        """Whether an event of an issue has been worked on, after some patience."""

        def shows() -> bool:
            packed = self.context.reader.states([issue]).get(issue)
            return packed is not None and any(fact.id == event for fact in all_facts(unpack(packed)))

        return comes(shows, PATIENCE_SECONDS, _LOOK_SECONDS)

    def look(self, issue: str, user: User) -> list[dict[str, str] | None]:
        """What people said of themselves in an issue; the look is recorded first.

        Of an event that cannot be read any more, None.
        """
        who = f"account {user.name}" if user.is_known else "pages, without an account"
        try:
            said = self.personal.read(issue, who=who, now=self.context.clock())
        except RuntimeError as error:
            # Keys that are missing are the operator's to find; nothing was shown.
            raise Unavailable(str(error)) from None
        return [one.fields for one in said]
