"""By which numbers an issue is found: what its events say, and what the index is told of it."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from livelihood.effects import MOST_NUMBERS
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.issue import Issue
from livelihood.numbers import numbers_of, renumber
from livelihood.state import IssueState
from tests.livelihood.worlds import CITY, fact

ASKED = fact(Kind.SUBMITTED, "10-27 10:00", name="asked", service="pothole", number="H-1")


def numbered(number: str, day: str = "10-28", channel: str = "web", name: str = "") -> Fact:
    return fact(
        Kind.NUMBERED, f"{day} 10:00", channel=channel, name=name or f"{channel}-{number}", number=number
    )


def found_by(facts: Sequence[Fact], issue: str = "A") -> set[tuple[str, str]]:
    return set(numbers_of(issue, fold(facts, CITY)))


def test_several_systems_numbers_lead_to_one_issue() -> None:
    facts = [ASKED, numbered("W-7"), numbered("9", channel="app"), numbered("W-7", name="again")]
    assert found_by(facts) == {(ASKED.channel, "H-1"), ("web", "W-7"), ("app", "9")}
    # It is settled, and is found as before.
    done = fact(Kind.RESOLVED, "10-29 10:00", outcome="fixed")
    late = numbered("late", day="10-30", channel="app")
    assert found_by([*facts, done, late]) == found_by(facts) | {("app", "late")}


def test_what_is_not_submitted_is_found_by_no_number() -> None:
    assert found_by([numbered("W-7")]) == set()
    # Said before the submission came, it counts with it.
    assert found_by([numbered("W-7", day="10-01"), ASKED]) == {(ASKED.channel, "H-1"), ("web", "W-7")}


def test_the_issues_own_id_is_no_number_of_its_own() -> None:
    assert found_by([ASKED], issue="H-1") == set()
    assert found_by([ASKED, numbered("W-7")], issue="H-1") == {("web", "W-7")}


def test_a_corrected_number_leads_where_it_says() -> None:
    facts = [ASKED, numbered("W-7", channel=ASKED.channel, name="wrong")]
    news = {"number": {"new": "W-8"}}
    assert (ASKED.channel, "W-8") in found_by(
        [*facts, fact(Kind.CORRECTED, "10-29 10:00", corrects="wrong", changes=news)]
    )
    changes = {"void": {"new": True}}
    gone = fact(Kind.CORRECTED, "10-29 10:00", corrects="wrong", changes=changes)
    assert found_by([*facts, gone]) == {(ASKED.channel, "H-1")}


def test_an_issue_takes_so_many_further_numbers_and_no_more() -> None:
    facts = [ASKED, *(numbered(str(number)) for number in range(MOST_NUMBERS + 5))]
    assert len(found_by(facts)) == MOST_NUMBERS + 1


names = st.lists(st.tuples(st.sampled_from(["web", "app"]), st.sampled_from("123")), unique=True, max_size=5)


@given(st.lists(st.tuples(names, st.sampled_from([None, "1", "4", "A"])), max_size=6))
def test_what_the_index_was_told_is_always_what_the_issue_says(steps) -> None:
    state, index = IssueState(), set()
    for numbers, number in steps:
        state.issue = Issue(channel="web", number=number, numbers=tuple(numbers))
        told: dict[tuple[str, str, str], bool] = {}
        renumber("A", state, told)
        for key, holds in told.items():
            # Nothing is said twice.
            assert (key in index) is not holds
            (index.add if holds else index.remove)(key)
        assert index == {(*one, "A") for one in numbers_of("A", state.issue)}
