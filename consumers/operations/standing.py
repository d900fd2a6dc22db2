"""What is looked after beside the work itself: orphans, calendars, versions, deliveries given up."""

import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version

from livelihood.catalogue import NOTHING_PUBLISHED, CatalogueVersion
from livelihood.endpoints import Deliveries, Endpoints
from livelihood.instants import Instant, from_datetime
from livelihood.ports import Reader
from livelihood.promises import Catalogue

#: Holidays should be published this long ahead.
COVERED_AHEAD = timedelta(days=90)
#: More orphans of a partition than anybody looks at; so many are listed.
_MOST_ORPHANS = 10_000
LISTED = 50
_SOFTWARE = ("livelihood", "fastapi", "pydantic")


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One calendar of the catalogue, and through which day its holidays are known."""

    code: str
    #: None: it has no holidays that could be missing.
    through: date | None
    #: Deadlines soon will be provisional.
    is_short: bool


@dataclass(frozen=True, kw_only=True)
class Published:
    """One version of the catalogue."""

    version: str
    effective: Instant | None
    recorded: Instant | None
    #: Why it may change the past; empty: it does not.
    correction: str


@dataclass(frozen=True, kw_only=True)
class GivenUp:
    """A delivery that is not tried again unless somebody asks for it."""

    endpoint: str
    #: Whose it is, as "channel:hotline".
    feed: str
    id: str
    attempts: int
    problem: str


def orphans_of(reader: Reader, catalogue: Catalogue) -> list[tuple[str, Instant]]:
    """Issues never submitted, and since when they are known, oldest first; at most some thousands."""
    # Progress is reported on a project under the project's own code, which nobody submits.
    projects = {code for one in catalogue.published for code in one.projects}
    found = [
        orphan
        for partition in range(reader.partitions)
        for orphan in reader.orphans(partition, _MOST_ORPHANS)
        if orphan[0] not in projects
    ]
    return sorted(found, key=lambda orphan: orphan[1])


def coverage_of(latest: CatalogueVersion, today: date) -> list[Covered]:
    """The calendars, those with the least time left first."""
    found = [
        Covered(
            code=code,
            through=calendar.covered_through,
            is_short=(calendar.covered_through or date.max) < today + COVERED_AHEAD,
        )
        for code, calendar in latest.calendars.items()
    ]
    return sorted(found, key=lambda one: (one.through is None, one.through or today, one.code))


def versions_of(catalogue: Catalogue) -> list[Published]:
    """The published versions of the catalogue, the latest first."""
    return [
        Published(
            version=one.version,
            effective=None if one.effective is None else from_datetime(one.effective),
            recorded=None if one.recorded is None else from_datetime(one.recorded),
            correction=one.correction or "",
        )
        for one in reversed(catalogue.published)
        if one is not NOTHING_PUBLISHED
    ]


def software() -> Iterator[tuple[str, str]]:
    """What runs here, each with its version."""
    yield "Python", platform.python_version()
    for name in _SOFTWARE:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
    yield "SQLite", sqlite3.sqlite_version


def given_up(deliveries: Deliveries, endpoints: Endpoints) -> list[GivenUp]:
    """Deliveries that were given up, by endpoint and in order."""
    feeds = {endpoint.id: endpoint.feed for endpoint in endpoints.all()}
    return [
        GivenUp(
            endpoint=one.endpoint,
            feed=feeds.get(one.endpoint, ""),
            id=one.id,
            attempts=one.attempts,
            problem=one.problem,
        )
        for one in deliveries.waiting()
        if one.is_dead
    ]
