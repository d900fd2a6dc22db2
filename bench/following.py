"""Readers and a sender for the bench of the dashboard, as processes of their own; each prints a JSON object.

python -m bench.following events URL PASS PATH SECONDS RATE TARGET   from acknowledged to a stream's line
python -m bench.following table URL PASS PATH SECONDS                how long answers took
python -m bench.following many URL PASS PATH SECONDS CLIENTS         how many clients were told how much
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from typing import Any

import msgspec

from bench.measuring import percentile
from bench.submitting import Line, answer, connected, getting, submit

#: What has been acknowledged is waited for so long.
LATEST_SECONDS = 60.0


class _Shown(msgspec.Struct):
    """What the bench reads of a line."""

    received: int
    service: str | None = None
    area: str | None = None


class _Told(msgspec.Struct):
    lines: list[_Shown]


_told = msgspec.json.Decoder(_Told).decode


class Watched:
    """When events of each line were acknowledged, and when the stream showed how many."""

    def __init__(self) -> None:
        self.acknowledged: dict[Line, list[float]] = defaultdict(list)
        self.shown: dict[Line, list[tuple[float, int]]] = defaultdict(list)
        #: What was received in each line before.
        self.before: dict[Line, int] = {}
        self.is_whole = False

    async def follow(self, url: str, pass_: str, path: str) -> None:
        """Read a stream until it is cancelled."""
        reader, writer = await connected(url)
        writer.write(getting(path, pass_).encode())
        assert b" 200 " in await reader.readline()
        identity = False
        while line := await reader.readline():
            if line.startswith(b"data: "):
                now = time.perf_counter()
                for one in _told(line[6:]).lines:
                    self.shown[one.service, one.area].append((now, one.received))
            if identity and not self.is_whole:
                self.before = {one: looks[-1][1] for one, looks in self.shown.items()}
                self.is_whole = True
            identity = line.startswith(b"id: ")

    def note(self, line: Line, moment: float) -> None:
        """An event of this line is acknowledged."""
        self.acknowledged[line].append(moment)

    def delays(self) -> list[float]:
        """Of each event, from its acknowledgement to the line that counts it."""
        found = []
        for line, acknowledged in self.acknowledged.items():
            looks = iter(self.shown[line])
            at, received = next(looks)
            for number, moment in enumerate(sorted(acknowledged), self.before.get(line, 0) + 1):
                while received < number:
                    at, received = next(looks)
                found.append(max(at - moment, 0.0))
        return found

    def percentiles(self) -> dict[str, Any]:
        """Of these delays."""
        return percentiles(self.delays())

    @property
    def is_told(self) -> bool:
        """Whether every event that was acknowledged is counted in a line shown."""
        return all(
            self.shown[line] and self.shown[line][-1][1] >= self.before.get(line, 0) + len(moments)
            for line, moments in self.acknowledged.items()
        )


async def events(url: str, pass_: str, path: str, seconds: str, rate: str, target: str) -> dict[str, Any]:
    """Submit at a rate, and see when each is in its line."""
    watched = Watched()
    following = asyncio.create_task(watched.follow(url, pass_, path))
    while not watched.is_whole:
        await asyncio.sleep(0.05)
        assert not following.done(), following
    await asyncio.sleep(1)
    reached = await submit(target, float(seconds), float(rate), watched.note)
    until = time.perf_counter() + LATEST_SECONDS
    while not watched.is_told and time.perf_counter() < until:
        await asyncio.sleep(0.1)
    assert watched.is_told, f"not all was told within {LATEST_SECONDS:.0f} s"
    following.cancel()
    return {"rate": reached, **watched.percentiles()}


async def table(url: str, pass_: str, path: str, seconds: str) -> dict[str, Any]:
    """Ask again and again, with a pause like a reader's."""
    reader, writer = await connected(url)
    found = []
    until = time.perf_counter() + float(seconds)
    while time.perf_counter() < until:
        began = time.perf_counter()
        assert await answer(reader, writer, getting(path, pass_), b"") == 200
        found.append(time.perf_counter() - began)
        await asyncio.sleep(0.03)
    return percentiles(found)


async def many(url: str, pass_: str, path: str, seconds: str, clients: str) -> dict[str, Any]:
    """Follow by many clients; how many bytes and events each was told."""
    told: list[tuple[int, int]] = []

    async def follow() -> None:
        reader, writer = await connected(url)
        writer.write(getting(path, pass_).encode())
        size = events = 0
        try:
            async with asyncio.timeout(float(seconds)):
                while chunk := await reader.read(1 << 18):
                    size += len(chunk)
                    events += chunk.count(b"event: ")
        except TimeoutError:
            pass
        told.append((size, events))

    await asyncio.gather(*(follow() for _ in range(int(clients))))
    return {"clients": len(told), "fewest": min(told)[1], "bytes": sum(size for size, _ in told)}


def percentiles(values: list[float]) -> dict[str, Any]:
    """Median, 99th percentile and how many there were."""
    return {"count": len(values), "median": percentile(values, 0.5), "p99": percentile(values, 0.99)}


if __name__ == "__main__":
    WAYS = {"events": events, "table": table, "many": many}
    print(json.dumps(asyncio.run(WAYS[sys.argv[1]](*sys.argv[2:]))))
