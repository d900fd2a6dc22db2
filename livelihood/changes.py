"""What an event changed for those who follow an issue: that it took effect, and what is promised since.

Worked out from the issue's own facts in the order they came, so that whoever asks, and however often, gets
the same answer: a stream of changes can be taken up again anywhere without a store of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livelihood.bundles import parts_of
from livelihood.effects import apply
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact
from livelihood.fold import fold, ordered
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.lifecycle import SETTLED, State
from livelihood.promises import Catalogue
from livelihood.state import identity

#: Of a fact's data these are not told on: where exactly somebody is, and what they attached.
KEPT_BACK = frozenset({"latitude", "longitude", "attachments", "changes"})
#: What is said of an issue beside the kinds of events.
PROMISE_CHANGED, DUE_SOON, OVERDUE = "promise_changed", "due_soon", "overdue"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that happened to an issue."""

    #: A kind of event, as a word, or one of the three above.
    what: str
    #: When it took effect.
    at: Instant
    #: The issue as it was made by this event and those that came before it.
    issue: Issue
    #: The event; None where time alone did it.
    fact: Fact | None = None
    #: What was promised before; only where that has changed.
    promised_before: Instant | None = None


def promised(issue: Issue) -> Instant | None:
    """When it is to be done: what a person may expect. After a reopening, when the rework is to be."""
    return issue.rework_due if issue.rework_due is not None and issue.open else issue.due


def changes_by(fact: Fact, earlier: Sequence[Fact], catalogue: Catalogue) -> list[Change]:
    """What a fact changed of its issue, of which `earlier` had come before; empty where it had no effect."""
    before, issue, at, took_effect = fold(earlier, catalogue), Issue(), fact.time, False
    for (instant, *_), known in ordered([*earlier, fact], catalogue):
        effect = apply(issue, known, instant, catalogue)
        if identity(known) == identity(fact):
            at, took_effect = instant, effect
    if fact.kind == Kind.CORRECTED:
        # It acts by changing what another event says.
        took_effect = before != issue
        at = max(fact.recorded, issue.changed)
    if not took_effect:
        return []
    changes = [Change(what=Kind(fact.kind).word, at=at, issue=issue, fact=fact)]
    was = promised(before)
    if before.state != State.ORPHAN and was != promised(issue) and issue.open:
        moved = Change(what=PROMISE_CHANGED, at=at, issue=issue, fact=fact, promised_before=was)
        changes.append(moved)
    return changes


def changes_of_bundle(
    child: str,
    fact: Fact,
    earlier: Sequence[Fact],
    bundle: Sequence[Fact],
    received: Instant,
    catalogue: Catalogue,
) -> list[Change]:
    """What a fact of a part, received then, changed of its bundle: that it is done, or no longer.

    Which of the `bundle`'s facts, other parts' among them, came before is seen by when they were recorded.
    """
    others = [
        one for one in bundle if one.recorded <= received and (one.kind != Kind.PART or one.source != child)
    ]
    before = fold([*others, *parts_of(child, earlier, catalogue)], catalogue)
    after = fold([*others, *parts_of(child, [*earlier, fact], catalogue)], catalogue)
    if (before.state in SETTLED) == (after.state in SETTLED):
        return []
    what = Kind.RESOLVED if after.state in SETTLED else Kind.REOPENED
    return [Change(what=what.word, at=after.settled or fact.time, issue=after)]


def told_of(fact: Fact) -> dict[str, Any]:
    """What a fact says in detail, for those who follow its issue; moments as `Instant`."""
    names = DATA_FIELDS.get(fact.kind, ())
    pairs = zip(names, fact.data, strict=False)
    said = {name: value for name, value in pairs if name not in KEPT_BACK}
    return {name: value for name, value in said.items() if value not in (None, False, [], "")}
