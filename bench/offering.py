"""Senders for the bench, as processes of their own: so many connections, and how long each answer took.

    python -m bench.offering URL TOKEN CONNECTIONS SECONDS BATCH [RATE]

BATCH is how many events travel in a request; 1: in structured mode. With a RATE so many requests a second are
offered in all, whether the answers come or not as long as there are connections; without one, as fast as
answers come. Prints one JSON object.
"""

import asyncio
import json
import sys
import time
from uuid import uuid4

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


class Offering:
    """What was offered, and what was said to it."""

    def __init__(self, url: str, token: str, batch: int, rate: float) -> None:
        self.host, _, port = url.removeprefix("http://").partition(":")
        self.port = int(port)
        self.token = token
        self.batch = batch
        self.rate = rate
        self.run = uuid4().hex[:8]
        self.sent = 0
        self.acknowledged = 0
        self.seconds: list[float] = []
        self.statuses: dict[str, int] = {}
        self.begun = 0.0

    def body(self) -> bytes:
        """The next request's events: each of a new issue."""
        events = []
        for _ in range(self.batch):
            self.sent += 1
            name = f"{self.run}-{self.sent}"
            events.append(
                {
                    "specversion": "1.0",
                    "type": "livelihood.request.submitted",
                    "source": "/channels/app",
                    "id": name,
                    "subject": name,
                    "time": "2026-01-01T09:00:00+08:00",
                    "channel": "app",
                    "data": {"service": f"s{self.sent % 100}", "area": f"a{self.sent % 10}", "number": name},
                }
            )
        return json.dumps(events[0] if self.batch == 1 else events).encode()

    async def offer(self, until: float) -> None:
        """Send by one connection, made again where it ends."""
        media_type = STRUCTURED if self.batch == 1 else BATCH
        reader = writer = None
        while time.monotonic() < until:
            if self.rate:
                ahead = self.sent / self.batch / self.rate - (time.monotonic() - self.begun)
                if ahead > 0:
                    await asyncio.sleep(ahead)
            body = self.body()
            began = time.perf_counter()
            try:
                if writer is None or reader is None:
                    reader, writer = await asyncio.open_connection(self.host, self.port)
                head = (
                    f"POST /v1/events HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: {media_type}\r\n"
                    f"Content-Length: {len(body)}\r\nAuthorization: Bearer {self.token}\r\n\r\n"
                )
                writer.write(head.encode() + body)
                said = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(said.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
            except (OSError, asyncio.IncompleteReadError):
                reader = writer = None
                self.statuses["none"] = self.statuses.get("none", 0) + 1
                await asyncio.sleep(0.05)
                continue
            status = said[9:12].decode()
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status in ("200", "202"):
                self.seconds.append(time.perf_counter() - began)
                self.acknowledged += self.batch
            if b"connection: close" in said:
                writer.close()
                reader = writer = None
        if writer is not None:
            writer.close()

    async def run_for(self, connections: int, seconds: float) -> float:
        """Offer by so many connections; how long it took."""
        self.begun = time.monotonic()
        until = self.begun + seconds
        await asyncio.gather(*(self.offer(until) for _ in range(connections)))
        return time.monotonic() - self.begun


def main() -> None:
    """Offer, and print what was said."""
    url, token, connections, seconds, batch, *rate = sys.argv[1:]
    offering = Offering(url, token, int(batch), float(rate[0]) if rate else 0.0)
    took = asyncio.run(offering.run_for(int(connections), float(seconds)))
    # Enough of them for a percentile; a minute's are many.
    step = max(1, len(offering.seconds) // 20_000)
    print(
        json.dumps(
            {
                "took": took,
                "sent": offering.sent,
                "acknowledged": offering.acknowledged,
                "statuses": offering.statuses,
                "seconds": sorted(offering.seconds)[::step],
            }
        )
    )


if __name__ == "__main__":
    main()
