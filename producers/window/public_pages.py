"""The public page of a receipt: where a request stands, for whoever holds its number, and their answer.

Nothing personal is shown, so a receipt that is lost tells what was promised, not to whom.
"""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from livelihood.instants import parse
from producers.hearing.receipts import Holder
from producers.window.counter import PATIENCE_SECONDS
from web.languages import _
from web.limiting import address_of
from web.page_problems import NotHere
from web.patience import comes
from web.shell import Shell
from web.visits import Posted, Visit
from web.vocabulary import REOPENING_REASONS

_LOOK_SECONDS = 0.1
_ANSWERS = {"yes": True, "no": False}
Shown = dict[str, Any]


def public_routes(shell: Shell, holder: Holder) -> APIRouter:
    """The routes. No account is needed: the number is what cannot be guessed."""
    router = APIRouter(include_in_schema=False)
    access, pages = shell.access, shell.pages

    def found(request: Request, ask: Callable[[], Shown | None]) -> Shown:
        """What a number shows; a problem where it is none of ours, or too many were tried."""
        address = address_of(request)
        holder.look_ups.count(address)
        shown = ask()
        if shown is None:
            holder.look_ups.count_wrong(address)
            raise NotHere(_("There is no such receipt number. Please see whether it is typed as printed."))
        return shown

    @router.get("/r")
    def look_up(visit: Annotated[Visit, Depends(access.visit)]) -> Response:
        """Ask for a number."""
        number = "".join(visit.request.query_params.get("number", "").split())
        if number:
            return RedirectResponse(f"/r/{quote(number, safe='~')}", 303)
        return pages.page(visit, "window/look_up.html", public=True)

    @router.get("/r/{number}")
    def receipt(visit: Annotated[Visit, Depends(access.visit)], number: str) -> Response:
        """What the number shows."""
        shown = found(visit.request, lambda: holder.look(number))
        return pages.page(
            visit,
            "window/public.html",
            public=True,
            shown=shown,
            instant=parse,
            reasons=REOPENING_REASONS,
            is_done="done" in visit.request.query_params,
        )

    def answered(posted: Posted, number: str, act: Callable[[], Shown | None]) -> Response:
        """Publish the person's answer, and show the page once it has been worked on."""
        before = found(posted.visit.request, act)
        comes(lambda: _says(holder.look(number)) != _says(before), PATIENCE_SECONDS, _LOOK_SECONDS)
        return RedirectResponse(f"/r/{quote(number, safe='~')}?done=yes", 303)

    @router.post("/r/{number}/reopen")
    def reopen(posted: Annotated[Posted, Depends(access.posted())], number: str) -> Response:
        """It is not done."""
        reason = posted.text("reason")
        known = reason if reason in REOPENING_REASONS else None
        return answered(posted, number, lambda: holder.reopen(number, known))

    @router.post("/r/{number}/confirm")
    def confirm(posted: Annotated[Posted, Depends(access.posted())], number: str) -> Response:
        """It is done."""
        return answered(posted, number, lambda: holder.confirm(number))

    @router.post("/r/{number}/rate")
    def rate(posted: Annotated[Posted, Depends(access.posted())], number: str) -> Response:
        """Whether it is solved, and satisfies."""
        solved, satisfied = (_ANSWERS.get(posted.text(name)) for name in ("solved", "satisfied"))
        if solved is None and satisfied is None:
            return RedirectResponse(f"/r/{quote(number, safe='~')}#rate", 303)
        return answered(posted, number, lambda: holder.rate(number, solved=solved, satisfied=satisfied))

    return router


def _says(shown: Shown | None) -> tuple[Any, ...]:
    """What changes when an answer has been worked on."""
    return () if shown is None else (shown["state"], len(shown["timeline"]))
