"""One's own account: its password, and where it is signed in."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from livelihood.instants import Instant
from web.access import Access
from web.accounts import SHORTEST_PASSWORD, Account
from web.languages import Message, _
from web.leave_pages import of_account
from web.page_problems import NotAllowed, SignInNeeded
from web.pages import Pages
from web.signing_in import PER_NAME, TOO_OFTEN
from web.visits import Posted, Visit


def account_routes(access: Access, pages: Pages, clock: Callable[[], Instant]) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def own(visit: Visit) -> Account:
        account = access.accounts.find(visit.user.name) if visit.user.is_known else None
        if account is None:
            raise SignInNeeded
        return account

    def page(visit: Visit, account: Account, error: Message | None = None, status: int = 200) -> Response:
        return pages.page(
            visit, "shell/account.html", status, error=error, **of_account(access, visit, account, clock())
        )

    @router.get("/account")
    def account_page(visit: Annotated[Visit, Depends(access.visit)]) -> Response:
        """One's own account."""
        return page(visit, own(visit))

    @router.post("/account/password")
    def change_password(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """Change one's own password; sessions elsewhere end."""
        account = own(posted.visit)
        if account.identity:
            raise NotAllowed
        error: Message | None = None
        new = posted.text("new")
        if not limiter.hit(PER_NAME, "name", account.name):
            error = TOO_OFTEN
        elif len(new) < SHORTEST_PASSWORD:
            error = _("Choose a password of at least %(least)s characters.", least=SHORTEST_PASSWORD)
        elif access.accounts.verified(account.name, posted.text("old")) is None:
            error = _("This is not your present password.")
        if error is not None:
            return page(posted.visit, account, error, 400)
        changed = access.accounts.set_password(account, new)
        access.sessions.end_all(account.name)
        response = RedirectResponse("/account", 303)
        access.begin(posted.visit, response, changed, clock())
        return response

    @router.post("/account/sessions/end")
    def end_session(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """End one of one's own sessions, or all but this one."""
        account = own(posted.visit)
        # A link may not sign out whoever has the password.
        if posted.user.by_link:
            raise NotAllowed
        if posted.text("session"):
            access.sessions.end_one(account.name, posted.text("session"))
        else:
            access.sessions.end_all(account.name, but=access.sessions.id_of(posted.visit.session))
        return RedirectResponse("/account#sessions", 303)

    return router
