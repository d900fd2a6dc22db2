"""Ids of streams: whatever was told, an id says it and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.hearing.places import NoPlaces, Place, is_at_or_after, latest, places_of, text_of

number = st.integers(0, 10**15)
some_places = st.lists(st.builds(Place, number, st.integers(0, 99), number), min_size=1, max_size=5).map(
    tuple
)
few = st.integers(0, 3)
pairs = st.tuples(st.builds(Place, few, few, few), st.builds(Place, few, few, few))
#: Two of as many partitions.
alike = st.lists(pairs, min_size=1, max_size=4).map(lambda found: tuple(zip(*found, strict=True)))


@given(some_places)
def test_an_id_gives_back_its_places(places) -> None:
    assert places_of(text_of(places), len(places)) == places
    with pytest.raises(NoPlaces, match="partitions"):
        places_of(text_of(places), len(places) + 1)


@given(st.text(max_size=20))
def test_what_is_no_id_is_refused(text: str) -> None:
    try:
        places = places_of(text, 1)
    except NoPlaces:
        return
    # Leading zeros say the same.
    assert text_of(places) == "-".join(str(int(part)) for part in text.split("-"))


@given(alike)
def test_the_latest_of_two_is_at_or_after_both(pair) -> None:
    one, other = pair
    both = latest(one, other)
    assert is_at_or_after(both, one)
    assert is_at_or_after(both, other)
    assert is_at_or_after(one, other) is (both == one)
