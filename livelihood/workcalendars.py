"""Calendars as a catalogue writes them: opening hours, cut-off, holidays and make-up working days.

worktime.py compiles one into a `WorkCalendar`, which answers questions about it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from livelihood.tables import shipped_table

#: For a calendar named without saying when its offices are open.
ORDINARY_HOURS: Mapping[str, Iterable[str]] = {"mon-fri": ("09:00-17:00",)}
#: In the order of date.weekday().
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MINUTES_A_DAY = 24 * 60
_TIME_OF_DAY = re.compile(r"(\d\d?):([0-5]\d)")


def minutes_of(text: Any) -> int:
    """Minutes past 00:00 of a time of day: "08:30", "24:00", or a TOML time."""
    if isinstance(text, time) and not (text.second or text.microsecond or text.tzinfo):
        return text.hour * 60 + text.minute
    if isinstance(text, str) and (found := _TIME_OF_DAY.fullmatch(text.strip())):
        minutes = int(found[1]) * 60 + int(found[2])
        if minutes <= _MINUTES_A_DAY:
            return minutes
    raise ValueError(f'{text!r} is no time of day: write hours and minutes, for instance "08:30"')


def time_text(minutes: int) -> str:
    """The time of day of minutes past 00:00: 510 is "08:30"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Hours(NamedTuple):
    """One stretch of opening hours, in minutes past 00:00; `closes` is the first minute not open."""

    opens: int
    closes: int

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From "08:30-12:00" or a pair of times; ValueError says what is wrong."""
        parts = value.split("-") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or len(parts) != 2:
            raise ValueError(f'{value!r} are no opening hours: write for instance "08:30-12:00"')
        hours = value if isinstance(value, cls) else cls(minutes_of(parts[0]), minutes_of(parts[1]))
        if hours.opens >= hours.closes:
            raise ValueError(
                f"opening hours {hours} do not end after they begin: split hours that pass midnight"
                ' in two, for instance fri = ["22:00-24:00"] and sat = ["00:00-06:00"]'
            )
        return hours

    def __str__(self) -> str:
        return f"{time_text(self.opens)}-{time_text(self.closes)}"


#: Weekday -> its opening hours in order; a weekday without any is not in it.
Opening = Mapping[str, tuple[Hours, ...]]


def _parse_opening(value: Any) -> Opening:
    if not isinstance(value, Mapping) or not value:
        raise ValueError(
            'opening hours are missing: write for instance opening = {mon-fri = ["08:30-17:00"]}'
        )
    opening: dict[str, tuple[Hours, ...]] = {}
    for key, stretches in value.items():
        if isinstance(stretches, str) or not isinstance(stretches, Iterable):
            raise ValueError(
                f'the opening hours of {key} must be a list, for instance {key} = ["08:30-17:00"]'
            )
        hours = tuple(sorted(Hours.parse(stretch) for stretch in stretches))
        for one, following in pairwise(hours):
            if one.closes > following.opens:
                raise ValueError(f"the opening hours {one} and {following} of {key} overlap: make them one")
        for weekday in _weekdays(key):
            if weekday in opening:
                raise ValueError(f"opening hours of {weekday} are given twice")
            opening[weekday] = hours
    ordered = {weekday: opening[weekday] for weekday in WEEKDAYS if opening.get(weekday)}
    if not ordered:
        raise ValueError("no weekday has opening hours: without a working day nothing can ever fall due")
    return ordered


def _weekdays(key: Any) -> tuple[str, ...]:
    first, _, last = str(key).partition("-")
    if first in WEEKDAYS and (last or first) in WEEKDAYS:
        chosen = WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]
        if chosen:
            return chosen
    raise ValueError(f"{key!r} is no weekday: write {', '.join(WEEKDAYS)}, or a range such as mon-fri")


def _write_opening(opening: Opening) -> dict[str, list[str]]:
    return {weekday: [str(hours) for hours in stretches] for weekday, stretches in opening.items()}


def known_zone(name: str) -> str:
    """The name of a time zone itself; ValueError where there is none of that name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"no time zone is called {name!r}: write an IANA name, for instance Asia/Shanghai"
        ) from None
    return name


