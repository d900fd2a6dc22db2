"""The parts of a bundle: how a bundle ended, from how its parts did."""

from collections.abc import Collection

#: From what serves the person best to what serves them least. A bundle ended as its worst part did: a
#: case of which one part was only scheduled is not fixed.
_BEST_FIRST = (
    "fixed",
    "answered",
    "scheduled",
    "duplicate",
    "administrative",
    "not_ours",
    "not_found",
    "rejected",
)


def outcome_of_parts(outcomes: Collection[str]) -> str:
    """The outcome of a bundle all of whose parts are settled.

    Parts withdrawn or merged no longer count, unless all are.
    """
    answers = [outcome for outcome in outcomes if outcome in _BEST_FIRST]
    if answers:
        return max(answers, key=_BEST_FIRST.index)
    return "withdrawn" if "withdrawn" in outcomes else "merged"
