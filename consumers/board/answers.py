"""What the board answers: tables, series, lists of issues, and how far the work has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from consumers.board.shown import Shown
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line

#: What a series is counted by. Weeks begin on Monday.
Unit = Literal["day", "week", "month"]


@dataclass(frozen=True, kw_only=True)
class TableNow:
    """A table as it was asked for, sorted, and the page of it."""

    #: All traffic first, whatever the order and the page, each line with its JSON.
    shown: Sequence[Shown]
    #: How many lines there are beside that of all traffic, on all pages.
    total: int
    #: The instant the table stands for.
    as_of: Instant
    #: Where it stands, for the stream of its changes to go on from; empty where it has none.
    position: str
    #: Project commitments, where the table is of them too: it is not where it is broken down.
    projects: Mapping[str, ProjectProgress] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        """The lines; `line.measures()` has the figures."""
        return [one.line for one in self.shown]


@dataclass(frozen=True, slots=True)
class Point:
    """One day, week or month of a series."""

    #: The local day it begins on, as 2026-03-04.
    day: str
    #: Submitted in it.
    received: int
    #: How many more were resolved at its end than at its beginning: a reopening takes one away.
    resolved: int
    #: Open, and overdue, at its end, or as of the instant asked for if that comes first.
    open: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class Series:
    """Counts over time; empty where nothing happened yet."""

    unit: Unit
    points: Sequence[Point]
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """An issue in a list, without anything personal."""

    id: str
    #: Where it stood at the instant asked for.
    issue: Issue
    state: State
    #: The deadline the figure goes by; None: none.
    due: Instant | None


@dataclass(frozen=True, kw_only=True)
class IssuePage:
    """The issues behind a figure, by deadline, those without one last; one page of them."""

    issues: Sequence[IssueRow]
    #: On all pages.
    total: int
    as_of: Instant


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure of a table: a line, and what of it."""

    #: The line's commitment; ALL for all traffic.
    commitment: str
    #: What the line is broken down by, and its values.
    dimensions: Mapping[str, str] = field(default_factory=dict)
    #: A sum, as "overdue" or "resolved_fixed", or a part of a rate, as "on_time_rate.numerator": see CELLS.
    measure: str = "open"
    page: int = 1
    size: int = 50


@dataclass(frozen=True, kw_only=True)
class PartitionHealth:
    """How far the work on a partition has come."""

    partition: int
    #: Records in the log that nobody has worked on yet.
    lag: int
    #: The instant its tables stand for.
    clock: Instant
    next_offset: int
    #: Commits that the board has not counted in yet; None while it does not follow the work.
    behind: int | None
