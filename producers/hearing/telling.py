"""Telling people in the channel they came by: the port for adaptors, and what feeds them.

An adaptor, as of a WeChat public account, implements `Teller` and is given every change of its channel, from
wherever it stopped; of several servers one tells at a time.
"""

from collections.abc import Callable
from functools import partial
from secrets import token_hex
from typing import Any, Protocol

import anyio
from anyio import to_thread

from livelihood.instants import Instant
from livelihood.ports import Moved, Unavailable
from livelihood.safekeeping import Drawer, Vault
from livelihood.turns import RENEW_SECONDS, Turn
from producers.hearing.hub import Hub
from producers.hearing.places import NoPlaces, Places, places_of, text_of

#: How far each teller has told.
TOLD: Drawer = "told"
#: How long a teller that cannot tell now, or a store that cannot serve, is left alone.
PAUSE_SECONDS = 5.0


class Teller(Protocol):
    """Passes changes on to people. Called from a thread; may block for some seconds."""

    def tell(self, change: dict[str, Any]) -> None:
        """Pass one on; its `data.message` says it in `zh` and `en`, and where there is none nothing is said.

        Unavailable: not now, it is given again. A change may come twice where this process ended just after;
        its `id` is the same then.
        """


class Telling:
    """Tells all that happens to a channel's issues, from its first start on, each in order."""

    def __init__(
        self, hub: Hub, store: Vault, channel: str, teller: Teller, clock: Callable[[], Instant]
    ) -> None:
        self._hub = hub
        self._store = store
        self._channel = channel
        self._teller = teller
        self._turn = Turn(store, f"tell {channel}", token_hex(8), clock)

    async def run(self) -> None:
        """Tell whenever it is our turn, until all ends."""
        while not self._hub.closing:
            try:
                if await to_thread.run_sync(self._turn.take):
                    await self._tell()
                else:
                    await anyio.sleep(RENEW_SECONDS)
            except (Unavailable, Moved):
                await anyio.sleep(PAUSE_SECONDS)

    async def _tell(self) -> None:
        """As long as the turn is ours: it is renewed with each look."""
        with self._hub.follow(self._channel, await self._places()) as follower:
            while not self._hub.closing and await to_thread.run_sync(self._turn.take):
                for after, told in await self._hub.next(follower, 1, RENEW_SECONDS):
                    await to_thread.run_sync(self._teller.tell, told.for_channel(self._channel))
                    position = text_of(after).encode()
                    await to_thread.run_sync(partial(self._store.put, TOLD, self._channel, position))

    async def _places(self) -> Places:
        position = await to_thread.run_sync(self._store.get, TOLD, self._channel)
        try:
            if position is not None:
                return places_of(position.decode(), self._hub.tail.partitions)
        except NoPlaces:
            # The data were moved since: what happens from now on is told.
            pass
        places = await self._hub.ends()
        await to_thread.run_sync(self._store.put, TOLD, self._channel, text_of(places).encode())
        return places
