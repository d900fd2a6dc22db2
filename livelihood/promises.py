"""Promises: the catalogue compiled into what holds for one issue, found in one look-up.

The standard in force when an issue was submitted applies to it; calendars are the newest known,
since a holiday published later is still a holiday.
"""

from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

from livelihood.catalogue import (
    NO_COMMITMENT,
    NOTHING_PUBLISHED,
    OTHER_AREA,
    CatalogueError,
    CatalogueVersion,
    Channel,
    LimitCase,
    Standard,
)
from livelihood.instants import Instant, Months, from_datetime
from livelihood.limits import Limit, nominal
from livelihood.localtime import LocalTime
from livelihood.worktime import WorkCalendar

#: In force before every dated version.
_ALWAYS: Instant = -(1 << 62)


@dataclass(slots=True, frozen=True)
class Promise:
    """What was promised for one issue. Limits are None where nothing was."""

    commitment: str
    #: The unit that owns the service.
    department: str
    resolution: Limit | None
    acceptance: Limit | None
    #: The area its rows are kept under.
    area: str
    standard: Standard
    calendar: WorkCalendar


_NO_STANDARD = Standard()
_UNLISTED = Channel()


#: Slot (see instants.py) -> what its sums are kept under: its month, as a rule.
Labels = dict[int, str]


class Catalogue:
    """All published versions, in the order of their publication; answers what holds when."""

    def __init__(self, published: Sequence[CatalogueVersion]) -> None:
        if not published:
            raise CatalogueError(["a catalogue needs at least one version"])
        self.published = tuple(published)
        dated = sorted(
            (_ALWAYS if version.effective is None else from_datetime(version.effective), number)
            for number, version in enumerate(published)
        )
        # The later published of two effective at the same instant replaces the earlier.
        by_instant = dict(dated)
        self._effective = sorted(by_instant)
        self._versions = [published[by_instant[instant]] for instant in self._effective]
        self._promises: dict[tuple[int, str, str | None, str, str | None], Promise] = {}
        self._lateness: dict[tuple[int, str], Instant] = {}
        self.months: Labels = Months(self.latest.time_zone)
        self._local = LocalTime(self.latest.time_zone)

    @property
    def latest(self) -> CatalogueVersion:
        """The version published last."""
        return self.published[-1]

    @cached_property
    def calendars(self) -> dict[str, WorkCalendar]:
        """The working calendars, compiled, each as published last."""
        newest = {
            code: calendar for version in self.published for code, calendar in version.calendars.items()
        }
        return {code: WorkCalendar(calendar) for code, calendar in newest.items()}

    @property
    def calendar(self) -> WorkCalendar:
        """The jurisdiction's own calendar."""
        return self.calendars[self.latest.calendar]

    def at(self, instant: Instant) -> CatalogueVersion | None:
        """The version in force; None before the first."""
        number = bisect_right(self._effective, instant) - 1
        return self._versions[number] if number >= 0 else None

    def codes(self, part: str) -> list[str]:
        """The codes that any version has in a part, as "departments"; those of the newest first."""
        versions = reversed(self._versions)
        return list(dict.fromkeys(code for version in versions for code in getattr(version, part)))

    def day(self, instant: Instant) -> int:
        """The local day of an instant, for comparing."""
        return self._local.split(instant)[0]

    def promise(
        self, submitted: Instant, service: str, urgency: str | None, channel: str, area: str | None
    ) -> Promise:
        """What was promised to an issue submitted then."""
        key = (bisect_right(self._effective, submitted) - 1, service, urgency, channel, area)
        promise = self._promises.get(key)
        if promise is None:
            if len(self._promises) > 500_000:
                self._promises.clear()
            promise = self._promises[key] = self._find(*key)
        return promise

    def _find(
        self, number: int, service: str, urgency: str | None, channel: str, area: str | None
    ) -> Promise:
        version = self._versions[number] if number >= 0 else None
        entry = version.services.get(service) if version else None
        if version is None or entry is None:
            return Promise(
                NO_COMMITMENT, "", None, None, _bounded_area(version, area), _NO_STANDARD, self.calendar
            )
        standard = version.standards[entry.standard] if entry.standard else _NO_STANDARD
        facts = {"urgency": urgency, "channel": channel, "area": area}
        commitments = (code for code, one in version.commitments.items() if service in one.services)
        return Promise(
            next(commitments, NO_COMMITMENT),
            entry.department,
            _most_specific(standard.resolution, facts),
            _most_specific(standard.acceptance, facts),
            _bounded_area(version, area),
            standard,
            self.calendars.get(version.calendar, self.calendar),
        )

    def channel(self, code: str, at: Instant) -> Channel:
        """A channel as the version in force says; one that is not listed is the person's, and never late."""
        version = self.at(at)
        return (version.channels.get(code) if version else None) or _UNLISTED

    def lateness(self, channel: str, at: Instant) -> Instant:
        """How far back a channel might claim at an instant, in microseconds."""
        key = (bisect_right(self._effective, at), channel)
        allowed = self._lateness.get(key)
        if allowed is None:
            allowed = self._lateness[key] = nominal(self.channel(channel, at).allowed_lateness)
        return allowed

    def changes_past(self, since: int) -> bool:
        """Whether a version published after the first `since` ones changes what holds for earlier issues.

        The first of all does: before it nothing was promised. So does what is not looked up by the date of
        submission: calendars and the time zone, of which the newest known ones apply.
        """
        versions = (NOTHING_PUBLISHED, *self.published)[since:]
        return any(
            after.correction is not None
            or before is NOTHING_PUBLISHED
            or _timeless(after) != _timeless(before)
            for before, after in pairwise(versions)
        )

    def as_known(self, instant: Instant) -> "Catalogue":
        """The catalogue of what had been published by an instant.

        This one itself where what was published later changes nothing before it.
        """
        known = self.published_by(instant)
        return Catalogue(known) if self.changes_past(len(known)) else self

    def published_by(self, instant: Instant) -> list[CatalogueVersion]:
        """The versions that had been published by an instant, in their order.

        The first counts as always known: with it the past was brought in that is asked about.
        """
        return [
            version
            for number, version in enumerate(self.published)
            if not number or version.recorded is None or from_datetime(version.recorded) <= instant
        ]

    def relabelled(self, labels: Labels) -> Self:
        """The same catalogue, with instants put under other labels than their months."""
        other = copy(self)
        other.months = labels
        return other


