"""The mapping: a TOML file that says how a city's table becomes request events.

Every column of the table is either used here or listed under `drop`; one that is neither stops the
import with its name, so that free text never slips in unnoticed. docs/mapping.md is the reference.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from livelihood.events import Outcome
from producers.times import ISO, LocalTimes, Side

#: What a status word says: the issue is open, done, refused, or taken back by the person.
State = Literal["open", "resolved", "rejected", "withdrawn"]
_CODE = re.compile(r"\w[\w.:-]*")
_NOT_CODE = re.compile(r"[^\w]+")
LONGEST_CODE = 80


class MappingError(Exception):
    """A mapping that cannot be used; the message names the file, the place and what was expected."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Time(_Part):
    """A time, in one column or in a date and a time column."""

    columns: Annotated[list[str], Field(min_length=1, max_length=3)]
    """Joined by a space before they are read."""
    formats: Annotated[list[str], Field(min_length=1)] = [ISO]
    """strptime's, tried in order; "iso" for RFC 3339."""
    day: Side | None = None
    """Where in the day a date without a time lies; opened at its start, anything else at its end."""
    days_after_opening: str | None = None
    """A column with a number of days, used where the time itself is left empty."""


class Codes(_Part):
    """A column of names that become codes of the catalogue."""

    column: str
    values: dict[str, str] = {}
    """Raw name to code; "" for none. What is not listed is made a code by `code_of`."""
    keep_case: bool = False
    default: str | None = None
    """The code of an empty cell."""

    @field_validator("values")
    @classmethod
    def _codes(cls, values: dict[str, str]) -> dict[str, str]:
        for raw, code in values.items():
            if code and not _CODE.fullmatch(code):
                raise ValueError(f"{raw!r} = {code!r}: a code is letters, digits, '.', ':', '_' and '-'")
        return values

    def code(self, raw: str) -> str | None:
        """The code of a raw name; None where the cell names nothing."""
        raw = raw.strip()
        listed = self.values.get(raw)
        if listed is not None:
            return listed or self.default
        return code_of(raw, keep_case=self.keep_case) or self.default


class Channels(Codes):
    """Where a request came in."""

    staff: list[str] = []
    """Codes of the channels that the city's own people use; the others are people's."""


class Fixed(_Part):
    """A code that is the same for every row, in a table without such a column."""

    code: Annotated[str, Field(pattern=r"^\w[\w.:-]*$", max_length=LONGEST_CODE)]


class Status(_Part):
    """The column that says whether the issue is done."""

    column: str
    values: dict[str, State]


class Rule(_Part):
    """An outcome told from the text of the closing."""

    match: str
    """A regular expression, searched for without regard to case."""
    outcome: Outcome

    @field_validator("match")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        return pattern


class Outcomes(_Part):
    """How a resolution ended: by the exact words, else by the first rule that matches, else the default."""

    column: str | None = None
    values: dict[str, Outcome] = {}
    rules: list[Rule] = []
    default: Outcome

    def outcome(self, text: str) -> Outcome:
        """The outcome a closing's text tells."""
        text = text.strip()
        exact = self.values.get(text)
        if exact is not None:
            return exact
        found = (rule.outcome for rule in self.rules if re.search(rule.match, text, re.IGNORECASE))
        return next(found, self.default)


class Point(_Part):
    """Where it is, in degrees."""

    latitude: str
    longitude: str
    decimals: Annotated[int, Field(ge=0, le=6)] = 3
    """Rounded to so many places: three are about 100 m, a street and not a house."""
    bounds: tuple[float, float, float, float] | None = None
    """South, west, north, east: what lies outside is a slip of the geocoder and left out."""


class Label(_Part):
    """The city's own verdict, kept for comparison and never part of an event."""

    column: str
    on_time: list[str]
    late: list[str]


class Mapping(_Part):
    """How one city's table becomes events."""

    name: Annotated[str, Field(pattern=r"^\w[\w-]{0,39}$")]
    """Names the import's source, /imports/<name>: together with an event's id it tells repeats."""
    title: str = ""
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
    drop: list[str] = []
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
    """Groups services when a catalogue is drafted; not part of an event."""
    outcome: Outcomes
    coordinates: Point | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"time_zone: {self.time_zone!r} is none; for instance America/New_York"
            ) from None
        both = sorted(set(self.drop) & set(self.uses()))
        if both:
            raise ValueError(f"drop: {', '.join(map(repr, both))} is used as well")
        return self

    def uses(self) -> list[str]:
        """The columns it reads, in the order of this model."""
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
        return list(dict.fromkeys(used))

    def check_columns(self, columns: Iterable[str]) -> None:
        """MappingError where the table lacks a column, or has one that is neither used nor dropped."""
        present, used = list(columns), self.uses()
        missing = [name for name in used if name not in present]
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
        wrong = (
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors(include_url=False)
        )
        raise MappingError(f"{where}: {'; '.join(wrong)}") from None


def code_of(raw: str, *, keep_case: bool = False) -> str | None:
    """The code made of a raw name: letters and digits of any script, hyphens for the rest.

    None where nothing is left. "New Sign  Crosswalk" becomes "new-sign-crosswalk"; names that differ
    only in case, spaces or punctuation are one code, which is what such differences mean in practice.
    """
    text = unicodedata.normalize("NFKC", raw)
    if not keep_case:
        text = text.casefold()
    return _NOT_CODE.sub("-", text).strip("-_")[:LONGEST_CODE].rstrip("-_") or None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
