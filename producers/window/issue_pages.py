"""An issue's page, what can be done to it there, and what is personal in it."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from livelihood.alerts import Alert
from livelihood.events import Kind
from livelihood.histories import History
from livelihood.instants import to_datetime
from producers.answers import Refusal
from producers.window.acting import document, is_once, new_once, read_form
from producers.window.actions import ACTIONS, Action, offered
from producers.window.counter import Counter
from producers.window.fields import FIELDS, Asked
from producers.window.filing_pages import refusal_text
from web.accounts import Right
from web.alert_view import alert_view
from web.issue_view import effect_of
from web.languages import Message, _
from web.page_problems import NotAllowed, NotHere, PageProblem
from web.users import User
from web.visits import Posted, Visit

#: Reads the alerts of an issue, in the order they were told.
AlertsOf = Callable[[str], list[Alert]]


def issue_routes(counter: Counter, alerts_of: AlertsOf) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    access, pages = counter.shell.access, counter.shell.pages

    def page(visit: Visit, history: History, said: list[dict[str, str] | None] | None = None) -> Response:
        """The issue's page; `said` is what people said of themselves, None where it was not asked for."""
        case = counter.case(visit.user, history)
        formats = pages.formats(visit)
        version = counter.context.catalogue().latest
        return pages.page(
            visit,
            "window/issue.html",
            alerts=[alert_view(one, version, visit.language.code) for one in alerts_of(history.id)],
            view=counter.view(visit, history),
            offered=offered(case),
            once=new_once(to_datetime(case.now, formats.zone)),
            said=said,
            may_look=_may_look(visit.user, history),
            number=counter.receipts.number(history.id) if visit.user.may(Right.FILE) else "",
            done=_done(visit, history),
        )

    def form(
        visit: Visit, history: History, action: Action, fields: Mapping[str, str],
        errors: Mapping[str, Message], status: int = 200,
    ) -> Response:  # fmt: skip
        formats = pages.formats(visit)
        asked = Asked(case=counter.case(visit.user, history), formats=formats)
        once = fields.get("once", "")
        return pages.page(
            visit,
            "window/action.html",
            status,
            view=counter.view(visit, history),
            action=action,
            shown=[FIELDS[name] for name in action.fields],
            asked=asked,
            fields={
                **fields,
                "once": once if is_once(once) else new_once(to_datetime(asked.case.now, formats.zone)),
            },
            errors=errors,
        )

    @router.get("/issues/{issue}")
    def issue_page(visit: Annotated[Visit, Depends(access.needs(Right.SEE))], issue: str) -> Response:
        """The issue as everybody with an account may see it."""
        return page(visit, counter.history(issue))

    @router.post("/issues/{issue}/personal")
    def personal(posted: Annotated[Posted, Depends(access.posted(Right.PERSONAL))], issue: str) -> Response:
        """The same with what is personal in it; the look is recorded before anything is shown."""
        history = counter.history(issue)
        if not _may_look(posted.user, history):
            raise NotAllowed
        return page(posted.visit, history, counter.look(issue, posted.user))

    @router.get("/issues/{issue}/{word}")
    def action_page(
        visit: Annotated[Visit, Depends(access.needs(Right.SEE))], issue: str, word: str
    ) -> Response:
        """The form of an action."""
        history = counter.history(issue)
        return form(visit, history, _offered(counter, visit.user, history, word), {}, {})

    @router.post("/issues/{issue}/{word}")
    def act(posted: Annotated[Posted, Depends(access.posted(Right.SEE))], issue: str, word: str) -> Response:
        """Do it, and go back to the issue's page; or show what is wrong with the form."""
        history = counter.history(issue)
        once = posted.text("once")
        if any(entry.fact.id == once for entry in history.entries):
            # The same form again. It may have led where the action is not offered any more.
            return RedirectResponse(f"/issues/{issue}?done={once}", 303)
        action = _offered(counter, posted.user, history, word)
        asked = Asked(case=counter.case(posted.user, history), formats=pages.formats(posted.visit))
        read = read_form(action, posted.fields, asked)
        if read.errors or not is_once(once):
            return form(posted.visit, history, action, posted.fields, read.errors, 422)
        made = document(action.kind, issue, once, asked.case.now, posted.user, read.data)
        (answer,) = counter.publish([made], posted.user)
        if isinstance(answer, Refusal) and answer.status != 409:
            return form(
                posted.visit, history, action, posted.fields, {"": refusal_text(answer)}, answer.status
            )
        counter.shows(issue, once)
        return RedirectResponse(f"/issues/{issue}?done={once}", 303)

    return router


def _offered(counter: Counter, user: User, history: History, word: str) -> Action:
    action = ACTIONS.get(word)
    if action is None:
        raise NotHere(_("There is no such action."))
    case = counter.case(user, history)
    if not action.is_offered(case):
        if not user.may(action.right) and not (action.for_person and user.may(Right.FILE)):
            raise NotAllowed
        raise PageProblem(
            409,
            _(
                "This cannot be done to this issue as it stands now, or not by your department."
                " Look at the issue again."
            ),
        )
    return action


def _may_look(user: User, history: History) -> bool:
    """Whether a person may read what is personal: of their departments', and of what came by their window."""
    if user.may(Right.PERSONAL, history.issue.department):
        return True
    return user.may(Right.PERSONAL) and user.may(Right.FILE) and history.issue.channel == user.channel


def _done(visit: Visit, history: History) -> tuple[bool, Message] | None:
    """Of a form just sent: whether it took effect, and what to say of it."""
    once = visit.request.query_params.get("done", "")
    if not is_once(once):
        return None
    effect = effect_of(history, once)
    if effect is not None:
        has_effect, why = effect
        kind = next(entry.kind for entry in history.entries if entry.fact.id == once)
        if has_effect:
            return True, _RECORDED.get(kind, _("Recorded."))
        return False, _("Recorded, but it has no effect: %(why)s.", why=why)
    return False, _("Recorded safely. This page will show it in a moment: load it again.")


_RECORDED = {
    Kind.ACCEPTED: _("Accepted. The clock goes on until it is resolved."),
    Kind.RESOLVED: _("Resolved. The person is told, and may reopen it."),
    Kind.EXTENSION_ASKED: _("Asked. Somebody else decides; until then the deadline stays."),
}
