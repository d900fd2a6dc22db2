"""Bundles: one submission served as child issues ("one issue", 一件事), done when all of them are.

A child's life is told to its bundle as facts of the kind `part`, derived from the child's own
events, so the bundle folds like any other issue and has a past like any other.
"""

from collections.abc import Iterable

from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fields import CHILD_SEPARATOR
from livelihood.fold import ordered
from livelihood.issue import Issue
from livelihood.promises import Catalogue

#: Kinds that may settle a part or open it again, or decide whether another event does.
TELLING = frozenset(
    {
        Kind.SUBMITTED,
        Kind.RECLASSIFIED,
        Kind.RESOLVED,
        Kind.REJECTED,
        Kind.WITHDRAWN,
        Kind.MERGED,
        Kind.CLOSED,
        Kind.REOPENED,
        Kind.CORRECTED,
    }
)


def is_child(issue_id: str) -> bool:
    """Whether an id names a part of a bundle."""
    return CHILD_SEPARATOR in issue_id


def parts_of(child_id: str, facts: Iterable[Fact], catalogue: Catalogue) -> list[Fact]:
    """What a bundle hears of one child: each time it was settled or opened again.

    Each fact's data are the child's id and the outcome, empty where it is open again.
    """
    issue = Issue()
    parts: list[Fact] = []
    settled = False
    for (at, *_), fact in ordered(facts, catalogue):
        apply(issue, fact, at, catalogue)
        if (issue.settled is not None) != settled:
            settled = not settled
            # Known when its cause was recorded: what is asked "as known at" must not know it before.
            recorded = max(at, fact.recorded)
            data = (child_id, issue.outcome)
            parts.append(Fact(Kind.PART, at, recorded, fact.channel, child_id, fact.id, None, data))
    return parts
