"""One's own leave: from when to when, and who acts meanwhile."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from livelihood.instants import Instant, from_datetime, to_datetime
from livelihood.moments import read_moment
from web.access import Access
from web.accounts import Account, Right
from web.formats import Formats
from web.languages import Message, _
from web.leave import Leave
from web.page_problems import NotAllowed, SignInNeeded
from web.pages import Pages
from web.visits import ByField, Posted, Visit


def of_account(access: Access, visit: Visit, account: Account, now: Instant) -> dict[str, Any]:
    """What the page of an account shows beside its password."""
    may_hand_over = Right.ACT in account.rights
    return {
        "account": account,
        "leave": access.leaves.find(account.name, now),
        "deputies": access.leaves.deputies(account.name) if may_hand_over else [],
        "away": access.leaves.away(account.name, now),
        "leave_fields": ByField(),
        "leave_errors": ByField(),
        "sessions": access.sessions.of(account.name, now),
        "this_session": access.sessions.id_of(visit.session),
    }


def leave_routes(access: Access, pages: Pages, clock: Callable[[], Instant]) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)

    def account_of(posted: Posted) -> Account:
        account = access.accounts.find(posted.user.name) if posted.user.is_known else None
        if account is None:
            raise SignInNeeded
        # A link ends; whom it named would go on.
        if posted.user.by_link:
            raise NotAllowed
        return account

    @router.post("/account/leave")
    def hand_over(posted: Annotated[Posted, Depends(access.posted(Right.ACT))]) -> Response:
        """Have somebody act in one's place."""
        account, now = account_of(posted), clock()
        shown = of_account(access, posted.visit, account, now)
        formats = pages.formats(posted.visit)
        errors: dict[str, Message] = {}
        deputy = posted.text("deputy")
        if deputy not in shown["deputies"]:
            errors["deputy"] = _("Choose one of the list.")
        days = [_day(posted.text(name), formats, name, errors) for name in ("since", "until")]
        since, last = days
        if since is not None and last is not None and (last < since or _after(last, formats) <= now):
            errors["until"] = _("The last day is before the first, or has passed.")
        if errors or since is None or last is None:
            shown |= {"leave_fields": ByField(posted.fields), "leave_errors": ByField(errors)}
            return pages.page(posted.visit, "shell/account.html", 422, error=None, **shown)
        until = _after(last, formats)
        access.leaves.put(Leave(account=account.name, deputy=deputy, since=since, until=until))
        return RedirectResponse("/account", 303)

    @router.post("/account/leave/end")
    def come_back(posted: Annotated[Posted, Depends(access.posted(Right.ACT))]) -> Response:
        """Act oneself again."""
        access.leaves.end(account_of(posted).name)
        return RedirectResponse("/account", 303)

    return router


def _day(text: str, formats: Formats, name: str, errors: dict[str, Message]) -> Instant | None:
    """The beginning of a day as a form has it."""
    try:
        return read_moment(date.fromisoformat(text).isoformat(), formats.zone)
    except ValueError:
        errors[name] = _("Enter a date, as 2026-03-01.")
        return None


def _after(day: Instant, formats: Formats) -> Instant:
    """The beginning of the next day."""
    return from_datetime(to_datetime(day, formats.zone) + timedelta(days=1))
