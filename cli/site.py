"""The HTTP application: what is served, one line a part, and what stands before all of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import version
from secrets import token_hex

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from backends.webhooks.deliverer import Deliverer
from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from backends.webhooks.senders import Targets
from cli.provider import provider_settings_of
from cli.settings import Settings
from cli.trying import trial_of
from cli.webhooks import addresses_of, mail_of, noted_in
from cli.wechat import account_of
from consumers.alerting import pages as alerting
from consumers.alerts import AlertQuery, read_alerts
from consumers.api.router import Interface
from consumers.audit.pages import audit_routes
from consumers.board.board import Board
from consumers.deadlines.owners import Owners
from consumers.deadlines.routes import router as calendars
from consumers.feed.metrics import DeliveryNumbers
from consumers.feed.part import AlertFeed
from consumers.operations.pages import Hands, operations_routes
from consumers.pages.router import router as pages
from consumers.public import pages as public
from consumers.public.publication import read_publication
from consumers.public.releases import Releases
from consumers.subscriptions.metrics import UnheardNumbers
from consumers.subscriptions.part import Subscribing
from consumers.tail import AlertTail
from livelihood.alerts import Alert
from livelihood.endpoints import CHANNEL_FEED
from livelihood.messages import SUBSCRIPTION_FEED
from livelihood.turns import Turn
from producers.access import Access
from producers.acting import router as acting
from producers.gateway import description, events, metrics
from producers.hearing.part import Hearing
from producers.intake import Intake
from producers.keyring import Keyring
from producers.open311 import routes as open311
from producers.open311.offering import Offering
from producers.receipts import Receipts
from producers.replaying import Replay
from producers.wechat.part import WeChat
from producers.window import router as window
from producers.window.counter import Counter
from web.access_log import AccessLog
from web.background import running
from web.context import Context
from web.guards import OwnNames, SecurityHeaders, ShortBodies
from web.open_issues import OpenIssues
from web.problems import Faults, NotNow, add_problems
from web.provider import Provider
from web.shell import Shell


def make_site(
    context: Context, settings: Settings, worked: CollectorRegistry | None = None, *, tells: bool = True
) -> FastAPI:
    """Everything `livelihood serve` answers. Nothing starts before the server does.

    `worked` are the numbers of who works in the same process. Without `tells` nobody is told of alerts or
    changes: what passes is a story.
    """
    signs_in = provider_settings_of(settings)
    shell = Shell(context, None if signs_in is None else Provider(signs_in, context.public_url))
    board = Board(context)
    interface = Interface(board, context, shell.access)
    access = Access(context, Keyring(context.vault))
    receipts = Receipts(context.vault)
    intake = Intake(context, receipts)
    addresses = addresses_of(settings)
    endpoints, deliveries = Registry(context.vault), Ledger(context.deliveries)
    tail = AlertTail(context.open_topics or (lambda: nullcontext(context.topics)))
    mail = mail_of(settings)
    subscribing = Subscribing(
        shell,
        tail,
        endpoints,
        deliveries,
        Targets(addresses, mail),
        trial_of(settings, context.clock),
        operator=settings.operator,
        turn=Turn(context.deliveries, "recipients", token_hex(8), context.clock)
        if settings.distributed
        else None,
    )
    releases = Releases(context, read_publication(settings.public, settings.public_fewest))
    intake.metrics.registry.register(UnheardNumbers(subscribing.desk.subscriptions))
    hearing = Hearing(context, access, intake, receipts, endpoints, deliveries, addresses)
    deliverer = Deliverer(
        context.deliveries,
        endpoints,
        {CHANNEL_FEED.rstrip(":"): hearing.feed, SUBSCRIPTION_FEED.rstrip(":"): subscribing.feed},
        addresses,
        context.clock,
        is_shared=settings.distributed,
        mail=mail,
        noted=noted_in(DeliveryNumbers(intake.metrics.registry, context.clock)),
    )
    account = account_of(settings)
    wechat = None if account is None else WeChat(account, context, intake, receipts)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        intake.start()
        board.start()
        told = [*hearing.tasks, *subscribing.tasks, deliverer.run] if tells else []
        more = [*told, *(wechat.tasks if wechat is not None else []), releases.keep_ready]
        async with running(*interface.tasks, tail.run, *more):
            yield
        await run_in_threadpool(board.close)
        await run_in_threadpool(tail.close)
        # What was taken is answered; nothing new comes any more.
        await run_in_threadpool(intake.close)

    app = FastAPI(
        title="livelihood",
        version=version("livelihood"),
        summary="Public requests in, and what became of them.",
        # The framework's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            *([Middleware(AccessLog)] if settings.access_log else []),
            Middleware(SecurityHeaders),
            Middleware(Faults),
            Middleware(OwnNames, is_open=context.is_open),
            # Its batches are longer, and it counts what is under way.
            Middleware(ShortBodies, but=frozenset({events.PATH})),
        ],
    )
    add_problems(app)
    description.add_schemas(app)
    shell.install(app)
    app.include_router(interface.router)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """Whether this process answers at all."""
        return {"status": "serving"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        """Whether events would be taken in now, as far as is known."""
        if not intake.is_ready:
            raise NotNow("the log, or what was made of it, could not be reached")
        return {"status": "ready"}

    app.include_router(events.router(access, intake))
    app.include_router(metrics.router(access, intake.metrics, worked))
    app.include_router(open311.router(context, access, intake, receipts, offering(settings)))
    open_issues = OpenIssues(context)
    counter = Counter(shell, intake, receipts, open_issues)

    def alerts_of(issue: str) -> list[Alert]:
        return [told.alert for told in read_alerts(context.topics, AlertQuery(issue=issue))]

    app.include_router(window.router(counter, hearing.holder, alerts_of))
    app.include_router(pages(shell, board))
    app.include_router(acting.router(counter))
    app.include_router(hearing.router)
    hands = Hands(
        replay=Replay(context, intake),
        deliveries=deliveries,
        endpoints=endpoints,
        resend=subscribing.desk.resend,
    )
    app.include_router(operations_routes(shell, hands))
    app.include_router(audit_routes(shell))
    app.include_router(AlertFeed(context, shell.access, tail, open_issues, intake.metrics.registry).router)
    app.include_router(alerting.router(shell))
    app.include_router(subscribing.router)
    owners = Owners(subscribing.desk)
    app.include_router(calendars(context, open_issues, shell.languages, owners))
    app.include_router(public.router(shell, releases, settings.public_embed))
    if wechat is not None:
        app.include_router(wechat.router)
    return app


def offering(settings: Settings) -> Offering:
    """How Open311 is offered."""
    return Offering(
        jurisdiction=settings.open311_jurisdiction,
        language=settings.open311_language,
        public=frozenset(settings.open311_public.replace(",", " ").split()),
        contact=settings.open311_contact,
    )
