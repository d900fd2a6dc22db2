"""What is suppressed cannot be worked out: from totals and neighbours, or from two months together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.public.suppression import ELSEWHERE, Column, least_received, protect

ROWS = "abcdef"


def published(column: Column) -> tuple[object, ...]:
    """All that anybody sees of a column, as one value."""
    return column.total, tuple(column.shown.items()), column.few


def spread(total: int, rows: int) -> Iterator[tuple[int, ...]]:
    """Every way to spread a total over rows."""
    if rows == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for others in spread(total - first, rows - 1):
            yield first, *others


@pytest.mark.parametrize("with_elsewhere", [False, True])
@pytest.mark.parametrize(("fewest", "rows", "most"), [(2, 4, 11), (3, 3, 17), (3, 4, 14), (5, 3, 26)])
def test_whoever_knows_the_rule_and_all_that_is_published_finds_every_small_count_possible(
    fewest: int, rows: int, most: int, with_elsewhere: bool
) -> None:
    # Every world there is, by what is published of it: a total is published or small, so each class is whole.
    worlds: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for total in range(most + 1):
        for counts in spread(total, rows):
            elsewhere, listed = (counts[0], counts[1:]) if with_elsewhere else (0, counts)
            column = protect(dict(zip(ROWS, listed, strict=False)), fewest, elsewhere)
            worlds[published(column)].append(counts)
    for seen, alike in worlds.items():
        for place in range(rows):
            possible = {world[place] for world in alike}
            if min(possible) < fewest:
                # Whether anything is elsewhere may be known, since nothing needs hiding where nothing is.
                least = 1 if with_elsewhere and place == 0 and 0 not in possible else 0
                only_nothing = with_elsewhere and place == 0 and possible == {0}
                assert only_nothing or set(range(least, fewest)) <= possible, (seen, place, possible)


@given(
    counts=st.lists(st.integers(0, 30) | st.integers(0, 5), min_size=1, max_size=6),
    fewest=st.integers(2, 6),
)
@settings(max_examples=300, deadline=None)
def test_each_small_count_could_be_any_other_and_the_same_would_be_published(
    counts: list[int], fewest: int
) -> None:
    world = dict(zip(ROWS, counts, strict=False))
    column = protect(world, fewest)
    for row, count in world.items():
        if count >= fewest:
            continue
        assert row not in column.shown
        for instead in range(fewest):
            assert any(
                published(protect(other, fewest)) == published(column) and min(other.values()) >= 0
                for other in others(world, column, row, instead)
            ), (world, row, instead)


def others(world: Mapping[str, int], column: Column, row: str, instead: int) -> Iterator[dict[str, int]]:
    """Worlds with another count in a row, and the same total wherever one is published."""
    if column.total is None:
        yield {**dict.fromkeys(world, 0), row: instead}
        return
    hidden = [one for one in world if one not in column.shown and one != row]
    rest = sum(world[one] for one in hidden) + world[row] - instead
    for taking in hidden:
        # One takes all there is, or only the difference.
        yield {**world, **dict.fromkeys(hidden, 0), row: instead, taking: rest}
        yield {**world, row: instead, taking: world[taking] + world[row] - instead}


@given(counts=st.dictionaries(st.sampled_from(ROWS), st.integers(0, 40), min_size=1))
def test_what_is_shown_is_true_and_what_is_called_small_is(counts: dict[str, int]) -> None:
    column = protect(counts, 5)
    assert all(counts[row] == count >= 5 for row, count in column.shown.items())
    assert all(counts[row] < 5 for row in column.few)
    assert not column.few & set(column.shown)
    assert column.total == (sum(counts.values()) if sum(counts.values()) >= 5 else None)


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    column = protect({"a": 5, "b": 7}, 5)
    assert (column.total, dict(column.shown)) == (12, {"a": 5, "b": 7})


def test_the_last_row_stands_in_for_a_small_one() -> None:
    column = protect({"a": 40, "b": 3, "c": 20, "d": 9}, 5)
    assert dict(column.shown) == {"a": 40, "c": 20}
    assert column.few == {"b"}


def test_what_is_elsewhere_is_a_row_that_nobody_hears_of_while_it_is_small() -> None:
    assert protect({"a": 40, "b": 9}, 5, elsewhere=6).shown == {ELSEWHERE: 6, "a": 40, "b": 9}
    column = protect({"a": 40, "b": 9}, 5, elsewhere=2)
    assert (column.total, dict(column.shown), column.few) == (51, {"a": 40}, frozenset())


def test_it_can_be_set_to_publish_everything() -> None:
    assert dict(protect({"a": 0, "b": 1}, 1).shown) == {"a": 0, "b": 1}
    assert least_received(1) == 0


class Life(NamedTuple):
    """An issue in three months, of which the first two are published; a month of 3 is later."""

    row: str
    submitted: int
    due: int
    settled: int

    @property
    def on_time(self) -> bool:
        return self.settled <= self.due


def lives() -> list[Life]:
    found = {
        Life(row, submitted, due, settled)
        for row in "ab"
        for submitted in (1, 2)
        for due in range(submitted, 4)
        for settled in (due, 3)
    }
    return sorted(found)


def counts_of(issues: tuple[Life, ...], month: int) -> tuple[dict[str, dict[str, int]], int]:
    """The columns of a month by row, and what was received."""
    due = [one for one in issues if one.due == month]
    return {
        "on time": {row: sum(one.row == row and one.on_time for one in due) for row in "ab"},
        "not on time": {row: sum(one.row == row and not one.on_time for one in due) for row in "ab"},
    }, sum(one.submitted == month for one in issues)


def month_of(issues: tuple[Life, ...], month: int, fewest: int) -> tuple[object, ...]:
    """All that is published of a month."""
    columns, received = counts_of(issues, month)
    shown = received if received >= least_received(fewest) else None
    return *(published(protect(column, fewest)) for column in columns.values()), shown


def every_count(issues: tuple[Life, ...]) -> dict[tuple[object, ...], int]:
    """Every count of both months, under a name."""
    found: dict[tuple[object, ...], int] = {}
    for month in (1, 2):
        columns, found[month, "received"] = counts_of(issues, month)
        for name, column in columns.items():
            found[month, name] = sum(column.values())
            found |= {(month, name, row): count for row, count in column.items()}
    return found


def test_two_months_together_give_away_no_small_count() -> None:
    # All towns with so few issues, each life one of those above; who looks knows the rule, and both months.
    fewest, most = 2, 5
    alike: dict[tuple[object, ...], list[dict[tuple[object, ...], int]]] = defaultdict(list)
    larger = set()
    # A count that is not shown may be larger by one, for which there must be room.
    for number in range(most + 2):
        for issues in combinations_with_replacement(lives(), number):
            seen = month_of(issues, 1, fewest), month_of(issues, 2, fewest)
            if number > most and seen not in alike:
                larger.add(seen)
            alike[seen].append(every_count(issues))
    for seen in alike.keys() - larger:
        towns = alike[seen]
        for name in towns[0]:
            counts = {town[name] for town in towns}
            # A nought is nobody: what must not be found out is that there is somebody.
            assert len(counts) > 1 or counts == {0} or min(counts) >= fewest, (seen, name)
