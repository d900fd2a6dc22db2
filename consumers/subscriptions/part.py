"""The part of a server by which supervisors are told, put together."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter

from consumers.subscriptions.creating import Creating
from consumers.subscriptions.desk import Desk
from consumers.subscriptions.feed import SubscriptionFeed
from consumers.subscriptions.given_up import Undelivered
from consumers.subscriptions.interface import interface
from consumers.subscriptions.limits import all_limits
from consumers.subscriptions.links import Links
from consumers.subscriptions.matching import Matcher
from consumers.subscriptions.pages import ending, subscription_pages
from consumers.subscriptions.recipients import Recipients
from consumers.subscriptions.store import Subscriptions
from consumers.subscriptions.writing import Writer
from consumers.tail import AlertTail
from livelihood.endpoints import Deliveries, Endpoints, Reach, Trial
from livelihood.turns import Turn
from web.accounts import Right
from web.asking import Asking
from web.languages import _
from web.pages import MenuEntry
from web.recent import LOOK_SECONDS, Recent
from web.shell import Shell


class Subscribing:
    """Of one server."""

    def __init__(
        self,
        shell: Shell,
        tail: AlertTail,
        endpoints: Endpoints,
        deliveries: Deliveries,
        reach: Reach,
        trial: Trial,
        *,
        operator: str,
        turn: Turn | None,
    ) -> None:
        """`tail` is run by whoever made it. `reach` says where messages may go, `trial` sends one once.

        `operator` is the URL where the operator is told; `turn`: other servers do the same as this one.
        """
        context, access = shell.context, shell.access
        subscriptions = Subscriptions(context.vault, endpoints, deliveries)
        links = Links(context.vault, access.accounts, context.public_url)
        writer = Writer(context.catalogue, shell.languages, links, context.clock)
        matcher = Recent(
            lambda: Matcher(
                subscriptions.all(), context.catalogue(), access.leaves.all(), all_limits(access.accounts)
            ),
            LOOK_SECONDS,
        )
        #: What deliveries are made of.
        self.feed = SubscriptionFeed(tail, subscriptions, matcher, context.catalogue, writer, context.clock)
        self.recipients = Recipients(
            subscriptions, context.catalogue, access.accounts, reach, tail.ends, context.clock, operator, turn
        )
        self.desk = Desk(
            subscriptions=subscriptions,
            endpoints=endpoints,
            deliveries=deliveries,
            creating=Creating(
                subscriptions,
                context.catalogue,
                access.accounts,
                writer,
                reach,
                trial,
                tail.ends,
                context.clock,
            ),
            undelivered=Undelivered(deliveries, tail.hold),
            accounts=access.accounts,
            links=links,
            matcher=matcher,
            hold=tail.hold,
            clock=context.clock,
        )
        #: What goes on beside the answering of requests.
        self.tasks: list[Callable[[], Awaitable[None]]] = [self.recipients.run]
        shell.add_part(
            "subscriptions",
            Path(__file__).parent,
            MenuEntry(path="/subscriptions", label=_("Subscriptions"), right=Right.SEE, place=82),
        )
        self.router = APIRouter()
        self.router.include_router(interface(self.desk, Asking(access, context)))
        self.router.include_router(ending(shell, self.desk))
        self.router.include_router(subscription_pages(shell, self.desk))
