"""Small counts kept from being worked out: what may be published of counts that add up to a total. Pure.

A count below `fewest` is not shown, nor are enough others that nobody can subtract it from the total: which
those are does not depend on how what is hidden is spread. The last rows of the list stand in for the small
ones, as many as it takes. docs/public.md says why that holds, and a test tries every world of a small size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: What is in none of the rows of a list.
ELSEWHERE = "other"


@dataclass(frozen=True, kw_only=True)
class Column:
    """What is published of one count, row by row and in all."""

    #: None: fewer than `fewest`.
    total: int | None
    shown: Mapping[str, int]
    #: Those of the rows not shown that everybody can tell to be below `fewest`, from which are not.
    few: frozenset[str]


def protect(counts: Mapping[str, int], fewest: int, elsewhere: int = 0) -> Column:
    """What may be published of counts by row, in the order of their list. `fewest` 1: everything.

    Rows are listed whether anybody is in them or not. What is in none of them is a row of its own, ELSEWHERE,
    that nobody hears of unless it is shown.
    """
    rows = {ELSEWHERE: elsewhere, **counts} if elsewhere else dict(counts)
    total = sum(rows.values())
    if fewest <= 1:
        return Column(total=total, shown=rows, few=frozenset())
    if total < fewest:
        return Column(total=None, shown={}, few=frozenset(counts))
    hidden = _hidden(rows, fewest)
    shown = {row: count for row, count in rows.items() if row not in hidden}
    return Column(total=total, shown=shown, few=_few(list(counts), hidden))


def least_received(fewest: int) -> int:
    """Below this the number received is not shown: together with what was due it is known from below."""
    return 2 * fewest if fewest > 1 else 0


def _hidden(counts: Mapping[str, int], fewest: int) -> set[str]:
    hidden = {row for row, count in counts.items() if count < fewest}
    if not hidden:
        return hidden
    for row in reversed(list(counts)):
        hidden.add(row)
        # Whatever the small ones are, this row can take up the difference and stay what it is.
        if counts[row] >= fewest and sum(counts[one] for one in hidden) >= 2 * fewest:
            break
    return hidden


def _few(rows: list[str], hidden: set[str]) -> frozenset[str]:
    """Before the last row that is shown, none is hidden for another's sake."""
    last_shown = max((place for place, row in enumerate(rows) if row not in hidden), default=0)
    return frozenset(row for row in rows[:last_shown] if row in hidden)
