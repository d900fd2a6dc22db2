"""Marks: what is counted of an issue beside the rates, such as reopenings and transfers."""

from livelihood.claims import is_late
from livelihood.facts import Fact
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.promises import Catalogue


def mark(issue: Issue, at: Instant, measure: str, catalogue: Catalogue, department: str = "") -> None:
    """Count something once more; `at` is not before what was counted already.

    Kept by day, so that the thousandth time costs no more than the second.
    """
    day, marks = catalogue.day(at), issue.marks
    for place in range(len(marks) - 1, -1, -1):
        first, what, whose, count = marks[place]
        if catalogue.day(first) != day:
            break
        if (what, whose) == (measure, department):
            issue.marks = (*marks[:place], (first, what, whose, count + 1), *marks[place + 1 :])
            return
    issue.marks = (*marks, (at, measure, department, 1))


def mark_late_claim(issue: Issue, fact: Fact, at: Instant, catalogue: Catalogue) -> None:
    """Count a claim that takes effect only from when it was recorded."""
    if is_late(fact, catalogue):
        mark(issue, at, "reported_late", catalogue)
