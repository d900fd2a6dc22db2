"""Project commitments: how much of an amount is done, and when it will be at this pace."""

from collections.abc import Iterable
from dataclasses import dataclass

from livelihood.catalogue import Project
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fields import LATEST
from livelihood.fold import ordered
from livelihood.instants import DAY, Instant, from_datetime
from livelihood.promises import Catalogue

_CENTURY_ENDS: Instant = from_datetime(LATEST)


@dataclass(slots=True, frozen=True)
class ProjectProgress:
    """A project as of an instant. Amounts in the project's unit."""

    done: float
    verified: float
    target: float
    due: Instant
    #: Done per day since the start; None before it.
    pace: float | None
    #: When all of it was done, or will be at this pace; None where that is not in this century.
    expected: Instant | None
    #: The last report.
    last_change: Instant | None


def progress(
    project: Project, facts: Iterable[Fact], as_of: Instant, catalogue: Catalogue
) -> ProjectProgress:
    """What the reports up to an instant add up to; each report states the whole amount so far."""
    done = verified = 0.0
    last: Instant | None = None
    completed: Instant | None = None
    for (at, *_), fact in ordered(facts, catalogue):
        if at > as_of:
            break
        if fact.kind == Kind.PROGRESS_REPORTED:
            reported_done, reported_verified = fact.data
            done = done if reported_done is None else reported_done
            verified = verified if reported_verified is None else reported_verified
            last = at
            completed = None if done < project.amount else completed if completed is not None else at
    start = from_datetime(project.start)
    pace = done / ((as_of - start) / DAY) if as_of > start else None
    expected = completed
    if completed is None and pace:
        days_left = (project.amount - done) / pace
        expected = as_of + round(days_left * DAY) if days_left < (_CENTURY_ENDS - as_of) / DAY else None
    return ProjectProgress(done, verified, project.amount, from_datetime(project.due), pace, expected, last)
