"""What a publisher says of an event: that the log holds it, or why that is not known or will not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class NotDelivered(Exception):
    """An event that the log may not hold. Publishing it again, with the same id, does no harm."""

    def __init__(self, message: str, field: str = "", *, refused: bool = False) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.message = message
        #: The member at fault, as data.service; empty: none is.
        self.field = field
        #: Nothing of it takes effect, and the same event will be refused again. Otherwise nobody answered in
        #: time, and the log may hold it all the same.
        self.refused = refused


class PublisherFull(RuntimeError):
    """As many events wait as may; nothing of this one was kept. Wait, or publish less."""


class PublisherClosed(RuntimeError):
    """The publisher was closed before; nothing of this event was kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What became of one event."""

    #: The event's own, which together identify it.
    source: str
    id: str
    issue: str
    #: Why the log may not hold it; None: it does, durably.
    error: NotDelivered | None = None
    #: The receipt number for the person, of a submission that went through the gateway.
    number: str = ""


class Prepared(NamedTuple):
    """An event as it travels."""

    #: The root issue, by which the log is keyed.
    key: str
    #: Its JSON.
    value: bytes


class Taken(NamedTuple):
    """The log holds the event."""

    number: str = ""


class Refusal(NamedTuple):
    """The event is wrong, and will not be less so when it is sent again."""

    field: str
    message: str


class Later(NamedTuple):
    """Nothing was heard of the event, or the other side is busy: it is sent again."""

    message: str
    #: How long the other side asks to be left alone.
    after_seconds: float = 0.0


Outcome = Taken | Refusal | Later


class Transport(Protocol):
    """One way to the log. Used by one thread, from the first call to `close`."""

    #: Whether personal data may go by it in clear, because the other side seals it.
    seals: bool
    #: The most bytes of events it takes at once.
    largest_bytes: int

    def send(self, events: Sequence[Prepared]) -> list[Outcome]:
        """What became of each; Unavailable where that is Later for all of them."""

    def close(self) -> None:
        """Give connections back; what is under way there is no longer waited for."""
