"""What a rate says of its target, what is ranked, and in which order lines stand."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from consumers.pages.figures import Row, Verdict, ranks, sorted_rows, verdict_of
from livelihood.measures import FEW, SUM, rate
from livelihood.rollup import Line

COUNTS = st.integers(0, 400).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
TARGETS = st.sampled_from([0.5, 0.9, 0.95, 1.0])


def line(on_time: int, due: int, **sums: int) -> Line:
    found = {SUM["due_on_time"]: on_time, SUM["due"]: due}
    return Line("streets", {"department": f"{on_time}/{due}"}, found | {SUM[k]: v for k, v in sums.items()})


def row(one: Line) -> Row:
    measures = one.measures()
    return Row(
        key=one.dimensions["department"], title="", line=one, measures=measures, target=0.9,
        verdict=verdict_of(measures["on_time_rate"], 0.9),
    )  # fmt: skip


@given(COUNTS, TARGETS)
def test_a_verdict_says_no_more_than_the_interval_allows(counts: tuple[int, int], target: float) -> None:
    found = rate(*counts)
    said = verdict_of(found, target)
    if counts[1] == 0:
        assert said is Verdict.NOTHING
    elif counts[1] < FEW:
        assert said is Verdict.FEW
    else:
        assert found.low is not None
        assert found.high is not None
        is_sure = {Verdict.KEPT: found.low >= target, Verdict.MISSED: found.high < target}
        assert said in (Verdict.KEPT, Verdict.MISSED, Verdict.NEAR)
        assert is_sure.get(said, found.low < target <= found.high)


def test_without_a_target_there_is_no_verdict() -> None:
    assert verdict_of(rate(50, 100), None) is Verdict.NO_TARGET


@given(st.lists(COUNTS, max_size=12))
def test_few_have_no_rank_and_the_others_the_one_by_their_rate(counts: list[tuple[int, int]]) -> None:
    found = ranks([line(*pair).measures() for pair in counts])
    assert set(found) == {number for number, (_, due) in enumerate(counts) if due >= FEW}
    for number, place in found.items():
        share = counts[number][0] / counts[number][1]
        better = {other for other in found if counts[other][0] / counts[other][1] > share}
        assert place == len(better) + 1


@given(st.lists(COUNTS, max_size=12), st.sampled_from(["on_time_rate", "-on_time_rate"]))
def test_sorted_by_rate_those_of_few_come_last_either_way(counts: list[tuple[int, int]], sort: str) -> None:
    found = sorted_rows([row(line(*pair)) for pair in counts], sort)
    assert len(found) == len(counts)
    rates = [one.measures["on_time_rate"] for one in found]
    ranked = [one.value for one in rates if one.denominator >= FEW]
    assert ranked == sorted(ranked, reverse=sort.startswith("-"))
    assert all(one.denominator < FEW for one in rates[len(ranked) :])


def test_an_order_by_what_is_no_figure_leaves_lines_as_they_are() -> None:
    rows = [row(line(3, 40)), row(line(20, 40)), row(line(9, 40))]
    assert sorted_rows(rows, "-no_such_figure") == rows
    assert sorted_rows(rows, "") == rows


def test_lines_are_sorted_by_counts() -> None:
    rows = [row(line(0, 0, open=2)), row(line(0, 0, open=9)), row(line(0, 0, open=5))]
    rows = [replace(one, key=str(one.measures["open"])) for one in rows]
    assert [one.key for one in sorted_rows(rows, "-open")] == ["9", "5", "2"]
    assert [one.key for one in sorted_rows(rows, "open")] == ["2", "5", "9"]
