"""An event on its way: checked, made ready for its transport, with the future that will tell."""

import json
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from livelihood.envelope import MAX_EVENT_BYTES, InvalidEvent, RequestEvent, parse_event, too_large
from livelihood.instants import Instant
from livelihood.safekeeping import Sealer
from producers.publisher.delivery import Delivery, NotDelivered, Prepared

#: What an event weighs in memory beside its JSON, its future most of all. Measured at 2,070 (tracemalloc).
OVERHEAD_BYTES = 2_000


class Pending:
    """One event that waits or is under way."""

    __slots__ = ("arrived", "future", "id", "issue", "prepared", "said", "size", "source")

    def __init__(self, event: RequestEvent, prepared: Prepared) -> None:
        # Not the model itself, which is several times as large.
        self.source, self.id, self.issue = event.source, event.id, event.subject
        self.prepared = prepared
        self.size = len(prepared.value) + OVERHEAD_BYTES
        #: When it was taken on, in seconds of the monotonic clock.
        self.arrived = 0.0
        #: Why it was not delivered so far.
        self.said = ""
        self.future: Future[Delivery] = Future()
        # From now on nobody can cancel it: it may be in the log already.
        self.future.set_running_or_notify_cancel()

    def delivery(self, error: NotDelivered | None = None, number: str = "") -> Delivery:
        """A report on it."""
        return Delivery(
            source=self.source,
            id=self.id,
            issue=self.issue,
            error=error,
            number=number,
        )

    def report(self) -> Delivery:
        """The report that its future, which is done, holds."""
        error = self.future.exception()
        return self.delivery(error) if isinstance(error, NotDelivered) else self.future.result()


def prepare(
    event: RequestEvent | Mapping[str, Any], now: Instant, *, through_gateway: bool, sealer: Sealer | None
) -> Pending:
    """Check an event and make it ready; InvalidEvent names the field that is wrong.

    Personal data in clear stays so only on the way to the gateway, which seals it. Otherwise the sealer
    does, and without one it is refused.
    """
    document = _document(event, through_gateway)
    personal = _in_clear(document)
    if personal is None:
        checked = parse_event(_json(document), now)
    else:
        # Checked before it is sealed: who publishes rubbish makes no person's key.
        rest = {name: value for name, value in document["data"].items() if name != "personal"}
        checked = parse_event(_json({**document, "data": rest}), now)
        if not through_gateway:
            checked = _sealed(checked, personal, sealer)
    value = _json(document) if through_gateway else checked.to_json()
    if len(value) > MAX_EVENT_BYTES:
        raise InvalidEvent("", too_large())
    return Pending(checked, Prepared(checked.key, value))


def _document(event: RequestEvent | Mapping[str, Any], through_gateway: bool) -> dict[str, Any]:
    if isinstance(event, RequestEvent):
        # Whoever made the model stamped it; the gateway stamps again.
        left_out = {"recorded"} if through_gateway else None
        return event.model_dump(mode="json", exclude_none=True, exclude=left_out)
    if through_gateway and event.get("recorded") is not None:
        raise InvalidEvent("recorded", "is stamped by the gateway; leave it out")
    return dict(event)


def _in_clear(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The personal data of an event, where they are in clear."""
    data = document.get("data")
    personal = data.get("personal") if isinstance(data, Mapping) else None
    return dict(personal) if isinstance(personal, Mapping) else None


def _sealed(event: RequestEvent, personal: dict[str, Any], sealer: Sealer | None) -> RequestEvent:
    if sealer is None:
        raise InvalidEvent(
            "data.personal",
            "is in clear, and nobody seals it on this way to the log: give the publisher a sealer, or publish"
            " through the gateway",
        )
    try:
        sealed = sealer.seal(personal, event.subject)
    except ValueError as error:
        raise InvalidEvent("data.personal", str(error)) from None
    return event.model_copy(update={"data": event.data.model_copy(update={"personal": sealed})})


def _json(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(document, default=_plain, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        # A lone surrogate is among the ValueErrors.
        raise InvalidEvent("", f"cannot be written as JSON: {error}") from None


def _plain(value: Any) -> Any:
    """Times may be given as such, and mappings of any kind."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} is none of its values")
