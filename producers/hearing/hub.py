"""The hub: the tail read once for all who follow, and kept for a while in memory.

Who follows pulls: a reader that is slow holds a place in the stream and nothing else, so it costs no memory
however far it falls behind. What is no longer in memory is read from the log again.
"""

from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import anyio
from anyio import CapacityLimiter, to_thread
from sse_starlette.sse import AppStatus

from livelihood.ports import Moved, Unavailable
from producers.hearing.documents import Told
from producers.hearing.places import Place, Places, is_at_or_after, latest
from producers.hearing.tail import Tail

#: How often the log is looked at. What was raised is published just after the commit that raised it, so an
#: event is told one look after it was worked on: the two then come in their order.
TICK_SECONDS = 0.2
#: After a log or store that could not serve.
PAUSE_SECONDS = 2.0
#: Changes kept in memory, of all channels together.
KEPT = 5_000
#: With nobody following, nothing is read and kept after so many looks.
_IDLE_TICKS = 300


class Follower:
    """One who follows a channel: where they stand."""

    def __init__(self, channel: str, places: Places) -> None:
        self.channel = channel
        self.places = places
        #: Changes of the hub's before this one were taken or passed over; -1: not known.
        self._number = -1


class Hub:
    """Of one event loop. `run` reads; whoever follows waits for what it finds."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self._kept: deque[Told] = deque()
        #: The number of the first that is kept, counted from the start of the process.
        self._first = 0
        #: Before the first and after the last that is kept; None: nothing is read.
        self._base: Places | None = None
        self._end: Places | None = None
        self._channels: dict[str, int] = {}
        self._followed: set[str] = set()
        self._news = anyio.Event()
        self._limiter = CapacityLimiter(2)
        self.closing = False

    @contextmanager
    def follow(self, channel: str, places: Places) -> Iterator[Follower]:
        """Follow a channel from some places on, for as long as this lasts."""
        self._channels[channel] = self._channels.get(channel, 0) + 1
        if channel not in self._followed:
            # What is kept was read without it.
            self._followed.add(channel)
            self._forget()
        try:
            yield Follower(channel, places)
        finally:
            self._channels[channel] -= 1

    async def ends(self) -> Places:
        """Where all stands now: what comes later is news."""
        return await to_thread.run_sync(self.tail.ends, limiter=self._limiter)

    async def run(self) -> None:
        """Read what is new, for as long as somebody follows."""
        idle, worked = 0, [0] * self.tail.partitions
        while not self.closing:
            await anyio.sleep(TICK_SECONDS)
            if AppStatus.should_exit:
                self.close()
                return
            idle = 0 if any(self._channels.values()) else idle + 1
            if idle > _IDLE_TICKS:
                self._followed.clear()
                self._forget()
            elif self._followed:
                try:
                    worked = await self._look(worked)
                except (Unavailable, Moved):
                    await anyio.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        """End everybody's waiting."""
        self.closing = True
        self._wake()

    async def _look(self, worked: list[int]) -> list[int]:
        if self._end is None:
            self._base = self._end = await self.ends()
        now = await to_thread.run_sync(self.tail.worked_on, limiter=self._limiter)
        for partition, until in enumerate(worked):
            while True:
                places = self._reached()
                if places is None:
                    return now
                at = places[partition]
                found, place = await to_thread.run_sync(
                    self.tail.read, partition, at, until, self._is_followed, limiter=self._limiter
                )
                if self._reached() is not places or place == at:
                    break
                self._keep(found, partition, place)
        return now

    def _reached(self) -> Places | None:
        return self._end

    def _keep(self, found: list[Told], partition: int, place: Place) -> None:
        assert self._end is not None
        assert self._base is not None
        self._kept += found
        self._end = (*self._end[:partition], place, *self._end[partition + 1 :])
        while len(self._kept) > KEPT:
            self._base = after(self._base, self._kept.popleft())
            self._first += 1
        self._wake()

    def _is_followed(self, channels: Collection[str]) -> bool:
        return not self._followed.isdisjoint(channels)

    def _forget(self) -> None:
        self._first += len(self._kept)
        self._kept.clear()
        self._base = self._end = None

    def _wake(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()

    async def next(self, follower: Follower, limit: int, wait_seconds: float) -> list[tuple[Places, Told]]:
        """The next changes with the places after each; none where none came in time, or all ends.

        The follower's places move with what is given, and past what is not its channel's.
        Unavailable where the log cannot be read now.
        """
        until = anyio.current_time() + wait_seconds
        while not self.closing:
            news = self._news
            found = self._from_memory(follower, limit)
            if found is None:
                found = await self._from_log(follower, limit)
                if not found and self._from_memory(follower, 0) is None:
                    # The hub has not begun, or the way to it is long.
                    await anyio.sleep(TICK_SECONDS if self._end is None else 0)
            elif not found:
                with anyio.move_on_after(until - anyio.current_time()):
                    await news.wait()
            if found or anyio.current_time() >= until:
                return found
        return []

    def _from_memory(self, follower: Follower, limit: int) -> list[tuple[Places, Told]] | None:
        """What is kept; None where that does not reach back to the follower's places."""
        base, end = self._base, self._end
        if base is None or end is None or not is_at_or_after(follower.places, base):
            return None
        start = max(follower._number - self._first, 0)
        found: list[tuple[Places, Told]] = []
        places = follower.places
        for number in range(start, len(self._kept)):
            if len(found) >= limit:
                break
            told = self._kept[number]
            if follower.channel in told.numbers and is_new(places, told):
                places = after(places, told)
                found.append((places, told))
            follower._number = self._first + number + 1
        else:
            if limit:
                places = latest(places, end)
        follower.places = places
        return found

    async def _from_log(self, follower: Follower, limit: int) -> list[tuple[Places, Told]]:
        """Read on from the follower's own places, a page of each partition."""
        end = self._end or await self.ends()
        found: list[tuple[Places, Told]] = []
        places = follower.places

        def is_followed(channels: Collection[str]) -> bool:
            return follower.channel in channels

        for partition, until in enumerate(end):
            at = places[partition]
            if len(found) == limit or (at[:2] >= until[:2] and at.alert >= until.alert):
                continue
            page, place = await to_thread.run_sync(
                self.tail.read, partition, at, until.offset, is_followed, limiter=self._limiter
            )
            for told in page[: limit - len(found)]:
                places = after(places, told)
                found.append((places, told))
            if len(found) < limit:
                places = (*places[:partition], place, *places[partition + 1 :])
        # Only now: whoever stops waiting on the way has been given nothing.
        follower.places, follower._number = places, -1
        return found


def is_new(places: Places, told: Told) -> bool:
    """Whether a change comes after some places."""
    at = places[told.partition]
    return told.place.alert > at.alert if told.is_alert else told.place[:2] > at[:2]


def after(places: Places, told: Told) -> Places:
    """Some places, moved on past a change."""
    at = places[told.partition]
    moved = at._replace(alert=told.place.alert) if told.is_alert else Place(*told.place[:2], at.alert)
    return (*places[: told.partition], moved, *places[told.partition + 1 :])
