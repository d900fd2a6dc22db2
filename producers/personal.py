"""Personal data on the way in: they come as an object of clear fields, and go on sealed or not at all."""

import json
from collections.abc import Callable
from typing import Any

from livelihood.envelope import MAX_EVENT_BYTES, InvalidEvent, RequestEvent, too_large

#: Seals the fields of an event about an issue, as livelihood.safekeeping.Sealer does.
Seal = Callable[[dict[str, str], str], str | None]

#: Stands for what is sealed later, so that an event can be checked before anything is sealed for it.
_PLACEHOLDER = "sealed.-.-"


def split(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """An event without its clear personal data, and these; None where it has none.

    What is there but no object is left as it is.
    """
    data = document.get("data")
    personal = data.get("personal") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(personal, dict):
        return document, None
    return {**document, "data": {**data, "personal": _PLACEHOLDER}}, personal


def split_line(line: bytes) -> tuple[bytes, dict[str, Any] | None]:
    """As `split`, for an event as JSON; what is no JSON is left to whoever checks it."""
    if b'"personal"' not in line:
        return line, None
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return line, None
    document, personal = split(document) if isinstance(document, dict) else (document, None)
    return (line, None) if personal is None else (json.dumps(document).encode(), personal)


def with_sealed(event: RequestEvent, personal: dict[str, Any], seal: Seal) -> RequestEvent:
    """The event with its personal data sealed, of whatever size that makes it.

    InvalidEvent names the field at fault, never what is in it.
    """
    try:
        text = seal(personal, event.subject)
    except ValueError as error:
        raise InvalidEvent("data.personal", str(error)) from None
    return event.model_copy(update={"data": event.data.model_copy(update={"personal": text})})


def sealed(event: RequestEvent, personal: dict[str, Any] | None, seal: Seal) -> RequestEvent:
    """The event as the log may have it. InvalidEvent names the field at fault, never what is in it."""
    if personal is None:
        return event
    event = with_sealed(event, personal, seal)
    if len(event.to_json()) > MAX_EVENT_BYTES:
        raise InvalidEvent("", too_large())
    return event
