"""The messages of each subscription, for deliveries: alerts read on, and told at their pace.

What tells of several issues is decided first, and made only once the deliverer has kept that (places.py).
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial

import anyio
import msgspec
from anyio import to_thread

from consumers.alerts import Told
from consumers.subscriptions.matching import Matcher
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.pace import Pace
from consumers.subscriptions.places import Cut, NoPosition, Places, Position, beginning, position_of, text_of
from consumers.subscriptions.store import Subscriptions
from consumers.subscriptions.writing import Writer
from consumers.tail import TICK_SECONDS, AlertTail
from livelihood.endpoints import New
from livelihood.instants import Instant
from livelihood.promises import Catalogue

#: A position is kept anew once so many alerts were passed that are not to be told.
WORTH_KEEPING = 1_000

_LOGGER = logging.getLogger("livelihood.web")


class SubscriptionFeed:
    """The messages of subscriptions (livelihood/endpoints.py: Feed)."""

    def __init__(
        self,
        tail: AlertTail,
        subscriptions: Subscriptions,
        matcher: Callable[[], Matcher],
        catalogue: Callable[[], Catalogue],
        writer: Writer,
        clock: Callable[[], Instant],
    ) -> None:
        """`matcher` gives one of the last seconds; it blocks."""
        self._tail = tail
        self._subscriptions = subscriptions
        self._matcher = matcher
        self._catalogue = catalogue
        self._writer = writer
        self._clock = clock
        self._paces: dict[str, Pace] = {}

    async def next(
        self, of: str, position: str, limit: int, wait_seconds: float
    ) -> tuple[Sequence[New], str]:
        """What comes after a position, at most so much, and the position after it; waits for it a while."""
        until = anyio.current_time() + wait_seconds
        subscription = await to_thread.run_sync(self._subscriptions.get, of)
        if subscription is None or subscription.paused is not None:
            await anyio.sleep(wait_seconds)
            return [], position
        pace = await self._pace(subscription, position)
        if text_of(pace.position) != position:
            # Begun anew: kept at once, or what comes now would be passed over again.
            return [], text_of(pace.position)
        if pace.position.cut is not None:
            if pace.subscription.is_quiet(self._clock()):
                # Whoever decided on it was ended before it could be told.
                await anyio.sleep(wait_seconds)
                return [], position
            return await self._made(pace)
        if subscription.is_changing:
            pace = await self._changed(pace)
        while True:
            news = self._tail.news
            is_more = await self._read_on(pace, None)
            now = self._clock()
            cut = None if is_more else pace.cut(now, limit)
            if cut is not None:
                pace.position = msgspec.structs.replace(pace.position, cut=cut)
                return [], text_of(pace.position)
            moved = pace.moved(now)
            if _is_worth_keeping(pace.position, moved):
                pace.position = moved
                return [], text_of(moved)
            if is_more:
                continue
            remaining = until - anyio.current_time()
            if remaining <= 0:
                return [], position
            # With something to be told soon it is looked again; else when there is news.
            with anyio.move_on_after(min(remaining, TICK_SECONDS) if pace.at_once else remaining):
                await news.wait()

    async def _made(self, pace: Pace) -> tuple[list[New], str]:
        """What was decided on."""
        cut = pace.position.cut
        assert cut is not None
        new = await to_thread.run_sync(self._written, pace, cut)
        pace.made(cut)
        return new, text_of(pace.position)

    def _written(self, pace: Pace, cut: Cut) -> list[New]:
        if cut.what == "each":
            return [self._writer.of_issue(pace.subscription, bundle) for bundle in pace.bundles_of(cut)]
        alerts = pace.alerts_of(cut)
        # None is left where the catalogue, or who takes whose place, has changed meanwhile.
        return [self._writer.several(pace.subscription, pace.position, alerts)] if alerts else []

    async def _pace(self, subscription: Subscription, text: str) -> Pace:
        """Where a subscription stands by a position: as it is in memory, or read again."""
        pace = self._paces.get(subscription.id)
        if pace is not None and pace.subscription == subscription and text_of(pace.position) == text:
            return pace
        ends = await to_thread.run_sync(self._tail.ends)
        try:
            position = position_of(text, ends)
        except NoPosition as problem:
            _LOGGER.warning("the subscription %s goes on from now: %s", subscription.id, problem)
            position = beginning(ends, self._clock())
            begun = await to_thread.run_sync(self._subscriptions.begin_anew, subscription.id)
            subscription = begun or subscription
        pace = Pace(subscription, position, self._catalogue().calendar)
        while await self._read_on(pace, None if position.cut is None else position.cut.until):
            pass
        self._paces[subscription.id] = pace
        return pace

    async def _changed(self, pace: Pace) -> Pace:
        """Where a subscription stands that was changed: what is read from here on is judged by the change.

        All that this process has judged by what was chosen before is read again here, so it lies before.
        """
        while await self._read_on(pace, None):
            pass
        settled = partial(self._subscriptions.settle, pace.subscription.id, pace.read, pace.position.digested)
        subscription = await to_thread.run_sync(settled)
        return pace if subscription is None else await self._pace(subscription, text_of(pace.position))

    async def _read_on(self, pace: Pace, until: Places | None) -> bool:
        """Take in what comes next, no further than some places; whether there may be more."""
        found, reached = await self._tail.after(pace.read)
        if reached == pace.read:
            return False
        if until is not None:
            found = [told for told in found if told.place <= until[told.partition]]
            reached = tuple(min(place, end) for place, end in zip(reached, until, strict=True))
        heard = await to_thread.run_sync(self._heard, pace.subscription, found)
        is_more = reached != pace.read
        pace.take_in(heard, reached, self._clock())
        return is_more

    def _heard(self, subscription: Subscription, found: Sequence[Told]) -> list[Told]:
        """Those that are for a subscription. Blocks."""
        matcher = self._matcher()
        return [told for told in found if matcher.hears(subscription, told.alert, told)]


def _is_worth_keeping(before: Position, after: Position) -> bool:
    passed = sum(after.told) - sum(before.told) + sum(after.digested) - sum(before.digested)
    return after.looked != before.looked or passed >= WORTH_KEEPING
