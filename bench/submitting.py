"""Submissions at a rate, over a table of a thousand lines; and the HTTP that the dashboard's bench needs."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from secrets import randbelow
from typing import Protocol

from confluent_kafka import Producer

from bench.offering import BATCH as MEDIA_TYPE
from bench.peers.job import AREAS, SERVICES
from bench.synthetic import event
from livelihood.ports import NewRecord

#: Events sent together.
BATCH = 20
#: How many batches are under way at once.
SENDERS = 8

#: The gateway stamps that itself.
_RECORDED = re.compile(rb'"recorded":"[^"]*",')

Line = tuple[str | None, str | None]
Submission = tuple[NewRecord, Line]
Note = Callable[[Line, float], None]


async def connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a server."""
    host, _, port = url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port), limit=1 << 24)


def getting(path: str, pass_: str) -> str:
    """A request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {pass_}\r\n\r\n"


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: str, body: bytes
) -> int:
    """Send a request and read its answer; the status."""
    writer.write(request.encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    return int(head[9:12])


class Target(Protocol):
    """Where events go."""

    async def send(self, batch: list[Submission], note: Note) -> None:
        """Send, and note when each was acknowledged."""


class Gateway:
    """Over HTTP, a connection for whoever sends."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        #: Taken in turn: a server closes the ones that rest.
        self._free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def send(self, batch: list[Submission], note: Note) -> None:
        """One request; what it takes is durable."""
        connection = self._free.popleft() if self._free else await connected(self._url)
        body = b"[" + b",".join([_RECORDED.sub(b"", record.value) for record, _ in batch]) + b"]"
        head = (
            f"POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        )
        assert await answer(*connection, head, body) == 200
        self._free.append(connection)
        now = time.perf_counter()
        for _, line in batch:
            note(line, now)


class Topic:
    """To the topic itself, as producers on the network of the stack do; acknowledged by all replicas."""

    def __init__(self, servers: str, topic: str) -> None:
        self._topic = topic
        self._producer = Producer(
            {"bootstrap.servers": servers, "partitioner": "murmur2_random", "linger.ms": 2, "acks": "all"}
        )

    async def send(self, batch: list[Submission], note: Note) -> None:
        """Produce, and wait until all are acknowledged."""
        acknowledged = []

        def noted(line: Line) -> Callable[[object, object], None]:
            def one(error: object, _: object) -> None:
                assert error is None, error
                note(line, time.perf_counter())
                acknowledged.append(line)

            return one

        for record, line in batch:
            self._producer.produce(self._topic, record.value, record.key, on_delivery=noted(line))
        while len(acknowledged) < len(batch):
            self._producer.poll(0)
            await asyncio.sleep(0.001)


#: "gateway URL TOKEN" or "topic SERVERS NAME".
TARGETS: dict[str, Callable[[str, str], Target]] = {"gateway": Gateway, "topic": Topic}


async def submit(target: str, seconds: float, rate: float, note: Note) -> float:
    """Submit at a rate to a target; events a second that were acknowledged."""
    kind, where, what = target.split()
    to, numbers, first, begun = TARGETS[kind](where, what), count(), randbelow(2**40), time.perf_counter()

    async def send() -> int:
        sent = 0
        while time.perf_counter() < begun + seconds:
            number = next(numbers)
            await asyncio.sleep(max(begun + number * BATCH / rate - time.perf_counter(), 0))
            await to.send([_submission(first, number * BATCH + one) for one in range(BATCH)], note)
            sent += BATCH
        return sent

    sent = await asyncio.gather(*(send() for _ in range(SENDERS)))
    return sum(sent) / (time.perf_counter() - begun)


def _submission(first: int, number: int) -> Submission:
    # Spread, so that neighbours are not of one line.
    line = (number * 37) % (SERVICES * AREAS)
    service, area = f"s{line % SERVICES}", f"a{line // SERVICES}"
    record = event(
        "submitted", first + number, "submitted", time.time_ns() // 1_000, {"service": service, "area": area}
    )
    return record, (service, area)
