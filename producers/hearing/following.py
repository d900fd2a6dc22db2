"""HTTP: a channel's issues by its own numbers, and their changes as a stream and by long polling."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette import ServerSentEvent
from starlette.responses import JSONResponse, Response

from producers.access import Access
from producers.hearing import views
from producers.hearing.asking import channel_asking
from producers.hearing.hub import Hub
from producers.hearing.places import NoPlaces, Places, places_of, text_of
from web.context import Context
from web.problems import DESCRIBED, Problem
from web.streaming import HEARTBEAT_SECONDS, STREAM, event_stream

#: A long poll waits at most so long, and has at most so many changes.
MOST_SECONDS, MOST_CHANGES = 60, 500
#: Instead of an id: before everything.
BEGINNING = "beginning"

After = Annotated[
    str | None,
    Query(description="The id after which to go on, `beginning` for everything; without it: from now on."),
]


def router(context: Context, access: Access, hub: Hub) -> APIRouter:
    """Issues and changes."""
    routes = APIRouter(tags=["hearing back"], responses=DESCRIBED)

    Asking = Annotated[str, Depends(channel_asking(access))]  # noqa: N806  # a type

    @routes.get("/v1/issues", response_model=None)
    def issues(
        channel: Asking, number: Annotated[str, Query(min_length=1, max_length=141)]
    ) -> dict[str, Any]:
        """The channel's issues of its own number; none is an empty list."""
        found = (views.history_of(context, issue) for issue in views.find(context.reader, channel, number))
        catalogue = context.catalogue()
        return {"issues": [views.for_channel(one, channel, catalogue) for one in found if one is not None]}

    @routes.get("/v1/issues/{issue}", response_model=None)
    def issue(channel: Asking, issue: str) -> dict[str, Any]:
        """One of the channel's issues: state, promised date, numbers, and what happened."""
        history = views.history_of(context, issue)
        if history is None or not views.may_see(history, channel):
            raise Problem(404, f"the channel {channel!r} has no issue {issue[:100]!r}")
        return views.for_channel(history, channel, context.catalogue())

    @routes.get(
        "/v1/changes",
        response_model=None,
        responses={200: {"content": {"application/json": {}, STREAM: {}}}},
    )
    async def changes(
        request: Request,
        channel: Asking,
        after: After = None,
        wait: Annotated[float, Query(ge=0, le=MOST_SECONDS)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = MOST_CHANGES,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What happened to the channel's issues: a stream where the client accepts one, else one answer.

        The answer has `next`, the id to go on with as `after`; with `wait` it comes when there is something,
        or after so many seconds.
        """
        is_stream = STREAM in request.headers.get("accept", "")
        name = "Last-Event-ID" if is_stream and last_event_id else "after"
        places = await _places(hub, (last_event_id if is_stream else None) or after, name)
        if is_stream:
            return event_stream(_events(hub, channel, places))
        with hub.follow(channel, places) as follower:
            found = await hub.next(follower, limit, wait)
            documents = [told.for_channel(channel) for _, told in found]
            return JSONResponse(
                {"changes": documents, "next": text_of(follower.places)},
                headers={"Cache-Control": "no-store"},
            )

    return routes


async def _places(hub: Hub, text: str | None, field: str) -> Places:
    """The places somebody asks to go on from. A problem where they are none, or not come to yet."""
    ends = await hub.ends()
    if text is None:
        return ends
    if text == BEGINNING:
        return hub.tail.beginning()
    try:
        return places_of(text, len(ends))
    except NoPlaces as error:
        raise Problem(400, str(error), field=field) from None


async def _events(hub: Hub, channel: str, places: Places) -> AsyncIterator[ServerSentEvent]:
    with hub.follow(channel, places) as follower:
        yield ServerSentEvent(comment="following", id=text_of(places), retry=2_000)
        while not hub.closing:
            found = await hub.next(follower, MOST_CHANGES, HEARTBEAT_SECONDS)
            for after, told in found:
                document = told.for_channel(channel)
                yield ServerSentEvent(
                    json.dumps(document, ensure_ascii=False), event=document["type"], id=text_of(after)
                )
            if not found:
                # An id without data: whoever comes again need not have read what was not its own.
                yield ServerSentEvent(comment="still here", id=text_of(follower.places))
