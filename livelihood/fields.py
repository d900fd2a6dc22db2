"""What the fields of events may hold: ids, codes, words, references, times and values.

Both the pydantic models and the decoder of facts.py go by these, and accept and refuse the same.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

#: The languages that people read us in; "zh" is simplified Chinese.
LanguageCode = Literal["en", "zh"]

#: Between a bundle's id and its child's own part. Unreserved in URLs, so ids need no quoting.
CHILD_SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class Matching:
    r"""A text of this pattern, by Python's `re` and as a whole.

    Pydantic's own `pattern` goes by another engine, whose \w and $ are not quite these; the decoder
    of facts.py would then refuse what the edge had accepted.
    """

    pattern: str
    #: The pattern in words, after "should be", for whoever sent another text.
    meaning: str = ""
    #: What is said instead of the text itself, where it may be a secret.
    expected: str = ""

    def check(self, text: str) -> str:
        """The text itself; ValueError where it does not match."""
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.expected or f"{text[:100]!r} should be {self.meaning}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern}


_CODE_LETTERS = "letters, digits, _ and . : -, the first not one of these three"

IssueId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=141),
    Matching(
        r"^\w[\w.:-]{0,99}(~[\w.-]{1,40})?$",
        f"of at most 100 {_CODE_LETTERS}; a part of a bundle has ~ and at most 40 of its own after that",
    ),
]
#: A code of the catalogue: a service, department, area, channel or commitment.
Code = Annotated[
    str, StringConstraints(min_length=1, max_length=80), Matching(r"^\w[\w.:-]*$", f"of {_CODE_LETTERS}")
]
Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    Matching(r"^\w[\w-]*$", "of letters, digits, _ and -, the first not a -"),
]
EventId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
#: Personal data as ciphertext under the person's own key; clear text does not match.
Sealed = Annotated[
    str,
    StringConstraints(max_length=128 * 1024),
    Matching(r"^sealed\.[\w-]+\.[\w=-]+$", expected="expected a sealed text, or an object to be sealed"),
]
Reference = Annotated[
    str,
    StringConstraints(max_length=500),
    Matching(r"^[a-z][a-z0-9+.-]*:\S+$", "a URL or the like without spaces, as https://town.example/photo/1"),
]

#: The times an event may name. Before, nobody now living asked for anything; a limit counted from
#: the last ends within the years calendars are worked out for. 9999-12-31, for "never", is no time.
EARLIEST, LATEST = datetime(1900, 1, 3, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _rfc3339(value: Any) -> Any:
    # Left to itself pydantic also reads "1309520000" as a time, which is a wrong field more often.
    if isinstance(value, str):
        try:
            return msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            raise ValueError("expected an RFC 3339 time, for instance 2011-07-01T08:30:00-04:00") from None
    return value


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"expected a time from {EARLIEST.year} to before {LATEST.year}")
    # One zone in the log: quicker to read back, and the jurisdiction's own is in the catalogue.
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_in_range)]

_MOST_INT = 2**63 - 1


def _storable(value: Any) -> Any:
    if isinstance(value, int) and not -_MOST_INT <= value <= _MOST_INT:
        raise ValueError(f"expected a number of at most {_MOST_INT}")
    return value


#: A field's value, as JSON.
Value = Annotated[
    str | float | Annotated[int, Field(ge=-_MOST_INT, le=_MOST_INT)] | bool | list[str] | None,
    BeforeValidator(_storable),
]
