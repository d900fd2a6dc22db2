"""What a person sees where something cannot be: a page for people, problem details for programs."""

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from livelihood.ports import Moved, Unavailable
from web.access import Access
from web.languages import Message, _
from web.page_problems import PageProblem, SignInNeeded
from web.pages import Pages
from web.problems import not_now, problem_response

_TITLES: dict[int, Message] = {
    401: _("Please sign in"),
    403: _("This is not open to you"),
    404: _("There is no such page"),
    409: _("This was recorded before"),
    413: _("This is too much for one form"),
    429: _("Too often"),
    503: _("This cannot be done just now"),
}
_TEXTS: dict[int, Message] = {
    404: _("The address may have been typed wrong, or what it led to is gone."),
    429: _("Please wait a minute and try again."),
    503: _("Nothing was recorded. Please try again in a moment."),
}


def add_error_pages(app: FastAPI, access: Access, pages: Pages) -> None:
    """Answer the errors of an application with a page where a person's browser asks for one.

    Comes after `add_problems`, whose answers programs go on getting.
    """

    def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not wants_page(request):
            return problem_response(error)
        if isinstance(error, SignInNeeded):
            visit = access.visit(request)
            wanted = visit.path if request.method == "GET" else "/"
            return RedirectResponse(f"/sign-in?next={quote(wanted, safe='/')}", 303)
        return _page(request, error)

    def of_services(request: Request, error: Exception) -> Response:
        problem = not_now(error)
        return _page(request, problem) if wants_page(request) else problem_response(problem)

    def _page(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        title = _TITLES.get(status, _("This did not work"))
        text = _TEXTS.get(status, _("Open the page again and try from there."))
        if isinstance(error, PageProblem):
            text = error.message
        page = pages.page(access.visit(request), "shell/message.html", status, heading=title, text=text)
        page.headers.update(error.headers or {})
        return page

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Unavailable, of_services)
    app.add_exception_handler(Moved, of_services)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, to be shown a page."""
    return "text/html" in request.headers.get("accept", "")
