"""A line for each request: which route, how it ended, how long it took; not who asked, nor about whom."""

import logging
import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGGER = logging.getLogger("livelihood.access")


class AccessLog:
    """Writes the lines to standard error."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        if not LOGGER.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            LOGGER.addHandler(handler)
            LOGGER.setLevel(logging.INFO)
            LOGGER.propagate = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            # The route, not the path: a path has issues and receipts in it, a query whatever was asked for.
            route = getattr(scope.get("route"), "path", "-")
            took = (time.monotonic() - began) * 1_000
            LOGGER.info("%s %s %d %.0f ms", scope["method"], route, status, took)