def _timeless(version: CatalogueVersion) -> tuple[object, ...]:
    """What is taken from the latest version, whenever an issue was submitted."""
    return version.time_zone, version.calendar, version.calendars


def _bounded_area(version: CatalogueVersion | None, area: str | None) -> str:
    """The area a row is kept under: from the list of the version in force, or the one for all others."""
    if not area:
        return ""
    return area if version is not None and area in version.areas else OTHER_AREA


def _most_specific(cases: Sequence[LimitCase], facts: dict[str, str | None]) -> Limit | None:
    holding = [case for case in cases if all(facts[name] == value for name, value in case.conditions.items())]
    return max(holding, key=lambda case: len(case.conditions)).limit if holding else None


_PAST = (
    "effective: lies in the past, so figures already shown would change;"
    ' date it ahead, or say why with  correction = "..."'
)


def check_publication(catalogue: Catalogue | None, version: CatalogueVersion, now: Instant) -> None:
    """CatalogueError where a version may not be published now: a past one needs a reason."""
    if catalogue is None:
        return
    problems = []
    if any(version.version == earlier.version for earlier in catalogue.published):
        problems.append(f"version: {version.version!r} is published already; give the new one another name")
    past = version.effective is None or from_datetime(version.effective) < now
    if past and not version.correction:
        problems.append(_PAST)
    if problems:
        raise CatalogueError(problems)
