"""The routes of the audit, and its place in the menu."""

import csv
import io
from collections import deque
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from consumers.audit.reading import Asked, found
from livelihood.instants import iso
from livelihood.personal import Look
from web.accounts import Right
from web.languages import _
from web.pages import MenuEntry
from web.shell import Shell
from web.visits import Visit

#: Looks on one page, the latest; more are in the file.
MOST = 200


def audit_routes(shell: Shell) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False, prefix="/audit")
    access, pages, context = shell.access, shell.pages, shell.context
    entry = MenuEntry(path="/audit", label=_("Who read what"), right=Right.ADMINISTER, place=93)
    shell.add_part("audit", Path(__file__).parent, entry)
    Seen = Annotated[Visit, Depends(access.needs(Right.ADMINISTER))]  # noqa: N806  # a type

    @router.get("")
    def audit(visit: Seen) -> Response:
        """The latest looks that are asked for."""
        asked, zone = Asked.read(visit.request.query_params), pages.formats(visit).zone
        count, latest = 0, deque[Look](maxlen=MOST)
        for look in found(context.vault, asked, zone):
            count += 1
            latest.append(look)
        return pages.page(visit, "audit/audit.html", asked=asked, looks=list(reversed(latest)), count=count)

    @router.get("/file")
    def export(visit: Seen) -> Response:
        """All that are asked for, as CSV."""
        asked, zone = Asked.read(visit.request.query_params), pages.formats(visit).zone
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(("when", "who", "issue"))
        for look in found(context.vault, asked, zone):
            writer.writerow((iso(look.when, zone), _plain(look.who), _plain(look.issue)))
        return Response(
            written.getvalue().encode("utf-8-sig"),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="looks.csv"', "Cache-Control": "no-store"},
        )

    return router


def _plain(text: str) -> str:
    """A text that no program for tables takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
