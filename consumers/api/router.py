"""Everything the API answers to who reads."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Response

from consumers.api import issues, models, tables
from consumers.api.asking import Seeing
from consumers.api.parameters import Narrowed, Parameters
from consumers.api.streams import Ticks, stream_of
from consumers.board.board import Board
from consumers.board.places import NoPlace, Place, place_of
from livelihood.instants import iso
from web.access import Access
from web.context import Context
from web.problems import DESCRIBED, Problem
from web.streaming import STREAM


class OfStream(Narrowed):
    """A stream."""

    by: str | None = None
    """Broken down by these, with commas between."""
    after: str | None = None
    """A table's `position`, or an event's id, after which to go on; a Last-Event-ID comes before it."""


class Interface:
    """The API on a board: its routes, and what has to run beside them."""

    def __init__(self, board: Board, context: Context, access: Access) -> None:
        self._board = board
        self._context = context
        self._ticks = Ticks(board)
        seeing = Seeing(access, context)
        self.tasks = [self._ticks.run]
        self.router = APIRouter()
        self.router.include_router(tables.router(board, context, seeing))
        self.router.include_router(issues.router(context, seeing))
        self.router.include_router(self._others(seeing))

    def _others(self, seeing: Seeing) -> APIRouter:
        routes = APIRouter(tags=["tables"], responses=DESCRIBED, dependencies=[Depends(seeing)])

        @routes.get(
            "/v1/tables/{commitment}/stream",
            response_model=None,
            responses={200: {"content": {STREAM: {}}}},
        )
        def stream(
            commitment: str,
            asked: Annotated[OfStream, Query()],
            last_event_id: Annotated[str | None, Header()] = None,
        ) -> Response:
            """A table as it changes: a `snapshot` of its lines, then `lines` that changed.

            A snapshot is whole with the event that has an id; more of its lines may come in `lines` before.
            """
            version = self._context.catalogue().latest
            view = asked.view(version, commitment)
            with tables.problems():
                self._board.check(view)
            if not view.is_of_now:
                field = "as_of" if view.as_of is not None else "known_at"
                raise Problem(422, "what was so at an instant does not change as time passes", field=field)
            if not view.span(version).whole_months:
                raise Problem(422, "streams are of months, quarters, years or all", field="period")
            after = _place(last_event_id, "Last-Event-ID") or _place(asked.after, "after")
            return stream_of(self._board, self._ticks, view, after, ZoneInfo(version.time_zone))

        @routes.get("/v1/health", response_model=models.Health)
        def health(asked: Annotated[Parameters, Query()]) -> dict[str, Any]:
            """How far the work on each partition has come, and the instants their tables stand for."""
            del asked
            zone = ZoneInfo(self._context.catalogue().latest.time_zone)
            found = self._board.health()
            return {
                "now": iso(self._context.clock(), zone),
                "lag": sum(one.lag for one in found),
                "partitions": [
                    {
                        "partition": one.partition,
                        "lag": one.lag,
                        "clock": iso(one.clock, zone) if one.clock else None,
                        "next_offset": one.next_offset,
                        "behind": one.behind,
                    }
                    for one in found
                ],
            }

        return routes


def _place(text: str | None, field: str) -> Place | None:
    try:
        return place_of(text) if text else None
    except NoPlace as error:
        raise Problem(422, str(error), field=field) from None
