"""Errors over HTTP as problem details (RFC 9457): the status, what is wrong, and the field where it is."""

import json
import logging
import time
import traceback
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livelihood.complaints import complaint
from livelihood.ports import Moved, Unavailable

MEDIA_TYPE = "application/problem+json"
#: How long who meets a log or a store that cannot serve now is asked to wait.
RETRY_SECONDS = 2

_LOGGER = logging.getLogger("livelihood.web")


class ProblemDetails(BaseModel):
    """What an error answer holds (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="allow")

    type: str = "about:blank"
    """The title says all there is to the kind of problem."""
    title: str
    """What the status means."""
    status: int
    """The HTTP status."""
    detail: str
    """What was expected, or what to do."""
    field: str | None = None
    """The member of the request at fault, as data.service."""


class Problem(HTTPException):
    """Ends a request with an error that says what was expected."""

    def __init__(
        self, status: int, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.field = field

    def document(self) -> dict[str, Any]:
        """The members of the answer."""
        return document(self.status_code, self.detail, self.field)


class NotNow(Problem):
    """Not now: 503, or 429 to whoever asks too often; Retry-After says when to try again."""

    def __init__(self, detail: str, *, status: int = 503, seconds: int = RETRY_SECONDS) -> None:
        super().__init__(status, detail, headers={"Retry-After": str(max(seconds, 1))})


def no_such(what: str, given: str, known: Iterable[str]) -> str:
    """What is said where something is asked for by a name that is none: the name, and those there are."""
    known = tuple(known)
    there = ", ".join(known[:_MOST_NAMED]) + (", ..." if len(known) > _MOST_NAMED else "")
    return f"there is no {what} {given[:_MOST_GIVEN]!r}; there are {there or 'none'}"


_MOST_NAMED, _MOST_GIVEN = 20, 80


#: What every operation's description in OpenAPI says of its errors.
DESCRIBED: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457).",
        "model": ProblemDetails,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
}


def document(status: int, detail: str, field: str = "") -> dict[str, Any]:
    """The members of a problem."""
    members = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return {**members, "field": field} if field else members


def problem_response(problem: HTTPException) -> Response:
    """The answer that says so."""
    members = (
        problem.document()
        if isinstance(problem, Problem)
        else document(problem.status_code, str(problem.detail))
    )
    body = json.dumps(members, ensure_ascii=False).encode()
    return Response(body, problem.status_code, dict(problem.headers or {}), MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Answer every error of an application this way, its framework's own and faults of ours among them."""

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(error)

    async def of_input(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(_of_input(error))

    async def of_services(_: Request, error: Exception) -> Response:
        return problem_response(not_now(error))

    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_input)
    app.add_exception_handler(Unavailable, of_services)
    app.add_exception_handler(Moved, of_services)


def not_now(error: Exception) -> NotNow:
    """What is said where a log or a store cannot serve. Why is told the operator: it names servers."""
    _UNSAID.say(error)
    return NotNow("cannot be served now; nothing is acknowledged, repeat the same later")


class _Unsaid:
    """Says why something cannot be served; not again and again while nothing changes."""

    def __init__(self) -> None:
        self._said_at = -_SAY_SECONDS
        self._more = 0

    def say(self, error: Exception) -> None:
        """Say it, with how many there were since the last time."""
        now = time.monotonic()
        if now - self._said_at < _SAY_SECONDS:
            self._more += 1
            return
        more = f" (and {self._more:,} more requests before)" if self._more else ""
        self._said_at, self._more = now, 0
        _LOGGER.warning("cannot serve: %s%s", error, more)


_SAY_SECONDS = 5.0
_UNSAID = _Unsaid()


class Faults:
    """The outermost layer: a fault of this software ends as a problem, and its report names no values."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next request is served
            # An error's own text may hold what a person wrote; where it happened does not.
            places = "".join(traceback.format_tb(error.__traceback__))
            _LOGGER.error("a fault of this software: %s\n%s", type(error).__name__, places)
            if begun or scope["type"] != "http":
                # Half an answer must not look like a whole one.
                raise ConnectionAbortedError from None
            await problem_response(Problem(500, "a fault of this software"))(scope, receive, send)


def _of_input(error: RequestValidationError) -> Problem:
    detail = error.errors()[0]
    if detail["type"] == "json_invalid":
        return Problem(422, f"expected JSON: {detail['ctx']['error']}")
    place, *path = map(str, detail["loc"])
    # Of a body the members are named, of a query or a header the parameter.
    field = ".".join(path) or place
    return Problem(422, complaint(detail["type"], detail["msg"]), field=field)
