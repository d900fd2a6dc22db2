"""The last alerts that were told, found from the end of the log backwards."""

import msgspec

from consumers.feed.filters import AlertFilter
from livelihood.alerts import Alert
from livelihood.ports import Published

#: The places looked at first; twice as many each further time.
FIRST_WINDOW = 1_000
_PAGE = 5_000

_decode = msgspec.json.Decoder(Alert).decode

Found = list[tuple[Alert, bytes]]


def newest(topics: Published, wanted: AlertFilter, limit: int, ends: tuple[int, ...]) -> Found:
    """The last alerts up to those ends, at most so many, in the order they were raised, each as published."""
    found: Found = []
    for partition, end in enumerate(ends):
        found += _of_partition(topics, partition, wanted, limit, end)
    if len(ends) > 1:
        found.sort(key=lambda one: one[0].raised)
    return found[-limit:]


def _of_partition(topics: Published, partition: int, wanted: AlertFilter, limit: int, end: int) -> Found:
    found: Found = []
    width = FIRST_WINDOW
    while end > 0 and len(found) < limit:
        begin = max(end - width, 0)
        found = _between(topics, partition, wanted, begin, end) + found
        end, width = begin, width * 2
    return found[-limit:]


def _between(topics: Published, partition: int, wanted: AlertFilter, begin: int, end: int) -> Found:
    """Those after the one place, up to and with the other."""
    found: Found = []
    while begin < end and (page := topics.outgoing("alert", partition, begin, min(_PAGE, end - begin))):
        for place, _, document in page:
            if place <= end and wanted.takes(alert := _decode(document)):
                found.append((alert, document))
        begin = page[-1][0]
    return found
