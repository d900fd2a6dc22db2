"""The looks that are asked for: by issue, by who looked, by day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import Instant, from_datetime
from livelihood.personal import Look, looks
from livelihood.safekeeping import Vault


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which looks are asked for; empty and None: any."""

    issue: str = ""
    #: A part of who looked, whatever its case.
    who: str = ""
    #: The first and the last day.
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From a URL's query; a day that is none asks for any."""
        return cls(
            issue=query.get("issue", "").strip(),
            who=query.get("who", "").strip(),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
        )

    @property
    def query(self) -> str:
        """As a URL's query."""
        values = {name: str(value) for name, value in self.__dict__.items() if value}
        return urlencode(values)


def found(vault: Vault, asked: Asked, zone: ZoneInfo) -> Iterator[Look]:
    """The looks that are asked for, the earliest first."""
    first = 0 if asked.since is None else _begin(asked.since, zone)
    end = None if asked.until is None else _begin(asked.until + timedelta(days=1), zone)
    for look in looks(vault, asked.issue):
        if look.when >= first and (end is None or look.when < end) and asked.who.lower() in look.who.lower():
            yield look


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Of others there are no looks, and the day after the last one there is cannot be told.
    return day if EARLIEST.date() <= day < LATEST.date() else None


def _begin(day: date, zone: ZoneInfo) -> Instant:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))
