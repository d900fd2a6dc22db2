"""What is worked out from sums."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.instants import DAY, HOUR, MINUTE
from livelihood.measures import (
    BUCKETS,
    ELAPSED,
    SUM,
    SUMS,
    WORKING,
    Rate,
    bucket_of,
    measures_of,
    percentile,
    rate,
)

RATES = {
    "share_with_deadline": ("received - no_deadline", "received"),
    "on_time_rate": ("due_on_time", "due"),
    "running_on_time_rate": ("closed_on_time", "closed_on_time + closed_late + due_open"),
    "on_time_rate_original": ("due_on_time_original", "due_original"),
    "accepted_on_time_rate": ("accepted_on_time", "acceptance_due"),
    "one_visit_rate": ("one_visit", "visits_recorded"),
    "one_visit_coverage": ("visits_recorded", "resolved"),
    "solved_rate": ("solved", "answered_solved"),
    "satisfaction_rate": ("satisfied", "answered_satisfied"),
    "response_rate": ("answered", "asked"),
}


def test_over_nothing_every_rate_is_none_and_every_count_nought() -> None:
    for name, value in measures_of({}).items():
        if name in RATES:
            assert value == Rate(None, 0, 0, None, None)
        elif name == "time_to_resolve":
            nothing = {"median_seconds": None, "p90_seconds": None}
            assert value == {"elapsed": nothing, "working": nothing}
        else:
            assert value == 0 or set(value.values()) == {0}


@st.composite
def some_sums(draw: st.DrawFn) -> dict[int, int]:
    """Sums of a table, in which no part is larger than its whole."""
    parts = {numerator for numerator, _ in RATES.values()} - {"visits_recorded"}
    return {
        number: draw(st.integers(0, 10) if name in parts else st.integers(10, 1000)) * (name != "no_deadline")
        for name, number in SUM.items()
    } | {SUM["visits_recorded"]: 10}


@given(some_sums())
def test_every_rate_carries_what_it_was_taken_from(sums: dict[int, int]) -> None:
    measures = measures_of(sums)
    named = {name: sums[number] for name, number in SUM.items()}
    assert {name for name, value in measures.items() if isinstance(value, Rate)} == set(RATES)
    for name, (numerator, denominator) in RATES.items():
        found = measures[name]
        expected = [eval(formula, dict(named)) for formula in (numerator, denominator)]
        assert [found.numerator, found.denominator] == expected
        assert found.value == found.numerator / found.denominator


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
        # Medicine 17 (1998), table I, method 3 (the score method without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(numerator: int, denominator: int, low: float, high: float) -> None:
    found = rate(numerator, denominator)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (low, high)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_lies_within_its_interval_and_the_interval_within_nought_and_one(part: int, rest: int) -> None:
    found = rate(part, part + rest)
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12 <= 1 + 1e-12
    mirrored = rate(rest, part + rest)
    assert isclose(mirrored.low or 0, 1 - found.high, abs_tol=1e-9)


@given(st.integers(1, 10**6))
def test_the_interval_of_all_or_none_ends_exactly_there(denominator: int) -> None:
    assert rate(0, denominator).low == 0.0
    assert rate(denominator, denominator).high == 1.0


lengths = st.lists(st.integers(5 * MINUTE + 1, 2500 * DAY), min_size=1, max_size=60)


@given(lengths, st.sampled_from([0.5, 0.9]), st.sampled_from([ELAPSED, WORKING]))
def test_a_percentile_is_right_within_a_tenth(times: list[int], share: float, histogram: int) -> None:
    sums: dict[int, int] = {}
    for time in times:
        number = histogram + bucket_of(time)
        sums[number] = sums.get(number, 0) + 1
    exact = sorted(times)[-(-int(share * 1000) * len(times) // 1000) - 1]
    found = percentile(sums, histogram, share)
    assert found is not None
    assert abs(found - exact) <= 0.1 * exact


def test_times_are_given_with_no_more_figures_than_the_buckets_tell() -> None:
    times = measures_of({ELAPSED + bucket_of(2 * HOUR): 3, ELAPSED + bucket_of(90 * DAY): 1})[
        "time_to_resolve"
    ]
    assert times["elapsed"] == {"median_seconds": 7290, "p90_seconds": 7440000}


def test_histograms_merge() -> None:
    one, other = {ELAPSED + bucket_of(2 * HOUR): 3}, {ELAPSED + bucket_of(90 * DAY): 1}
    together = {**one, **other}
    assert percentile(together, ELAPSED, 0.5) == percentile(one, ELAPSED, 0.5)
    assert percentile(together, ELAPSED, 0.9) == percentile(other, ELAPSED, 0.5)
    assert percentile(together, WORKING, 0.5) is None


def test_the_shortest_and_the_longest_have_buckets_too() -> None:
    assert (bucket_of(0), bucket_of(5 * MINUTE), bucket_of(5 * MINUTE + 1)) == (0, 0, 1)
    assert bucket_of(BUCKETS[-1] + 1) == len(BUCKETS)
    assert percentile({ELAPSED: 1}, ELAPSED, 0.5) == BUCKETS[0] // 2
    assert percentile({ELAPSED + len(BUCKETS): 1}, ELAPSED, 0.5) == BUCKETS[-1]


def test_the_numbers_of_sums_are_stored_and_stay_what_they_are() -> None:
    stored = {"received": 0, "open": 1, "due": 9, "due_on_time": 10, "resolved_fixed": 32, "answered": 39}
    assert stored.items() <= SUM.items()
    assert len(set(SUMS)) == len(SUMS) < ELAPSED
    assert ELAPSED + len(BUCKETS) < WORKING
