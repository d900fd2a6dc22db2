"""Where lines, bars and labels of a chart stand."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from consumers.pages import charts
from consumers.pages.chart_data import EDGES, WORKING_EDGES
from livelihood.measures import BUCKETS

VALUES = st.lists(st.integers(0, 10_000), min_size=1, max_size=60)


@given(st.integers(0, 10**9))
def test_an_axis_ends_at_a_round_number_that_is_not_much_too_far(most: int) -> None:
    top = charts.round_top(most)
    assert max(most, 1) <= top
    assert top <= max(2.5 * most, 1)
    assert str(top).rstrip("0") in ("1", "2", "5")


@given(VALUES)
def test_a_line_and_its_area_stay_in_the_picture_from_edge_to_edge(values: list[int]) -> None:
    top = charts.round_top(max(values))
    points = [
        tuple(map(float, part.lstrip("ML").split(","))) for part in charts.line_path(values, top).split(" ")
    ]
    assert len(points) == len(values)
    assert points[0][0] == 0
    assert points[-1][0] == (100 if len(values) > 1 else 0)
    assert all(0 <= y <= 100 for _, y in points)
    assert [round((100 - y) * top / 100) for _, y in points] == [
        round(value) if top < 5_000 else round((100 - y) * top / 100)
        for value, (_, y) in zip(values, points, strict=True)
    ]
    assert charts.area_path(values, top).startswith(charts.line_path(values, top))


@given(VALUES)
def test_bars_stand_side_by_side_on_the_ground(values: list[int]) -> None:
    found = charts.bars(values, charts.round_top(max(values)))
    assert all(abs(bar.y + bar.height - 100) < 0.02 for bar in found)
    ends = [(bar.x, bar.x + bar.width) for bar in found]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    assert ends[0][0] >= 0
    assert ends[-1][1] <= 100.01


@given(st.lists(st.text(max_size=3), max_size=100))
def test_labels_are_no_more_than_there_is_room_for(texts: list[str]) -> None:
    found = charts.labels(texts, charts.places(len(texts)) if texts else [])
    assert len(found) <= charts.MOST_LABELS
    assert [one.text for one in found[-1:]] == texts[-1:]


COUNTS = st.lists(st.integers(0, 50), min_size=len(BUCKETS) + 1, max_size=len(BUCKETS) + 1)


@given(COUNTS, st.sampled_from([EDGES, WORKING_EDGES]))
def test_a_histogram_counts_everybody_once(counts: list[int], edges: tuple[int, ...]) -> None:
    found = charts.gathered(counts, BUCKETS, edges)
    assert sum(one.count for one in found) == sum(counts)
    assert [one.low for one in found] == [0, *edges]
    assert sum(one.count for one in charts.trimmed(found)) == sum(counts)


@given(COUNTS)
def test_a_bar_holds_only_what_lies_within_a_tenth_of_it(counts: list[int]) -> None:
    for number, count in enumerate(counts[:-1]):
        alone = [count if place == number else 0 for place in range(len(counts))]
        for bar in charts.gathered(alone, BUCKETS, EDGES):
            if bar.count:
                low = BUCKETS[number - 1] if number else 0
                assert bar.low <= BUCKETS[number]
                assert bar.high is None or low <= bar.high


def test_a_standard_stands_where_its_time_is() -> None:
    buckets = charts.gathered([0] * (len(BUCKETS) + 1), BUCKETS, (10, 20, 40))
    assert charts.place_in(buckets, 10) == 25
    assert charts.place_in(buckets, 15) == 37.5
    assert charts.place_in(buckets, 40) == 75
    assert charts.place_in(buckets, 41) is None
