"""GET /metrics: what a server tells of the events it takes in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from producers.access import Access, Bearer
from producers.metrics import Metrics
from web.guards import is_loopback_name


def router(access: Access, metrics: Metrics) -> APIRouter:
    """GET /metrics: for this machine, and for whoever has a key."""
    routes = APIRouter()

    async def may_look(request: Request, bearer: Bearer) -> None:
        if request.client is None or not is_loopback_name(request.client.host):
            await access(request, bearer)

    @routes.get("/metrics", include_in_schema=False)
    def numbers(_: Annotated[None, Depends(may_look)]) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes
