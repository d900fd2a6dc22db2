"""The alerts read once for all who follow them, and kept for a while in memory.

Who follows pulls, from places of its own: whoever is slow costs nothing. What is no longer in memory is read
again from where alerts are published.
"""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

import anyio
import msgspec
from anyio import CapacityLimiter, to_thread
from sse_starlette.sse import AppStatus

from consumers.alerts import Told
from livelihood.alerts import Alert
from livelihood.ports import Moved, Published, Unavailable

#: How often it is looked for new ones.
TICK_SECONDS = 0.2
#: After a log that could not serve.
PAUSE_SECONDS = 2.0
#: Alerts read at a time, and kept in memory of each partition.
PAGE, KEPT = 5_000, 20_000
#: With nobody following for so long, nothing is read.
IDLE_SECONDS = 60.0

_decode = msgspec.json.Decoder(Alert).decode


class _Kept:
    """What is in memory of one partition: all there is after `base` up to `end`."""

    def __init__(self, end: int) -> None:
        self.base = self.end = end
        self._places: list[int] = []
        self._alerts: list[Alert] = []

    def add(self, page: Sequence[tuple[int, Alert]]) -> None:
        self._places += [place for place, _ in page]
        self._alerts += [alert for _, alert in page]
        self.end = self._places[-1]
        if len(self._places) > 2 * KEPT:
            self.base = self._places[-KEPT - 1]
            self._places, self._alerts = self._places[-KEPT:], self._alerts[-KEPT:]

    def after(self, place: int, limit: int) -> list[tuple[int, Alert]] | None:
        """What comes after a place, at most so much; None where that is not known here."""
        if not self.base <= place <= self.end:
            return None
        first = bisect_right(self._places, place)
        last = first + limit
        return list(zip(self._places[first:last], self._alerts[first:last], strict=True))


class AlertTail:
    """Of one event loop. `run` reads; whoever follows asks, and waits for `news`."""

    def __init__(self, open_topics: Callable[[], AbstractContextManager[Published]]) -> None:
        """`open_topics` gives what is read, when it first is; it belongs to one thread at a time."""
        self._open = open_topics
        self._held = ExitStack()
        self._topics: Published | None = None
        self._turn = threading.Lock()
        self._limiter = CapacityLimiter(2)
        self._kept: list[_Kept] | None = None
        self._asked = -IDLE_SECONDS
        self._looking = anyio.Lock()
        #: Another one each time that something was read, and at the end.
        self.news = anyio.Event()
        #: Nothing is read any more.
        self.closing = False

    def ends(self) -> tuple[int, ...]:
        """The places of what was told last. Blocks; Unavailable."""
        with self.hold() as topics:
            return ends_of(topics)

    @contextmanager
    def hold(self) -> Iterator[Published]:
        """What it reads from, for a thread that reads of its own; keep it short. Unavailable."""
        with self._turn:
            if self._topics is None:
                self._topics = self._held.enter_context(self._open())
            yield self._topics

    def close(self) -> None:
        """Give it back. Blocks."""
        with self._turn:
            self._held.close()
            self._topics = None

    async def run(self) -> None:
        """Read what is new, for as long as somebody follows."""
        while not AppStatus.should_exit:
            await anyio.sleep(TICK_SECONDS)
            if anyio.current_time() - self._asked > IDLE_SECONDS:
                self._kept = None
                continue
            try:
                await self.look()
            except (Unavailable, Moved):
                await anyio.sleep(PAUSE_SECONDS)
        self.closing = True
        self._wake()

    async def look(self) -> None:
        """Look now, and not with the next tick. Unavailable."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        if self._kept is None:
            ends = await to_thread.run_sync(self.ends, limiter=self._limiter)
            self._kept = [_Kept(end) for end in ends]
            return
        is_news = False
        for partition, kept in enumerate(self._kept):
            while page := await self._page(partition, kept.end, PAGE):
                kept.add(page)
                is_news = True
                if len(page) < PAGE:
                    break
        if is_news:
            self._wake()

    def _wake(self) -> None:
        news, self.news = self.news, anyio.Event()
        news.set()

    async def after(self, places: Sequence[int], limit: int = PAGE) -> tuple[list[Told], tuple[int, ...]]:
        """What comes after some places, at most so much of each partition, and the places then.

        The places are the same where there is nothing more by now. Unavailable where it cannot be read.
        """
        self._asked = anyio.current_time()
        found: list[Told] = []
        reached = list(places)
        for partition, place in enumerate(places):
            kept = self._kept[partition] if self._kept is not None else None
            page = kept.after(place, limit) if kept is not None else None
            if page is None:
                base = 0 if kept is None else kept.base
                page = await self._page(partition, place, limit)
                if len(page) < limit:
                    # That was all up to there; what is left are holes.
                    reached[partition] = max(place, base)
            found += [Told(partition, at, alert) for at, alert in page]
            if page:
                reached[partition] = max(reached[partition], page[-1][0])
        return found, tuple(reached)

    async def _page(self, partition: int, place: int, limit: int) -> list[tuple[int, Alert]]:
        return await to_thread.run_sync(self._read, partition, place, limit, limiter=self._limiter)

    def _read(self, partition: int, place: int, limit: int) -> list[tuple[int, Alert]]:
        with self.hold() as topics:
            return page_of(topics, partition, place, limit)


def page_of(topics: Published, partition: int, place: int, limit: int = PAGE) -> list[tuple[int, Alert]]:
    """A page of the alerts after a place, each with its own."""
    return [(at, _decode(document)) for at, _, document in topics.outgoing("alert", partition, place, limit)]


def ends_of(topics: Published) -> tuple[int, ...]:
    """The places of what was told last."""
    return tuple(topics.last("alert", partition) for partition in range(topics.partitions))
