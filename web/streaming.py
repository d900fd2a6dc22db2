"""Streams over HTTP, by Server-Sent Events: what all of them keep to."""

from collections.abc import AsyncIterable
from typing import Any

import anyio
from fastapi import Response
from sse_starlette import EventSourceResponse

STREAM = "text/event-stream"
#: With nothing to tell, how often a stream says that it is there, and where it stands.
HEARTBEAT_SECONDS = 15.0
#: A reader that takes nothing for so long has gone; it resumes where it was.
STALLED_SECONDS = 60.0
#: How long a stream may take to end once the server is to; less than requests have in all.
SHUTDOWN_SECONDS = 5.0


def event_stream(events: AsyncIterable[Any]) -> Response:
    """A response that goes on until one side ends it; the events end by themselves when the server is to."""
    return EventSourceResponse(
        events,
        ping=0,
        send_timeout=STALLED_SECONDS,
        sep="\n",
        # Not in the midst of anything: whoever makes the events looks whether the server is to end.
        shutdown_event=anyio.Event(),
        shutdown_grace_period=SHUTDOWN_SECONDS,
    )
