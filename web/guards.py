"""What stands before every page and interface: headers that browsers go by, and whose names we answer to."""

import time
from collections.abc import Callable
from ipaddress import ip_address

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Problem, problem_response

#: Nothing comes from elsewhere, nothing runs that is not a file of ours, nobody puts a page into theirs.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Twice what a page's form may have, so that a person is told of that by a page.
MOST_BODY_BYTES = 512 * 1024

#: How long a server that is not open is taken to stay so.
CLOSED_SECONDS = 2.0


class SecurityHeaders:
    """Adds them to every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class ShortBodies:
    """Reads no more of a body than it may have, whoever sends it. Paths in `but` see to that themselves."""

    def __init__(self, app: ASGIApp, but: frozenset[str]) -> None:
        self._app = app
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; Problem, 413, comes to whoever reads too much of it."""
        if scope["type"] != "http" or scope["path"] in self._but:
            await self._app(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BODY_BYTES:
                # What is still on its way is not read, so the connection cannot be used again.
                raise Problem(
                    413, f"expected at most {MOST_BODY_BYTES // 1024} KiB", headers={"Connection": "close"}
                )
            return message

        await self._app(scope, counted, send)


class OwnNames:
    """While the server is open, only requests to this machine by its own names are answered.

    A page somebody looks at elsewhere could otherwise reach it, under a name it has made lead here.
    """

    def __init__(self, app: ASGIApp, is_open: Callable[[], bool]) -> None:
        self._app = app
        self._is_open = is_open
        #: So long it is known not to be open.
        self._closed_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or is_loopback_name(host_of(scope)) or not await self._opened():
            await self._app(scope, receive, send)
            return
        refusal = Problem(421, "open to this machine only, as localhost; by other names it needs keys")
        await problem_response(refusal)(scope, receive, send)

    async def _opened(self) -> bool:
        if time.monotonic() < self._closed_until:
            return False
        opened = await run_in_threadpool(self._is_open)
        if not opened:
            self._closed_until = time.monotonic() + CLOSED_SECONDS
        return opened


def host_of(scope: Scope) -> str:
    """The name a request was sent to, without the port."""
    host = Headers(scope=scope).get("host", "")
    return host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host


def is_loopback_name(host: str) -> bool:
    """Whether a name or address means this machine and no other."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
