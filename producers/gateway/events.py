"""POST /v1/events: request events in, and what became of each."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from livelihood.envelope import MAX_EVENT_BYTES, type_of
from livelihood.events import Kind
from livelihood.ports import Unavailable
from producers.access import BEARER, Access, Bearer
from producers.answers import Answer, Receipt
from producers.channel_keys import ChannelKey
from producers.gateway import modes
from producers.gateway.bodies import Bodies
from producers.gateway.description import DESCRIPTION, MAX_BATCH_EVENTS, OPERATION, RESPONSES
from producers.intake import PATIENCE_SECONDS, Intake
from web.problems import DESCRIBED, Problem, document

PATH = "/v1/events"
#: A batch has at most so many bytes.
MAX_BATCH_BYTES = 4 * 1024 * 1024
#: More than so many are checked in a thread, so that other requests are answered meanwhile.
_CHECKED_HERE = 10
_SUBMITTED = type_of(Kind.SUBMITTED)


class Refused(Problem):
    """What the intake has refused, and counted."""


class _Direct(APIRoute):
    """A route whose handler is given the request itself: finding parameters costs as much as the rest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, with the only parameter there is."""

        async def handle(request: Request) -> Response:
            return cast("Response", await self.endpoint(request, await BEARER(request)))

        return handle


def router(access: Access, intake: Intake) -> APIRouter:
    """The events endpoint."""
    routes = APIRouter(tags=["events"], responses=DESCRIBED, route_class=_Direct)
    bodies = Bodies()

    @routes.post(
        PATH,
        status_code=202,
        response_model=None,
        summary="Publish request events",
        description=DESCRIPTION,
        responses=RESPONSES,
        openapi_extra=OPERATION,
    )
    async def publish(request: Request, bearer: Bearer) -> Response:
        key = await access(request, bearer)
        try:
            return await answered(request, key)
        except Problem as problem:
            if not isinstance(problem, Refused):
                intake.metrics.refused(key.channel, problem.status_code)
            raise

    async def answered(request: Request, key: ChannelKey) -> Response:
        headers = request.headers
        media_type = modes.media_type(headers)
        if media_type == modes.BATCH:
            with bodies.place(request, MAX_BATCH_BYTES) as body:
                return await batch(modes.batch(await body.read()), key)
        is_binary = modes.is_binary(headers) and media_type in (modes.JSON, "")
        if not is_binary and media_type != modes.STRUCTURED:
            raise modes.wrong_media_type()
        access.spend(key)
        with bodies.place(request, MAX_EVENT_BYTES) as body:
            read = await body.read()
            event = modes.binary(headers, read) if is_binary else modes.structured(read)
            (answer,) = await taken(intake, [event], key)
        if isinstance(answer, Receipt):
            return JSONResponse(_said(answer, event), 202)
        raise Refused(answer.status, answer.message, field=answer.field)

    async def batch(documents: list[Any], key: ChannelKey) -> Response:
        if len(documents) > MAX_BATCH_EVENTS:
            raise Problem(413, f"expected at most {MAX_BATCH_EVENTS} events in a batch")
        access.spend(key, max(1, len(documents)))
        answers: list[Any] = [None] * len(documents)
        good: list[tuple[int, modes.Document]] = []
        for number, one in enumerate(documents):
            try:
                good.append((number, modes.one_of_batch(one)))
            except Problem as problem:
                intake.metrics.refused(key.channel, problem.status_code)
                answers[number] = problem.document()
        found = await taken(intake, [one for _, one in good], key)
        for (number, one), answer in zip(good, found, strict=True):
            answers[number] = _said(answer, one)
        return JSONResponse(answers, 200)

    return routes


async def taken(intake: Intake, documents: Sequence[modes.Document], key: ChannelKey) -> list[Answer]:
    """What became of documents, once the disk has them. Unavailable as Intake.take."""
    if len(documents) > _CHECKED_HERE or any(map(_says_personal, documents)):
        prepared = await run_in_threadpool(intake.prepare, documents, key)
    else:
        prepared = intake.prepare(documents, key)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asyncio.wrap_future(intake.submit(prepared))
    except TimeoutError:
        raise Unavailable(f"the log took longer than {PATIENCE_SECONDS:g} s") from None


def _says_personal(document: modes.Document) -> bool:
    data = document.get("data")
    return isinstance(data, dict) and "personal" in data


def _said(answer: Answer, event: modes.Document) -> dict[str, Any]:
    if not isinstance(answer, Receipt):
        return document(answer.status, answer.message, answer.field)
    said = {"status": 202, "issue": answer.issue, "source": answer.source, "id": answer.id}
    # The number opens what the person may see and do, so it is for who submitted for them.
    return {**said, "receipt": answer.number} if event["type"] == _SUBMITTED else said
