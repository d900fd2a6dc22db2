"""What a published rate says of its target: the same as inside, and nothing where a bound leaves it open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.pages.figures import Verdict, verdict_of
from consumers.public.figures import Figures, Share
from consumers.public.suppression import Column
from livelihood.measures import rate

FEWEST = 5


def share_of(done: int, missed: int) -> Share | None:
    """What is published of a commitment without rows."""

    def column(count: int) -> Column:
        return Column(total=count if count >= FEWEST else None, shown={}, few=frozenset())

    return Figures(
        commitment="streets", month="2026-02", by="", rows=(), received=None, fewest=FEWEST,
        columns={"on_time": column(done), "not_on_time": column(missed)},
    ).share()  # fmt: skip


@given(done=st.integers(0, 400), missed=st.integers(0, 400), target=st.sampled_from([0.5, 0.8, 0.95, None]))
def test_a_verdict_that_is_published_is_the_one_inside(done: int, missed: int, target: float | None) -> None:
    share = share_of(done, missed)
    verdict = None if share is None else share.verdict(target)
    if verdict in (Verdict.KEPT, Verdict.MISSED, Verdict.NEAR):
        inside = verdict_of(rate(done, done + missed), target)
        # A bound may be of 30 where the number itself is not.
        assert inside is verdict or (inside is Verdict.FEW and done + missed > 30 - FEWEST)


@pytest.mark.parametrize(
    ("done", "missed", "verdict"),
    [
        (427, 109, Verdict.NEAR), (244, 54, Verdict.NEAR), (97, 3, Verdict.KEPT), (39, 223, Verdict.MISSED),
        (3, 60, Verdict.MISSED), (30, 3, None), (11, 10, Verdict.FEW),
    ],
)  # fmt: skip
def test_close_to_the_target_is_neither_kept_nor_missed(
    done: int, missed: int, verdict: Verdict | None
) -> None:
    share = share_of(done, missed)
    assert share is not None
    assert share.verdict(0.8) is verdict
