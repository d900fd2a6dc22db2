"""The mapping: a TOML file that says how a city's table becomes request events.

Every column of the table is either used here or listed under `drop`; one that is neither stops the
import with its name, so that free text never slips in unnoticed. docs/mapping.md is the reference.
"""

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from livelihood.complaints import complaints
from livelihood.safekeeping import PERSONAL_FIELDS
from livelihood.workcalendars import ORDINARY_HOURS, Calendar
from producers.parts import (
    Channels,
    Codes,
    Fixed,
    Label,
    Outcomes,
    Part,
    Point,
    Promises,
    Status,
    Time,
    Title,
)
from producers.times import LocalTimes
from producers.toml_text import toml_value


class MappingError(Exception):
    """A mapping that cannot be used; the message names the file, the place and what was expected."""


class Mapping(Part):
    """How one city's table becomes events."""

    name: Annotated[str, Field(pattern=r"^\w[\w-]{0,39}$")]
    """Names the import's source, /imports/<name>: together with an event's id it tells repeats."""
    title: Title = Field(default_factory=dict)
    time_zone: str
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    recorded: Literal["own", "import"] = "own"
    """When the events are said to have entered: at their own time, or when they are imported."""
    farthest_target_days: Annotated[int, Field(ge=1)] = 3650
    """A target further from the opening is imported and reported as suspect."""
    id: str
    """The column that tells one request from another."""
    id_prefix: str = ""
    """Put before each id, where two cities share a data folder."""
    drop: list[str] = Field(default_factory=list)
    """Columns that are left out; a name the table does not have does no harm."""

    opened: Time
    closed: Time
    target: Time | None = None
    """Where the city states a deadline. With it, an empty one means that none was promised."""
    status: Status | None = None
    channel: Channels | Fixed
    service: Codes | Fixed
    department: Codes | None = None
    area: Codes | None = None
    urgency: Codes | None = None
    category: Codes | None = None
    """Groups services into commitments when a catalogue is drafted; not part of an event."""
    outcome: Outcomes
    coordinates: Point | None = None
    label: Label | None = None
    personal: dict[str, str] = Field(default_factory=dict)
    """Field of a person (name, phone, ...) to column: what is sealed for each person alone."""
    calendar: dict[str, Any] = Field(default_factory=dict)
    """Working days and hours as in a catalogue, for inferring standards; Monday to Friday by default."""
    promises: Promises = Promises()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"time_zone: {self.time_zone!r} is none; for instance America/New_York"
            ) from None
        self.work_calendar()
        unknown = sorted(set(self.personal) - set(PERSONAL_FIELDS))
        if unknown:
            raise ValueError(
                f"personal: {', '.join(map(repr, unknown))} is no field of a person; known are"
                f" {', '.join(PERSONAL_FIELDS)}"
            )
        shown = sorted(set(self.personal.values()) & set(self._openly_used()))
        if shown:
            raise ValueError(
                f"personal: {', '.join(map(repr, shown))} is used elsewhere, where it is not sealed"
            )
        both = sorted(set(self.drop) & set(self.uses()))
        if both:
            raise ValueError(f"drop: {', '.join(map(repr, both))} is used as well")
        return self

    def work_calendar(self) -> Calendar:
        """The calendar by which the city's deadlines are counted."""
        given = {"include": "monday-friday", "opening": ORDINARY_HOURS, **self.calendar}
        try:
            return Calendar.model_validate({**given, "code": self.name, "time_zone": self.time_zone})
        except ValidationError as error:
            raise ValueError(f"calendar: {error.errors(include_url=False)[0]['msg']}") from None

    def uses(self) -> list[str]:
        """The columns it reads, in the order of this model."""
        return list(dict.fromkeys([*self._openly_used(), *self.personal.values()]))

    def _openly_used(self) -> list[str]:
        used = [self.id]
        for time in (self.opened, self.closed, self.target):
            if time is not None:
                used += [*time.columns, *([time.days_after_opening] if time.days_after_opening else [])]
        parts = (self.status, self.channel, self.service, self.department, self.area, self.urgency)
        for part in (*parts, self.category, self.outcome, self.label):
            column = getattr(part, "column", None)
            if column is not None:
                used.append(column)
        if self.coordinates is not None:
            used += [self.coordinates.latitude, self.coordinates.longitude]
        return used

    def check_columns(self, columns: Iterable[str]) -> None:
        """MappingError where the table lacks a column, or has one that is neither used nor dropped."""
        present, used = list(columns), self.uses()
        missing = [name for name in used if name not in present]
        if len(missing) == len(used):
            if mark := _parted_by(present):
                raise MappingError(
                    f"mapping {self.name}: the table's columns are parted by {_MARKS[mark]}, not by"
                    f" {_MARKS.get(self.delimiter or '', 'what the mapping says')}: write"
                    f" delimiter = {toml_value(mark)} in the mapping"
                )
            raise MappingError(
                f"mapping {self.name} is for another table: it reads {_listed(used[:3])} and others, and this"
                f" one has {_listed(present)}"
            )
        if missing:
            raise MappingError(
                f"mapping {self.name}: the table has no column {_listed(missing)}; it has {_listed(present)}"
            )
        unclassified = [name for name in present if name not in used and name not in self.drop]
        if unclassified:
            raise MappingError(
                f"mapping {self.name}: column {_listed(unclassified)} is not classified;"
                " use it, or list it under `drop`"
            )

    def times(self, time: Time) -> LocalTimes:
        """The reader of one of this mapping's times."""
        return LocalTimes(
            time.formats, self.time_zone, time.day or ("start" if time is self.opened else "end")
        )


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file; MappingError says in which line or field it is wrong."""
    try:
        return parse_mapping(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise MappingError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not UTF-8: {error}") from None


def parse_mapping(text: str, where: str) -> Mapping:
    """A mapping from the text of its file; `where` names it in a MappingError."""
    try:
        document: Lookup[str, object] = tomllib.loads(text)
        return Mapping.model_validate(document)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{where}: {error}") from None
    except ValidationError as error:
        raise MappingError(f"{where}: {'; '.join(complaints(error))}") from None


#: What may part columns, in words.
_MARKS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}


def _parted_by(columns: list[str]) -> str:
    """What seems to part the columns of a heading that was read as one; empty: it may well be one."""
    return max(_MARKS, key=columns[0].count) if len(columns) == 1 and set(_MARKS) & set(columns[0]) else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
