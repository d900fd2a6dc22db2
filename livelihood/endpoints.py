"""Endpoints: where somebody wants to be told, over HTTP, and what is to be delivered there.

Technology stands behind the ports at the end, in backends/webhooks: who makes messages, of changes or of
alerts, needs nothing of it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Annotated, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from livelihood.instants import DAY, Instant

#: After a rotation both secrets sign for so long.
OVERLAP: Instant = DAY
#: Where channels' endpoints are told from; another feed has another word, as "subscription:".
CHANNEL_FEED = "channel:"


#: A URL that is none: what is sent there stands in the server's own log.
LOG = "log:"


class Secret(BaseModel):
    """What messages are signed with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    until: Instant | None = None
    """It signs no longer then; None: for good."""


class Endpoint(BaseModel):
    """One URL, kept as JSON in the vault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    feed: str
    """What is delivered: a kind of feed, a colon, and whose, as channel:hotline."""
    url: Annotated[str, Field(max_length=2_000)]
    secrets: list[Secret]
    """The newest first."""
    added: Instant
    position: str = ""
    """Where in its feed it begins; empty: before everything."""
    disabled: str = ""
    """Why nothing is delivered any more; empty: it is."""

    def signing(self, now: Instant) -> list[str]:
        """The secrets that sign now, the newest first."""
        return [one.value for one in self.secrets if one.until is None or one.until > now]


class Endpoints(Protocol):
    """All endpoints there are. Every call may raise Unavailable, and blocks."""

    def all(self) -> list[Endpoint]:
        """Every one, by id."""

    def of(self, feed: str) -> list[Endpoint]:
        """Those of a feed."""

    def get(self, identity: str) -> Endpoint | None:
        """One by its id."""

    def make(self, feed: str, url: str, position: str, now: Instant) -> Endpoint:
        """A new one with a secret, which is not kept yet."""

    def put(self, endpoint: Endpoint) -> None:
        """Keep one."""

    def add(self, feed: str, url: str, position: str, now: Instant) -> Endpoint:
        """Make one and keep it; its secret is to be shown this once."""

    def remove(self, identity: str) -> bool:
        """Forget one; whether there was one."""

    def rotate(self, identity: str, now: Instant) -> Endpoint | None:
        """Give one a new secret; the one before signs for OVERLAP more. None where there is none."""

    def move(self, identity: str, url: str) -> Endpoint | None:
        """Deliver to another URL from now on, what is under way too. None where there is no such endpoint."""

    def disable(self, identity: str, why: str) -> Endpoint | None:
        """Deliver nothing there any more; empty: deliver again, from where it stopped."""


#: Between the keys of a message that has several.
KEYS_BETWEEN = "\n"


class New(NamedTuple):
    """Something to deliver."""

    #: The same however often it is made, so that a receiver recognises a repeat.
    id: str
    #: Messages of one key are delivered in their order. It may be several, with KEYS_BETWEEN them.
    key: str
    #: JSON, as it is sent.
    body: str


class Feed(Protocol):
    """Where messages come from: can be read on from any position."""

    async def next(
        self, of: str, position: str, limit: int, wait_seconds: float
    ) -> tuple[Sequence[New], str]:
        """What comes after a position, at most so much, and the position after it; waits for it a while.

        `of` is what an endpoint's `feed` says after the colon. Unavailable where it cannot be read now.
        """


class Reach(Protocol):
    """Which URLs may be delivered to."""

    def objection(self, url: str) -> str:
        """What is wrong with a URL, and what was expected; empty: nothing. Looks its name up: it blocks."""


class Tried(NamedTuple):
    """What came of sending something once."""

    #: What was wrong; empty: it was taken.
    problem: str
    #: What a webhook answered; 0: nothing, or it is none.
    status: int = 0


#: Sends a message to an endpoint once, with its id and its body; nothing is raised but what cancels.
Trial = Callable[[Endpoint, str, str], Awaitable[Tried]]


class Waiting(NamedTuple):
    """A message that was not delivered yet, or given up."""

    endpoint: str
    id: str
    #: How often it was tried, when it is next, and what came of the last time.
    attempts: int
    next_at: Instant
    problem: str
    #: It is not tried again unless somebody asks for it.
    is_dead: bool
    body: str


class Deliveries(Protocol):
    """What is under way, and what was given up."""

    def waiting(self) -> Iterator[Waiting]:
        """All that is kept, by endpoint and in order."""

    def resend(self, endpoint: str, message: str = "") -> int:
        """Try what was given up again, one message or all; how many there were."""

    def forget(self, endpoint: str, message: str = "") -> None:
        """Keep nothing of an endpoint, or not that message of it."""

    def position(self, endpoint: str) -> str | None:
        """How far an endpoint's feed was read; None: it was not yet."""
