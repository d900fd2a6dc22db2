"""The deliverer: all endpoints side by side, each by itself, in whichever server has the turn."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from secrets import token_hex

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from backends.webhooks.addresses import Addresses
from backends.webhooks.endpoint import Delivery, Noted
from backends.webhooks.ledger import Ledger, Message
from backends.webhooks.mailing import MailServer
from backends.webhooks.senders import Senders
from livelihood.endpoints import Endpoint, Endpoints, Feed
from livelihood.instants import SECOND, Instant
from livelihood.ports import Unavailable
from livelihood.safekeeping import Vault
from livelihood.turns import RENEW_SECONDS, TURN_LENGTH, Turn

#: How often it is seen which endpoints there are, and what is to be sent again.
LOOK_SECONDS = 2.0

_LOGGER = logging.getLogger("livelihood.web")


class Deliverer:
    """Of one process."""

    def __init__(
        self,
        store: Vault,
        endpoints: Endpoints,
        feeds: Mapping[str, Feed],
        addresses: Addresses,
        clock: Callable[[], Instant],
        *,
        is_shared: bool,
        mail: MailServer | None = None,
        noted: Noted = lambda *_: None,
    ) -> None:
        """`feeds` by the word before the colon; messages under way are kept in `store`.

        `is_shared`: other servers may deliver from the same store, and take turns. Without a `mail` server no
        letter can be sent. `noted` is told of every attempt.
        """
        self._endpoints = endpoints
        self._feeds = feeds
        self._ledger = Ledger(store)
        self._addresses = addresses
        self._mail = mail
        self._noted = noted
        self._clock = clock
        self._turn = Turn(store, "deliverer", token_hex(8), clock) if is_shared else None
        self._running: dict[str, tuple[Delivery, anyio.CancelScope]] = {}

    async def run(self) -> None:
        """Deliver whenever it is our turn, until cancelled."""
        try:
            while True:
                if await self._has_turn():
                    await self._deliver()
                await anyio.sleep(RENEW_SECONDS)
        finally:
            if self._turn is not None:
                with anyio.CancelScope(shield=True), suppress(Unavailable):
                    await to_thread.run_sync(self._turn.give_back)

    async def _has_turn(self) -> bool:
        if self._turn is None:
            return True
        try:
            return await to_thread.run_sync(self._turn.take)
        except Unavailable:
            return False

    async def _deliver(self) -> None:
        """Deliver for as long as the turn is ours."""
        sender = Senders(self._addresses, self._clock, self._mail)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._watch, group, sender)
                until = anyio.current_time() + TURN_LENGTH / SECOND - RENEW_SECONDS
                # Before another may take it we have stopped, though the store did not answer meanwhile.
                while anyio.current_time() < until:
                    await anyio.sleep(RENEW_SECONDS)
                    began = anyio.current_time()
                    with anyio.move_on_after(RENEW_SECONDS):
                        if await self._has_turn():
                            until = began + TURN_LENGTH / SECOND - RENEW_SECONDS
                group.cancel_scope.cancel()
        finally:
            self._running.clear()
            with anyio.CancelScope(shield=True):
                await sender.close()

    async def _watch(self, group: TaskGroup, sender: Senders) -> None:
        """Begin and end deliveries as endpoints come and go."""
        while True:
            try:
                wanted = {one.id: one for one in await to_thread.run_sync(self._endpoints.all)}
                kept = await to_thread.run_sync(self._ledger.messages) if wanted else []
            except Unavailable:
                await anyio.sleep(LOOK_SECONDS)
                continue
            active = {name: one for name, one in wanted.items() if not one.disabled and self._feed(one)}
            for name, (delivery, scope) in list(self._running.items()):
                if name not in active or delivery.is_over:
                    scope.cancel()
                    del self._running[name]
            by_endpoint: dict[str, list[Message]] = {name: [] for name in active}
            for message in kept:
                if message.endpoint in by_endpoint:
                    by_endpoint[message.endpoint].append(message)
            for name, endpoint in active.items():
                if name not in self._running:
                    self._begin(group, sender, endpoint, by_endpoint[name])
                    continue
                delivery = self._running[name][0]
                delivery.endpoint = endpoint
                for message in by_endpoint[name]:
                    await delivery.offer(message)
            await anyio.sleep(LOOK_SECONDS)

    def _feed(self, endpoint: Endpoint) -> Feed | None:
        return self._feeds.get(endpoint.feed.partition(":")[0])

    def _begin(self, group: TaskGroup, sender: Senders, endpoint: Endpoint, kept: list[Message]) -> None:
        feed = self._feed(endpoint)
        assert feed is not None
        delivery = Delivery(endpoint, feed, self._ledger, sender, self._clock, self._gone, self._noted)
        scope = anyio.CancelScope()
        self._running[endpoint.id] = delivery, scope

        async def run() -> None:
            with scope:
                try:
                    await delivery.run(kept)
                except Exception as error:  # noqa: BLE001  # whatever it is, other endpoints are none the worse
                    _LOGGER.error("a fault of this software, delivering: %s", type(error).__name__)
                    delivery.is_over = True

        group.start_soon(run)

    def _gone(self, endpoint: Endpoint, why: str) -> None:
        self._endpoints.disable(endpoint.id, why)
