"""The steps that lead to a deadline, as records; deadline_text.py says them in a person's language."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from livelihood.instants import Instant, iso, parse
from livelihood.limits import Limit


def _read(value: Any) -> Any:
    return parse(value) if isinstance(value, str) else value


#: An instant that is written as RFC 3339 in JSON.
Moment = Annotated[Instant, BeforeValidator(_read), PlainSerializer(iso, when_used="json")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Opened(_Record):
    """The person asked."""

    code: Literal["opened"] = "opened"
    at: Moment


class Reopened(_Record):
    """It was not done after all: the rework counts from here."""

    code: Literal["reopened"] = "reopened"
    at: Moment


class Holidays(_Record):
    """Days not worked that their weekday would have made working days; ordinary weekends may lie between."""

    code: Literal["holidays"] = "holidays"
    first: date
    last: date


class MakeUpDay(_Record):
    """A day worked although its weekday is not."""

    code: Literal["make_up_day"] = "make_up_day"
    day: date


class NotWorked(_Record):
    """The start lies on a day not worked and moves to the same time of the next working day."""

    code: Literal["not_worked"] = "not_worked"
    at: Moment
    counts_from: Moment


class AfterCutOff(_Record):
    """The start lies at or after the cut-off and moves to the opening of the next working day."""

    code: Literal["after_cut_off"] = "after_cut_off"
    at: Moment
    #: "17:00"
    cut_off: str
    counts_from: Moment


class OutsideHours(_Record):
    """The start lies outside opening hours, so nothing counts before the next opening."""

    code: Literal["outside_hours"] = "outside_hours"
    at: Moment
    counts_from: Moment


class Counted(_Record):
    """The limit was counted."""

    code: Literal["counted"] = "counted"
    limit: Limit
    until: Moment


class MovedOn(_Record):
    """The end lies on a day not worked and moves to the same time of the next working day."""

    code: Literal["moved_on"] = "moved_on"
    at: Moment
    until: Moment


class ClockChanged(_Record):
    """The clocks changed: the time of day is skipped on that day, or there twice, and the first is meant."""

    code: Literal["clock_changed"] = "clock_changed"
    day: date
    #: "02:30"
    time: str
    twice: bool
    at: Moment


class NotPublished(_Record):
    """Holidays after a date are not known yet, so the deadline may still move."""

    code: Literal["not_published"] = "not_published"
    covered_through: date


class Paused(_Record):
    """A pause moved the deadline."""

    code: Literal["paused"] = "paused"
    since: Moment
    until: Moment
    due_before: Moment
    due: Moment


class Extended(_Record):
    """An extension was granted in time."""

    code: Literal["extended"] = "extended"
    due_before: Moment
    due: Moment


class MergedIn(_Record):
    """An issue with an earlier deadline was merged into this one, which keeps that."""

    code: Literal["merged_in"] = "merged_in"
    due_before: Moment | None
    due: Moment


class Stated(_Record):
    """The channel's own system states the deadline."""

    code: Literal["stated"] = "stated"
    due: Moment


Step = Annotated[
    Opened
    | Reopened
    | Holidays
    | MakeUpDay
    | NotWorked
    | AfterCutOff
    | OutsideHours
    | Counted
    | MovedOn
    | ClockChanged
    | NotPublished
    | Paused
    | Extended
    | MergedIn
    | Stated,
    Field(discriminator="code"),
]


class Deadline(_Record):
    """An instant for one obligation, with the steps that led to it."""

    due: Moment
    steps: tuple[Step, ...]
    #: Whether it may still move because holidays up to it are not published yet.
    provisional: bool = False
