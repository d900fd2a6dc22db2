"""HTTP: commitments, tables in three formats, their series, and the issues behind a figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from consumers.api import models
from consumers.api.asking import Seeing
from consumers.api.formats import (
    MEDIA_TYPES,
    Format,
    conditional,
    csv_body,
    file_name,
    json_body,
    tag_of,
    wanted,
    xlsx_body,
)
from consumers.api.parameters import Asked, Narrowed, Parameters
from consumers.board.answers import Cell, IssueRow, TableNow, Unit
from consumers.board.board import Board
from consumers.board.view import NoView, View
from consumers.tables import NotThere
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.instants import Instant, iso
from livelihood.promises import Catalogue
from web.context import Context
from web.problems import DESCRIBED, Problem

#: Series and lists are answered so many points, or issues, at a time.
MOST_POINTS, MOST_ISSUES = 5_000, 500
_BODIES = {"json": json_body, "csv": csv_body, "xlsx": xlsx_body}
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "model": models.Table,
        "content": {kind.partition(";")[0]: {} for kind in (MEDIA_TYPES["csv"], MEDIA_TYPES["xlsx"])},
    },
    304: {"description": "The client's own, by If-None-Match, is still right."},
}


class OfTable(Asked):
    """A table in a format."""

    format: Format | None = None
    """Else the one the client accepts, else JSON."""


class OfSeries(Narrowed):
    """A series."""

    unit: Unit = "day"
    last: Annotated[int | None, Query(ge=1, le=MOST_POINTS)] = None
    """Only so many, at the end of the period."""


class OfIssues(Narrowed):
    """A list of issues."""

    measure: str = "open"
    """Whose issues: a sum, or a rate's `.numerator`, `.denominator` or `.rest`."""
    outcome: str | None = None
    """Only with this outcome; `open` for those not settled."""
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
    size: Annotated[int, Query(ge=1, le=MOST_ISSUES)] = 50


def router(board: Board, context: Context, seeing: Seeing) -> APIRouter:
    """What is read once; see streams.py for what goes on."""
    routes = APIRouter(tags=["tables"], responses=DESCRIBED, dependencies=[Depends(seeing)])

    @routes.get("/v1/commitments", response_model=None, responses={200: {"model": models.Commitments}})
    def commitments(request: Request, asked: Annotated[Parameters, Query()]) -> Response:
        """What was promised, as published last."""
        del asked
        return conditional(
            request,
            context.catalogue().latest.version,
            MEDIA_TYPES["json"],
            lambda: msgspec.json.encode(_commitments(context.catalogue())),
        )

    @routes.get("/v1/tables/{commitment}", response_model=None, responses=_TABLE)
    async def table(
        request: Request,
        commitment: str,
        asked: Annotated[OfTable, Query()],
    ) -> Response:
        """The live table of a commitment; of all with `all`, of all traffic alone with `*`."""
        # Most are at hand, and going to another thread and back takes longer than answering.
        version = board.version_at_hand() or (await run_in_threadpool(context.catalogue)).latest
        view = asked.view(version, commitment)
        as_ = wanted(request, asked.format)
        found = board.at_hand(view) if as_ == "json" else None
        if found is not None:
            return _answer(request, found, view, version, as_)

        def read() -> Response:
            with problems():
                board.check(view)
                return _answer(request, board.table(view), view, version, as_)

        return await run_in_threadpool(read)

    @routes.get("/v1/tables/{commitment}/series", response_model=models.Series)
    def series(commitment: str, asked: Annotated[OfSeries, Query()]) -> dict[str, Any]:
        """Received, resolved, open and overdue per day, week or month."""
        version = context.catalogue().latest
        view = asked.view(version, commitment)
        with problems():
            board.check(view)
            found = board.series(view, asked.unit, asked.last)
        return {
            "commitment": view.commitment or ALL,
            "unit": found.unit,
            "period": view.period,
            "as_of": iso(found.as_of, ZoneInfo(version.time_zone)),
            "points": [asdict(point) for point in found.points[-MOST_POINTS:]],
        }

    @routes.get("/v1/tables/{commitment}/issues", response_model=models.Issues)
    def issues(commitment: str, asked: Annotated[OfIssues, Query()]) -> dict[str, Any]:
        """The issues behind a figure of a table, by deadline."""
        version = context.catalogue().latest
        zone = ZoneInfo(version.time_zone)
        view = asked.view(version, commitment)
        cell = Cell(
            commitment=view.commitment or ALL,
            dimensions={} if asked.outcome is None else {"outcome": asked.outcome},
            measure=asked.measure,
            page=asked.page,
            size=asked.size,
        )
        with problems():
            board.check(view)
            found = board.issues(view, cell)
        return {
            "measure": cell.measure,
            "as_of": iso(found.as_of, zone),
            "total": found.total,
            "issues": [_listed(row, zone) for row in found.issues],
        }

    return routes


def _answer(
    request: Request, table: TableNow, view: View, version: CatalogueVersion, format_: Format
) -> Response:
    name = file_name(view, table.as_of, version, format_)
    return conditional(
        request,
        f"{format_} {tag_of(table, view, version)}",
        MEDIA_TYPES[format_],
        lambda: _BODIES[format_](table, view, version),
        {} if format_ == "json" else {"Content-Disposition": f'attachment; filename="{name}"'},
    )


@contextmanager
def problems() -> Iterator[None]:
    """Say as a problem what cannot be answered."""
    try:
        yield
    except NoView as error:
        raise Problem(422, str(error), field=error.field) from None
    except NotThere as error:
        raise Problem(422, str(error)) from None


def _listed(row: IssueRow, zone: ZoneInfo) -> dict[str, Any]:
    issue = row.issue
    return {
        "issue": row.id,
        "state": row.state.word,
        "commitment": issue.commitment or None,
        "service": issue.service,
        "department": issue.department,
        "area": issue.area,
        "channel": issue.channel,
        "submitted": iso(issue.submitted, zone),
        "deadline": _moment(row.due, zone),
        "settled": _moment(issue.settled, zone),
        "outcome": issue.outcome or None,
    }


def _moment(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else iso(instant, zone)


def _commitments(catalogue: Catalogue) -> dict[str, Any]:
    version = catalogue.latest
    return {
        "catalogue": version.version,
        "time_zone": version.time_zone,
        "commitments": [
            {
                "commitment": code,
                "title": one.title,
                "to": one.to,
                "services": one.services,
                "target": one.target,
            }
            for code, one in version.commitments.items()
        ],
        "projects": [
            {
                "commitment": code,
                "title": one.title,
                "amount": one.amount,
                "unit": one.unit,
                "start": one.start.isoformat(),
                "due": one.due.isoformat(),
                "department": one.department,
            }
            for code, one in version.projects.items()
        ],
    }
