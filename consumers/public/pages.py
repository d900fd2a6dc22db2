"""The public pages: months of what is published, one commitment, the table for other sites, open data.

No account is needed, and nothing is kept of who looks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse

from consumers.pages.figures import VERDICTS
from consumers.public.figures import Figures
from consumers.public.open_data import DICTIONARY, csv_of, json_of, rows_of_release
from consumers.public.publication import entries_of
from consumers.public.releases import Release, Releases
from consumers.public.suppression import ELSEWHERE, least_received
from livelihood.catalogue import CatalogueVersion
from web.accounts import Right
from web.guards import SECURITY_HEADERS
from web.languages import Message, _
from web.page_problems import NotHere
from web.pages import MenuEntry
from web.shell import Shell
from web.titles import text_in, title_of
from web.visits import THEMES, Visit

#: Caches between us and who looks may keep an answer so long; a month itself never changes.
_KEPT = "public, max-age=300"
#: How soon a page that waits for a month looks again.
_LOOK_AGAIN_SECONDS = 3
#: Says of a file which months are not in it because they are still worked out.
MISSING = "Being-Worked-Out"
#: So many months a commitment's page looks back on.
MONTHS_SHOWN = 12
_NOTHING = _("Nothing of this is published.")
_ROWS: Mapping[str, Message] = {
    "person": _("Asked for by people"),
    "staff": _("Found by staff"),
    ELSEWHERE: _("Elsewhere"),
}
BREAKDOWN_WORDS: Mapping[str, Message] = {
    "area": _("Area"),
    "department": _("Department"),
    "service": _("Service"),
    "channel": _("Channel"),
    "origin": _("Origin"),
}


@dataclass(frozen=True, kw_only=True)
class Past:
    """One month of a commitment's history."""

    month: str
    figures: Figures


