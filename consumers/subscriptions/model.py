"""What a subscription is: what somebody wants to hear, when, in which words, and whether it is paused."""

from functools import cached_property
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from consumers.subscriptions.places import Places
from consumers.subscriptions.times import Quiet
from livelihood.alerts import Alert, AlertKind, Obligation
from livelihood.fields import Code, LanguageCode
from livelihood.instants import Instant, from_datetime
from livelihood.workcalendars import TimeOfDay, Zone

#: At once where nothing else is said; the rest waits for the morning.
AT_ONCE: frozenset[AlertKind] = frozenset({"due_soon"})
#: What the catalogue names somebody for; a rung of the ladder was climbed because nobody acted.
AT_ONCE_BY_DEFAULT: frozenset[AlertKind] = AT_ONCE | {"escalated"}
#: 08:30.
MORNING = 8 * 60 + 30

Codes = Annotated[frozenset[Code], PlainSerializer(sorted, return_type=list[str])]
Kinds = Annotated[frozenset[AlertKind], PlainSerializer(sorted, return_type=list[str])]


class Wanted(BaseModel):
    """Which alerts; an empty list is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    commitments: Codes = frozenset()
    services: Codes = frozenset()
    departments: Codes = frozenset()
    """These, and those below them."""
    areas: Codes = frozenset()
    channels: Codes = frozenset()
    """By which the issue came."""
    obligations: Annotated[frozenset[Obligation], PlainSerializer(sorted, return_type=list[str])] = (
        frozenset()
    )
    kinds: Kinds = frozenset()
    level: Annotated[int, Field(ge=0, le=100)] = 0
    """At least this rung of the escalation ladder; above 0 nothing is told before it was climbed."""
    stale: bool = True
    """Also what was old news when it was raised; always in a digest."""

    def holds(self, alert: Alert, above: frozenset[str]) -> bool:
        """Whether an alert is wanted; `above` are its department and those it belongs to."""
        return (
            (not self.commitments or alert.commitment in self.commitments)
            and (not self.services or alert.service in self.services)
            and (not self.departments or not self.departments.isdisjoint(above))
            and (not self.areas or alert.area in self.areas)
            and (not self.channels or alert.channel in self.channels)
            and (not self.obligations or alert.obligation in self.obligations)
            and (not self.kinds or alert.kind in self.kinds)
            and alert.level >= self.level
            and (self.stale or not alert.stale)
        )


#: What a line of one's own may name.
LINE_FIELDS = (
    "what", "issue", "service", "department", "area", "channel", "commitment", "due", "late", "level",
    "reason",
)  # fmt: skip


class Chosen(BaseModel):
    """What whoever subscribes chooses."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    title: Annotated[str, Field(max_length=100)] = ""
    """What it is called in lists and messages."""
    wanted: Wanted = Wanted()
    at_once: Kinds = AT_ONCE
    """The kinds told at once; all others wait for the digest."""
    digest: Literal["hourly", "morning"] = "morning"
    """When the digest comes: every hour, or in the morning of each working day."""
    morning: TimeOfDay = MORNING
    """That morning's time of day."""
    time_zone: Zone
    quiet: Quiet | None = None
    """Hours in which nothing is sent; what was held comes together afterwards."""
    language: LanguageCode = "en"
    line: Annotated[str, Field(max_length=300)] = ""
    """How an alert is said in a line, such as "{service} {issue}: {what}"; empty: as usual."""

    @field_validator("line")
    @classmethod
    def _can_be_filled_in(cls, line: str) -> str:
        check_line(line)
        return line


class Era(BaseModel):
    """What was chosen before a change: it goes on for the alerts that were read until then."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    until: Places | None = None
    """The places of the last of these; None: whoever reads them has not seen the change yet."""
    wanted: Wanted
    at_once: Kinds


class Subscription(Chosen):
    """One subscription, kept as JSON in the vault; where it is told is its endpoint's."""

    id: str
    account: str = ""
    """Whose it is; empty: nobody's who has an account."""
    recipient: str = ""
    """Whom the catalogue names, as it writes it; such a one hears what is theirs by default."""
    carries_pass: bool = False
    """Its mails carry a link that opens the account's cases without a password."""
    is_operator: bool = False
    """Hears what nobody else does."""
    added: Instant
    paused: Instant | None = None
    """Since when nothing is sent; None: it is."""
    rested: tuple[Instant, Instant] | None = None
    """The last pause that has ended: what was raised then is told together."""
    eras: tuple[Era, ...] = ()
    """What was chosen before, the oldest first."""

    @property
    def is_changing(self) -> bool:
        """Whether whoever reads its alerts has not seen yet that it was changed."""
        return bool(self.eras) and self.eras[-1].until is None

    @cached_property
    def _before(self) -> list[tuple[Places | None, "Subscription"]]:
        return [
            (era.until, self.model_copy(update={"wanted": era.wanted, "at_once": era.at_once, "eras": ()}))
            for era in self.eras
        ]

    def at(self, partition: int, place: int) -> "Subscription":
        """As it was when the alert at a place was read: what is read again is judged as it was then."""
        if not self.eras:
            return self
        before = (one for until, one in self._before if until is None or place <= until[partition])
        return next(before, self)

    def is_quiet(self, now: Instant) -> bool:
        """Whether nothing is to be sent now."""
        return self.quiet is not None and self.quiet.holds(now, self.time_zone)

    def was_held(self, alert: Alert) -> bool:
        """Whether an alert was raised when nothing was sent."""
        raised = from_datetime(alert.raised)
        if self.rested is not None and self.rested[0] <= raised < self.rested[1]:
            return True
        return self.is_quiet(raised)

    def is_at_once(self, alert: Alert) -> bool:
        """Whether an alert is told at once; what was old news when raised never is."""
        return alert.kind in self.at_once and not alert.stale


class LineError(ValueError):
    """A line of one's own that cannot be filled in; the message says what can."""


def check_line(line: str) -> None:
    """LineError where a line names what there is not, or does more than name it."""
    known = ", ".join(f"{{{name}}}" for name in LINE_FIELDS)
    try:
        parts = list(Formatter().parse(line))
    except ValueError as error:
        raise LineError(f"{error}; write names in braces, such as {{service}}, and braces twice") from None
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if name not in LINE_FIELDS:
            raise LineError(f"there is no {{{name}}}; there are {known}")
        if form or conversion:
            raise LineError(f"write {{{name}}} alone; there are {known}")
