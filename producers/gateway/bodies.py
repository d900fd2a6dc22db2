"""A request's body, read piece by piece and never further than it may be long."""

from starlette.requests import Request

from web.problems import Problem


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body; 413 as soon as it is, or says it is, longer than that."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most_bytes:
        raise _too_long(most_bytes)
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most_bytes:
            raise _too_long(most_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def _too_long(most_bytes: int) -> Problem:
    # What is still on its way is not read, so the connection cannot be used again.
    return Problem(413, f"expected at most {most_bytes // 1024} KiB", headers={"Connection": "close"})