def router(shell: Shell, releases: Releases, may_embed: str = "") -> APIRouter:
    """The routes. `may_embed`: the sites whose pages may show a table of ours, with spaces between."""
    shell.add_part(
        "public",
        Path(__file__).parent,
        MenuEntry(path="/public", label=_("Public"), right=Right.SEE, place=85),
    )
    if releases.is_configured:
        shell.front = "/public"
    routes = APIRouter(include_in_schema=False)
    pages, access = shell.pages, shell.access

    def zone() -> ZoneInfo:
        return ZoneInfo(shell.context.catalogue().latest.time_zone)

    Anybody = Annotated[Visit, Depends(access.visit)]  # noqa: N806  # a type

    def asked(visit: Visit) -> tuple[list[str], str]:
        """The months that are out, and the one asked for, else the latest; empty: none is out."""
        months = releases.months()
        wanted = visit.request.query_params.get("month", "")
        if wanted and wanted not in months:
            raise NotHere(_("The month %(month)s is not published.", month=wanted[:20]))
        return months, wanted or (months[0] if months else "")

    def show(visit: Visit, template: str, release: Release | None, **values: Any) -> Response:
        version = release.version if release else shell.context.catalogue().latest
        language = visit.language.code
        return pages.page(
            visit,
            template,
            public=True,
            release=release,
            fewest=releases.publication.fewest,
            least_received=least_received(releases.publication.fewest),
            words=BREAKDOWN_WORDS,
            verdicts=VERDICTS,
            row_title=lambda by, row: _row_title(version, by, row, language),
            commitment_title=lambda code: title_of(version.commitments, code, language),
            project_title=lambda code: title_of(version.projects, code, language),
            project_unit=lambda code: text_in(version.projects[code].unit, language),
            **values,
        )

    def found(visit: Visit, commitment: str) -> tuple[list[str], str, Release | None]:
        """The same for a commitment's page, with what is published of the month; None: it is worked on."""
        months, month = asked(visit)
        known = commitment in shell.context.catalogue().codes("commitments")
        if not month or not known or not releases.publication.names(commitment):
            raise NotHere(_NOTHING)
        release = releases.soon(month)
        if release is not None and commitment not in release.figures:
            raise NotHere(_NOTHING)
        return months, month, release

    def wait(
        visit: Visit, months: list[str], month: str, commitment: str = "", *, framed: bool = False
    ) -> Response:
        """A page at once: which months are there already, while the one asked for is worked out."""
        there = [one for one in months if releases.ready(one) is not None]
        page = show(
            visit, "public/waiting.html", None, month=month, months=months, there=there,
            commitment=commitment, framed=framed,
        )  # fmt: skip
        page.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
        page.headers["Cache-Control"] = "no-store"
        return page

    @routes.get("/public")
    def overview(visit: Anybody) -> Response:
        """What is published of a month."""
        months, month = asked(visit)
        release = releases.soon(month) if month else None
        if month and release is None:
            return wait(visit, months, month)
        return show(
            visit, "public/overview.html", release, months=months, published=bool(releases.publication.chosen)
        )

    @routes.get("/public/data")
    def data(visit: Anybody) -> Response:
        """What the open data are, and where."""
        months = releases.months()
        missing = [month for month in months if releases.ready(month) is None]
        return show(visit, "public/data.html", None, dictionary=DICTIONARY, months=months, missing=missing)

    def all_rows() -> tuple[list[dict[str, Any]], list[str]]:
        """The rows of all months that are worked out, and the months that are not yet."""
        rows: list[dict[str, Any]] = []
        missing = []
        for month in releases.months():
            release = releases.ready(month)
            if release is None:
                releases.ask(month)
                missing.append(month)
            else:
                rows += rows_of_release(release, zone())
        return rows, missing

    @routes.get("/public/data.csv")
    def data_csv() -> Response:
        """All months as CSV."""
        rows, missing = all_rows()
        return _download(csv_of(rows), "text/csv; charset=utf-8", "commitments.csv", missing)

    @routes.get("/public/data.json")
    def data_json() -> Response:
        """All months as JSON, with the dictionary."""
        rows, missing = all_rows()
        text = json_of(
            rows,
            missing,
            list(shell.languages.values()),
            releases.publication.fewest,
            shell.context.clock(),
            zone(),
        )
        return _download(text, "application/json", "commitments.json", missing)

    @routes.get("/public/commitments/{commitment}")
    def one(visit: Anybody, commitment: str) -> Response:
        """A commitment in a month, its rows, and the months before."""
        months, month, release = found(visit, commitment)
        if release is None:
            return wait(visit, months, month, commitment)
        here = months.index(month)
        # What is not worked out yet is there a little later: nobody waits for it.
        before = [release, *map(releases.ready, months[here + 1 : here + MONTHS_SHOWN])]
        history = [
            Past(month=one.month, figures=one.figures[commitment])
            for one in before
            if one is not None and commitment in one.figures
        ]
        return show(
            visit, "public/commitment.html", release, figures=release.figures[commitment],
            months=months, history=history,
            may_embed=may_embed, url=f"{shell.context.public_url}/embed/{commitment}",
        )  # fmt: skip

    @routes.get("/embed/{commitment}")
    def embed(visit: Anybody, commitment: str) -> Response:
        """The table of the latest month for other sites' pages; `lang` and `theme` say how it looks."""
        wanted = visit.request.query_params
        visit = replace(
            visit,
            language=shell.languages.get(wanted.get("lang", ""), visit.language),
            theme=wanted["theme"] if wanted.get("theme") in THEMES else THEMES[0],
            # Another site's page is no place to give somebody a name.
            is_new=False,
        )
        months, month, release = found(visit, commitment)
        if release is None:
            page = wait(visit, months, month, commitment, framed=True)
        else:
            figures = release.figures[commitment]
            page = show(visit, "public/embed.html", release, figures=figures, months=months)
            page.headers["Cache-Control"] = _KEPT
        page.headers["Vary"] = "Accept-Language, Cookie"
        page.headers["Content-Security-Policy"] = SECURITY_HEADERS["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", f"frame-ancestors {may_embed or _NOBODY}"
        )
        return page

    return routes


_NOBODY = "'none'"


def _row_title(version: CatalogueVersion, by: str, row: str, language: str) -> Message | str:
    if row in _ROWS and row not in entries_of(version, by):
        return _ROWS[row]
    return title_of(entries_of(version, by), row, language)


def _download(text: str, media_type: str, name: str, missing: Sequence[str]) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store" if missing else _KEPT,
        # Anybody's page may read what anybody may.
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": MISSING,
    }
    if missing:
        headers[MISSING] = ", ".join(missing)
    return PlainTextResponse(text, media_type=media_type, headers=headers)
