"""The stream of a table: first all of its lines, then those that changed; it can be taken up again anywhere.

An event's id says how many movements of each partition are told. Whoever comes again with it is sent the
lines that later movements touched, on whatever server. Values are absolute: a line sent twice does no harm.

Whoever follows pulls: a reader that is slow holds a place, a list of lines' numbers and one piece of text,
and is sent each line as it stands when its turn comes.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from zoneinfo import ZoneInfo

import anyio
from fastapi import Response
from sse_starlette.sse import AppStatus
from starlette.concurrency import run_in_threadpool

from consumers.board.board import Board
from consumers.board.keeper import Keeper, Kept
from consumers.board.places import Place
from consumers.board.shown import Published
from consumers.board.view import View
from livelihood.instants import Instant, iso
from web.streaming import HEARTBEAT_SECONDS, event_stream

#: A piece is about so long: what a reader that has stalled keeps in memory, twice or three times.
PIECE_BYTES = 24 * 1024
#: Changes within so long are told together.
PAUSE_SECONDS = 0.2
#: A stream goes on for so long; whoever comes again is asked anew who they are.
LONGEST_SECONDS = 600.0
_CLOSING_SECONDS = 0.2


class Ticks:
    """Wakes the streams of one event loop when the board has something new."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._news = anyio.Event()
        self.closing = False

    async def run(self) -> None:
        """For as long as the server runs."""
        loop = asyncio.get_running_loop()

        def heard() -> None:
            loop.call_soon_threadsafe(self._wake)

        with self._board.heard(heard):
            while not AppStatus.should_exit:
                await anyio.sleep(_CLOSING_SECONDS)
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()

    async def next(self, seconds: float) -> bool:
        """Wait for something new; False where there was nothing for so long."""
        with anyio.move_on_after(seconds) as scope:
            await self._news.wait()
        return not scope.cancelled_caught


def stream_of(board: Board, ticks: Ticks, view: View, after: Place | None, zone: ZoneInfo) -> Response:
    """A response that goes on until one side ends it."""
    return event_stream(_Stream(board, ticks, view.whole, zone).pieces(after))


class _Stream:
    """One client's."""

    def __init__(self, board: Board, ticks: Ticks, view: View, zone: ZoneInfo) -> None:
        self._board = board
        self._ticks = ticks
        self._view = view
        self._zone = zone
        self._until = time.monotonic() + LONGEST_SECONDS

    @property
    def _is_over(self) -> bool:
        return self._ticks.closing or time.monotonic() > self._until

    async def pieces(self, after: Place | None) -> AsyncIterator[bytes]:
        """The stream's bytes, from a place on; from a snapshot on without one."""
        yield b"retry: 2000\n: following\n\n"
        while not self._is_over:
            keeper = self._board.keeper
            kept = None if keeper is None else await run_in_threadpool(self._board.kept, self._view)
            if keeper is None or kept is None:
                # Not all is read yet.
                if not await self._ticks.next(HEARTBEAT_SECONDS):
                    yield b": still here\n\n"
                continue
            # Of this event loop's thread alone.
            kept.followers += 1
            try:
                async for piece in self._of(keeper, kept, after):
                    yield piece
            finally:
                kept.followers -= 1
            # It is another table now: of another catalogue, or of data made anew.
            after = None

    async def _of(self, keeper: Keeper, kept: Kept, after: Place | None) -> AsyncIterator[bytes]:
        published = kept.published
        numbers: Sequence[int] | None = None
        if after is not None and after.is_of(published.place):
            while not published.place.has_reached(after):
                # Another server was ahead of this one.
                await self._ticks.next(HEARTBEAT_SECONDS)
                if kept.is_gone or self._is_over:
                    return
                published = kept.published
            touched = await run_in_threadpool(keeper.touched, kept, after, published)
            if touched is not None:
                numbers = [one.number for one in published.lines if one.number in touched]
        event = "lines"
        if numbers is None:
            event, numbers = "snapshot", [one.number for one in published.lines]
        while True:
            for piece in self._round(kept, numbers, event, published):
                yield piece
            told = published
            await anyio.sleep(PAUSE_SECONDS)
            while not (kept.is_gone or self._is_over) and kept.published.change == told.change:
                is_news, now = await self._ticks.next(HEARTBEAT_SECONDS), kept.published
                if not is_news and now.change == told.change:
                    # An id without data: whoever comes again need not look at what was nothing to it.
                    told = now
                    yield f": still here\nid: {told.place}\n\n".encode()
            if kept.is_gone or self._is_over:
                return
            published = kept.published
            event, numbers = "lines", [one.number for one in published.lines if one.change > told.change]

    def _round(self, kept: Kept, numbers: Sequence[int], event: str, published: Published) -> Iterator[bytes]:
        """Lines of these numbers as they stand when their turn comes; the place with the last of them."""
        held: list[bytes] = []
        size = 0
        if not numbers and event == "lines":
            yield f": up to date\nid: {published.place}\n\n".encode()
        for count, number in enumerate(numbers, 1):
            shown = kept.published.by_number[number]
            held.append(shown.json)
            size += len(shown.json)
            is_last = count == len(numbers)
            if size > PIECE_BYTES or is_last:
                place = published.place if is_last else None
                yield self._piece(event, held, kept.published.as_of, place)
                held, size, event = [], 0, "lines"

    def _piece(self, event: str, lines: Sequence[bytes], as_of: Instant, place: Place | None) -> bytes:
        head = f"event: {event}\n" + ("" if place is None else f"id: {place}\n")
        about = f'data: {{"as_of":"{iso(as_of, self._zone)}","lines":['
        return b"".join([head.encode(), about.encode(), b",".join(lines), b"]}\n\n"])
