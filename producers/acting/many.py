"""Many issues at once: one form, one event for each, and what came of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from livelihood.histories import History
from producers.answers import Answer, Refusal
from producers.window.acting import document, read_form
from producers.window.actions import BY_VERB, Action
from producers.window.case import Case
from producers.window.counter import Counter
from producers.window.fields import Asked
from producers.window.filing_pages import refusal_text
from web.formats import Formats
from web.issue_view import effect_of
from web.languages import Message, _
from web.users import User

#: So many at a time: a hundred lines are still read before a button is pressed.
MOST = 100
#: Of the day in a form's name, and of what follows it.
_DAY_SYMBOLS, _REST_BYTES = 6, 10
#: What is done to many issues by one form: nothing that has to be thought about for each of them.
FOR_CASES = ("acknowledge", "accept", "assign", "return", "ask-extension", "comment")
FOR_DECISIONS = ("take-over", "grant-extension", "refuse-extension", "answer-contest")


def in_bulk(verb: str) -> Action | None:
    """The action of a verb, where it is done to many."""
    return BY_VERB[verb] if verb in FOR_CASES or verb in FOR_DECISIONS else None


@dataclass(kw_only=True)
class Chosen:
    """Some issues somebody has chosen, and those of them to which an action can be done."""

    action: Action
    cases: dict[str, Case] = field(default_factory=dict)
    #: The rest: no such issue, or not by this person, or not as it stands.
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one of them."""

    issue: str
    is_done: bool
    said: Message


def choose(counter: Counter, user: User, action: Action, issues: Iterable[str], once: str = "") -> Chosen:
    """Look at issues; where a form comes a second time, what it has done before still counts as chosen."""
    chosen = Chosen(action=action)
    for issue in dict.fromkeys(issues):
        history = counter.find(issue)
        case = None if history is None else counter.case(user, history)
        if (
            case is not None
            and history is not None
            and (action.is_offered(case) or _has(history, issue, once))
        ):
            chosen.cases[issue] = case
        else:
            chosen.others.append(issue)
    return chosen


def _has(history: History, issue: str, once: str) -> bool:
    return bool(once) and effect_of(history, once_for(once, issue)) is not None


def once_for(once: str, issue: str) -> str:
    """The id of one issue's event, from the name of the form for all."""
    rest = blake2b(f"{once}|{issue}".encode(), digest_size=_REST_BYTES).hexdigest()
    return once[:_DAY_SYMBOLS] + rest


def wrong_in_all(chosen: Chosen, fields: Mapping[str, str], formats: Formats) -> dict[str, Message]:
    """What is wrong with a form whichever issue it is for; what is wrong for some only is said later."""
    found = [
        read_form(chosen.action, fields, Asked(case=case, formats=formats)).errors
        for case in chosen.cases.values()
    ]
    return found[0] if found and all(found) else {}


def do_all(
    counter: Counter, user: User, chosen: Chosen, fields: Mapping[str, str], formats: Formats, once: str
) -> list[Result]:
    """Do it to each, with one wait for the disk, and say what came of each."""
    results: dict[str, Result] = {}
    documents = {}
    for issue, case in chosen.cases.items():
        read = read_form(chosen.action, fields, Asked(case=case, formats=formats))
        if read.errors:
            results[issue] = Result(issue=issue, is_done=False, said=next(iter(read.errors.values())))
        else:
            id_ = once_for(once, issue)
            documents[issue] = document(chosen.action.kind, issue, id_, case.now, user, read.data)
    answers = counter.publish(list(documents.values()), user) if documents else []
    came = dict(zip(documents, answers, strict=True))
    for issue in documents:
        # The first that a slow worker has not reached: nor has it the others, most likely.
        if not counter.shows(issue, once_for(once, issue)):
            break
    results |= {issue: _result(counter, issue, once, answer) for issue, answer in came.items()}
    return [*(results[issue] for issue in chosen.cases), *_left_out(chosen.others)]


def _result(counter: Counter, issue: str, once: str, answer: Answer) -> Result:
    history = counter.find(issue)
    effect = None if history is None else effect_of(history, once_for(once, issue))
    if effect is None:
        if isinstance(answer, Refusal):
            return Result(issue=issue, is_done=False, said=refusal_text(answer))
        return Result(issue=issue, is_done=True, said=_("Recorded safely; it shows in a moment."))
    has_effect, why = effect
    if has_effect:
        return Result(issue=issue, is_done=True, said=_("Done."))
    return Result(issue=issue, is_done=False, said=_("Recorded, but it has no effect: %(why)s.", why=why))


def _left_out(issues: Sequence[str]) -> list[Result]:
    said = _("Left out: it cannot be done to this issue as it stands now, or not by you.")
    return [Result(issue=issue, is_done=False, said=said) for issue in issues]
