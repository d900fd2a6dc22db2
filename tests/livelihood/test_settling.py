"""How an issue ends and opens again, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.event_data import OUTCOMES
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import HOUR, Instant
from livelihood.issue import state_at
from livelihood.lifecycle import State
from livelihood.parts import outcome_of_parts
from tests.livelihood.worlds import CITY, START, at, fact, sums

#: To be accepted by Thursday 13:00, resolved by Monday 31 October, 09:00, reopened within ten days.
POTHOLE = fact(Kind.SUBMITTED, "10-27 09:00", service="pothole")
LATER = at("12-20 00:00")


def resolved(time: str, outcome: str = "fixed") -> Fact:
    return fact(Kind.RESOLVED, time, outcome=outcome)


def reopened(time: str) -> Fact:
    return fact(Kind.REOPENED, time)


# Rejecting


@pytest.mark.parametrize(
    ("time", "measure"), [("10-31 09:00", "closed_on_time"), ("10-31 09:01", "closed_late")]
)
def test_rejecting_is_an_answer_and_after_the_deadline_a_late_one(time: str, measure: str) -> None:
    facts = [POTHOLE, fact(Kind.REJECTED, time, reason="private-road")]
    counted = sums(facts, LATER)
    assert (counted[measure], counted["due"], counted["rejected"], counted["resolved"]) == (1, 1, 1, 0)
    assert counted["due_on_time"] == (measure == "closed_on_time")


def test_a_rejected_issue_that_was_closed_is_still_no_resolved_one() -> None:
    facts = [POTHOLE, fact(Kind.REJECTED, "10-28 09:00", reason="no"), fact(Kind.CLOSED, "10-29 09:00")]
    assert fold(facts, CITY).state is State.CLOSED
    counted = sums(facts, LATER)
    assert (counted["rejected"], counted["resolved"], counted["times"]) == (1, 0, 0)


# Withdrawing and merging


def withdrawn(time: str, channel: str = "web", *, call: bool = False) -> Fact:
    return fact(Kind.WITHDRAWN, time, channel=channel, confirmed_call=call)


def merged(time: str, channel: str = "desk") -> Fact:
    return fact(Kind.MERGED, time, channel=channel, into="B")


def test_only_the_persons_own_channel_or_a_confirmed_call_withdraws() -> None:
    assert fold([POTHOLE, withdrawn("10-28 09:00")], CITY).state is State.WITHDRAWN
    assert fold([POTHOLE, withdrawn("10-28 09:00", "app")], CITY).state is State.SUBMITTED
    assert fold([POTHOLE, withdrawn("10-28 09:00", "desk")], CITY).state is State.SUBMITTED
    assert fold([POTHOLE, withdrawn("10-28 09:00", "desk", call=True)], CITY).state is State.WITHDRAWN


def test_staff_cannot_withdraw_what_staff_took_down() -> None:
    taken_down = fact(Kind.SUBMITTED, "10-27 09:00", channel="desk", service="pothole")
    assert fold([taken_down, withdrawn("10-28 09:00", "desk")], CITY).state is State.SUBMITTED


@pytest.mark.parametrize(("leave", "reason"), [(withdrawn, "withdrawn"), (merged, "merged")])
def test_leaving_before_the_deadline_leaves_the_rate_and_is_counted(leave: object, reason: str) -> None:
    counted = sums([POTHOLE, leave("10-31 09:00")], LATER)  # type: ignore[operator]
    assert counted[f"excluded_{reason}"] == 1
    for measure in (
        "due",
        "due_original",
        "acceptance_due_late",
        "closed_on_time",
        "closed_late",
        "resolved",
    ):
        assert counted[measure] == 0, measure


@pytest.mark.parametrize(("leave", "reason"), [(withdrawn, "withdrawn"), (merged, "merged")])
def test_leaving_after_the_deadline_stays_late(leave: object, reason: str) -> None:
    counted = sums([POTHOLE, leave("10-31 09:01")], LATER)  # type: ignore[operator]
    assert (counted["due"], counted["due_on_time"], counted["closed_late"]) == (1, 0, 1)
    assert counted[f"excluded_{reason}"] == 0


def test_leaving_counts_against_each_deadline_by_itself() -> None:
    # Never accepted, and withdrawn after it should have been: late there, and not in the rate of resolution.
    counted = sums([POTHOLE, withdrawn("10-27 14:00")], LATER)
    assert (counted["acceptance_due"], counted["accepted_on_time"], counted["due"]) == (1, 0, 0)
    # Withdrawn before: not an acceptance on time.
    counted = sums([POTHOLE, withdrawn("10-27 12:00")], LATER)
    assert (counted["acceptance_due"], counted["accepted_on_time"]) == (0, 0)
    # Accepted, then withdrawn: that promise was kept.
    counted = sums([POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"), withdrawn("10-27 12:00")], LATER)
    assert (counted["acceptance_due"], counted["accepted_on_time"]) == (1, 1)
    # Extended, and withdrawn between the two deadlines: late without the extension.
    extension = fact(Kind.EXTENSION_GRANTED, "10-28 09:00", until="2011-11-05T09:00:00-04:00")
    counted = sums([POTHOLE, extension, withdrawn("11-01 09:00")], LATER)
    assert (counted["due"], counted["due_original"], counted["due_on_time_original"]) == (0, 1, 0)


# Resolving, closing, reopening


def test_who_resolves_has_accepted() -> None:
    counted = sums([POTHOLE, resolved("10-27 12:00")], LATER)
    assert (counted["acceptance_due"], counted["accepted_on_time"]) == (1, 1)


def test_the_last_instant_of_a_deadline_is_on_time() -> None:
    assert sums([POTHOLE, resolved("10-31 09:00")], LATER)["due_on_time"] == 1
    a_moment_later = fact(Kind.RESOLVED, at("10-31 09:00") + 1, outcome="fixed")
    assert sums([POTHOLE, a_moment_later], LATER)["due_on_time"] == 0


def test_reopened_within_the_window_the_first_deadline_stays_for_the_rate_and_a_rework_limit_starts() -> None:
    facts = [POTHOLE, resolved("10-28 09:00"), reopened("11-07 09:00")]
    issue = fold(facts, CITY)
    assert (issue.state, issue.due, issue.rework_due) == (
        State.REOPENED,
        at("10-31 09:00"),
        at("11-08 09:00"),
    )
    counted = sums(facts, "11-07 10:00")
    assert (counted["reopened"], counted["open"], counted["overdue"], counted["due_on_time"]) == (1, 1, 1, 0)
    counted = sums([*facts, resolved("11-07 12:00")], LATER)
    assert (counted["due"], counted["due_on_time"], counted["closed_late"], counted["resolved"]) == (
        1,
        0,
        1,
        1,
    )


def test_reopened_and_resolved_again_before_the_first_deadline_is_on_time() -> None:
    facts = [POTHOLE, resolved("10-27 12:00"), reopened("10-28 09:00"), resolved("10-28 12:00")]
    assert sums(facts, LATER)["due_on_time"] == 1


def test_after_the_window_nothing_is_reopened() -> None:
    facts = [POTHOLE, resolved("10-28 09:00"), reopened("11-07 10:01")]
    assert fold(facts, CITY).state is State.RESOLVED
    assert sums(facts, LATER)["reopened"] == 0


def test_an_issue_is_closed_when_the_window_has_passed() -> None:
    issue = fold([POTHOLE, resolved("10-28 09:00")], CITY)
    window = at("11-07 09:00")
    assert state_at(issue, window, CITY) is State.RESOLVED
    assert state_at(issue, window + 1, CITY) is State.CLOSED


def test_only_the_person_closes_before_the_window_has_passed() -> None:
    done = [POTHOLE, resolved("10-28 09:00")]
    assert fold([*done, fact(Kind.CLOSED, "10-28 10:00", channel="desk")], CITY).state is State.RESOLVED
    closed = [*done, fact(Kind.CLOSED, "10-28 10:00")]
    assert fold(closed, CITY).state is State.CLOSED
    assert fold([*closed, reopened("10-29 09:00")], CITY).state is State.CLOSED
    by_phone = fact(Kind.CLOSED, "10-28 10:00", channel="desk", confirmed_call=True)
    assert fold([*done, by_phone], CITY).state is State.CLOSED
    assert fold([*done, fact(Kind.CLOSED, "11-08 10:00", channel="desk")], CITY).state is State.CLOSED


def test_what_was_resolved_first_is_what_counts() -> None:
    facts = [POTHOLE, resolved("10-28 09:00", "scheduled"), resolved("11-05 09:00", "fixed")]
    assert (fold(facts, CITY).settled, fold(facts, CITY).outcome) == (at("10-28 09:00"), "scheduled")


def test_a_resolution_without_a_submission_makes_an_orphan_and_counts_nowhere() -> None:
    assert fold([resolved("10-28 09:00")], CITY).state is State.ORPHAN
    assert not sums([resolved("10-28 09:00")], LATER)


# Bundles

BUNDLE = fact(Kind.SUBMITTED, "10-27 09:00", service="lamp", parts=["A~1", "A~2"])


def part(child: str, time: str | Instant, outcome: str) -> Fact:
    instant = at(time) if isinstance(time, str) else time
    return Fact(Kind.PART, instant, instant, "desk", child, f"{child}:{instant}", None, (child, outcome))


FIRST_DONE, SECOND_DONE = part("A~1", "10-28 09:00", "fixed"), part("A~2", "10-29 09:00", "fixed")


def test_a_bundle_is_done_when_all_its_parts_are() -> None:
    assert fold([BUNDLE, FIRST_DONE], CITY).open
    issue = fold([BUNDLE, FIRST_DONE, SECOND_DONE], CITY)
    assert (issue.state, issue.settled, issue.outcome) == (State.RESOLVED, at("10-29 09:00"), "fixed")
    # It cannot be resolved over the heads of its parts.
    assert fold([BUNDLE, FIRST_DONE, resolved("10-28 12:00")], CITY).open


def test_a_part_that_opens_again_opens_its_bundle() -> None:
    facts = [BUNDLE, FIRST_DONE, SECOND_DONE, part("A~1", "10-30 09:00", "")]
    issue = fold(facts, CITY)
    assert (issue.state, issue.settled, issue.outcome, issue.times) == (State.REOPENED, None, "", None)
    assert (issue.cycle_from, issue.rework_due) == (at("10-30 09:00"), at("11-19 09:00"))
    again = fold([*facts, part("A~1", "10-31 09:00", "scheduled")], CITY)
    assert (again.state, again.outcome) == (State.RESOLVED, "scheduled")
    assert sums(facts, LATER)["reopened"] == 1


@pytest.mark.parametrize("ending", [withdrawn, merged, lambda time: fact(Kind.REJECTED, time, reason="no")])
def test_a_bundle_that_was_settled_as_a_whole_stays_so_whatever_its_parts_do(ending: object) -> None:
    ended = ending("10-27 12:00")  # type: ignore[operator]
    state = fold([BUNDLE, ended], CITY).state
    assert state in (State.WITHDRAWN, State.MERGED, State.REJECTED)
    assert fold([BUNDLE, ended, FIRST_DONE], CITY).state == state
    assert fold([BUNDLE, ended, FIRST_DONE, SECOND_DONE, part("A~1", "10-30 09:00", "")], CITY).state == state


def test_a_bundle_reopened_as_a_whole_is_done_when_it_is_resolved_or_a_part_was_done_again() -> None:
    facts = [BUNDLE, FIRST_DONE, SECOND_DONE, reopened("10-30 09:00")]
    assert fold(facts, CITY).state is State.REOPENED
    assert fold([*facts, resolved("10-31 09:00")], CITY).state is State.RESOLVED
    again = [part("A~2", "10-31 09:00", ""), part("A~2", "11-01 09:00", "fixed")]
    assert fold([*facts, again[0], resolved("10-31 10:00")], CITY).open
    assert fold([*facts, *again], CITY).settled == at("11-01 09:00")


def test_a_bundle_hears_only_of_the_parts_it_names() -> None:
    stranger = part("A~9", "10-28 09:00", "fixed")
    assert fold([BUNDLE, stranger], CITY) == fold([BUNDLE], CITY)


def test_a_bundle_whose_parts_were_all_withdrawn_leaves_the_rate_as_they_did() -> None:
    gone = [part("A~1", "10-28 09:00", "withdrawn"), part("A~2", "10-29 09:00", "merged")]
    assert fold([BUNDLE, *gone], CITY).state is State.WITHDRAWN
    assert sums([BUNDLE, *gone], LATER)["excluded_withdrawn"] == 1


@given(st.lists(st.sampled_from([*OUTCOMES, "rejected", "withdrawn", "merged"]), min_size=1))
def test_a_bundle_ended_as_the_part_did_that_served_the_person_least(outcomes: list[str]) -> None:
    outcome = outcome_of_parts(outcomes)
    assert outcome in outcomes
    answers = set(outcomes) - {"withdrawn", "merged"}
    assert (outcome == "fixed") == (answers == {"fixed"})
    assert (outcome in ("withdrawn", "merged")) == (not answers)
    assert outcome_of_parts(outcomes[::-1]) == outcome


def test_the_submission_of_a_bundle_may_come_after_its_parts_are_done() -> None:
    early = [part("A~1", START - HOUR, "fixed"), part("A~2", START - 2 * HOUR, "fixed")]
    assert fold([*early, BUNDLE], CITY).settled == START