Zone = Annotated[str, AfterValidator(known_zone)]
TimeOfDay = Annotated[int, BeforeValidator(minutes_of), PlainSerializer(time_text)]
Days = Annotated[frozenset[date], PlainSerializer(sorted, return_type=list[date])]


class Calendar(BaseModel):
    """When a jurisdiction works. Frozen; written back by `model_dump` in the form that is read.

    `include` names a shipped table, whose days are copied in: a published catalogue does not change when
    the software, and with it the table, does. Days listed beside it win over the table's: a holiday listed
    is not worked even where the table works it, a make-up day is worked even where the table does not. Beside
    it, opening hours may be left out: Monday to Friday, 09:00 to 17:00.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: The name standards and departments use.
    code: str
    #: IANA name of the jurisdiction's time zone.
    time_zone: Zone
    #: Opening hours by weekday; breaks stand between two stretches. A day with none is not a working day.
    opening: Annotated[Opening, BeforeValidator(_parse_opening), PlainSerializer(_write_opening)]
    #: Minutes past 00:00; what comes at or after it counts from the next working day.
    cut_off: TimeOfDay | None = None
    #: Days not worked.
    holidays: Days = frozenset()
    #: Days worked although their weekday has no opening hours, or although they are holidays of an included
    #: table. Such a day has its weekday's hours, or else those of the first weekday that has any.
    make_up_days: Days = frozenset()
    #: The last date for which holidays and make-up days are known; None: for ever. Deadlines past it are
    #: provisional.
    covered_through: date | None = Field(default=None)

    @model_validator(mode="before")
    @classmethod
    def _copy_included_days(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "include" not in data:
            return data
        given = dict(data)
        table = shipped_table(str(given.pop("include")))
        holidays = _as_dates(given.get("holidays", ()))
        make_up_days = _as_dates(given.get("make_up_days", ()))
        given["holidays"] = (table.holidays - make_up_days) | holidays
        given["make_up_days"] = (table.make_up_days - holidays) | make_up_days
        given.setdefault("covered_through", table.covered_through)
        given.setdefault("opening", ORDINARY_HOURS)
        return given

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for weekday, stretches in self.opening.items():
            if self.cut_off is not None and self.cut_off <= stretches[0].opens:
                raise ValueError(
                    f"cut_off {time_text(self.cut_off)} is not after the opening at"
                    f" {time_text(stretches[0].opens)} on {weekday}: nothing could count from its own day"
                )
        if both := self.holidays & self.make_up_days:
            raise ValueError(
                f"{min(both)} is both a holiday and a make-up day: remove it from one of the two"
            )
        if self.covered_through and (late := max(self.holidays | self.make_up_days, default=date.min)) > (
            self.covered_through
        ):
            raise ValueError(f"{late} is listed, but covered_through is {self.covered_through}: move it on")
        return self

    def is_working_day(self, day: date) -> bool:
        """Whether people work on a date."""
        return day in self.make_up_days or (
            WEEKDAYS[day.weekday()] in self.opening and day not in self.holidays
        )

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The opening hours of a date; none when it is not a working day."""
        if not self.is_working_day(day):
            return ()
        return self.opening.get(WEEKDAYS[day.weekday()]) or next(iter(self.opening.values()))


def _as_dates(value: Any) -> frozenset[date]:
    try:
        return frozenset(day if isinstance(day, date) else date.fromisoformat(day) for day in value)
    except TypeError:
        raise ValueError(
            'holidays and make_up_days are lists of dates, for instance ["2026-01-01"]'
        ) from None


def shipped_calendar(
    table: str,
    *,
    time_zone: str,
    opening: Mapping[str, Iterable[str]] = ORDINARY_HOURS,
    cut_off: str | None = None,
    code: str | None = None,
) -> Calendar:
    """A calendar with the days of a shipped table; ValueError for an unknown table or wrong hours."""
    return Calendar.model_validate(
        {
            "code": code or table,
            "include": table,
            "time_zone": time_zone,
            "opening": opening,
            "cut_off": cut_off,
        }
    )
