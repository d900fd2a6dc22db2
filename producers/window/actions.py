"""What can be done to an issue at a window, as data: each action is one kind of event.

Which are offered follows from the life cycle (TRANSITIONS), from what is known of the issue, and from what
the person may do; the page, the form and the check of what is sent all go by the same table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from livelihood.events import Kind
from livelihood.lifecycle import TRANSITIONS, State
from producers.window.case import Case, pause_reasons
from web.accounts import Right
from web.languages import Message, _
from web.users import User


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be done."""

    kind: Kind
    #: Names it where it is typed: `livelihood act ISSUE accept`.
    verb: str
    #: What the button says.
    label: Message
    #: What it does, said above its form; empty: it needs no form and no explanation.
    about: Message | None = None
    #: The names of its form's fields, in order.
    fields: tuple[str, ...] = ()
    #: Done for the person, so at any window, whatever the department.
    for_person: bool = False
    #: Needed instead of the right to act.
    right: Right = Right.ACT
    #: What must hold beside the life cycle.
    when: Callable[[Case], bool] = lambda _: True
    #: That in words, for programs.
    needs: str = ""
    #: Listed first, as what usually comes next.
    states: frozenset[State] = frozenset()

    @property
    def word(self) -> str:
        """Names it in addresses, as "transfer-offered"."""
        return self.kind.word.replace("_", "-")

    def is_offered(self, case: Case) -> bool:
        """Whether this person may do it to this issue now."""
        if (case.state, self.kind) not in TRANSITIONS or not self.when(case):
            return False
        if self.for_person and case.user.may(Right.FILE):
            return True
        department = case.taken_by if self.kind is Kind.TRANSFER_ACCEPTED else case.issue.department
        return case.user.may(self.right, department)


def _may_pause(case: Case) -> bool:
    return bool(pause_reasons(case))


def _may_ask(case: Case) -> bool:
    return case.issue.due is not None and case.now < case.issue.due and not case.issue.askers


def _may_decide(case: Case) -> bool:
    return case.asked_others and case.issue.due is not None


_ASKED = "more time that somebody else has asked for"

_ARRIVED = frozenset({State.SUBMITTED, State.REOPENED, State.ASSIGNED})
_AT_WORK = frozenset({State.ACCEPTED, State.ASSIGNED, State.REOPENED})
_ANSWERED = frozenset({State.RESOLVED, State.REJECTED})
_WAITING = frozenset({State.PAUSED})

