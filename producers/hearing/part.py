"""The part of a server by which channels and people hear back, put together."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from livelihood.endpoints import Deliveries, Endpoints, Reach
from producers.access import Access
from producers.hearing import following, receipts, registering
from producers.hearing.delivering import ChannelFeed
from producers.hearing.documents import Documents
from producers.hearing.hub import Hub
from producers.hearing.receipts import Holder
from producers.hearing.tail import Tail
from producers.intake import Intake
from producers.receipts import Receipts
from web.context import Context


class Hearing:
    """Of one server."""

    def __init__(
        self,
        context: Context,
        access: Access,
        intake: Intake,
        numbers: Receipts,
        endpoints: Endpoints,
        deliveries: Deliveries,
        reach: Reach,
    ) -> None:
        """`deliveries` under way are listed and sent again; `reach` says where they may go."""
        documents = Documents(context.catalogue, numbers.number, context.public_url)
        self.hub = Hub(Tail(context.log, context.reader, context.topics, documents))
        #: What deliveries to channels are made of.
        self.feed = ChannelFeed(self.hub)
        #: What pages for people with a receipt work with.
        self.holder = Holder(context, intake, numbers)
        #: What goes on beside the answering of requests.
        self.tasks: list[Callable[[], Awaitable[None]]] = [self.hub.run]
        self.router = APIRouter()
        self.router.include_router(following.router(context, access, self.hub))
        self.router.include_router(
            registering.router(context, access, self.hub, endpoints, deliveries, reach)
        )
        self.router.include_router(receipts.router(self.holder))
