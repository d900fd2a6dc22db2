"""Subscribers of the feed for the bench, in a process of their own; how late each alert came to each.

    python -m bench.hearing URL SUBSCRIBERS ALERTS

Says `following` once all of them are connected, and at the end, when each has had so many overdue alerts,
prints one JSON object: the delays from the deadlines, in seconds, at some shares, and that of the last one.
"""

import asyncio
import json
import re
import sys
import time
from datetime import datetime

from bench.measuring import percentile

#: As the feed writes an alert; pieces of the stream end between alerts.
_DUE = re.compile(rb'"kind":"overdue","level":0,"due":"([^"]+)"')
_BYTES = 1 << 18
SHARES = (0.5, 0.99, 0.999)


class Hearing:
    """What came."""

    def __init__(self, url: str) -> None:
        self.host, _, port = url.removeprefix("http://").partition(":")
        self.port = int(port)
        self.delays: list[float] = []
        self._instants: dict[bytes, float] = {}
        self.following = 0

    async def follow(self, number: int) -> None:
        """Be one subscriber until so many have come."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=_BYTES)
        writer.write(b"GET /v1/alerts/stream?kind=overdue HTTP/1.1\r\nHost: localhost\r\n\r\n")
        rest, count = b"", 0
        while count < number:
            piece = await reader.read(_BYTES)
            if not piece:
                raise ConnectionError("the stream has ended")
            if not count and b": following" in piece:
                self.following += 1
            now = time.time()
            rest += piece
            end = 0
            for found in _DUE.finditer(rest):
                self.delays.append(now - self._instant(found[1]))
                end = found.end()
                count += 1
            rest = rest[max(end, len(rest) - 1_000) :]
        writer.close()

    def _instant(self, text: bytes) -> float:
        # Ten subscribers hear of the same ones.
        instant = self._instants.get(text)
        if instant is None:
            instant = self._instants[text] = datetime.fromisoformat(text.decode()).timestamp()
        return instant


async def main(url: str, subscribers: int, alerts: int) -> None:
    """Hear, and say how late."""
    hearing = Hearing(url)

    async def say() -> None:
        while hearing.following < subscribers:
            await asyncio.sleep(0.05)
        print("following", flush=True)

    await asyncio.gather(say(), *(hearing.follow(alerts) for _ in range(subscribers)))
    delays = sorted(hearing.delays)
    print(
        json.dumps(
            {
                "count": len(delays),
                "shares": [percentile(delays, share) for share in SHARES],
                "last": delays[-1],
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
