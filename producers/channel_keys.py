"""Channel keys: what one channel's system may publish, proved by a token that is shown once."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from livelihood.envelope import RequestEvent
from livelihood.fields import Code
from livelihood.instants import Instant, from_datetime
from livelihood.limits import Limit, nominal


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

    def objection(self, event: RequestEvent, now: Instant) -> tuple[str, str] | None:
        """The field that forbids publishing an event by this key, and what was expected; None: it may."""
        if event.kind.word not in self.may:
            allowed = ", ".join(sorted(self.may)) or "nothing"
            return (
                "type",
                f"the key {self.name!r} may not publish {event.kind.word}; it may publish {allowed}",
            )
        if event.channel != self.channel:
            return "channel", f"the key {self.name!r} is of the channel {self.channel!r}"
        if event.source != self.source and not event.source.startswith(f"{self.source}/"):
            return "source", f"expected {self.source} or what begins with {self.source}/"
        if self.claims is not None and now - from_datetime(event.time) > nominal(self.claims):
            return "time", f"the key {self.name!r} may claim no further back than {self.claims}"
        return None
