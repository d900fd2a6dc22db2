"""POST /v1/events: request events in, and what became of each."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from livelihood.envelope import MAX_EVENT_BYTES
from producers.access import Access
from producers.channel_keys import ChannelKey
from producers.gateway import modes
from producers.gateway.bodies import read_body
from producers.intake import Intake, Receipt, Refusal
from web.context import Context
from web.problems import DESCRIBED, Problem, document

#: A batch has at most so many events, and so many bytes.
MAX_BATCH_EVENTS = 1_000
MAX_BATCH_BYTES = 4 * 1024 * 1024


def router(context: Context, access: Access, intake: Intake) -> APIRouter:
    """The events endpoint."""
    del context
    routes = APIRouter(tags=["events"], responses=DESCRIBED)

    @routes.post("/v1/events", status_code=202, response_model=None)
    async def publish(request: Request, key: Annotated[ChannelKey, Depends(access)]) -> Response:
        """Publish request events: one in structured or binary mode, or many as a batch."""
        headers = request.headers
        media_type = modes.media_type(headers)
        if media_type == modes.BATCH:
            return await _batch(await read_body(request, MAX_BATCH_BYTES), key)
        is_binary = modes.is_binary(headers) and media_type in (modes.JSON, "")
        if not is_binary and media_type != modes.STRUCTURED:
            raise modes.wrong_media_type()
        access.spend(key)
        body = await read_body(request, MAX_EVENT_BYTES)
        event = modes.binary(headers, body) if is_binary else modes.structured(body)
        (answer,) = await run_in_threadpool(intake.take, [event], key)
        if isinstance(answer, Refusal):
            raise Problem(answer.status, answer.message, field=answer.field)
        return JSONResponse(_receipt(answer), 202)

    async def _batch(body: bytes, key: ChannelKey) -> Response:
        documents = modes.batch(body)
        if len(documents) > MAX_BATCH_EVENTS:
            raise Problem(413, f"expected at most {MAX_BATCH_EVENTS} events in a batch")
        access.spend(key, max(1, len(documents)))
        answers: list[Any] = [None] * len(documents)
        good: list[tuple[int, dict[str, Any]]] = []
        for number, one in enumerate(documents):
            try:
                if not isinstance(one, dict):
                    raise Problem(400, "expected a JSON object, one CloudEvent")
                good.append((number, modes.with_data(one)))
            except Problem as problem:
                answers[number] = problem.document()
        taken = await run_in_threadpool(intake.take, [one for _, one in good], key)
        for (number, _), answer in zip(good, taken, strict=True):
            answers[number] = (
                document(answer.status, answer.message, answer.field)
                if isinstance(answer, Refusal)
                else _receipt(answer)
            )
        return JSONResponse(answers, 200)

    return routes


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "status": 202,
        "issue": receipt.issue,
        "source": receipt.source,
        "id": receipt.id,
        "receipt": receipt.number,
    }
