"""Bodies of requests, read piece by piece: none longer than it may be, and not too many at once."""

import asyncio

from starlette.requests import Request

from web.problems import NotNow, Problem

#: All bodies that are being read or worked on take so much at most, and are so many.
MOST_BYTES = 64 * 1024 * 1024
MOST_REQUESTS = 2_000
#: A body that comes slower than this holds up its place.
BODY_SECONDS = 30.0


class Bodies:
    """The requests of one process that have a place, until each is answered."""

    def __init__(self) -> None:
        self._bytes = self._requests = 0

    def place(self, request: Request, most_bytes: int) -> "Body":
        """A place for a body of at most so many bytes. 413 where it says it is longer, 503 without room."""
        announced = request.headers.get("content-length", "")
        size = int(announced) if announced.isdigit() else most_bytes
        if size > most_bytes:
            raise _too_long(most_bytes)
        if self._requests >= MOST_REQUESTS or self._bytes + size > MOST_BYTES:
            raise NotNow("too many requests at once; repeat the same later")
        return Body(self, request, size, most_bytes)

    def take(self, size: int) -> None:
        """Give a place away."""
        self._bytes += size
        self._requests += 1

    def leave(self, size: int) -> None:
        """Have it back."""
        self._bytes -= size
        self._requests -= 1


class Body:
    """One body, within whose `with` it has a place."""

    def __init__(self, bodies: Bodies, request: Request, size: int, most_bytes: int) -> None:
        self._bodies = bodies
        self._request = request
        self._size = size
        self._most_bytes = most_bytes

    async def read(self) -> bytes:
        """All of it; a problem where it is too long (413) or comes too slowly (408)."""
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for piece in self._request.stream():
                    size += len(piece)
                    if size > self._most_bytes:
                        raise _too_long(self._most_bytes)
                    pieces.append(piece)
        except TimeoutError:
            raise Problem(408, "the body came too slowly", headers={"Connection": "close"}) from None
        return b"".join(pieces)

    def __enter__(self) -> "Body":
        self._bodies.take(self._size)
        return self

    def __exit__(self, *_: object) -> None:
        self._bodies.leave(self._size)


def _too_long(most_bytes: int) -> Problem:
    # What is still on its way is not read, so the connection cannot be used again.
    return Problem(413, f"expected at most {most_bytes // 1024} KiB", headers={"Connection": "close"})
