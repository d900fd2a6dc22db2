"""The part of a server by which alerts are listed, followed and counted, put together."""

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from consumers.api.asking import Seeing
from consumers.feed.metrics import StandingNumbers
from consumers.feed.routes import router
from consumers.feed.standing import Standings
from consumers.tail import AlertTail
from web.access import Access
from web.context import Context
from web.open_issues import OpenIssues


class AlertFeed:
    """Of one server."""

    def __init__(
        self,
        context: Context,
        access: Access,
        tail: AlertTail,
        open_issues: OpenIssues,
        registry: CollectorRegistry,
    ) -> None:
        """`registry` is where what stands is counted too."""
        self.standings = Standings(open_issues.all, context.catalogue, context.clock)
        registry.register(StandingNumbers(self.standings))
        self.router: APIRouter = router(Seeing(access, context), tail, self.standings, context.catalogue)
