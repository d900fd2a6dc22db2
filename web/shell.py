"""The shell: what all pages share, put together once for a process and given to each part.

A part's `router(shell, ...)` adds its templates, its scripts and its entries in the menu, and names for each
route who may use it. `install` gives an application the shell's own routes and error pages.
"""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from web.access import Access
from web.assets import PREFIX, Assets
from web.context import Context
from web.cookies import Cookies
from web.failing import add_error_pages
from web.languages import load_languages
from web.leave_pages import leave_routes
from web.pages import MenuEntry, Pages
from web.signing_in import signing_in


class Shell:
    """What all pages share."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.languages = load_languages()
        self.cookies = Cookies(is_secure=context.public_url.startswith("https:"))
        self.assets = Assets(self.languages)
        self.access = Access(context, self.languages, self.cookies)
        self.pages = Pages(context, self.languages, self.assets, self.cookies)

    def add_part(self, name: str, package: Path, *menu: MenuEntry) -> None:
        """Add a part's folders `templates` and `assets` under its name, and its pages in the menu."""
        self.pages.add(name, package / "templates", menu)
        self.assets.add(name, package / "assets")

    def install(self, app: FastAPI) -> None:
        """Give an application the shell's own routes and error pages."""
        add_error_pages(app, self.access, self.pages)
        app.include_router(self._routes())
        app.include_router(signing_in(self.access, self.pages, self.cookies, self.context.clock))
        app.include_router(leave_routes(self.access, self.pages, self.context.clock))

    def _routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)

        @router.get("/")
        def first(request: Request) -> Response:
            """The first page that the visitor may see."""
            visit = self.access.visit(request)
            menu = self.pages.menu(visit)
            own = "/account" if visit.user.is_known else "/sign-in"
            return RedirectResponse(menu[0].path if menu else own, 303)

        @router.get(PREFIX + "/{version}/{path:path}")
        def asset(version: str, path: str) -> Response:
            """A style or a script."""
            return self.assets.answer(version, path)

        return router
