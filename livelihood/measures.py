"""Every measure of MEASURES.md: what is stored as a sum, and what is worked out from the sums.

Rows hold sums only, each under a small number. The numbers are stored, so names are added at the
end and never moved.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

from livelihood.event_data import OUTCOMES
from livelihood.instants import DAY, MINUTE

#: The sums a row may hold. A stock is counted as of an instant, everything else in a period.
SUMS: tuple[str, ...] = (
    "received",
    "open",
    "due_soon",
    "overdue",
    "resolved",
    "rejected",
    "closed_on_time",
    "closed_late",
    "no_deadline",
    "due",
    "due_on_time",
    "due_original",
    "due_on_time_original",
    "acceptance_due",
    "accepted_on_time",
    "visits_recorded",
    "one_visit",
    "asked",
    "answered_solved",
    "solved",
    "answered_satisfied",
    "satisfied",
    "reopened",
    "transferred_in",
    "transferred_out",
    "returned",
    "late_on_arrival",
    "reclassified",
    "reported_late",
    "followed_up",
    "excluded_withdrawn",
    "excluded_merged",
    *(f"resolved_{outcome}" for outcome in OUTCOMES),
    "answered",
    "due_open",
)
SUM: dict[str, int] = {name: number for number, name in enumerate(SUMS)}

#: What each rate is of: the sums that make its numerator, and its denominator. A minus takes one away.
RATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "share_with_deadline": (("received", "-no_deadline"), ("received",)),
    "on_time_rate": (("due_on_time",), ("due",)),
    "running_on_time_rate": (("closed_on_time",), ("closed_on_time", "closed_late", "due_open")),
    "on_time_rate_original": (("due_on_time_original",), ("due_original",)),
    "accepted_on_time_rate": (("accepted_on_time",), ("acceptance_due",)),
    "one_visit_rate": (("one_visit",), ("visits_recorded",)),
    "one_visit_coverage": (("visits_recorded",), ("resolved",)),
    "solved_rate": (("solved",), ("answered_solved",)),
    "satisfaction_rate": (("satisfied",), ("answered_satisfied",)),
    "response_rate": (("answered",), ("asked",)),
}

#: The months of stocks: they belong to no period.
STOCK = ""

#: Upper bounds of the buckets times to resolve are counted in: 5 minutes, then a fifth longer each,
#: so that the middle of one is right within 10 % either way; the last holds everything above 6.9 years.
BUCKETS: tuple[int, ...] = tuple(
    round(5 * MINUTE * 1.2**step) for step in range(76) if 5 * MINUTE * 1.2**step < 8 * 366 * DAY
)
#: Where the numbers of the two histograms' buckets begin.
ELAPSED, WORKING = 1000, 2000

#: Below this many a rate is shown grey and is not ranked.
FEW = 30
#: For 95 %.
_Z = 1.959963984540054


def bucket_of(length: int) -> int:
    """The bucket a length of time, in microseconds, falls in."""
    return bisect_left(BUCKETS, length)


class Rate(NamedTuple):
    """A share with what it was taken from; `value`, `low` and `high` are None over nothing."""

    value: float | None
    numerator: int
    denominator: int
    #: The Wilson score interval at 95 %.
    low: float | None
    high: float | None


def rate(numerator: int, denominator: int) -> Rate:
    """The rate with its Wilson interval (E. B. Wilson, JASA 22, 1927)."""
    if denominator == 0:
        return Rate(None, numerator, denominator, None, None)
    share = numerator / denominator
    spread = _Z * _Z / denominator
    centre = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / denominator + spread / (4 * denominator)) / (1 + spread)
    # At the ends the two halves are equal; their difference in floating point is not quite nought.
    low = 0.0 if numerator == 0 else centre - half
    high = 1.0 if numerator == denominator else centre + half
    return Rate(share, numerator, denominator, low, high)


def percentile(sums: Mapping[int, int], histogram: int, share: float) -> int | None:
    """The length below which that share of the times lies, in microseconds; None over nothing.

    The geometric middle of its bucket, which no length in the bucket is further from than a tenth; for
    those below 5 minutes, half of that, and for those above 6.9 years, that.
    """
    return _percentile(_buckets(sums, histogram), share)


def _buckets(sums: Mapping[int, int], histogram: int) -> list[tuple[int, int]]:
    """The buckets of a histogram that have any, in order, each with how many."""
    last = histogram + len(BUCKETS)
    return sorted(
        (measure - histogram, count)
        for measure, count in sums.items()
        if histogram <= measure <= last and count
    )


def _percentile(counts: Sequence[tuple[int, int]], share: float) -> int | None:
    wanted, below = share * sum(count for _, count in counts), 0
    for bucket, count in counts:
        below += count
        if below >= wanted:
            if bucket == len(BUCKETS):
                return BUCKETS[-1]
            return round(sqrt(BUCKETS[bucket - 1] * BUCKETS[bucket])) if bucket else BUCKETS[0] // 2
    return None


def measures_of(sums: Mapping[int, int]) -> dict[str, Any]:
    """Every measure under its name in MEASURES.md, from a row's sums."""

    def n(name: str) -> int:
        return sums.get(SUM[name], 0)

    def share(name: str) -> Rate:
        numerator, denominator = _PARTS[name]
        return rate(_total(sums, numerator), _total(sums, denominator))

    return {
        "received": n("received"),
        "open": n("open"),
        "due_soon": n("due_soon"),
        "overdue": n("overdue"),
        "resolved": n("resolved"),
        "resolved_by_outcome": {outcome: n(f"resolved_{outcome}") for outcome in OUTCOMES},
        "rejected": n("rejected"),
        "closed_on_time": n("closed_on_time"),
        "closed_late": n("closed_late"),
        "no_deadline": n("no_deadline"),
        "share_with_deadline": share("share_with_deadline"),
        "due": n("due"),
        "on_time_rate": share("on_time_rate"),
        "running_on_time_rate": share("running_on_time_rate"),
        "on_time_rate_original": share("on_time_rate_original"),
        "accepted_on_time_rate": share("accepted_on_time_rate"),
        "one_visit_rate": share("one_visit_rate"),
        "one_visit_coverage": share("one_visit_coverage"),
        "solved_rate": share("solved_rate"),
        "satisfaction_rate": share("satisfaction_rate"),
        "asked": n("asked"),
        "answered": n("answered"),
        "response_rate": share("response_rate"),
        "time_to_resolve": {
            "elapsed": _times(sums, ELAPSED),
            "working": _times(sums, WORKING),
        },
        "reopened": n("reopened"),
        "transferred_in": n("transferred_in"),
        "transferred_out": n("transferred_out"),
        "returned": n("returned"),
        "late_on_arrival": n("late_on_arrival"),
        "reclassified": n("reclassified"),
        "reported_late": n("reported_late"),
        "followed_up": n("followed_up"),
        "excluded": {"withdrawn": n("excluded_withdrawn"), "merged": n("excluded_merged")},
    }


def _signed(parts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The numbers of some sums, each with its sign."""
    return tuple((SUM[part.removeprefix("-")], -1 if part.startswith("-") else 1) for part in parts)


_PARTS = {
    name: (_signed(numerator), _signed(denominator)) for name, (numerator, denominator) in RATES.items()
}


def _total(sums: Mapping[int, int], parts: Sequence[tuple[int, int]]) -> int:
    """What some sums make together."""
    total = 0
    for measure, sign in parts:
        total += sign * sums.get(measure, 0)
    return total


def _times(sums: Mapping[int, int], histogram: int) -> dict[str, int | None]:
    counts = _buckets(sums, histogram)
    median, ninetieth = _percentile(counts, 0.5), _percentile(counts, 0.9)
    return {
        "median_seconds": None if median is None else _rounded(median),
        "p90_seconds": None if ninetieth is None else _rounded(ninetieth),
    }


def _rounded(length: int) -> int:
    """A length in seconds, with three figures: the buckets tell no more."""
    seconds = length / 1e6
    return int(float(f"{seconds:.3g}"))
