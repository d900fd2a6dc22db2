"""One's own cases: what is overdue, what is due today, what waits for a decision, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from livelihood.instants import Instant
from livelihood.promises import Catalogue
from producers.window.case import is_of_others
from producers.window.desk_pages import Line, by_due, is_waiting, lines_of
from web.accounts import Right
from web.languages import Message, _
from web.open_issues import OpenIssue
from web.users import User

#: The lists, in the order of the page.
LISTS = ("overdue", "today", "waiting", "later")


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """One issue of a list."""

    line: Line
    #: When somebody said to have seen it and to act, and by when it is to be done.
    acknowledged: Instant | None
    expected: Instant | None
    #: What it waits for, where that is this person's to decide.
    waits: list[Message]


def sorted_out(
    found: Sequence[OpenIssue], user: User, catalogue: Catalogue, now: Instant
) -> dict[str, list[OpenIssue]]:
    """A person's cases by list, due first. One that waits for a decision may stand in another list too."""
    lists: dict[str, list[OpenIssue]] = {name: [] for name in LISTS}
    for one in sorted(found, key=by_due):
        if is_waiting(one, user):
            lists["waiting"].append(one)
        if one.issue.open and user.may(Right.ACT, one.issue.department):
            lists[_when(one, catalogue, now)].append(one)
    return lists


def _when(one: OpenIssue, catalogue: Catalogue, now: Instant) -> str:
    if one.due is None:
        return "later"
    if one.due < now:
        return "overdue"
    return "today" if catalogue.day(one.due) == catalogue.day(now) else "later"


def case_lines(
    found: Sequence[OpenIssue], user: User, catalogue: Catalogue, now: Instant, language: str
) -> list[CaseLine]:
    """Issues as their list shows them."""
    return [
        CaseLine(
            line=line,
            acknowledged=one.issue.acknowledged,
            expected=one.issue.expected,
            waits=_waits(one, user),
        )
        for one, line in zip(found, lines_of(found, catalogue, now, language), strict=True)
    ]


def _waits(one: OpenIssue, user: User) -> list[Message]:
    issue, waits = one.issue, []
    if issue.open and any(user.may(Right.ACT, code) for code in one.offered - {issue.department}):
        waits.append(_("Offered to you"))
    if user.may(Right.DECIDE, issue.department):
        if issue.open and is_of_others(issue.askers, user):
            waits.append(_("More time asked for"))
        if issue.contested is not None and is_of_others((issue.contested,), user):
            waits.append(_("How it counts was contested"))
    return waits
