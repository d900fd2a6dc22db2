"""What becomes of an event that comes in from outside."""

from dataclasses import dataclass
from typing import Self

from livelihood.envelope import RequestEvent
from livelihood.facts import Fact, decode
from livelihood.instants import from_datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The log holds this event durably."""

    issue: str
    source: str
    id: str
    #: What the person keeps, see receipts.py.
    number: str
    #: It was there before, with the same content; nothing has changed.
    repeated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Nothing of this event takes effect."""

    #: The HTTP status that says it: 400, 403, 409, 413.
    status: int
    #: The member at fault, as data.service; empty: the document as a whole.
    field: str
    #: What was expected.
    message: str


Answer = Receipt | Refusal


@dataclass(frozen=True, slots=True)
class Asked:
    """An event that may come in as far as it alone says."""

    event: RequestEvent
    fact: Fact
    #: As the log will have it.
    value: bytes

    @classmethod
    def of(cls, event: RequestEvent) -> Self:
        """The same event in its three forms."""
        value = event.to_json()
        return cls(event, decode(value, from_datetime(event.time))[1], value)