#: In the order of the page: what brings the issue on, what moves it, what concerns the deadline, the person.
_ALL = (
    Action(
        kind=Kind.TRANSFER_ACCEPTED,
        verb="take-over",
        label=_("Take it over"),
        when=lambda case: bool(case.taken_by),
    ),
    Action(kind=Kind.ACCEPTED, verb="accept", label=_("Accept"), states=_ARRIVED),
    Action(kind=Kind.RESUMED, verb="resume", label=_("Resume"), states=_WAITING),
    Action(
        kind=Kind.RESOLVED,
        verb="resolve",
        label=_("Resolve"),
        about=_("The work is done. The person is told, and may reopen it."),
        fields=("outcome", "visits", "text"),
        when=lambda case: all((case.issue.parts or {"": "done"}).values()),
        states=_AT_WORK,
    ),
    Action(
        kind=Kind.REJECTED,
        verb="reject",
        label=_("Reject"),
        about=_("An answer: this will not be done. After the deadline it counts as late, like any other."),
        fields=("rejection", "text"),
    ),
    Action(
        kind=Kind.ASSIGNED,
        verb="assign",
        label=_("Assign"),
        about=_("It is put on a unit's desk. Who leads stays the same, and so does the clock."),
        fields=("unit",),
    ),
    Action(
        kind=Kind.TRANSFER_OFFERED,
        verb="offer",
        label=_("Offer to another department"),
        about=_("The other department leads once it has taken it over. The clock goes on."),
        fields=("to",),
    ),
    Action(
        kind=Kind.RETURNED,
        verb="return",
        label=_("Return"),
        about=_("Back to whoever distributes requests. The clock goes on."),
        fields=("return",),
    ),
    Action(
        kind=Kind.RECLASSIFIED,
        verb="reclassify",
        label=_("Put under another service"),
        about=_("The deadline is counted anew from when the person asked."),
        fields=("service",),
    ),
    Action(
        kind=Kind.PAUSED,
        verb="pause",
        label=_("Pause"),
        about=_("The clock stops for a reason the standard allows, and not for longer than it allows."),
        fields=("pause",),
        when=_may_pause,
        needs="a standard that allows pauses",
    ),
    Action(
        kind=Kind.EXTENSION_GRANTED,
        verb="grant-extension",
        label=_("Grant more time"),
        about=_("It counts only if the deadline has not passed."),
        fields=("until",),
        right=Right.DECIDE,
        when=_may_decide,
        needs=_ASKED,
    ),
    Action(
        kind=Kind.EXTENSION_REFUSED,
        verb="refuse-extension",
        label=_("Refuse more time"),
        fields=("refusal",),
        about=_("The deadline stays."),
        right=Right.DECIDE,
        when=_may_decide,
        needs=_ASKED,
    ),
    Action(
        kind=Kind.EXTENSION_ASKED,
        verb="ask-extension",
        label=_("Ask for more time"),
        about=_("Somebody else decides. Until then the deadline stays."),
        fields=("until", "extension"),
        when=_may_ask,
        needs="a deadline that has not passed, for which nobody waits for an answer yet",
    ),
    Action(
        kind=Kind.ACKNOWLEDGED,
        verb="acknowledge",
        label=_("Seen, acting"),
        about=_("You have seen it and act. It moves no deadline, and whoever hears next still hears."),
        fields=("expected",),
    ),
    Action(
        kind=Kind.CONTESTED,
        verb="contest",
        label=_("Contest how it counts"),
        about=_("Somebody else decides. Until then it counts as it does."),
        fields=("contest", "text"),
        when=lambda case: case.issue.contested is None,
        needs="that no other contest waits",
    ),
    Action(
        kind=Kind.CONTEST_ANSWERED,
        verb="answer-contest",
        label=_("Answer the contest"),
        about=_("What was wrong is put right by a correction of the event that was wrong."),
        fields=("upheld", "text_optional"),
        right=Right.DECIDE,
        when=lambda case: case.contested_by_others,
        needs="a contest by somebody else",
    ),
    Action(
        kind=Kind.COMMENTED,
        verb="comment",
        label=_("Comment"),
        about=_("The words are kept sealed, for whoever may read what is personal in this issue."),
        fields=("text",),
        for_person=True,
    ),
    Action(
        kind=Kind.VISIT_RECORDED,
        verb="record-visit",
        label=_("Record a visit"),
        about=_("The person had to come to a window for this."),
        fields=(),
        for_person=True,
    ),
    Action(
        kind=Kind.FOLLOWED_UP,
        verb="follow-up",
        label=_("The person asks again"),
        about=_("Recorded as asked again; nothing else changes."),
        fields=("text_optional",),
        for_person=True,
    ),
    Action(
        kind=Kind.RATED,
        verb="rate",
        label=_("Record the person's answer"),
        about=_("What the person says of it: ask, and do not guess. No answer is an answer too."),
        fields=("solved", "satisfied"),
        for_person=True,
        states=_ANSWERED,
    ),
    Action(
        kind=Kind.REOPENED,
        verb="reopen",
        label=_("Reopen"),
        about=_("It was not done after all. The first deadline stays for the rate."),
        fields=("reopening", "text_optional"),
        for_person=True,
    ),
    Action(
        kind=Kind.CLOSED,
        verb="close",
        label=_("Close after a call"),
        about=_("Nothing more can happen to it then: only if the person has said so."),
        fields=("confirmed_call",),
        for_person=True,
    ),
    Action(
        kind=Kind.WITHDRAWN,
        verb="withdraw",
        label=_("Withdraw for the person"),
        about=_("The person takes the request back."),
        fields=("confirmed_call",),
        for_person=True,
    ),
    Action(
        kind=Kind.MERGED,
        verb="merge",
        label=_("Merge into another issue"),
        about=_("It goes on as part of another, which keeps the earlier of the two deadlines."),
        fields=("into",),
    ),
)
ACTIONS: Mapping[str, Action] = {action.word: action for action in _ALL}
BY_VERB: Mapping[str, Action] = {action.verb: action for action in _ALL}


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The actions of a page."""

    #: What usually comes next.
    first: list[Action]
    others: list[Action]


def offered(case: Case) -> Offered:
    """What this person may do to this issue now."""
    found = [action for action in _ALL if action.is_offered(case)]
    first = [one for one in found if case.state in one.states or one.kind is Kind.TRANSFER_ACCEPTED]
    return Offered(first=first, others=[one for one in found if one not in first])


def may_publish(user: User) -> frozenset[str]:
    """The kinds of event a person may publish at a window, as words."""
    kinds = {action.kind.word for action in _ALL if _ever(action, user)}
    return frozenset(kinds | {Kind.SUBMITTED.word} if user.may(Right.FILE) else kinds)


def _ever(action: Action, user: User) -> bool:
    return user.may(action.right) or (action.for_person and user.may(Right.FILE))
