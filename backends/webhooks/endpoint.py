"""One endpoint's messages: read from its feed, delivered in order, tried again, given up."""

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from backends.webhooks.ledger import Ledger, Message
from backends.webhooks.senders import Senders
from backends.webhooks.sending import Outcome
from livelihood.endpoints import Endpoint, Feed
from livelihood.instants import SECOND, Instant
from livelihood.ports import Moved, Unavailable

#: After how long each attempt but the first is made, by Standard Webhooks; after the last a message is dead.
RETRY_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
#: A retry is later by up to so much of that, so that many do not come at once.
JITTER = 0.1
#: So many are under way or tried again; with more to tell, the feed waits where it is.
MOST_WAITING = 100
#: Sent to one endpoint at a time, no two of one key.
AT_ONCE = 4
#: How long one look at the feed lasts, and how long a store or feed that cannot serve is left alone.
FEED_SECONDS, PAUSE_SECONDS = 5.0, 2.0
#: How long the store has to note an answer when all is to end.
NOTING_SECONDS = 5.0

T = TypeVar("T")
#: What is told of every attempt: where it went, the message as it is kept then, and what came of it.
Noted = Callable[[Endpoint, Message, Outcome], None]


class Delivery:
    """Of one endpoint, while this process has the turn."""

    def __init__(
        self,
        endpoint: Endpoint,
        feed: Feed,
        ledger: Ledger,
        sender: Senders,
        clock: Callable[[], Instant],
        gone: Callable[[Endpoint, str], None],
        noted: Noted = lambda *_: None,
    ) -> None:
        """`gone` is told, from a thread, that it wants nothing any more; `noted` of each attempt."""
        self._endpoint = endpoint
        self._feed = feed
        self._ledger = ledger
        self._sender = sender
        self._clock = clock
        self._gone = gone
        self._noted = noted
        self._waiting: dict[str, Message] = {}
        #: The keys of what is being sent now, and how many messages that are.
        self._busy: set[str] = set()
        self._sending = 0
        self._changed = anyio.Event()
        self._number = 0
        self.is_over = False

    @property
    def endpoint(self) -> Endpoint:
        """As it is registered now: its secrets change, and where it is."""
        return self._endpoint

    @endpoint.setter
    def endpoint(self, endpoint: Endpoint) -> None:
        has_moved, self._endpoint = endpoint.url != self._endpoint.url, endpoint
        if has_moved:
            # What did not arrive at the place before is not kept waiting for it.
            for message in self._waiting.values():
                message.next_at = 0
            self._wake()

    async def run(self, kept: list[Message]) -> None:
        """Deliver until cancelled, or the endpoint wants nothing any more; `kept` is what the ledger has."""
        self._waiting = {message.id: message for message in kept if not message.is_dead}
        self._number = max((message.number for message in kept), default=0)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read)
            await self._send(group)
            group.cancel_scope.cancel()

    async def offer(self, message: Message) -> None:
        """A message of the ledger that is to be tried again, unless it is under way."""
        if message.id in self._waiting or message.is_dead:
            return
        # Meanwhile it may have been delivered.
        now = await self._kept(partial(self._ledger.get, message))
        if now is not None and not now.is_dead and message.id not in self._waiting:
            self._waiting[now.id] = now
            self._wake()

    async def _read(self) -> None:
        """Bring what is new into the ledger, as long as there is room."""
        name = self.endpoint.id
        position = await self._kept(partial(self._ledger.position, name)) or self.endpoint.position
        while True:
            room = MOST_WAITING - len(self._waiting)
            if room <= 0:
                await self._wait(None)
                continue
            of = self.endpoint.feed.partition(":")[2]
            new, after = await _patiently(partial(self._feed.next, of, position, room, FEED_SECONDS))
            if after == position:
                # A feed that ends may answer at once.
                await anyio.sleep(PAUSE_SECONDS / 20)
                continue
            messages = await self._kept(partial(self._ledger.take_in, name, new, self._number + 1, after))
            position, self._number = after, self._number + len(messages)
            self._waiting |= {message.id: message for message in messages}
            self._wake()

    async def _send(self, group: TaskGroup) -> None:
        while not self.is_over:
            now = self._clock()
            soonest: Instant | None = None
            started = 0
            seen = set(self._busy)
            for message in sorted(self._waiting.values(), key=lambda one: one.number):
                # Later ones of its keys wait until it is delivered or given up.
                is_free = seen.isdisjoint(message.keys)
                seen.update(message.keys)
                if not is_free:
                    continue
                if message.next_at > now:
                    soonest = message.next_at if soonest is None else min(soonest, message.next_at)
                elif self._sending < AT_ONCE:
                    self._sending += 1
                    self._busy.update(message.keys)
                    group.start_soon(self._attempt, message)
                    started += 1
            if not started:
                await self._wait(None if soonest is None else max(soonest - now, 0) / SECOND)

    async def _attempt(self, message: Message) -> None:
        outcome = await self._sender.send(self.endpoint, message.id, message.body)
        # An answer that came is noted, also where all is to end: else the message would come again.
        with anyio.move_on_after(NOTING_SECONDS, shield=True):
            await self._note(message, outcome)
        self._busy.difference_update(message.keys)
        self._sending -= 1
        self._wake()

    async def _note(self, message: Message, outcome: Outcome) -> None:
        if not outcome.problem:
            await self._kept(partial(self._ledger.delivered, message))
            del self._waiting[message.id]
        elif outcome.is_gone:
            await self._kept(partial(self._gone, self.endpoint, outcome.problem))
            self.is_over = True
        else:
            message.problem = outcome.problem
            message.attempts += 1
            message.is_dead = outcome.is_final or message.attempts > len(RETRY_SECONDS)
            if not message.is_dead:
                seconds = RETRY_SECONDS[message.attempts - 1] * (1 + random.uniform(0, JITTER))
                message.next_at = self._clock() + round(seconds * SECOND)
            await self._kept(partial(self._ledger.put, message))
            if message.is_dead:
                del self._waiting[message.id]
        self._noted(self.endpoint, message, outcome)

    async def _kept(self, call: Callable[[], T]) -> T:
        """Call the store from a thread, as often as it takes."""

        async def once() -> T:
            return await to_thread.run_sync(call)

        return await _patiently(once)

    async def _wait(self, seconds: float | None) -> None:
        changed = self._changed
        with anyio.move_on_after(seconds):
            await changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """What a call gives, once what it needs can serve."""
    while True:
        try:
            return await call()
        except (Unavailable, Moved):
            await anyio.sleep(PAUSE_SECONDS)
