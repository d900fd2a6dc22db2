"""The routes of the pages about commitments, and their place in the menu."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from consumers.board.answers import Cell, TableNow
from consumers.board.board import Board
from consumers.board.view import MOST, NoView, View
from consumers.pages.asking import GLANCE, OVERVIEW, Here, read_view
from consumers.pages.charting import charts_of
from consumers.pages.commitment import (
    BREAKDOWN_TITLES,
    BREAKDOWNS,
    OTHER_RATES,
    promised,
    reasons,
    rows_by,
    whole_view,
)
from consumers.pages.figures import VERDICTS
from consumers.pages.listing import FIRST, SIZE, listing_of
from consumers.pages.overview import (
    TREND_DAYS,
    is_restated,
    projects_of,
    rows_of,
    tally,
    trend_begins,
    trend_of,
)
from consumers.pages.periods import beginning, day_title
from consumers.tables import NotThere
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.instants import Instant
from livelihood.measures import FEW
from web.accounts import Right
from web.formats import Formats
from web.languages import Message, _
from web.page_problems import NotHere
from web.pages import MenuEntry
from web.shell import Shell
from web.visits import Visit


def router(shell: Shell, board: Board) -> APIRouter:
    """The routes."""
    shell.add_part(
        "pages",
        Path(__file__).parent,
        MenuEntry(path=OVERVIEW, label=_("Overview"), right=Right.SEE, place=10),
    )
    made, pages = APIRouter(include_in_schema=False), CommitmentPages(shell, board)
    sees = Depends(shell.access.needs(Right.SEE))

    @made.get(OVERVIEW)
    def overview(visit: Annotated[Visit, sees]) -> Response:
        """One row for each commitment."""
        return pages.overview(visit, "pages/overview.html", OVERVIEW)

    @made.get("/wall")
    def wall(visit: Annotated[Visit, sees]) -> Response:
        """The same for a screen that nobody sits at."""
        return pages.overview(visit, "pages/wall.html", "/wall")

    @made.get(OVERVIEW + "/{code}")
    def commitment(visit: Annotated[Visit, sees], code: str) -> Response:
        """One commitment."""
        return pages.commitment(visit, code)

    @made.get(OVERVIEW + "/{code}/issues")
    def issues(visit: Annotated[Visit, sees], code: str) -> Response:
        """The issues behind a figure of it."""
        return pages.issues(visit, code)

    return made


class CommitmentPages:
    """Makes the pages from what the board answers."""

    def __init__(self, shell: Shell, board: Board) -> None:
        self._shell = shell
        self._board = board

    def overview(self, visit: Visit, template: str, path: str) -> Response:
        """One row for each commitment."""
        version = self._shell.context.catalogue().latest
        view, wrong = read_view(visit.request.query_params, version)
        view = replace(view, commitment=None, by=())
        view, table, problem = self._table(view, wrong)
        then = self._known_then(visit, view)
        language = visit.language.code
        total, rows = rows_of(table, then, version, language, view.sort)
        here = self._here(
            visit, path, view, table.as_of, restated=is_restated([total, *rows]), problem=problem
        )
        sparks = self._board.sparks(replace(view, known_at=None), "day", TREND_DAYS)
        begins = trend_begins(sparks.get(ALL))
        return self._page(
            visit,
            template,
            here,
            problem,
            total=total,
            rows=rows,
            has_commitments=bool(version.commitments or version.projects),
            tally=tally(rows),
            trends={row.key: trend_of(sparks.get(row.line.commitment), begins) for row in rows},
            trend_since=day_title(begins, here.formats) if begins else "",
            projects=projects_of(table.projects, here, version),
            stream=here.stream(),
        )

    def commitment(self, visit: Visit, code: str) -> Response:
        """One commitment, broken down."""
        version = self._shell.context.catalogue().latest
        self._known(version, code)
        view, wrong = read_view(visit.request.query_params, version, code)
        by = view.by[0] if view.by and view.by[0] in BREAKDOWNS else next(iter(BREAKDOWNS))
        view, whole, problem = self._table(whole_view(view, code), wrong)
        asked = replace(view, by=(by,), sort=visit.request.query_params.get("sort", ""))
        broken = self._board.table(replace(asked, sort=""))
        then, broken_then = self._known_then(visit, view), self._known_then(visit, replace(asked, sort=""))
        language = visit.language.code
        _total, rows = rows_of(whole, then, version, language, "")
        row = next(one for one in rows if one.line.commitment == code)
        lines = [line for line in broken.lines if line.commitment == code]
        here = self._here(
            visit, f"{OVERVIEW}/{code}", asked, whole.as_of, restated=is_restated(rows), problem=problem
        )
        return self._page(
            visit,
            "pages/commitment.html",
            here,
            problem,
            row=row,
            why=reasons(row, here),
            other_rates=OTHER_RATES,
            by=by,
            by_title=BREAKDOWNS[by],
            breakdown_title=BREAKDOWN_TITLES[by],
            breakdowns=list(BREAKDOWNS.items()),
            rows=rows_by(lines, None if broken_then is None else broken_then.lines, by, row.target, here),
            charts=charts_of(self._board, view, row, here),
            services=promised(version, code, language),
            open_first=FIRST,
            stream=replace(here, view=view).stream(),
            stream_by=here.stream(by=(by,)),
        )

    def issues(self, visit: Visit, code: str) -> Response:
        """The issues behind a figure: `of` says which."""
        version = self._shell.context.catalogue().latest
        self._known(version, code)
        view, wrong = read_view(visit.request.query_params, version, code)
        view = replace(view, by=(), known_at=None)
        measure = visit.request.query_params.get("of", "open")
        size = min(view.size, SIZE)
        try:
            found = self._board.issues(
                view, Cell(commitment=code, measure=measure, page=view.page, size=size)
            )
        except NotThere:
            raise NotHere(_("There is no such list of issues.")) from None
        here = self._here(visit, f"{OVERVIEW}/{code}/issues", view, found.as_of)
        here = replace(here, also=(("of", measure),))
        listing = listing_of(found, measure, here)
        return self._page(
            visit,
            "pages/issues.html",
            here,
            None if wrong is None else _wrong(wrong),
            code=code,
            listing=listing,
            page=view.page,
            pages=-(-found.total // size),
        )

    def _table(self, view: View, wrong: NoView | None) -> tuple[View, TableNow, Message | None]:
        """The table of a view; where there is none, that of all there is now, and what was wrong."""
        problem = None if wrong is None else _wrong(wrong)
        asked = replace(view, sort="", page=1, size=MOST)
        try:
            return view, self._board.table(asked), problem
        except NotThere:
            plain = View(commitment=view.commitment, by=view.by)
            return plain, self._board.table(plain), _("The figures do not reach that far; these are of now.")

    def _known_then(self, visit: Visit, view: View) -> TableNow | None:
        """The same table as it was known at its instant, to be shown beside it; None where none is."""
        if view.as_of is None or view.known_at is not None or GLANCE in visit.request.query_params:
            return None
        try:
            return self._board.table(replace(view, known_at=view.as_of, sort=""))
        except NotThere:
            return None

    def _here(
        self, visit: Visit, path: str, view: View, as_of: Instant, *, restated: bool = False,
        problem: Message | None = None,
    ) -> Here:  # fmt: skip
        formats = self._shell.pages.formats(visit)
        return Here(
            path=path,
            view=view,
            version=self._shell.context.catalogue().latest,
            formats=formats,
            as_of=as_of,
            first=self._first(formats, as_of),
            last=max(as_of, self._shell.context.clock()),
            restated=restated,
            problem=problem,
            listed=frozenset() if view.known_at is not None else Here.listed,
        )

    def _first(self, formats: Formats, as_of: Instant) -> Instant:
        """When the first of all issues was submitted, to the day."""
        found = self._board.series(View(commitment=ALL), "month").points
        return min(beginning(found[0].day, formats), as_of) if found else as_of

    def _known(self, version: CatalogueVersion, code: str) -> None:
        if code not in version.commitments:
            raise NotHere(_("There is no commitment of that name."))

    def _page(
        self, visit: Visit, template: str, here: Here, problem: Message | None, **values: Any
    ) -> Response:
        return self._shell.pages.page(
            visit,
            template,
            status=400 if problem is not None else 200,
            view=here,
            verdicts=VERDICTS,
            few=FEW,
            **values,
        )


def _wrong(wrong: NoView) -> Message:
    return _(
        "The address names no view: look at “%(field)s” in it. These are the figures of now.",
        field=wrong.field,
    )
