"""The shell: what all pages share, put together once for a process and given to each part.

A part's `router(shell, ...)` adds its templates, its scripts and its entries in the menu, and names for each
route who may use it. `install` gives an application the shell's own routes and error pages.
"""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from web.access import Access
from web.account_pages import account_routes
from web.accounts_pages import MENU as ACCOUNTS_MENU
from web.accounts_pages import accounts_routes
from web.assets import PREFIX, Assets
from web.context import Context
from web.cookies import Cookies
from web.failing import add_error_pages
from web.languages import load_languages
from web.leave_pages import leave_routes
from web.pages import MenuEntry, Pages
from web.provider import Provider
from web.provider_sign_in import provider_routes
from web.signing_in import signing_in


class Shell:
    """What all pages share."""

    def __init__(self, context: Context, provider: Provider | None = None) -> None:
        """`provider`: who signs people in, beside accounts with a password here."""
        self.context = context
        self._provider = provider
        self.languages = load_languages()
        self.cookies = Cookies(is_secure=context.public_url.startswith("https:"))
        self.assets = Assets(self.languages)
        self.access = Access(context, self.languages, self.cookies)
        self.pages = Pages(context, self.languages, self.assets, self.cookies)
        #: Where whoever has not signed in is led from "/".
        self.front = "/sign-in"

    def add_part(self, name: str, package: Path, *menu: MenuEntry) -> None:
        """Add a part's folders `templates` and `assets` under its name, and its pages in the menu."""
        self.pages.add(name, package / "templates", menu)
        self.assets.add(name, package / "assets")

    def install(self, app: FastAPI) -> None:
        """Give an application the shell's own routes and error pages."""
        context, access, pages, cookies = self.context, self.access, self.pages, self.cookies
        add_error_pages(app, access, pages)
        pages.add_to_menu(ACCOUNTS_MENU)
        app.include_router(self._routes())
        app.include_router(signing_in(access, pages, cookies, context.clock, self._provider))
        app.include_router(account_routes(access, pages, context.clock))
        app.include_router(leave_routes(access, pages, context.clock))
        app.include_router(accounts_routes(access, pages, context))
        if self._provider is not None:
            app.include_router(
                provider_routes(access, pages, cookies, self._provider, context.vault, context.clock)
            )

    def _routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)

        @router.get("/")
        def first(request: Request) -> Response:
            """The first page that the visitor may see."""
            visit = self.access.visit(request)
            menu = self.pages.menu(visit)
            own = "/account" if visit.user.is_known else self.front
            return RedirectResponse(menu[0].path if menu else own, 303)

        @router.get(PREFIX + "/{version}/{path:path}")
        def asset(version: str, path: str) -> Response:
            """A style or a script."""
            return self.assets.answer(version, path)

        return router
