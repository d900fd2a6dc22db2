"""The page of one's own cases, and what is done there to many at once."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from livelihood.instants import to_datetime
from producers.acting.cases import LISTS, case_lines, sorted_out
from producers.acting.many import (
    FOR_CASES,
    FOR_DECISIONS,
    MOST,
    Chosen,
    choose,
    do_all,
    in_bulk,
    wrong_in_all,
)
from producers.window.acting import is_once, new_once
from producers.window.actions import BY_VERB, Action
from producers.window.counter import Counter
from producers.window.fields import FIELDS, Asked
from web.accounts import Right
from web.languages import Message, _
from web.page_problems import NotHere, PageProblem
from web.visits import Posted, Visit

#: A list is worked from the top; more than this nobody reads on a telephone.
MOST_LINES = 100


def case_routes(counter: Counter) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    access, pages = counter.shell.access, counter.shell.pages

    def form(
        visit: Visit,
        chosen: Chosen,
        fields: Mapping[str, str],
        errors: Mapping[str, Message],
        status: int = 200,
    ) -> Response:
        """The form for all that were chosen."""
        formats, now = pages.formats(visit), counter.context.clock()
        once = fields.get("once", "")
        case = next(iter(chosen.cases.values()))
        return pages.page(
            visit,
            "acting/many.html",
            status,
            chosen=chosen,
            action=chosen.action,
            services={issue: one.issue.service for issue, one in chosen.cases.items()},
            shown=[FIELDS[name] for name in chosen.action.fields],
            asked=Asked(case=case, formats=formats),
            fields={**fields, "once": once if is_once(once) else new_once(to_datetime(now, formats.zone))},
            errors=errors,
        )

    @router.get("/cases")
    def cases(visit: Annotated[Visit, Depends(access.needs(Right.ACT))]) -> Response:
        """The lists; the first with something in it, where none was chosen."""
        context, user = counter.context, visit.user
        catalogue, now = context.catalogue(), context.clock()
        lists = sorted_out(counter.open_issues.all(), user, catalogue, now)
        wanted = visit.request.query_params.get("list", "")
        chosen = wanted if wanted in LISTS else next((name for name in LISTS if lists[name]), LISTS[0])
        verbs = FOR_DECISIONS if chosen == "waiting" else FOR_CASES
        return pages.page(
            visit,
            "acting/cases.html",
            lines=case_lines(lists[chosen][:MOST_LINES], user, catalogue, now, visit.language.code),
            chosen=chosen,
            counts={name: len(issues) for name, issues in lists.items()},
            more=max(len(lists[chosen]) - MOST_LINES, 0),
            actions=[BY_VERB[verb] for verb in verbs if user.may(BY_VERB[verb].right)],
            away=sorted(one.name for one in user.stands_in),
        )

    @router.post("/cases/many")
    def many(posted: Annotated[Posted, Depends(access.posted(Right.ACT))]) -> Response:
        """The form of what is to be done to the issues that were ticked."""
        chosen = choose(counter, posted.user, _action(posted.text("verb")), _issues(posted))
        if not chosen.cases:
            raise PageProblem(409, _NONE)
        return form(posted.visit, chosen, {}, {})

    @router.post("/cases/{verb}")
    def act(posted: Annotated[Posted, Depends(access.posted(Right.ACT))], verb: str) -> Response:
        """Do it to each, and say what came of each; or show what is wrong with the form."""
        once, formats = posted.text("once"), pages.formats(posted.visit)
        if not is_once(once):
            return RedirectResponse("/cases", 303)
        chosen = choose(counter, posted.user, _action(verb), _issues(posted), once)
        if not chosen.cases:
            raise PageProblem(409, _NONE)
        errors = wrong_in_all(chosen, posted.fields, formats)
        if errors:
            return form(posted.visit, chosen, posted.fields, errors, 422)
        results = do_all(counter, posted.user, chosen, posted.fields, formats, once)
        return pages.page(
            posted.visit,
            "acting/done.html",
            action=chosen.action,
            results=results,
            done=sum(one.is_done for one in results),
        )

    return router


_NONE = _("Tick the issues first. To those you ticked this cannot be done, or not by you.")


def _action(verb: str) -> Action:
    action = in_bulk(verb)
    if action is None:
        raise NotHere(_("There is no such action."))
    return action


def _issues(posted: Posted) -> list[str]:
    issues = posted.text("issue").split()
    if len(issues) > MOST:
        raise PageProblem(413, _("At most %(most)s at a time, please.", most=MOST))
    return issues
