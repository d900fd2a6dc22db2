"""The ledger: what is under way, what was given up, and how far each endpoint's feed was read.

A message is kept before the feed counts as read past it, and goes when it was delivered; so whoever is killed
at whatever moment loses none, and repeats only what was sent without its answer having been noted.
"""

from collections.abc import Iterator, Sequence

import msgspec

from livelihood.endpoints import KEYS_BETWEEN, Deliveries, New, Waiting
from livelihood.instants import Instant
from livelihood.safekeeping import Drawer, Place, Vault

MESSAGES: Drawer = "delivery"
POSITIONS: Drawer = "delivery-position"
#: Between an endpoint and a message's id.
_SEPARATOR = "/"


class Message(msgspec.Struct, kw_only=True):
    """A message of one endpoint."""

    endpoint: str
    id: str
    key: str
    body: str
    #: Its place among the endpoint's.
    number: int
    attempts: int = 0
    #: When it is tried next.
    next_at: Instant = 0
    #: What came of the last attempt.
    problem: str = ""
    is_dead: bool = False

    @property
    def keys(self) -> list[str]:
        """Messages that share one are delivered in their order."""
        return self.key.split(KEYS_BETWEEN)

    @property
    def place(self) -> Place:
        """Where it is kept."""
        return Place(MESSAGES, f"{self.endpoint}{_SEPARATOR}{self.id}")

    def pack(self) -> bytes:
        """As it is kept."""
        return _pack(self)


_pack = msgspec.json.Encoder().encode
_unpack = msgspec.json.Decoder(Message).decode


class Ledger(Deliveries):
    """On any vault. Every call may raise Unavailable, and blocks."""

    def __init__(self, store: Vault) -> None:
        self._store = store

    def position(self, endpoint: str) -> str | None:
        """How far an endpoint's feed was read; None: it was not yet."""
        position = self._store.get(POSITIONS, endpoint)
        return None if position is None else position.decode()

    def take_in(self, endpoint: str, new: Sequence[New], first: int, position: str) -> list[Message]:
        """Keep messages, numbered from `first`, and how far the feed is read with them."""
        messages = [
            Message(endpoint=endpoint, id=one.id, key=one.key, body=one.body, number=number)
            for number, one in enumerate(new, first)
        ]
        if messages:
            self._store.add_all([(message.place, message.pack()) for message in messages])
        self._store.put(POSITIONS, endpoint, position.encode())
        return messages

    def put(self, message: Message) -> None:
        """Keep what came of an attempt that failed."""
        self._store.put(*message.place, message.pack())

    def get(self, message: Message) -> Message | None:
        """A message as it is kept now."""
        packed = self._store.get(*message.place)
        return None if packed is None else _unpack(packed)

    def delivered(self, message: Message) -> None:
        """It need not be kept any more."""
        self._store.delete(*message.place)

    def messages(self) -> list[Message]:
        """All that are kept, by endpoint and in order."""
        found = [_unpack(packed) for _, packed in self._store.items(MESSAGES)]
        return sorted(found, key=lambda message: (message.endpoint, message.number))

    def waiting(self) -> Iterator[Waiting]:
        """All that is kept, by endpoint and in order."""
        for one in self.messages():
            yield Waiting(one.endpoint, one.id, one.attempts, one.next_at, one.problem, one.is_dead, one.body)

    def resend(self, endpoint: str, message: str = "") -> int:
        """Try what was given up again, one message or all; how many there were."""
        count = 0
        for one in self.messages():
            if one.endpoint == endpoint and one.is_dead and message in ("", one.id):
                self.put(msgspec.structs.replace(one, is_dead=False, attempts=0, next_at=0))
                count += 1
        return count

    def forget(self, endpoint: str, message: str = "") -> None:
        """Keep nothing of an endpoint, or not that message of it."""
        places = [
            one.place for one in self.messages() if one.endpoint == endpoint and message in ("", one.id)
        ]
        self._store.delete_all(places if message else [*places, Place(POSITIONS, endpoint)])
