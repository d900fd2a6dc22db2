"""HTTP: where a channel wants to be told, registered by the channel itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from livelihood.endpoints import CHANNEL_FEED, Deliveries, Endpoint, Endpoints, Reach
from livelihood.instants import iso
from producers.access import Access
from producers.hearing.asking import channel_asking
from producers.hearing.hub import Hub
from producers.hearing.places import text_of
from web.context import Context
from web.problems import DESCRIBED, Problem

#: A channel has at most so many.
MOST_ENDPOINTS = 10


class Registration(BaseModel):
    """Where changes are to be sent."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=2_000, examples=["https://town.example/livelihood"])]


def router(
    context: Context, access: Access, hub: Hub, endpoints: Endpoints, deliveries: Deliveries, reach: Reach
) -> APIRouter:
    """A channel's webhooks."""
    routes = APIRouter(tags=["webhooks"], responses=DESCRIBED, prefix="/v1/webhooks")
    Asking = Annotated[str, Depends(channel_asking(access))]  # noqa: N806  # a type

    def own(channel: str, identity: str) -> Endpoint:
        endpoint = endpoints.get(identity)
        if endpoint is None or endpoint.feed != CHANNEL_FEED + channel:
            raise Problem(404, f"the channel {channel!r} has no webhook {identity[:40]!r}")
        return endpoint

    @routes.get("", response_model=None)
    def listed(channel: Asking) -> dict[str, Any]:
        """The channel's webhooks, and what waits for each. No secrets."""
        mine = endpoints.of(CHANNEL_FEED + channel)
        return {"webhooks": [{**shown(one), **_waiting(one.id)} for one in mine]}

    @routes.post("", status_code=201, response_model=None)
    async def add(channel: Asking, registration: Registration) -> dict[str, Any]:
        """Register a URL. The secret in the answer is shown this once."""

        def check() -> None:
            if wrong := reach.objection(registration.url):
                raise Problem(422, wrong, field="url")
            if len(endpoints.of(CHANNEL_FEED + channel)) >= MOST_ENDPOINTS:
                raise Problem(409, f"a channel has at most {MOST_ENDPOINTS} webhooks; remove one first")

        await run_in_threadpool(check)
        position = text_of(await hub.ends())
        now = context.clock()
        endpoint = await run_in_threadpool(
            endpoints.add, CHANNEL_FEED + channel, registration.url, position, now
        )
        return {**shown(endpoint), "secret": endpoint.secrets[0].value}

    @routes.delete("/{webhook}", status_code=204, response_model=None)
    def remove(channel: Asking, webhook: str) -> Response:
        """Send nothing there any more, and forget what waits."""
        endpoints.remove(own(channel, webhook).id)
        deliveries.forget(webhook)
        return Response(status_code=204)

    @routes.post("/{webhook}/rotate", response_model=None)
    def rotate(channel: Asking, webhook: str) -> dict[str, Any]:
        """A new secret, shown this once; the one before signs for a day more."""
        endpoint = endpoints.rotate(own(channel, webhook).id, context.clock())
        assert endpoint is not None
        return {**shown(endpoint), "secret": endpoint.secrets[0].value}

    @routes.post("/{webhook}/enable", response_model=None)
    def enable(channel: Asking, webhook: str) -> dict[str, Any]:
        """Deliver again what was disabled, from where it stopped."""
        endpoint = endpoints.disable(own(channel, webhook).id, "")
        assert endpoint is not None
        return shown(endpoint)

    @routes.post("/{webhook}/resend", response_model=None)
    def resend(channel: Asking, webhook: str, message: str = "") -> dict[str, int]:
        """Try what was given up again: one message, or all."""
        return {"resent": deliveries.resend(own(channel, webhook).id, message)}

    def _waiting(identity: str) -> dict[str, Any]:
        kept = [one for one in deliveries.waiting() if one.endpoint == identity]
        dead = [{"id": one.id, "problem": one.problem} for one in kept if one.is_dead]
        return {"waiting": len(kept) - len(dead), "given_up": dead}

    return routes


def shown(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint without what is secret."""
    return {
        "id": endpoint.id,
        "channel": endpoint.feed.removeprefix(CHANNEL_FEED),
        "url": endpoint.url,
        "added": iso(endpoint.added),
        "disabled": endpoint.disabled or None,
    }
