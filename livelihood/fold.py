"""Folding: from an issue's facts, in any order and however often repeated, to the one issue they make.

The total order is (instant, rank of the kind, source, id), where the instant is the event's time,
or, for what is claimed later than its channel may claim, the time it was recorded. What precedes
the submission by its own clock takes effect with the submission.
"""

from collections.abc import Iterable

from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import Fact, corrected
from livelihood.instants import MINUTE, Instant
from livelihood.issue import Issue
from livelihood.promises import Catalogue

#: Clocks differ and messages travel: a claim this old is not a late one.
CLAIM_GRACE: Instant = 5 * MINUTE

#: A fact's place in the total order.
Place = tuple[Instant, int, str, str]
_ON_PAPER = 10


def effective(fact: Fact, catalogue: Catalogue) -> Instant:
    """The instant a fact counts from."""
    late = fact.recorded - fact.time
    if late <= CLAIM_GRACE or late <= catalogue.lateness(fact.channel):
        return fact.time
    if fact.kind == Kind.SUBMITTED and fact.data[_ON_PAPER]:
        return fact.time
    return fact.recorded


def place(fact: Fact, catalogue: Catalogue) -> Place:
    """Where a fact stands in the total order."""
    return (effective(fact, catalogue), fact.kind, fact.source, fact.id)


def ordered(facts: Iterable[Fact], catalogue: Catalogue) -> list[tuple[Place, Fact]]:
    """Facts once each, as corrected, in the order they take effect."""
    once = {(fact.source, fact.id): fact for fact in facts}
    corrections = sorted(
        (fact for fact in once.values() if fact.kind == Kind.CORRECTED),
        key=lambda fact: (fact.recorded, fact.time, fact.source, fact.id),
    )
    for correction in corrections:
        target, changes = correction.data
        for key in [key for key in once if key[1] == target]:
            once[key] = corrected(once[key], changes)
    placed = sorted((place(fact, catalogue), fact) for fact in once.values())
    start = next((at for (at, *_), fact in placed if fact.kind == Kind.SUBMITTED), None)
    if start is None or placed[0][0][0] >= start:
        return placed
    moved = [((max(at, start), *rest), fact) for (at, *rest), fact in placed]
    return sorted(moved)  # type: ignore[arg-type]


def fold(facts: Iterable[Fact], catalogue: Catalogue, as_of: Instant | None = None) -> Issue:
    """The issue its facts make; with `as_of`, those that had taken effect by then."""
    issue = Issue()
    for (at, *_), fact in ordered(facts, catalogue):
        if as_of is not None and at > as_of:
            break
        apply(issue, fact, at, catalogue)
    return issue
