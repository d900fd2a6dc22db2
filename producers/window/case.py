"""A case: an issue before somebody who may do something about it, and what is asked of it by whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from livelihood.fields import Code
from livelihood.instants import Instant
from livelihood.issue import Issue, promise_of
from livelihood.lifecycle import State
from livelihood.promises import Catalogue
from web.accounts import Right
from web.users import User


@dataclass(frozen=True, kw_only=True)
class Case:
    """An issue before somebody who may do something about it."""

    issue: Issue
    state: State
    #: Departments it was offered to, while nobody has taken or returned it.
    offered: frozenset[Code]
    user: User
    catalogue: Catalogue
    now: Instant

    @property
    def taken_by(self) -> Code:
        """The department that takes a standing offer, if the person acts for one it was made to."""
        mine = (code for code in sorted(self.offered) if self.user.may(Right.ACT, code))
        return next((code for code in mine if code != self.issue.department), "")

    @property
    def asked_others(self) -> bool:
        """Whether more time was asked for, by nobody but others than this person."""
        return is_of_others(self.issue.askers, self.user)

    @property
    def contested_by_others(self) -> bool:
        """Whether how it counts was contested, by somebody else than this person."""
        contested = self.issue.contested
        return contested is not None and is_of_others((contested,), self.user)


def is_of_others(askers: Sequence[tuple[str | None, str]], user: User) -> bool:
    """Whether somebody asked, and nobody of them is this person, or whom this person stands in for."""
    return bool(askers) and all(actor is None or actor not in user.names for actor, _ in askers)


def pause_reasons(case: Case) -> list[str]:
    """For which reasons its standard lets the clock stop."""
    pauses = promise_of(case.issue, case.catalogue).standard.pauses
    return sorted(pauses.reasons) if pauses else []
