"""Claims: what an event says of the past, and from when on it counts.

A channel may claim as far back as the catalogue allows it; what it claims later counts from when it
was recorded. That keeps anyone from mending the past once a deadline has gone by.
"""

from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact
from livelihood.instants import MINUTE, Instant
from livelihood.promises import Catalogue

#: Clocks differ and messages travel: a claim this old is not a late one.
CLAIM_GRACE: Instant = 5 * MINUTE

#: A fact's place in the total order: instant, rank of its kind, source, id.
Place = tuple[Instant, int, str, str]
_ON_PAPER = DATA_FIELDS[Kind.SUBMITTED].index("on_paper")


def is_late(fact: Fact, catalogue: Catalogue) -> bool:
    """Whether a fact was claimed later than its channel might claim it."""
    late = fact.recorded - fact.time
    return late > CLAIM_GRACE and late > catalogue.lateness(fact.channel, fact.recorded)


def effective(fact: Fact, catalogue: Catalogue) -> Instant:
    """The instant a fact counts from."""
    if fact.recorded - fact.time <= CLAIM_GRACE:
        return fact.time
    if not is_late(fact, catalogue) or (fact.kind == Kind.SUBMITTED and fact.data[_ON_PAPER]):
        return fact.time
    return fact.recorded


def place(fact: Fact, catalogue: Catalogue) -> Place:
    """Where a fact stands in the total order."""
    return (effective(fact, catalogue), fact.kind, fact.source, fact.id)
