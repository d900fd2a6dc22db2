"""Signing in and out, one's own account, and what a person prefers to see."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from livelihood.instants import SECOND, Instant
from web.access import Access
from web.accounts import SHORTEST_PASSWORD
from web.cookies import LANGUAGE, SESSION, THEME, Cookies
from web.languages import LANGUAGES, Message, _
from web.leave_pages import of_account
from web.limiting import address_of
from web.page_problems import PageProblem, SignInNeeded
from web.pages import Pages
from web.sessions import LASTS_FOR_VIEWERS
from web.visits import THEMES, Posted, Visit, local_path

#: How often a name, and whoever is at an address, may try in a quarter of an hour.
PER_NAME = RateLimitItemPerMinute(10, 15)
PER_ADDRESS = RateLimitItemPerMinute(50, 15)
#: Where a link leads that names nothing else.
CASES = "/cases"
_LINK_ENDED = _("This link has ended. Sign in, or ask for a new one.")
_WRONG = _("This name and this password do not belong together.")
_TOO_OFTEN = _("Too many tries. Wait a quarter of an hour, or ask whoever looks after the accounts.")


def signing_in(access: Access, pages: Pages, cookies: Cookies, clock: Callable[[], Instant]) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def asked(visit: Visit, wanted: str, error: Message | None = None, status: int = 200) -> Response:
        return pages.page(visit, "shell/sign_in.html", status, wanted=wanted, error=error)

    @router.get("/sign-in")
    def sign_in_page(visit: Annotated[Visit, Depends(access.visit)]) -> Response:
        """The form; whoever has signed in goes on."""
        wanted = local_path(visit.request.query_params.get("next", "/"))
        return RedirectResponse(wanted, 303) if visit.user.is_known else asked(visit, wanted)

    @router.post("/sign-in")
    def sign_in(posted: Annotated[Posted, Depends(access.posted())], request: Request) -> Response:
        """Begin a session."""
        wanted, name = local_path(posted.text("next")), posted.text("name").lower()
        address = address_of(request)
        if not (limiter.hit(PER_ADDRESS, "address", address) and limiter.hit(PER_NAME, "name", name[:80])):
            answer = asked(posted.visit, wanted, _TOO_OFTEN, 429)
            answer.headers["Retry-After"] = "900"
            return answer
        account = access.accounts.verified(name, posted.text("password"))
        if account is None:
            return asked(posted.visit, wanted, _WRONG, 401)
        # Only tries that failed are counted of a name; of an address all are.
        limiter.clear(PER_NAME, "name", name[:80])
        response = RedirectResponse(wanted, 303)
        access.sessions.end(posted.visit.session)
        token = access.sessions.begin(account, clock())
        # The vault says when it ends; the cookie only has to last as long.
        cookies.set(response, SESSION, token, LASTS_FOR_VIEWERS // SECOND)
        return response

    @router.get("/pass/{token}")
    def by_link(visit: Annotated[Visit, Depends(access.visit)], token: str) -> Response:
        """Begin a session that may do less than one begun by a password, and ends with its link."""
        now = clock()
        found = access.passes.read(token, now)
        if found is None:
            raise PageProblem(410, _LINK_ENDED)
        wanted = local_path(visit.request.query_params.get("next", CASES), CASES)
        response = RedirectResponse(wanted, 303)
        if visit.user.name != found.account.name or visit.user.by_link:
            access.sessions.end(visit.session)
            begun = access.sessions.begin(found.account, now, found.until)
            cookies.set(response, SESSION, begun, max((found.until - now) // SECOND, 1))
        return response

    @router.post("/sign-out")
    def sign_out(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """End the session."""
        access.sessions.end(posted.visit.session)
        response = RedirectResponse("/sign-in", 303)
        cookies.remove(response, SESSION)
        return response

    @router.get("/account")
    def account_page(visit: Annotated[Visit, Depends(access.visit)]) -> Response:
        """One's own account."""
        account = access.accounts.find(visit.user.name) if visit.user.is_known else None
        if account is None:
            raise SignInNeeded
        return pages.page(visit, "shell/account.html", error=None, **of_account(access, account, clock()))

    @router.post("/account/password")
    def change_password(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """Change one's own password; sessions elsewhere end."""
        if not posted.user.is_known:
            raise SignInNeeded
        error: Message | None = None
        new = posted.text("new")
        account = None
        if not limiter.hit(PER_NAME, "name", posted.user.name):
            error = _TOO_OFTEN
        elif len(new) < SHORTEST_PASSWORD:
            error = _("Choose a password of at least %(least)s characters.", least=SHORTEST_PASSWORD)
        elif (account := access.accounts.verified(posted.user.name, posted.text("old"))) is None:
            error = _("This is not your present password.")
        if account is None:
            account = access.accounts.find(posted.user.name)
            if account is None:
                raise SignInNeeded
            return pages.page(
                posted.visit, "shell/account.html", 400, error=error, **of_account(access, account, clock())
            )
        changed = access.accounts.set_password(account, new)
        access.sessions.end_all(account.name)
        response = RedirectResponse("/account", 303)
        cookies.set(response, SESSION, access.sessions.begin(changed, clock()), LASTS_FOR_VIEWERS // SECOND)
        return response

    @router.post("/preferences")
    def prefer(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """Another language or theme from now on."""
        response = RedirectResponse(local_path(posted.text("next")), 303)
        if posted.text("language") in LANGUAGES:
            cookies.set(response, LANGUAGE, posted.text("language"))
        if posted.text("theme") in THEMES:
            cookies.set(response, THEME, posted.text("theme"))
        return response

    return router
