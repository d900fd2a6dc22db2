"""What the API answers, as OpenAPI describes it. The documents are made elsewhere, and a test compares.

Every measure is defined in docs/measures.md.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from livelihood.event_data import Outcome
from livelihood.measures import Rate as RateOfMeasures
from livelihood.measures import measures_of


class Described(BaseModel):
    """What all answers share."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Rate(Described):
    """A share with what it was taken from; `value`, `low` and `high` are null over nothing."""

    value: float | None
    numerator: int
    denominator: int
    """Below 30 a rate is shown grey and is not ranked."""
    low: float | None
    """The Wilson score interval at 95 %."""
    high: float | None


class Times(Described):
    """Percentiles of a length of time, in seconds; null over nothing."""

    median_seconds: int | None
    p90_seconds: int | None


class TimeToResolve(Described):
    """How long it took, all hours and working hours."""

    elapsed: Times
    working: Times


class Excluded(Described):
    """Who left a rate, by reason."""

    withdrawn: int
    merged: int


#: The measures that are no plain counts.
_TYPES: dict[str, Any] = {
    "resolved_by_outcome": dict[Outcome, int],
    "time_to_resolve": TimeToResolve,
    "excluded": Excluded,
}
_MEASURES: dict[str, Any] = {
    name: (_TYPES.get(name, Rate if isinstance(value, RateOfMeasures) else int), ...)
    for name, value in measures_of({}).items()
}


class _Where(Described):
    commitment: str
    """`*`: all traffic."""
    department: str | None = None
    """Where the table is broken down by it; null in the line of all traffic. So are the next five."""
    service: str | None = None
    area: str | None = None
    channel: str | None = None
    origin: str | None = None
    outcome: str | None = None


class _Instants(_Where):
    oldest_open: AwareDatetime | None
    """When the oldest open issue was submitted."""
    last_change: AwareDatetime | None


#: A line of a table: where it stands, then every measure.
Line: type[BaseModel] = create_model("Line", __base__=_Instants, **_MEASURES)


class Project(Described):
    """A project commitment. Amounts in its unit, the pace in units a day."""

    commitment: str
    unit: str
    """In English where the catalogue has it so."""
    done: float
    verified: float
    target: float
    pace: float | None
    expected_date: AwareDatetime | None
    due_date: AwareDatetime
    last_change: AwareDatetime | None


class Table(Described):
    """A table: what it is of, and a page of its lines."""

    commitment: str | None
    """null: all of them."""
    by: list[str]
    period: str
    as_of: AwareDatetime
    """The instant it stands for."""
    known_at: AwareDatetime | None
    position: str | None
    """Where it stands: the stream of its changes goes on `after` it. null where it has none."""
    total: int
    """Lines on all pages, beside that of all traffic, which is the first of each."""
    lines: list[Line]
    projects: list[Project]


class Commitment(Described):
    """What was promised, as published last."""

    commitment: str
    title: dict[str, str]
    to: str
    services: list[str]
    target: float | None


class ProjectCommitment(Described):
    """An amount promised by a day."""

    commitment: str
    title: dict[str, str]
    amount: float
    unit: dict[str, str]
    """What is counted, by language, as `title` is."""
    start: AwareDatetime
    due: AwareDatetime
    department: str | None


class Commitments(Described):
    """All commitments of the catalogue."""

    catalogue: str
    """The version that was published last."""
    time_zone: str
    commitments: list[Commitment]
    projects: list[ProjectCommitment]


class Point(Described):
    """A day, week or month of a series."""

    day: date
    """The day it begins on."""
    received: int
    resolved: int
    """How many more were resolved at its end than at its beginning: a reopening takes one away."""
    open: int
    """At its end, or as of the instant the series stands for."""
    overdue: int


class Series(Described):
    """Counts over time."""

    commitment: str
    unit: str
    period: str
    as_of: AwareDatetime
    points: list[Point]


class ListedIssue(Described):
    """An issue in a list, without anything personal."""

    issue: str
    state: str
    commitment: str | None
    service: str
    department: str
    area: str | None
    channel: str
    submitted: AwareDatetime
    deadline: AwareDatetime | None
    settled: AwareDatetime | None
    outcome: str | None


class Issues(Described):
    """The issues behind a figure, by deadline; those without one last."""

    measure: str
    as_of: AwareDatetime
    total: int
    """On all pages."""
    issues: list[ListedIssue]


class Partition(Described):
    """How far the work on a partition of the log has come."""

    partition: int
    lag: int
    """Records in the log that nobody has worked on yet."""
    clock: AwareDatetime | None
    """The instant its tables stand for; null where nobody has worked on it."""
    next_offset: int
    behind: int | None
    """Commits the board has not counted in yet; null while it does not follow the work."""


class Health(Described):
    """How things stand, partition by partition."""

    now: AwareDatetime
    """By the server's clock."""
    lag: Annotated[int, Field(ge=0)]
    """Of all partitions together."""
    partitions: list[Partition]
