"""The paths of GeoReport v2 below /open311/v2, and who may what: reading is free, reporting needs a key."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from livelihood.ports import Moved, Unavailable
from producers.access import Access
from producers.gateway.bodies import Bodies
from producers.intake import Intake
from producers.open311.answers import Answers
from producers.open311.discovery import discovery
from producers.open311.documents import (
    MEDIA_TYPES,
    XML,
    Document,
    Trouble,
    answer,
    trouble_answer,
)
from producers.open311.listing import Listing
from producers.open311.offering import Offering
from producers.open311.parameters import Parameters, one, parameters_of, wanted_of, window_of
from producers.open311.receiving import Receiving
from producers.open311.requests import Telling
from producers.open311.services import service_definition, service_list
from producers.open311.texts import WRITTEN, Texts
from producers.receipts import Receipts
from web.context import Context
from web.languages import choose
from web.problems import not_now

PREFIX = "/open311/v2"
#: A page of anybody's may read what anybody may read, and do no more.
OPEN_TO_PAGES = {"Access-Control-Allow-Origin": "*"}
MOST_FORM_BYTES = 128 * 1024
MOST_FORM_FIELDS = 500
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Asked(NamedTuple):
    """A request, as far as it was understood."""

    parameters: Parameters
    telling: Telling
    #: The code, id or token in the path, where there is one.
    name: str


Handle = Callable[[Asked], Document]


def router(
    context: Context, access: Access, intake: Intake, receipts: Receipts, offering: Offering
) -> APIRouter:
    """Everything below /open311/v2."""
    listing = Listing(context.log, context.reader, has_texts=bool(offering.public & WRITTEN))
    texts = Texts(listing, context.sealer, offering.public)
    answers = Answers(context, listing, texts)
    receiving = Receiving(intake, receipts, answers)
    bodies = Bodies()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        listing.close()

    # Not in the OpenAPI document: the specification is elsewhere, and has errors and formats of its own.
    routes = APIRouter(prefix=PREFIX, include_in_schema=False, lifespan=lifespan)

    def asked(request: Request, name: str, form: list[tuple[str, str]]) -> Asked:
        parameters = parameters_of([*request.query_params.multi_items(), *form])
        jurisdiction = one(parameters, "jurisdiction_id")
        if offering.jurisdiction and jurisdiction not in (None, offering.jurisdiction):
            raise Trouble(404, f"jurisdiction_id was not found; this is {offering.jurisdiction}")
        language = choose(None, request.headers.get("accept-language"), offering.language)
        telling = Telling(
            catalogue=context.catalogue(), now=context.clock(), language=language, public=offering.public
        )
        return Asked(parameters, telling, name)

    def get(path: str, root: str, handle: Handle) -> None:
        def endpoint(request: Request) -> Response:
            name, format_ = _name_and_format(request)
            response = _answered(format_, root, lambda: handle(asked(request, name, [])))
            response.headers.update(OPEN_TO_PAGES)
            return response

        routes.add_api_route(path, endpoint, methods=["GET"], response_model=None)

    def post(path: str, root: str, handle: Callable[[Asked, Request], Document]) -> None:
        async def endpoint(request: Request) -> Response:
            name, format_ = _name_and_format(request)
            try:
                with bodies.place(request, MOST_FORM_BYTES) as body:
                    form = await _form(request, await body.read())
                    return await run_in_threadpool(
                        _answered, format_, root, lambda: handle(asked(request, name, form), request)
                    )
            except (Trouble, HTTPException) as error:
                return trouble_answer(format_ if format_ in MEDIA_TYPES else XML, _trouble(error))

        routes.add_api_route(path, endpoint, methods=["POST"], response_model=None)

    def report(ask: Asked, request: Request) -> Document:
        key = access.prove(request, one(ask.parameters, "api_key") or "")
        access.spend(key)
        return receiving.report(ask.parameters, key, ask.telling)

    def update(ask: Asked, request: Request) -> Document:
        key = access.prove(request, one(ask.parameters, "api_key") or "")
        access.spend(key)
        return receiving.update(ask.parameters, key)

    get("/discovery.{format}", "discovery", lambda _: discovery(context, offering, PREFIX))
    get("/services.{format}", "services", lambda ask: service_list(ask.telling.version, ask.telling.language))
    get(
        "/services/{name}",
        "service_definition",
        lambda ask: service_definition(ask.telling.version, ask.name, ask.telling.language),
    )
    post("/requests.{format}", "service_requests", report)
    get("/tokens/{name}", "service_requests", lambda ask: receiving.of_token(ask.name))
    get(
        "/requests.{format}",
        "service_requests",
        lambda ask: answers.requests(wanted_of(ask.parameters, ask.telling.now), ask.telling),
    )
    get("/requests/{name}", "service_requests", lambda ask: answers.one(ask.name, ask.telling))
    post("/servicerequestupdates.{format}", "service_request_updates", update)
    get(
        "/servicerequestupdates.{format}",
        "service_request_updates",
        lambda ask: answers.updates(window_of(ask.parameters, ask.telling.now), ask.telling),
    )

    @routes.options("/{path:path}")
    def preflight() -> Response:
        """A page elsewhere may read, and no more."""
        return Response(None, 204, {**OPEN_TO_PAGES, "Access-Control-Allow-Methods": "GET"})

    @routes.api_route("/{path:path}", methods=[*_METHODS], response_model=None)
    def nothing(request: Request) -> Response:
        """What is none of the paths, or no method of theirs."""
        _, format_ = _name_and_format(request)
        trouble = Trouble(404, f"there is nothing to {request.method} here; services.xml is where to begin")
        return trouble_answer(format_ if format_ in MEDIA_TYPES else XML, trouble)

    return routes


def _name_and_format(request: Request) -> tuple[str, str]:
    """What stands before the last point of the path's last part, and behind it."""
    name, _, format_ = request.url.path.rpartition("/")[2].rpartition(".")
    return name, format_


def _answered(format_: str, root: str, handle: Callable[[], Document]) -> Response:
    if format_ not in MEDIA_TYPES:
        return trouble_answer(XML, Trouble(404, "formats are .xml and .json"))
    try:
        return answer(format_, root, handle())
    except (Trouble, HTTPException, Unavailable, Moved) as error:
        return trouble_answer(format_, _trouble(error))


def _trouble(error: Exception) -> Trouble:
    """What went wrong, in the specification's terms: 403 for all that is wrong with a key."""
    if isinstance(error, Trouble):
        return error
    problem = error if isinstance(error, HTTPException) else not_now(error)
    if problem.status_code == 401:
        return Trouble(403, "api_key is missing or was not accepted: send the token of a channel's key")
    retry_after = (problem.headers or {}).get("Retry-After")
    return Trouble(
        problem.status_code,
        str(problem.detail),
        retry_after=None if retry_after is None else int(retry_after),
    )


async def _form(request: Request, body: bytes) -> list[tuple[str, str]]:
    """The fields of a form; Trouble where it is none."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _MULTIPART:
        return await _multipart(request, body)
    if media_type not in (_URLENCODED, ""):
        raise Trouble(400, f"expected Content-Type {_URLENCODED}")
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS
        )
    except ValueError:
        raise Trouble(400, f"expected a form in UTF-8 with at most {MOST_FORM_FIELDS} fields") from None


async def _multipart(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, receive).form(max_files=0, max_fields=MOST_FORM_FIELDS) as form:
            return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    except HTTPException as error:
        raise Trouble(400, f"{error.detail}; send pictures as media_url") from None
