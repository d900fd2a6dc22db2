"""HTTP: alerts listed, followed as a stream or by long polling, and counted."""

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from consumers.feed.filters import AlertFilter, Asked
from consumers.feed.following import Frames, alerts_after
from consumers.feed.newest import newest
from consumers.feed.places import NoPlaces, Places, places_of, text_of
from consumers.feed.standing import Standing, Standings, count
from consumers.tail import AlertTail
from livelihood.instants import SECOND, Instant, iso
from livelihood.promises import Catalogue
from web.problems import DESCRIBED, Problem, no_such
from web.streaming import HEARTBEAT_SECONDS, STREAM, event_stream
from web.users import User

#: A long poll waits at most so long, and has at most so many alerts.
MOST_SECONDS, MOST_ALERTS = 60, 1_000
#: So many at most go out in one piece: what a reader that takes nothing costs.
PIECE = 200
#: Instead of an id: before everything.
BEGINNING = "beginning"
#: So many of those that nobody has acknowledged are listed.
LISTED = 20

_PARAMETERS = frozenset({*(member.name for member in fields(AlertFilter)), "after", "wait", "limit"})

After = Annotated[
    str | None,
    Query(max_length=400, description="The id after which to go on; `beginning` for everything there is."),
]


def router(
    asking: Callable[..., User], tail: AlertTail, standings: Standings, catalogue: Callable[[], Catalogue]
) -> APIRouter:
    """The routes; `asking` says who asks, and lets nobody pass who may not see."""
    frames = Frames()
    routes = APIRouter(tags=["alerts"], responses=DESCRIBED, dependencies=[Depends(asking)])
    Wanted = Annotated[AlertFilter, Depends(_checked(catalogue))]  # noqa: N806  # a type

    @routes.get("/v1/alerts", response_model=None)
    async def listed(
        wanted: Wanted,
        after: After = None,
        wait: Annotated[float, Query(ge=0, le=MOST_SECONDS)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_ALERTS)] = 100,
    ) -> Response:
        """Alerts in the order they were told: the newest, or those after an id.

        The answer has `next`, the id to go on with as `after`; with `wait` it comes when there is something,
        or after so many seconds.
        """
        if after is None:
            return await to_thread.run_sync(_newest, tail, wanted, limit)
        places = await _places(tail, after, "after")
        found, reached = await alerts_after(tail, wanted, places, limit, wait)
        return _answer([msgspec.json.encode(alert) for _, alert in found], reached)

    @routes.get("/v1/alerts/stream", response_model=None, responses={200: {"content": {STREAM: {}}}})
    async def stream(
        wanted: Wanted,
        after: After = None,
        last_event_id: Annotated[str | None, Header(max_length=400)] = None,
    ) -> Response:
        """Alerts as Server-Sent Events, from now on or after an id.

        Each event's id is where the stream stands with it: `Last-Event-ID` goes on there, on any server,
        without a gap and without a repeat.
        """
        name = "Last-Event-ID" if last_event_id else "after"
        places = await _places(tail, last_event_id or after, name)
        return event_stream(_events(tail, frames, wanted, places))

    @routes.get("/v1/alerts/counts", response_model=None)
    def counts(wanted: Wanted) -> dict[str, Any]:
        """What stands now, by kind and department, and what is late with nobody having said to act on it."""
        now, found = standings.now()
        counted = count(found, wanted)
        zone = ZoneInfo(catalogue().latest.time_zone)
        unheard = counted.unacknowledged
        return {
            "as_of": iso(now, zone),
            "standing": counted.standing,
            "by_kind": counted.by_kind,
            "by_department": counted.by_department,
            "by_kind_and_department": [
                {"kind": kind, "department": department, "count": number}
                for (kind, department), number in sorted(counted.both.items())
            ],
            "unacknowledged": {
                "issues": len(unheard),
                "oldest_age_seconds": (now - unheard[0].alarm.at) // SECOND if unheard else None,
                "oldest": [_entry(one, now, zone) for one in unheard[:LISTED]],
            },
        }

    return routes


def _checked(catalogue: Callable[[], Catalogue]) -> Callable[..., AlertFilter]:
    def checked(request: Request, wanted: Annotated[AlertFilter, Depends(Asked())]) -> AlertFilter:
        for name in sorted(request.query_params.keys() - _PARAMETERS):
            # A filter that is misspelt would tell of everything, unnoticed.
            raise Problem(422, no_such("parameter", name, sorted(_PARAMETERS)), field=name)
        wanted.check(catalogue())
        return wanted

    return checked


def _answer(documents: list[bytes], places: Places) -> Response:
    body = b'{"alerts":[%b],"next":"%b"}' % (b",".join(documents), text_of(places).encode())
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def _entry(standing: Standing, now: Instant, zone: ZoneInfo) -> dict[str, Any]:
    alarm = standing.alarm
    return {
        "issue": standing.one.id,
        "kind": alarm.kind,
        "level": alarm.level,
        "department": standing.one.issue.department,
        "due": iso(alarm.due, zone),
        "at": iso(alarm.at, zone),
        "age_seconds": (now - alarm.at) // SECOND,
    }


async def _places(tail: AlertTail, text: str | None, field: str) -> Places:
    """The places somebody asks to go on from. A problem where they are none."""
    ends = await to_thread.run_sync(tail.ends)
    if text is None:
        return ends
    if text == BEGINNING:
        return (0,) * len(ends)
    try:
        return places_of(text, len(ends))
    except NoPlaces as error:
        raise Problem(400, str(error), field=field) from None


def _newest(tail: AlertTail, wanted: AlertFilter, limit: int) -> Response:
    ends = tail.ends()
    with tail.hold() as topics:
        found = newest(topics, wanted, limit, ends)
    return _answer([document for _, document in found], ends)


async def _events(
    tail: AlertTail, frames: Frames, wanted: AlertFilter, places: Places
) -> AsyncIterator[bytes]:
    """Pieces of the stream, each of as many alerts as there are."""
    yield b": following\nid: %b\nretry: 2000\n\n" % text_of(places).encode()
    while not tail.closing:
        found, places = await alerts_after(tail, wanted, places, PIECE, HEARTBEAT_SECONDS)
        if found:
            yield b"".join(frames.of(alert, after) for after, alert in found)
        else:
            # An id without data: whoever comes again need not have read what was not asked for.
            yield b": still here\nid: %b\n\n" % text_of(places).encode()
