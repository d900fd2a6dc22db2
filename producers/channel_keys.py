"""Channel keys: what one channel's system may publish, proved by a token that is shown once."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from livelihood.envelope import RequestEvent
from livelihood.events import DATA_MODELS, Kind
from livelihood.fields import Code
from livelihood.instants import Instant
from livelihood.limits import Limit, nominal

#: What may be published from outside, as words; the processor alone makes the rest.
PUBLISHABLE = frozenset(kind.word for kind in DATA_MODELS) - {Kind.ABSORBED.word}


class ChannelKey(BaseModel):
    """What the holder of a key may publish. Kept as JSON in the vault's drawer of channel keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Code
    """Names the key in lists and logs; the token begins with it."""
    channel: Code
    """Events must carry this channel, and a source that begins with `source`."""
    may: frozenset[str]
    """The kinds of event it may publish, as words: "submitted", "resolved"."""
    departments: frozenset[Code] = frozenset()
    """Issues of these only; empty: of any."""
    claims: Limit | None = None
    """How far back it may claim; None: as the catalogue allows the channel."""
    per_minute: Annotated[int, Field(ge=1)] = 6_000
    """Events a minute before it is asked to wait."""
    sees_personal: bool = False
    """Whether it reads back what its people said of themselves."""

    @property
    def source(self) -> str:
        """What the `source` of its events is, or begins with before a slash."""
        return f"/channels/{self.channel}"

    def of(self, channel: str) -> "ChannelKey":
        """The key for events of a channel: this one."""
        del channel
        return self

    def objection(self, event: RequestEvent) -> tuple[str, str] | None:
        """The field that forbids such an event by this key, and what was expected; None: none does."""
        if event.kind.word not in self.may:
            allowed = ", ".join(sorted(self.may)) or "nothing"
            return (
                "type",
                f"the key {self.name!r} may not publish {event.kind.word}; it may publish {allowed}",
            )
        if event.channel != self.channel:
            return "channel", f"the key {self.name!r} is of the channel {self.channel!r}"
        if not self.owns(event.source):
            return "source", f"expected {self.source} or what begins with {self.source}/"
        return None

    def owns(self, source: str) -> bool:
        """Whether a `source` is of the key's channel."""
        return source == self.source or source.startswith(f"{self.source}/")

    @property
    def is_unlimited(self) -> bool:
        """Whether it may publish whatever may be published, of any time."""
        return self.may >= PUBLISHABLE and self.claims is None

    def is_late(self, time: Instant, now: Instant) -> bool:
        """Whether an event that says it happened then claims more than this key may claim now."""
        return self.claims is not None and now - time > nominal(self.claims)


class OpenKey(ChannelKey):
    """Stands for whoever reaches a server that is open: may publish everything of every channel."""

    def of(self, channel: str) -> ChannelKey:
        """A key of that channel, where one is needed."""
        return self.model_copy(update={"channel": channel})

    def owns(self, source: str) -> bool:
        """Every one: nobody has said whose is whose."""
        del source
        return True

    def objection(self, event: RequestEvent) -> tuple[str, str] | None:
        """What the processor alone makes is nobody's to publish."""
        return ChannelKey.objection(self.of(event.channel), event)


#: What access gives while the server is open.
OPEN = OpenKey(name="open", channel="open", may=PUBLISHABLE, per_minute=1_000_000)
