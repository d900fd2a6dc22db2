"""The routes of the pages about commitments, and their place in the menu."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from consumers.board.answers import Cell
from consumers.board.board import Board
from consumers.board.view import NoView, View
from consumers.pages.asking import GLANCE, LABELS, OVERVIEW, Here, read_view
from consumers.pages.charting import charts_of
from consumers.pages.commitment import (
    BREAKDOWN_TITLES,
    BREAKDOWNS,
    OTHER_RATES,
    promised,
    reasons,
    rows_by,
)
from consumers.pages.figures import VERDICTS
from consumers.pages.listing import FIRST, SIZE, listing_of
from consumers.pages.overview import (
    TREND_DAYS,
    is_restated,
    projects_of,
    row_of,
    rows_of,
    tally,
    trend_begins,
    trend_of,
)
from consumers.pages.periods import day_title
from consumers.pages.reading import Read, Reading, rolled_up
from consumers.tables import NotThere
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.instants import Instant
from livelihood.measures import FEW
from livelihood.rollup import Line
from web.accounts import Right
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
        self._reading = Reading(shell.context, board)

    def overview(self, visit: Visit, template: str, path: str) -> Response:
        """One row for each commitment."""
        version = self._shell.context.catalogue().latest
        view, wrong = self._read(visit, version)
        is_glance = GLANCE in visit.request.query_params
        view = replace(view, commitment=None, by=())
        view, table, problem = self._table(view, wrong, is_glance=is_glance)
        then = self._reading.then(view, is_glance=is_glance)
        language = visit.language.code
        total, rows = rows_of(table, then, version, language, view.sort)
        here = self._here(
            visit, path, view, table.as_of, restated=is_restated([total, *rows]), problem=problem
        )
        sparks = self._reading.by_day(view, TREND_DAYS, here.formats)
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
            projects=projects_of(table.projects, here),
            stream=here.stream(),
        )

    def commitment(self, visit: Visit, code: str) -> Response:
        """One commitment, broken down."""
        version = self._shell.context.catalogue().latest
        self._known(version, code)
        view, wrong = self._read(visit, version, code)
        is_glance = GLANCE in visit.request.query_params
        by = view.by[0] if view.by and view.by[0] in BREAKDOWNS else next(iter(BREAKDOWNS))
        # Everything on the page is put together from one table.
        finest = replace(view, by=tuple(dict.fromkeys((by, "origin"))), search="")
        finest, table, problem = self._table(finest, wrong, is_glance=is_glance)
        then = self._reading.then(finest, is_glance=is_glance)
        asked = replace(finest, by=(by,), sort=view.sort)
        language = visit.language.code
        mine, mine_then = _of(code, table), None if then is None else _of(code, then)
        whole_then = None if mine_then is None else _whole(code, mine_then)
        row = row_of(_whole(code, mine), whole_then, version, language)
        here = self._here(
            visit, f"{OVERVIEW}/{code}", asked, table.as_of, restated=is_restated([row]), problem=problem
        )
        origins = rolled_up(mine, ["origin"])
        then_by = None if mine_then is None else rolled_up(mine_then, [by])
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
            rows=rows_by(rolled_up(mine, [by]), then_by, by, row.target, here),
            charts=[] if is_glance else charts_of(self._reading.board, finest, row, origins, here),
            services=promised(version, code, language),
            open_first=FIRST,
            stream=here.stream(),
            stream_by=here.stream(by=(by,)),
        )

    def issues(self, visit: Visit, code: str) -> Response:
        """The issues behind a figure: `of` says which."""
        version = self._shell.context.catalogue().latest
        self._known(version, code)
        view, wrong = self._read(visit, version, code)
        view = replace(view, by=(), known_at=None)
        measure = visit.request.query_params.get("of", "open")
        size = min(view.size, SIZE)
        try:
            found = self._reading.board.issues(
                view, Cell(commitment=code, measure=measure, page=view.page, size=size)
            )
        except (NotThere, NoView):
            raise NotHere(_("There is no such list of issues.")) from None
        problem = None if wrong is None else _wrong(wrong)
        here = self._here(visit, f"{OVERVIEW}/{code}/issues", view, found.as_of, problem=problem)
        here = replace(here, also=(("of", measure),))
        listing = listing_of(found, measure, here)
        return self._page(
            visit,
            "pages/issues.html",
            here,
            problem,
            code=code,
            listing=listing,
            page=view.page,
            pages=-(-found.total // size),
        )

    def _read(
        self, visit: Visit, version: CatalogueVersion, commitment: str | None = None
    ) -> tuple[View, NoView | None]:
        """The view of the address; where it names none, the plain one, and what is wrong with it."""
        view, wrong = read_view(visit.request.query_params, version, commitment)
        try:
            self._reading.board.check(view)
        except NoView as unknown:
            return View(commitment=commitment), unknown
        return view, wrong

    def _table(
        self, view: View, wrong: NoView | None, *, is_glance: bool
    ) -> tuple[View, Read, Message | None]:
        """The table of a view; where there is none, that of all there is now, and what was wrong."""
        problem = None if wrong is None else _wrong(wrong)
        try:
            return view, self._reading.table(view, is_glance=is_glance), problem
        except NotThere:
            plain = View(commitment=view.commitment, by=view.by)
            return (
                plain,
                self._reading.table(plain),
                _("The figures do not reach that far; these are of now."),
            )

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
            first=self._reading.first(as_of, formats),
            last=max(as_of, self._shell.context.clock()),
            restated=restated,
            problem=problem,
            listed=frozenset() if view.known_at is not None else Here.listed,
        )

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


def _of(code: str, table: Read) -> list[Line]:
    """A commitment's own lines of a table that is broken down."""
    return [line for line in table.lines if line.commitment == code]


def _whole(code: str, lines: Sequence[Line]) -> Line:
    """A commitment's lines put together; an empty one where nobody has asked for anything yet."""
    return next(iter(rolled_up(lines, [])), Line(code, {}))


def _wrong(wrong: NoView) -> Message:
    if wrong.unknown:
        return _(
            "%(label)s: there is no “%(given)s”. These are the figures of now, of everything.",
            label=LABELS.get(wrong.field, wrong.field),
            given=wrong.unknown[:80],
        )
    return _(
        "The address names no view: look at “%(field)s” in it. These are the figures of now.",
        field=wrong.field,
    )
