"""Folding: from an issue's facts, in any order and however often repeated, to the one issue they make.

The total order is (instant, rank of the kind, source, id), where the instant is the event's time,
or, for what is claimed later than its channel may claim, the time it was recorded. What precedes
the submission by its own clock takes effect with the submission.
"""

from collections.abc import Iterable

from livelihood.claims import Place, place
from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import Fact, corrected, is_void
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.promises import Catalogue


def ordered(facts: Iterable[Fact], catalogue: Catalogue) -> list[tuple[Place, Fact]]:
    """Facts once each, as corrected, in the order they take effect."""
    once: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        known = once.get((fact.source, fact.id))
        # Repeats differ in when they were recorded; the first time counts, whichever came first.
        if known is None or fact.recorded < known.recorded:
            once[fact.source, fact.id] = fact
    corrections = [fact for fact in once.values() if fact.kind == Kind.CORRECTED]
    if corrections:
        _correct(once, corrections)
    placed = sorted((place(fact, catalogue), fact) for fact in once.values())
    start = next((at for (at, *_), fact in placed if fact.kind == Kind.SUBMITTED), None)
    if start is None or placed[0][0][0] >= start:
        return placed
    moved = [((max(at, start), *rest), fact) for (at, *rest), fact in placed]
    return sorted(moved)  # type: ignore[arg-type]


def _correct(once: dict[tuple[str, str], Fact], corrections: list[Fact]) -> None:
    """Let corrections take effect, in the order in which they were recorded.

    A correction names an event by its id. Where several sources use it, its own source's is meant.
    """
    corrections.sort(key=lambda fact: (fact.recorded, fact.time, fact.source, fact.id))
    for correction in corrections:
        target, changes = correction.data
        own = (correction.source, target)
        if own not in once:
            for key in [key for key in once if key[1] == target]:
                once[key] = corrected(once[key], changes, correction.recorded, own=False)
        elif is_void(changes):
            # Only who said it takes it back: else a unit could undo what a person asked for.
            del once[own]
        else:
            once[own] = corrected(once[own], changes, correction.recorded)


def fold(facts: Iterable[Fact], catalogue: Catalogue, as_of: Instant | None = None) -> Issue:
    """The issue its facts make; with `as_of`, those that had taken effect by then."""
    issue = Issue()
    for (at, *_), fact in ordered(facts, catalogue):
        if as_of is not None and at > as_of:
            break
        apply(issue, fact, at, catalogue)
    return issue
