"""Reading alerts: in the order they were told, from a place on, narrowed to what is asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import NamedTuple, get_args

import msgspec

from livelihood.alerts import Alert, AlertKind, Obligation
from livelihood.envelope import root_of
from livelihood.instants import Instant, from_datetime
from livelihood.partitions import partition_of
from livelihood.ports import Published

#: Alerts read at a time.
PAGE = 5_000
#: What an alert says.
KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
#: What it is about.
OBLIGATIONS: tuple[Obligation, ...] = get_args(Obligation)

_decode = msgspec.json.Decoder(Alert).decode


@dataclass(frozen=True, kw_only=True)
class AlertQuery:
    """Which alerts are asked for; None asks for all."""

    kind: str | None = None
    #: Raised then or later.
    since: Instant | None = None
    issue: str | None = None


class Told(NamedTuple):
    """An alert and where it stands."""

    partition: int
    place: int
    alert: Alert


def read_alerts(topics: Published, query: AlertQuery, after: Sequence[int] = ()) -> Iterator[Told]:
    """Alerts in the order they were told; across partitions, by when they were raised.

    `after` has a place for each partition, those of what was read before (see `places`).
    """
    asked: Iterable[int] = range(topics.partitions)
    if query.issue is not None:
        asked = [partition_of(root_of(query.issue), topics.partitions)]
    feeds = [_of_partition(topics, query, number, after[number] if after else 0) for number in asked]
    return merge(*feeds, key=lambda told: told.alert.raised) if len(feeds) > 1 else feeds[0]


def places(told: Iterable[Told], before: Sequence[int], partitions: int) -> list[int]:
    """The places to go on after, once these were read after those."""
    reached = list(before) or [0] * partitions
    for partition, place, _ in told:
        reached[partition] = max(reached[partition], place)
    return reached


def _of_partition(topics: Published, query: AlertQuery, partition: int, after: int) -> Iterator[Told]:
    # Most are passed over without decoding them.
    issue = None if query.issue is None else f'"issue":{_text(query.issue)}'.encode()
    kind = None if query.kind is None else f'"kind":{_text(query.kind)}'.encode()
    while page := topics.outgoing("alert", partition, after, PAGE):
        for place, _, document in page:
            if (issue is None or issue in document) and (kind is None or kind in document):
                alert = _decode(document)
                if query.since is None or from_datetime(alert.raised) >= query.since:
                    yield Told(partition, place, alert)
        after = page[-1][0]


def _text(text: str) -> str:
    return msgspec.json.encode(text).decode()
