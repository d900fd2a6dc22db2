"""The page that files a request, and the receipt it ends with."""

from collections.abc import Mapping
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from livelihood.instants import to_datetime
from producers.answers import Receipt, Refusal
from producers.window.acting import is_once, new_once
from producers.window.counter import Counter
from producers.window.filing import PERSONAL, Filing, issue_id, services_by_category, urgencies
from web.accounts import Right
from web.languages import Message, _
from web.titles import title_of
from web.visits import ByField, Posted, Visit


def filing_routes(counter: Counter) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    access, pages = counter.shell.access, counter.shell.pages

    def form(
        visit: Visit, fields: Mapping[str, str], errors: Mapping[str, Message], status: int = 200
    ) -> Response:
        version = counter.context.catalogue().latest
        formats = pages.formats(visit)
        once = fields.get("once", "")
        today = to_datetime(counter.context.clock(), formats.zone)
        return pages.page(
            visit,
            "window/file.html",
            status,
            groups=services_by_category(version, visit.language.code),
            areas=[(code, title_of(version.areas, code, visit.language.code)) for code in version.areas],
            urgencies=urgencies(version, formats),
            lengths=PERSONAL,
            fields=ByField(fields, once=once if is_once(once) else new_once(today)),
            errors=ByField(errors),
        )

    @router.get("/window/file")
    def file_page(visit: Annotated[Visit, Depends(access.needs(Right.FILE))]) -> Response:
        """The empty form."""
        return form(visit, {}, {})

    @router.post("/window/file")
    def file(posted: Annotated[Posted, Depends(access.posted(Right.FILE))]) -> Response:
        """File the request, and go on to its receipt; or show what is wrong with the form."""
        once = posted.text("once")
        if not is_once(once):
            errors = {"": _("The page was too old; please send it again.")}
            return form(posted.visit, posted.fields, errors, 400)
        formats = pages.formats(posted.visit)
        filing = Filing(counter.context.catalogue().latest, formats, counter.context.clock())
        filed, errors = filing.read(posted.fields, once, posted.user)
        if filed is None:
            return form(posted.visit, posted.fields, errors, 422)
        answers = counter.publish(filed.documents, posted.user)
        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        repeated = any(isinstance(answer, Receipt) and answer.repeated for answer in answers)
        if repeated or any(answer.status == 409 for answer in refused):
            # The same form again: what came first holds, and its receipt says what that is.
            return RedirectResponse(f"/issues/{issue_id(once)}/receipt?again=yes", 303)
        if refused:
            errors = {_FIELDS.get(one.field, ""): refusal_text(one) for one in refused}
            return form(posted.visit, posted.fields, errors, refused[0].status)
        return RedirectResponse(f"/issues/{filed.issue}/receipt?new={once}", 303)

    @router.get("/issues/{issue}/receipt")
    def receipt(visit: Annotated[Visit, Depends(access.needs(Right.FILE))], issue: str) -> Response:
        """The receipt to print: number, promised date, and where to look it up."""
        history = counter.find(issue)
        new = visit.request.query_params.get("new")
        if history is None and new:
            counter.shows(issue, new)
            history = counter.find(issue)
            if history is None:
                return pages.page(visit, "window/waiting.html", 202, id=issue)
        history = history or counter.history(issue)
        number = counter.receipts.number(issue)
        link = f"{counter.context.public_url}/r/{number}"
        return pages.page(
            visit,
            "window/receipt.html",
            view=counter.view(visit, history),
            number=number,
            link=link,
            qr=qr_code(link),
            is_new=bool(new),
            is_again=bool(visit.request.query_params.get("again")),
        )

    return router


#: The member of an event that a field of the form fills.
_FIELDS = {"data.service": "service", "data.area": "area", "data.urgency": "urgency", "time": "asked_on"}


def refusal_text(refusal: Refusal) -> Message:
    """Why the intake refused what no check of the form has found."""
    return _("It was not taken: %(why)s", why=refusal.message)


def qr_code(link: str) -> Markup:
    """A QR code as SVG, dark on light whatever the theme: readers expect that."""
    return Markup(segno.make(link, error="m").svg_inline(dark="#000", light="#fff", border=3, omitsize=True))
