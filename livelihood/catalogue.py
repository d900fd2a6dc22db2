"""The catalogue: what is promised, by whom, to whom. Models, and the checks across them.

A catalogue is effective-dated: several versions, each a whole, and the one in force when an issue
was submitted applies to it (see promises.py). The file format is TOML; docs/catalogue.md explains
it with an example.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from livelihood.fields import Code, LanguageCode, Word
from livelihood.limits import Limit
from livelihood.workcalendars import ORDINARY_HOURS, Calendar, Zone, known_zone

#: The commitment of issues whose service no commitment names.
NO_COMMITMENT = ""
#: All traffic, in tables.
ALL = "*"
#: Stands for an area the catalogue does not list: rows keep to a bounded list.
OTHER_AREA = "other"


class CatalogueError(ValueError):
    """A catalogue that cannot be used; `problems` lists everything found, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Entry(BaseModel):
    """What all parts of a catalogue share: strict about unknown fields, a title in each language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: dict[LanguageCode, str] = {}


def titled(value: Any) -> Any:
    # title = "Pothole repair" is enough where one language serves.
    if isinstance(value, dict) and isinstance(value.get("title"), str):
        return {**value, "title": {"en": value["title"]}}
    return value


class Channel(Entry):
    """Where events come in."""

    origin: Literal["person", "staff"] = "person"
    allowed_lateness: Limit = Limit.parse("0s calendar")
    """How far back the channel may claim; what is claimed later counts from when it was recorded."""


class Holder(Entry):
    """Who holds a role, as an escalation step names it, and what the office is called there."""

    recipients: Annotated[list[str], Field(min_length=1)]


def _held(value: Any) -> Any:
    # head = ["head@example.org"] is enough where the role is called the same everywhere.
    return {"recipients": value} if isinstance(value, list) else titled(value)


Roles = dict[Word, Annotated[Holder, BeforeValidator(_held)]]


class Department(Entry):
    """A unit that serves."""

    parent: Code | None = None
    recipients: list[str] = []
    """Who hears of its alerts by default."""
    roles: Roles = {}
    """Who holds which role here, and below, where nobody else does; see recipients.py."""


class Area(Entry):
    """A place of the bounded list rows are kept for."""


def _texts(value: Any) -> Any:
    # hint = "a number" is enough where one language serves.
    return {"en": value} if isinstance(value, str) else value


Texts = Annotated[dict[LanguageCode, str], BeforeValidator(_texts)]

AnswerType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
#: Answered by one or several of the listed values.
LISTS: frozenset[AnswerType] = frozenset({"singlevaluelist", "multivaluelist"})


class Attribute(BaseModel):
    """What a person is asked who asks for a service (an attribute of Open311's service definition)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    question: Texts
    datatype: AnswerType = "string"
    required: bool = False
    variable: bool = True
    """False: nothing is asked, the text is only shown."""
    hint: Texts = {}
    """What helps to answer."""
    values: dict[Annotated[str, Field(min_length=1, max_length=80)], Texts] = {}
    """The answers to choose from, in order."""


class Service(Entry):
    """A standardised item of work."""

    department: Code
    category: str | None = None
    standard: Code | None = None
    description: Texts = {}
    """What people may ask for by it."""
    keywords: tuple[str, ...] = ()
    notice: Texts = {}
    """What will be done, told to whoever asked."""
    listed: bool = True
    """Whether everybody may see its requests; False where a place alone tells too much."""
    reply: Literal["realtime", "batch", "blackbox"] = "realtime"
    """What Open311 answers a request with: its id, a token that becomes an id, or neither."""
    attributes: tuple[Attribute, ...] = ()


class LimitCase(BaseModel):
    """A limit and when it holds: for an urgency, a channel, an area, or a combination."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Limit
    urgency: Word | None = None
    channel: Code | None = None
    area: Code | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """What must hold."""
        named = {"urgency": self.urgency, "channel": self.channel, "area": self.area}
        return {name: value for name, value in named.items() if value is not None}


def _cases(value: Any) -> Any:
    # resolution = "2 working_days" is the same as [{limit = "2 working_days"}].
    return [{"limit": value}] if isinstance(value, (str, Limit)) else value


Cases = Annotated[tuple[LimitCase, ...], BeforeValidator(_cases)]


class EscalationStep(BaseModel):
    """One rung of the ladder: so long after the deadline, this role is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    after: Limit
    to: Word


class Pauses(BaseModel):
    """Which reasons stop the clock, and for how long in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    reasons: frozenset[Word]
    max_total: Limit


class Standard(Entry):
    """What a service promises."""

    resolution: Cases = ()
    acceptance: Cases = ()
    reminder: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """The share of the time after which the issue is due soon."""
    escalation: tuple[EscalationStep, ...] = ()
    pauses: Pauses | None = None
    reopen_window: Limit = Limit.parse("30 calendar")
    """After a resolution, how long the person may reopen; then the issue is closed."""
    rework: Limit | None = None
    """The limit for alerts after reopening; by default the resolution limit."""
    visits_allowed: int | None = None


class Commitment(Entry):
    """A service commitment: some services, and the share of their issues to be done on time."""

    to: str = ""
    """To whom it was promised."""
    services: list[Code]
    target: Annotated[float, Field(gt=0, le=1)] | None = None


class Project(Entry):
    """A project commitment: an amount by a date. Never part of an on-time rate."""

    amount: Annotated[float, Field(gt=0)]
    unit: Annotated[Texts, Field(min_length=1)]
    """What is counted, in each language."""
    start: AwareDatetime
    due: AwareDatetime
    department: Code | None = None


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return {code: titled(entry) for code, entry in value.items()}
    return value


class CatalogueVersion(Entry):
    """One version, whole."""

    version: Annotated[str, Field(min_length=1, max_length=80)]
    effective: AwareDatetime | None = None
    """From when it is in force; without it, always."""
    correction: str | None = None
    """Why this version may change the past. Needed when `effective` has passed on publication."""
    recorded: AwareDatetime | None = None
    """When it was published: stamped then, and not written in a file."""
    time_zone: Zone
    calendar: Code = "monday-friday"
    calendars: dict[Code, Calendar] = {}
    channels: dict[Code, Channel] = {}
    departments: dict[Code, Department] = {}
    roles: Roles = {}
    """Who holds a role for all departments."""
    areas: dict[Code, Area] = {}
    services: dict[Code, Service] = {}
    standards: dict[Code, Standard] = {}
    commitments: dict[Code, Commitment] = {}
    projects: dict[Code, Project] = {}
    words: dict[Annotated[str, Field(min_length=1, max_length=80)], Entry] = {}
    """How people call reasons, urgencies, roles and categories."""

    @model_validator(mode="before")
    @classmethod
    def _complete_calendars(cls, data: Any) -> Any:
        """Calendars share the catalogue's time zone; a shipped one needs no more than its name."""
        if not isinstance(data, dict):
            return data
        zone, default = data.get("time_zone"), data.get("calendar", "monday-friday")
        given = data.get("calendars", {})
        if not (isinstance(zone, str) and isinstance(default, str) and isinstance(given, dict)):
            return data
        if default not in given:
            given = {default: {"include": default}, **given}
        try:
            known_zone(zone)
        except ValueError:
            # Said of the catalogue's own field, and once.
            zone = "UTC"
        shared = {"time_zone": zone, "opening": ORDINARY_HOURS}
        calendars = {
            code: {"code": code, **shared, **entry} if isinstance(entry, dict) else entry
            for code, entry in given.items()
        }
        return {**data, "calendars": calendars}

    _titles = field_validator(
        "channels",
        "departments",
        "areas",
        "services",
        "standards",
        "commitments",
        "projects",
        "words",
        mode="before",
    )(_parts)


#: What holds before the first catalogue: nothing is promised, and days are UTC's.
NOTHING_PUBLISHED = CatalogueVersion(version="nothing published", time_zone="UTC")
