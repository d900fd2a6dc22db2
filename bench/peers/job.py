"""The job: drop duplicates, fold each issue, keep a table of 1,000 cells.

A cell is (service, area); it counts how many of its issues were submitted, accepted, commented on and
resolved. An event names the cell only when the issue is submitted, so that the rest must be looked up.
The events are whole request events, so the same log serves the real domain too. Everything is made from a
seed: the same number of issues and the same beginning give the same log.
"""

import heapq
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

KINDS = ("submitted", "accepted", "commented", "resolved")
SERVICES, AREAS = 50, 20
#: Of the events, how many come a second time, and how much later at most, in events.
REPEATED, LATER = 0.02, 50_000
SEED = 20_261_124

Table = dict[str, list[int]]


@dataclass
class Oracle:
    """What every contender must come to."""

    events: int = 0
    table: Table = field(default_factory=dict)


def cell_of(issue: int) -> tuple[str, str]:
    """Service and area of an issue."""
    drawn = int.from_bytes(blake2b(b"%d" % issue, digest_size=4).digest(), "big") % (SERVICES * AREAS)
    return f"s{drawn % SERVICES}", f"a{drawn // SERVICES}"


def events(issues: int, oracle: Oracle, begin: int) -> Iterator[tuple[bytes, bytes]]:
    """The log, (key, JSON) by (key, JSON): each issue's events in order, issues mixed evenly.

    One a millisecond happens from `begin` on, in whole seconds since 1970. The oracle is complete when
    the last one has been taken.
    """
    chance = random.Random(SEED)
    order = array("L", (issue for issue in range(issues) for _ in KINDS))
    chance.shuffle(order)
    stage = bytearray(issues)
    again: list[tuple[int, bytes, bytes]] = []
    for place, issue in enumerate(order):
        kind = stage[issue]
        stage[issue] += 1
        key, value = _event(issue, kind, begin * 1_000 + place)
        service, area = cell_of(issue)
        oracle.table.setdefault(f"{service}/{area}", [0] * len(KINDS))[kind] += 1
        oracle.events += 1
        yield key, value
        if chance.random() < REPEATED:
            heapq.heappush(again, (place + chance.randrange(1, LATER), key, value))
        while again and again[0][0] <= place:
            oracle.events += 1
            yield heapq.heappop(again)[1:]
    for _, key, value in sorted(again):
        oracle.events += 1
        yield key, value


@lru_cache(maxsize=4)
def _second(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


def _event(issue: int, kind: int, milliseconds: int) -> tuple[bytes, bytes]:
    key = b"%d" % (1_000_000 + issue)
    moment = b"%s.%03dZ" % (_second(milliseconds // 1_000), milliseconds % 1_000)
    data = b"{}"
    if kind == 0:
        service, area = cell_of(issue)
        data = b'{"service":"%s","area":"%s"}' % (service.encode(), area.encode())
    elif kind == len(KINDS) - 1:
        data = b'{"outcome":"fixed"}'
    return key, (
        b'{"specversion":"1.0","type":"livelihood.request.%s","source":"/channels/app","id":"%s",'
        b'"subject":"%s","time":"%s","recorded":"%s","channel":"app",'
        b'"datacontenttype":"application/json","data":%s}'
        % (
            KINDS[kind].encode(),
            blake2b(b"%d/%d" % (issue, kind), digest_size=8).hexdigest().encode(),
            *(key, moment, moment, data),
        )
    )
