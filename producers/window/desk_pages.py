"""The desk: what is open at these departments, due first; what waits for a decision; what was filed today."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from livelihood.instants import Instant
from livelihood.issue import state_at
from livelihood.promises import Catalogue
from producers.window.case import is_of_others
from producers.window.counter import Counter
from web.accounts import Right
from web.issue_view import Standing, standing_of
from web.open_issues import OpenIssue
from web.titles import title_of
from web.users import User
from web.visits import Visit

#: A desk's list is worked from the top; more than this nobody reads.
MOST_LINES = 200


@dataclass(frozen=True, kw_only=True)
class Line:
    """One issue of a list."""

    id: str
    service: str
    department: str
    area: str
    submitted: Instant
    due: Instant | None
    standing: Standing


def desk_routes(counter: Counter) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    access, pages = counter.shell.access, counter.shell.pages

    @router.get("/window")
    def desk(visit: Annotated[Visit, Depends(access.needs(Right.ACT))]) -> Response:
        """The desk's lists."""
        context, user = counter.context, visit.user
        catalogue, now = context.catalogue(), context.clock()
        found = counter.open_issues.all()
        mine = [one for one in found if one.issue.open and user.may(Right.ACT, one.issue.department)]
        waiting = [one for one in found if is_waiting(one, user)]
        today = [
            one
            for one in found
            if one.issue.channel == user.channel and catalogue.day(one.issue.submitted) == catalogue.day(now)
        ]
        lists = {"open": sorted(mine, key=by_due), "waiting": sorted(waiting, key=by_due),
                 "today": sorted(today, key=lambda one: -one.issue.submitted)}  # fmt: skip
        chosen = visit.request.query_params.get("list", "open")
        chosen = chosen if chosen in lists else "open"
        language = visit.language.code
        lines = lines_of(lists[chosen][:MOST_LINES], catalogue, now, language)
        return pages.page(
            visit,
            "window/desk.html",
            lines=lines,
            chosen=chosen,
            counts={name: len(issues) for name, issues in lists.items()},
            late=sum(one.due is not None and one.due < now for one in mine),
            more=max(len(lists[chosen]) - MOST_LINES, 0),
        )

    @router.get("/window/find")
    def find(visit: Annotated[Visit, Depends(access.needs(Right.SEE))]) -> Response:
        """The issue of a receipt number, a channel's own number or an id."""
        wanted = visit.request.query_params.get("q", "").strip()
        issues = found_by(counter, wanted) if wanted else []
        if len(issues) == 1:
            return RedirectResponse(f"/issues/{quote(issues[0], safe='~')}", 303)
        status = 200 if issues or not wanted else 404
        return pages.page(visit, "window/find.html", status, wanted=wanted, issues=issues)

    return router


def is_waiting(one: OpenIssue, user: User) -> bool:
    """Whether an issue waits for a decision of this person's: an offer, more time, how it counts."""
    issue = one.issue
    may_decide = user.may(Right.DECIDE, issue.department)
    contested = () if issue.contested is None else (issue.contested,)
    if may_decide and is_of_others(contested, user):
        return True
    is_offered = any(user.may(Right.ACT, code) for code in one.offered - {issue.department})
    return issue.open and (is_offered or (may_decide and is_of_others(issue.askers, user)))


def by_due(one: OpenIssue) -> tuple[bool, Instant]:
    """Due first; what has no deadline comes last."""
    return one.due is None, one.due if one.due is not None else one.issue.submitted


def lines_of(found: Sequence[OpenIssue], catalogue: Catalogue, now: Instant, language: str) -> list[Line]:
    """Issues as a list shows them."""
    version = catalogue.latest
    return [
        Line(
            id=one.id,
            service=title_of(version.services, one.issue.service, language),
            department=title_of(version.departments, one.issue.department, language),
            area=title_of(version.areas, one.issue.area, language),
            submitted=one.issue.submitted,
            due=one.due,
            standing=standing_of(one.issue, state_at(one.issue, now, catalogue), now),
        )
        for one in found
    ]


def found_by(counter: Counter, wanted: str) -> list[str]:
    """The issues that a receipt number, an id, or a channel's own number means."""
    reader = counter.context.reader
    by_receipt = counter.receipts.issue(wanted)
    for issue in (by_receipt, wanted):
        if issue and reader.states([issue]):
            return [issue]
    # An issue whose channel gave it a number of its own.
    return sorted(one.id for one in counter.open_issues.all() if one.issue.number == wanted)
