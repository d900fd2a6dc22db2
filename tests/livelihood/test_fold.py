import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livelihood.effects import apply
from livelihood.envelope import parse_event
from livelihood.events import Kind
from livelihood.facts import Fact, corrected, fact_of
from livelihood.fold import fold, ordered
from livelihood.instants import parse
from livelihood.issue import Issue
from livelihood.state import IssueState, all_facts, hold, pack, short_id, unpack
from tests.livelihood.worlds import CITY, at, fact, moments, some_facts, some_parts

histories = st.builds(lambda facts, parts: facts + parts, some_facts(), some_parts())


@given(facts=histories, data=st.data())
def test_any_arrival_order_and_any_repetition_fold_to_the_same_issue(facts: list[Fact], data: Any) -> None:
    repeated = facts + (data.draw(st.lists(st.sampled_from(facts))) if facts else [])
    shuffled = data.draw(st.permutations(repeated))
    assert fold(shuffled, CITY) == fold(facts, CITY)


@given(facts=histories, instant=moments)
def test_an_issue_as_of_an_instant_is_folded_from_what_had_taken_effect_by_then(
    facts: list[Fact], instant: int
) -> None:
    issue = Issue()
    for (effective, *_), placed in ordered(facts, CITY):
        if effective <= instant:
            apply(issue, placed, effective, CITY)
    assert fold(facts, CITY, instant) == issue


@given(facts=histories)
def test_facts_fold_alike_from_memory_and_from_a_stored_state(facts: list[Fact]) -> None:
    state = IssueState()
    for one in facts:
        hold(state, one, short_id(one))
    assert fold(all_facts(unpack(pack(state))), CITY) == fold(facts, CITY)


@given(facts=histories)
def test_a_folded_issue_survives_being_stored(facts: list[Fact]) -> None:
    state = IssueState(issue=fold(facts, CITY))
    assert unpack(pack(state)).issue == state.issue


@given(facts=histories)
def test_facts_take_effect_in_order_of_time_and_never_before_the_submission(facts: list[Fact]) -> None:
    order = ordered(facts, CITY)
    places = [place for place, _ in order]
    assert places == sorted(places)
    submitted = [place for place, one in order if one.kind == Kind.SUBMITTED]
    if submitted:
        assert places[0] == submitted[0]


def test_a_corrected_time_of_an_import_counts_from_the_corrected_time() -> None:
    first = "2024-02-04T10:00:00Z"
    document = {
        "type": "livelihood.request.submitted",
        "source": "/imports/x",
        "id": "1:submitted",
        "subject": "1",
        "time": first,
        "recorded": first,
        "channel": "web",
        "data": {"service": "lamp"},
    }
    fact = fact_of(parse_event(json.dumps(document), parse(first)))
    moved = corrected(fact, {"time": {"old": "2024-02-04T10:00:00Z", "new": "2024-01-02T10:00:00Z"}})
    assert moved.recorded == moved.time == parse("2024-01-02T10:00:00Z")


ASKED = fact(Kind.SUBMITTED, "10-27 09:00", service="lamp")
DONE = fact(Kind.RESOLVED, "10-28 09:00", name="done", channel="desk", outcome="fixed")


def correction(when: str, channel: str, **changes: Any) -> Fact:
    news = {name: {"new": new} for name, new in changes.items()}
    return fact(Kind.CORRECTED, when, channel=channel, corrects="done", changes=news)


def test_an_event_is_taken_back_by_its_own_source_only() -> None:
    assert fold([ASKED, DONE, correction("10-29 09:00", "desk", void=True)], CITY).open
    assert not fold([ASKED, DONE, correction("10-29 09:00", "web", void=True)], CITY).open
    # What was taken back is not corrected any more.
    facts = [
        ASKED,
        DONE,
        correction("10-29 09:00", "desk", void=True),
        correction("10-30 09:00", "desk", void=False),
    ]
    assert fold(facts, CITY).open


def test_of_two_events_with_one_id_a_correction_means_its_own_sources() -> None:
    other = fact(Kind.FOLLOWED_UP, "10-28 10:00", name="done")
    both = [
        ASKED,
        DONE,
        other,
        correction("10-29 09:00", "desk", outcome="scheduled", time="2011-10-28T08:00:00-04:00"),
    ]
    issue = fold(both, CITY)
    assert (issue.outcome, issue.settled) == ("scheduled", at("10-28 08:00"))
    assert issue.marks == ((at("10-28 10:00"), "followed_up", "", 1),)


def test_corrections_take_effect_in_the_order_they_were_recorded() -> None:
    first, second = (
        correction(f"10-{day} 09:00", "web", outcome=outcome)
        for day, outcome in ((29, "answered"), (30, "scheduled"))
    )
    for facts in ([ASKED, DONE, first, second], [second, first, DONE, ASKED]):
        assert fold(facts, CITY).outcome == "scheduled"


def test_of_repeats_the_one_recorded_first_counts() -> None:
    early, late = (
        fact(Kind.RESOLVED, "10-28 09:00", recorded=recorded, outcome="fixed")
        for recorded in ("10-28 09:01", "11-20 09:00")
    )
    assert fold([ASKED, early, late], CITY) == fold([ASKED, late, early], CITY) == fold([ASKED, early], CITY)
