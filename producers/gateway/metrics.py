"""GET /metrics: what a server tells of the events it takes in, of alerts, deliveries and the work."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from producers.access import Access, Bearer
from producers.metrics import Metrics
from web.guards import is_loopback_name


def router(access: Access, metrics: Metrics, worked: CollectorRegistry | None = None) -> APIRouter:
    """GET /metrics: for this machine, and for whoever has a key.

    `worked` are the numbers of who works in the same process.
    """
    routes = APIRouter()

    async def may_look(request: Request, bearer: Bearer) -> None:
        if request.client is None or not is_loopback_name(request.client.host):
            await access(request, bearer)

    @routes.get("/metrics", include_in_schema=False)
    def numbers(_: Annotated[None, Depends(may_look)]) -> Response:
        text = generate_latest(metrics.registry)
        if worked is not None:
            text += generate_latest(worked)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes
