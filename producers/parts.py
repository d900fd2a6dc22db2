"""The parts of a mapping: how one column, or a few together, are read."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from livelihood.event_data import Outcome
from livelihood.fields import LanguageCode
from producers.times import ISO, Side

#: What a status word says: the issue is open, done, refused, or taken back by the person.
State = Literal["open", "resolved", "rejected", "withdrawn"]
_CODE = re.compile(r"\w[\w.:-]*")
_NOT_CODE = re.compile(r"[^\w]+")
LONGEST_CODE = 80


class Part(BaseModel):
    """What all parts share: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_english(value: object) -> object:
    # title = "Potholes" is enough where one language serves.
    return {"en": value} if isinstance(value, str) else value


Title = Annotated[dict[LanguageCode, str], BeforeValidator(_in_english)]


class Time(Part):
    """A time, in one column or in a date and a time column."""

    columns: Annotated[list[str], Field(min_length=1, max_length=3)]
    """Joined by a space before they are read."""
    formats: Annotated[list[str], Field(min_length=1)] = [ISO]
    """strptime's, tried in order; "iso" for RFC 3339."""
    day: Side | None = None
    """Where in the day a date without a time lies; by default opened at its start, anything else at its
    end. A closing at the start of its day is never before an opening on that day."""
    days_after_opening: str | None = None
    """A column with a number of days, used where the time itself is left empty."""


class Codes(Part):
    """A column of names that become codes of the catalogue."""

    column: str
    values: dict[str, str] = {}
    """Raw name to code; "" for none. What is not listed is made a code by `code_of`."""
    keep_case: bool = False
    default: str | None = None
    """The code of an empty cell."""
    titles: dict[str, Title] = {}
    """Code to title, for drafting a catalogue; by default the name in the table."""

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


class Fixed(Part):
    """A code that is the same for every row, in a table without such a column."""

    code: Annotated[str, Field(pattern=r"^\w[\w.:-]*$", max_length=LONGEST_CODE)]


class Status(Part):
    """The column that says whether the issue is done."""

    column: str
    values: dict[str, State]


class Rule(Part):
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


class Outcomes(Part):
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


class Point(Part):
    """Where it is, in degrees."""

    latitude: str
    longitude: str
    decimals: Annotated[int, Field(ge=0, le=6)] = 3
    """Rounded to so many places: three are about 100 m, a street and not a house."""
    bounds: tuple[float, float, float, float] | None = None
    """South, west, north, east: what lies outside is a slip of the geocoder and left out."""


class Label(Part):
    """The city's own verdict, kept for comparison and never part of an event."""

    column: str
    on_time: list[str]
    late: list[str]


class Promises(Part):
    """What a drafted catalogue says where the table says nothing."""

    version: str = "draft"
    standards: dict[str, str] = {}
    """Service to limit, where it is known from elsewhere; wins over what is inferred."""
    to: str = ""
    """To whom the commitments were made."""
    on_time: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The share of a commitment's issues to be done on time."""


def code_of(raw: str, *, keep_case: bool = False) -> str | None:
    """The code made of a raw name: letters and digits of any script, hyphens for the rest.

    None where nothing is left. "New Sign  Crosswalk" becomes "new-sign-crosswalk"; names that differ
    only in case, spaces or punctuation are one code, which is what such differences mean in practice.
    """
    text = unicodedata.normalize("NFKC", raw)
    if not keep_case:
        text = text.casefold()
    return _NOT_CODE.sub("-", text).strip("-_")[:LONGEST_CODE].rstrip("-_") or None
