"""The public pages: months of what is published, one commitment, the table for other sites, open data.

No account is needed, and nothing is kept of who looks.
"""

from collections.abc import Mapping
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
from web.titles import title_of
from web.visits import THEMES, Visit

#: Caches between us and who looks may keep an answer so long; a month itself never changes.
_KEPT = "public, max-age=300"
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

    def asked(visit: Visit) -> tuple[list[str], Release | None]:
        """The months that are out, and the one that is asked for: the latest where none is."""
        months = releases.months()
        wanted = visit.request.query_params.get("month", "")
        if wanted and wanted not in months:
            raise NotHere(_("The month %(month)s is not published.", month=wanted))
        return months, releases.release(wanted or months[0]) if months else None

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
            **values,
        )

    def found(visit: Visit, commitment: str) -> tuple[list[str], Release, Figures]:
        months, release = asked(visit)
        if release is None or commitment not in release.figures:
            raise NotHere(_NOTHING)
        return months, release, release.figures[commitment]

    @routes.get("/public")
    def overview(visit: Anybody) -> Response:
        """What is published of a month."""
        months, release = asked(visit)
        return show(
            visit, "public/overview.html", release, months=months, published=bool(releases.publication.chosen)
        )

    @routes.get("/public/data")
    def data(visit: Anybody) -> Response:
        """What the open data are, and where."""
        return show(visit, "public/data.html", None, dictionary=DICTIONARY, months=releases.months())

    def all_rows() -> list[dict[str, Any]]:
        return [
            row for month in releases.months() for row in rows_of_release(releases.release(month), zone())
        ]

    @routes.get("/public/data.csv")
    def data_csv() -> Response:
        """All months as CSV."""
        return _download(csv_of(all_rows()), "text/csv; charset=utf-8", "commitments.csv")

    @routes.get("/public/data.json")
    def data_json() -> Response:
        """All months as JSON, with the dictionary."""
        text = json_of(
            all_rows(),
            list(shell.languages.values()),
            releases.publication.fewest,
            shell.context.clock(),
            zone(),
        )
        return _download(text, "application/json", "commitments.json")

    @routes.get("/public/commitments/{commitment}")
    def one(visit: Anybody, commitment: str) -> Response:
        """A commitment in a month, its rows, and the months before."""
        months, release, figures = found(visit, commitment)
        here = months.index(release.month)
        # What is not worked out yet is there a little later: nobody waits a minute for it.
        before = [release, *map(releases.ready, months[here + 1 : here + MONTHS_SHOWN])]
        history = [
            Past(month=one.month, figures=one.figures[commitment])
            for one in before
            if one is not None and commitment in one.figures
        ]
        return show(
            visit, "public/commitment.html", release, figures=figures, months=months, history=history,
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
        months, release, figures = found(visit, commitment)
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


def _download(text: str, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": _KEPT,
        # Anybody's page may read what anybody may.
        "Access-Control-Allow-Origin": "*",
    }
    return PlainTextResponse(text, media_type=media_type, headers=headers)
