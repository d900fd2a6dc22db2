"""What stands now: the alerts of open issues that nothing has cleared, and which nobody has said to act on.

Worked out from the issues themselves and the catalogue, as the processor does when it raises them; nothing of
it is kept. An issue is looked at again when it changed, or when its next alarm goes off.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from consumers.feed.filters import AlertFilter
from livelihood.alerts import Alarm, alert_of, schedule
from livelihood.instants import Instant
from livelihood.promises import Catalogue
from web.open_issues import OpenIssue

#: Kinds that say that something is late: somebody should say that they act on it.
LATE = frozenset({"overdue", "escalated", "pause_expired"})


class Standing(NamedTuple):
    """An alert that stands."""

    one: OpenIssue
    alarm: Alarm

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has said, in this cycle of the issue, to have seen it and to act."""
        return self.one.issue.acknowledged is not None


_FOREVER: Instant = (1 << 62) - 1


@dataclass(slots=True)
class _Looked:
    one: OpenIssue
    #: What stands, until when that is so.
    alarms: list[Alarm]
    until: Instant


class Standings:
    """Of all open issues; one for a process. Threads may share it."""

    def __init__(
        self,
        open_issues: Callable[[], Iterable[OpenIssue]],
        catalogue: Callable[[], Catalogue],
        clock: Callable[[], Instant],
    ) -> None:
        self._open_issues = open_issues
        self._catalogue = catalogue
        self._clock = clock
        self._lock = threading.Lock()
        #: The version of the catalogue they were looked at with.
        self._known: object = None
        self._looked: dict[str, _Looked] = {}

    def now(self) -> tuple[Instant, list[Standing]]:
        """This moment, and what stands at it, issue by issue. Unavailable or Moved as reading is."""
        issues = [one for one in self._open_issues() if one.issue.open]
        with self._lock:
            now, catalogue = self._clock(), self._catalogue()
            version = (catalogue.latest.version, catalogue.latest.recorded)
            before = self._looked if version == self._known else {}
            self._known = version
            self._looked = {}
            found: list[Standing] = []
            for one in issues:
                looked = before.get(one.id)
                if looked is None or looked.one is not one or looked.until <= now:
                    looked = _look(one, catalogue, now)
                self._looked[one.id] = looked
                found += [Standing(one, alarm) for alarm in looked.alarms]
            return now, found


def _look(one: OpenIssue, catalogue: Catalogue, now: Instant) -> _Looked:
    alarms = schedule(one.issue, catalogue)
    later = [alarm.at for alarm in alarms if alarm.at > now]
    found = [alarm for alarm in alarms if alarm.at <= now]
    if any(alarm.kind == "overdue" and alarm.obligation == "resolution" for alarm in found):
        # What is overdue is due soon no more.
        found = [alarm for alarm in found if alarm.kind != "due_soon"]
    return _Looked(one, found, min(later, default=_FOREVER))


class Counts(NamedTuple):
    """How many stand, and how many nobody has said to act on."""

    standing: int
    by_kind: dict[str, int]
    by_department: dict[str, int]
    both: dict[tuple[str, str], int]
    #: Of each issue that is late and not acknowledged, the first alert that said so; the oldest first.
    unacknowledged: list[Standing]


def count(standings: Iterable[Standing], wanted: AlertFilter | None = None) -> Counts:
    """Count those that are asked for."""
    number = 0
    both: dict[tuple[str, str], int] = {}
    first: dict[str, Standing] = {}
    for one in standings:
        if wanted is not None and not wanted.takes(alert_of(one.one.id, one.one.issue, one.alarm)):
            continue
        number += 1
        place = (one.alarm.kind, one.one.issue.department)
        both[place] = both.get(place, 0) + 1
        if one.alarm.kind in LATE and not one.is_acknowledged:
            known = first.get(one.one.id)
            if known is None or one.alarm.at < known.alarm.at:
                first[one.one.id] = one
    return Counts(
        number,
        _summed(both, 0),
        _summed(both, 1),
        both,
        sorted(first.values(), key=lambda one: (one.alarm.at, one.one.id)),
    )


def _summed(both: dict[tuple[str, str], int], part: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for names, number in both.items():
        sums[names[part]] = sums.get(names[part], 0) + number
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
