"""Reading alerts: in the order they were told, from a place on, narrowed to what is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from livelihood.alerts import Alert
from livelihood.instants import Instant, from_datetime
from livelihood.ports import Reader

#: Alerts read at a time.
PAGE = 5_000
#: What an alert says.
KINDS = ("due_soon", "overdue", "escalated", "pause_expired", "cleared")

_decode = msgspec.json.Decoder(Alert).decode


@dataclass(frozen=True, kw_only=True)
class AlertQuery:
    """Which alerts are asked for; None asks for all."""

    kind: str | None = None
    #: Raised then or later.
    since: Instant | None = None
    issue: str | None = None


def read_alerts(reader: Reader, query: AlertQuery, after: int = 0) -> Iterator[tuple[int, Alert]]:
    """Alerts after a place, in the order they were told, each with its place."""
    # Most are passed over without decoding them.
    issue = None if query.issue is None else f'"issue":{_text(query.issue)}'.encode()
    kind = None if query.kind is None else f'"kind":{_text(query.kind)}'.encode()
    while page := reader.outgoing("alert", after, PAGE):
        for place, _, document in page:
            if (issue is None or issue in document) and (kind is None or kind in document):
                alert = _decode(document)
                if query.since is None or from_datetime(alert.raised) >= query.since:
                    yield place, alert
        after = page[-1][0]


def _text(text: str) -> str:
    return msgspec.json.encode(text).decode()
