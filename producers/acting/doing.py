"""Doing something to an issue: whether it may be done, the event it becomes, and what came of that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from livelihood.events import Kind
from livelihood.instants import Instant, parse, to_datetime
from producers.answers import Refusal
from producers.window.acting import document, key_of, new_once
from producers.window.actions import BY_VERB, Action, offered
from producers.window.case import Case
from producers.window.counter import Counter
from web.accounts import Right
from web.issue_view import effect_of
from web.languages import Message
from web.problems import Problem
from web.users import User


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of it."""

    issue: str
    action: Action
    #: The event's.
    id: str
    at: Instant
    #: Whether it took effect; None: nobody has worked on it yet.
    effect: bool | None
    why_not: Message | None = None


def do(
    counter: Counter, user: User, issue: str, verb: str, data: Mapping[str, Any],
    once: str = "", work: Callable[[], None] = lambda: None,
) -> Done:  # fmt: skip
    """Do it, and wait until that shows; `data` as docs/events.md has it, what is personal in clear.

    The same `once` again does nothing more. `work` is called once it is published. A Problem says why it
    cannot be done.
    """
    action = BY_VERB.get(verb)
    if action is None:
        raise Problem(422, f"there is no action {verb!r}; there are {', '.join(BY_VERB)}", field="action")
    history = counter.find(issue)
    if history is None:
        raise Problem(404, f"there is no issue {issue!r}")
    case = counter.case(user, history)
    # Of this channel: under the same id another source says something of its own, which is new.
    facts, source = [entry.fact for entry in history.entries], key_of(user).source
    earlier = next((fact for fact in facts if once and (fact.id, fact.source) == (once, source)), None)
    if earlier is None:
        check(action, case)
        _check_expected(data, case.now)
    if action.kind is Kind.TRANSFER_ACCEPTED:
        is_again = earlier is not None and earlier.kind == action.kind
        data = {"to": earlier.data[0] if earlier and is_again else case.taken_by, **data}
    # The same again is the same: it happened when it happened first.
    at, id_ = (case.now, once or new_once(to_datetime(case.now))) if earlier is None else (earlier.time, once)
    (answer,) = counter.publish([document(action.kind, issue, id_, at, user, data)], user)
    if isinstance(answer, Refusal):
        if answer.status == _CAME_BEFORE and earlier is None and once and counter.shows(issue, once):
            # It came a moment ago, and was not in the history yet.
            return do(counter, user, issue, verb, data, once, work)
        raise Problem(answer.status, answer.message, field=answer.field)
    work()
    counter.shows(issue, id_)
    effect = effect_of(counter.history(issue), id_)
    has_effect, why_not = effect if effect is not None else (None, None)
    return Done(issue=issue, action=action, id=id_, at=at, effect=has_effect, why_not=why_not)


_CAME_BEFORE = 409


def _check_expected(data: Mapping[str, Any], now: Instant) -> None:
    """Problem where it is to be done by a time that has passed; what is no time is refused with the event."""
    try:
        has_passed = parse(data["expected"]) < now
    except (KeyError, TypeError, ValueError):
        return
    if has_passed:
        raise Problem(422, "this has passed; say when it will be done", field="data.expected")


def check(action: Action, case: Case) -> None:
    """Problem where a person may not do that to an issue as it stands."""
    if action.is_offered(case):
        return
    user = case.user
    if not user.may(action.right) and not (action.for_person and user.may(Right.FILE)):
        raise Problem(403, f"the account {user.name!r} may not {action.verb}")
    needs = "" if not action.needs or action.when(case) else f"; {action.verb} needs {action.needs}"
    allowed = ", ".join(one.verb for one in all_offered(case)) or "nothing"
    raise Problem(
        409,
        f"{action.verb} cannot be done now, or not by this account: the issue is {case.state.word}"
        f" and of {case.issue.department or 'no department'}{needs}."
        f" What this account can do to it: {allowed}",
    )


def all_offered(case: Case) -> list[Action]:
    """What a person may do to an issue now, what usually comes next first."""
    found = offered(case)
    return [*found.first, *found.others]
