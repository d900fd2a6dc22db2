"""Signing in and out, and what a person prefers to see."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from livelihood.instants import Instant
from web.access import Access
from web.accounts import Right
from web.cookies import LANGUAGE, SESSION, THEME, Cookies
from web.languages import LANGUAGES, Message, _
from web.limiting import address_of
from web.page_problems import PageProblem
from web.pages import Pages
from web.provider import Provider
from web.visits import THEMES, Posted, Visit, local_path

#: How often a name, and whoever is at an address, may try in a quarter of an hour.
PER_NAME = RateLimitItemPerMinute(10, 15)
PER_ADDRESS = RateLimitItemPerMinute(50, 15)
#: Where the link of somebody who acts leads, where it names nothing else.
CASES = "/cases"
_LINK_ENDED = _("This link has ended. Sign in, or ask for a new one.")
_WRONG = _("This name and this password do not belong together.")
TOO_OFTEN = _("Too many tries. Wait a quarter of an hour, or ask whoever looks after the accounts.")


def signing_in(
    access: Access, pages: Pages, cookies: Cookies, clock: Callable[[], Instant], provider: Provider | None
) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def asked(visit: Visit, wanted: str, error: Message | None = None, status: int = 200) -> Response:
        return pages.page(
            visit,
            "shell/sign_in.html",
            status,
            wanted=wanted,
            error=error,
            provider=None if provider is None else provider.settings.title,
        )

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
        # Only tries that failed are counted: a whole office may sign in from one address in the morning.
        if not (limiter.test(PER_ADDRESS, "address", address) and limiter.hit(PER_NAME, "name", name[:80])):
            answer = asked(posted.visit, wanted, TOO_OFTEN, 429)
            answer.headers["Retry-After"] = "900"
            return answer
        account = access.accounts.verified(name, posted.text("password"))
        if account is None:
            limiter.hit(PER_ADDRESS, "address", address)
            return asked(posted.visit, wanted, _WRONG, 401)
        limiter.clear(PER_NAME, "name", name[:80])
        response = RedirectResponse(wanted, 303)
        access.begin(posted.visit, response, account, clock())
        return response

    @router.get("/pass/{token}")
    def by_link(visit: Annotated[Visit, Depends(access.visit)], token: str) -> Response:
        """Begin a session that may do less than one begun by a password, and ends with its link."""
        now = clock()
        found = access.passes.read(token, now)
        if found is None:
            raise PageProblem(410, _LINK_ENDED)
        acts = access.user(found.account, by_link=True).may(Right.ACT)
        first = CASES if acts else "/"
        wanted = local_path(visit.request.query_params.get("next", first), first)
        response = RedirectResponse(wanted, 303)
        if visit.user.name != found.account.name or visit.user.by_link:
            access.begin(visit, response, found.account, now, found.until)
        return response

    @router.post("/sign-out")
    def sign_out(posted: Annotated[Posted, Depends(access.posted())]) -> Response:
        """End the session."""
        found = access.sessions.find(posted.visit.session, clock())
        access.sessions.end(posted.visit.session)
        is_elsewhere = provider is not None and found is not None and found.session.by_provider
        response = RedirectResponse("/signed-out" if is_elsewhere else "/sign-in", 303)
        cookies.remove(response, SESSION)
        return response

    @router.get("/signed-out")
    def signed_out(visit: Annotated[Visit, Depends(access.visit)]) -> Response:
        """Says that the provider's own session goes on, and where it ends; a form may not lead there."""
        if visit.user.is_known or provider is None:
            return RedirectResponse("/sign-in", 303)
        address = provider.end_address(f"{provider.site}/sign-in")
        title = provider.settings.title
        return pages.page(visit, "shell/signed_out.html", provider=title, address=address)

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
