"""Pauses, extensions, reclassification and mergers, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue_reading import parse_catalogue
from livelihood.deadline_steps import Reopened
from livelihood.deadlines import deadlines, rework_deadline
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import DAY, HOUR, MINUTE, iso
from livelihood.lifecycle import State
from livelihood.promises import Catalogue
from tests.livelihood.worlds import CATALOGUE_TEXT, CITY, FIRST, START, at, fact, moments, some_facts, sums

#: Due Monday 31 October, 09:00; reminded on the Friday, at 80 % of 17 working hours.
POTHOLE = fact(Kind.SUBMITTED, "10-27 09:00", service="pothole")
#: Due Wednesday 16 November, 09:00 in winter time; reminded after half of that time.
LAMP = fact(Kind.SUBMITTED, "10-27 09:00", service="lamp")


def paused(time: str, reason: str = "waiting") -> Fact:
    return fact(Kind.PAUSED, time, reason=reason)


def resumed(time: str) -> Fact:
    return fact(Kind.RESUMED, time)


def asked(time: str, actor: str | None = "ann", channel: str = "desk") -> Fact:
    return fact(Kind.EXTENSION_ASKED, time, actor=actor, channel=channel, until=iso(at(time)), reason="parts")


def granted(time: str, until: str, actor: str | None = "bob", channel: str = "desk") -> Fact:
    return fact(Kind.EXTENSION_GRANTED, time, actor=actor, channel=channel, until=iso(at(until)))


# Pauses


def test_a_pause_moves_the_deadline_by_the_working_time_it_took() -> None:
    issue = fold([POTHOLE, paused("10-27 10:00"), resumed("10-28 11:00")], CITY)
    # 7 hours on Thursday and 2.5 on Friday, from Monday 09:00 on.
    assert issue.due == at("11-01 10:00")
    assert issue.due_original == at("10-31 09:00")


def test_a_pause_of_a_calendar_limit_moves_it_by_elapsed_time() -> None:
    issue = fold([LAMP, paused("10-27 10:00"), resumed("10-29 11:00")], CITY)
    assert issue.due == at("11-16 09:00") + 49 * HOUR


def test_while_a_pause_runs_its_longest_end_is_what_counts() -> None:
    issue = fold([LAMP, paused("11-14 09:00")], CITY)
    assert issue.pause_until == at("11-18 09:00")
    assert issue.due == at("11-16 09:00") + 96 * HOUR


def test_a_pause_needs_a_reason_that_the_standard_allows() -> None:
    assert fold([LAMP, paused("10-28 10:00", "weather")], CITY).state is State.SUBMITTED
    assert fold([POTHOLE, paused("10-28 10:00", "weather")], CITY).state is State.PAUSED
    assert fold([fact(Kind.SUBMITTED, START, service="talk"), paused("10-28 10:00")], CITY).paused is None


def test_pauses_have_a_largest_total() -> None:
    first = [LAMP, paused("10-28 09:00"), resumed("10-31 09:00")]
    issue = fold([*first, paused("11-01 09:00")], CITY)
    # Three of four days are spent.
    assert issue.pause_until == at("11-02 09:00")
    spent = [*first, paused("11-01 09:00"), resumed("11-02 09:00"), paused("11-03 09:00")]
    assert fold(spent, CITY).state is State.ASSIGNED


def test_the_largest_total_of_a_working_unit_is_counted_in_working_time() -> None:
    # A weekend within a pause spends nothing of three working days.
    first = [POTHOLE, paused("10-28 09:00"), resumed("10-31 10:00")]
    issue = fold([*first, paused("10-31 11:00")], CITY)
    spent = 9 * HOUR + 30 * MINUTE
    assert issue.paused_working == spent
    # Three days from then end on Thursday at 11:00; 8 hours on Friday and 90 minutes on Monday are spent.
    assert issue.pause_until == at("11-02 10:00")


def test_a_forgotten_pause_expires() -> None:
    forgotten = [LAMP, paused("10-28 09:00")]
    later = fold([*forgotten, fact(Kind.COMMENTED, "11-05 09:00")], CITY)
    assert (later.state, later.paused) == (State.ASSIGNED, None)
    assert later.due == at("11-16 09:00") + 96 * HOUR
    assert fold([*forgotten, resumed("11-05 09:00")], CITY).due == later.due


def test_no_pause_revives_a_deadline_that_has_passed() -> None:
    for time in ("10-31 09:00", "10-31 09:01"):
        issue = fold([POTHOLE, paused(time)], CITY)
        assert (issue.state, issue.due) == (State.SUBMITTED, at("10-31 09:00"))


def test_settling_ends_a_pause() -> None:
    issue = fold([LAMP, paused("10-28 09:00"), fact(Kind.RESOLVED, "10-29 09:00", outcome="fixed")], CITY)
    assert (issue.paused, issue.due) == (None, at("11-17 09:00"))


def test_a_paused_issue_can_be_accepted_and_stays_paused() -> None:
    issue = fold([POTHOLE, paused("10-27 10:00"), fact(Kind.ACCEPTED, "10-27 11:00")], CITY)
    assert (issue.state, issue.accepted) == (State.PAUSED, at("10-27 11:00"))


def test_nobody_is_reminded_while_the_clock_stands_still() -> None:
    reminder = fold([LAMP], CITY).reminder
    assert reminder == at("11-06 08:30")
    # Paused before the reminder: it moves along.
    before = fold([LAMP, paused("11-01 09:00"), resumed("11-02 09:00")], CITY)
    assert before.reminder == reminder + DAY
    # Paused after it: due soon again as soon as the pause ends.
    running = fold([LAMP, paused("11-14 09:00")], CITY)
    assert running.reminder == running.pause_until
    assert fold([LAMP, paused("11-14 09:00"), resumed("11-15 09:00")], CITY).reminder == at("11-15 09:00")


@given(facts=some_facts())
def test_no_deadline_and_no_reminder_passes_while_a_pause_runs(facts: list[Fact]) -> None:
    issue = fold(facts, CITY)
    if issue.pause_until is not None and issue.due is not None:
        assert issue.paused is not None
        # A pause in the rework may leave a first deadline that had passed.
        assert issue.due <= issue.paused or issue.due >= issue.pause_until
        if issue.due > issue.paused:
            assert issue.reminder is not None
            assert issue.pause_until <= issue.reminder <= issue.due


# Extensions


def test_an_extension_granted_by_another_before_the_deadline_counts() -> None:
    issue = fold([POTHOLE, asked("10-28 09:00"), granted("10-28 10:00", "11-10 09:00")], CITY)
    assert (issue.due, issue.due_original) == (at("11-10 09:00"), at("10-31 09:00"))


def test_nobody_grants_what_they_asked_for() -> None:
    facts = [POTHOLE, asked("10-28 09:00", "ann"), granted("10-28 10:00", "11-10 09:00", "ann")]
    assert fold(facts, CITY).due == at("10-31 09:00")
    # Not after somebody else has asked as well, either.
    facts.append(asked("10-28 09:30", "bob"))
    assert fold(facts, CITY).due == at("10-31 09:00")


@pytest.mark.parametrize(("asker", "granter"), [(None, None), ("ann", None), (None, "ann")])
def test_where_it_is_not_said_who_acted_another_source_must_grant(
    asker: str | None, granter: str | None
) -> None:
    ask = asked("10-28 09:00", asker)
    assert fold([POTHOLE, ask, granted("10-28 10:00", "11-10 09:00", granter)], CITY).due == at("10-31 09:00")
    other = granted("10-28 10:00", "11-10 09:00", granter, channel="web")
    assert fold([POTHOLE, ask, other], CITY).due == at("11-10 09:00")


def test_an_extension_after_the_deadline_changes_nothing() -> None:
    facts = [POTHOLE, asked("10-28 09:00"), granted("10-31 09:01", "11-10 09:00")]
    assert fold(facts, CITY).due == at("10-31 09:00")
    facts[-1] = granted("10-31 09:00", "11-10 09:00")
    assert fold(facts, CITY).due == at("11-10 09:00")


def test_an_extension_that_gives_no_more_time_changes_nothing() -> None:
    assert fold([LAMP, granted("10-28 10:00", "11-01 09:00")], CITY).due == at("11-16 09:00")


def test_a_refusal_decides_what_was_asked_for() -> None:
    facts = [POTHOLE, asked("10-28 09:00", "ann"), fact(Kind.EXTENSION_REFUSED, "10-28 10:00", reason="no")]
    assert fold([*facts, granted("10-28 11:00", "11-10 09:00", "ann")], CITY).due == at("11-10 09:00")


def test_an_extension_granted_during_a_pause_is_a_date_and_not_lengthened_by_it() -> None:
    facts = [LAMP, paused("10-28 09:00"), granted("10-28 12:00", "11-17 09:00")]
    assert fold(facts, CITY).due == at("11-16 09:00") + 96 * HOUR
    # A short pause leaves the extension as what is longer.
    assert fold([*facts, resumed("10-28 13:00")], CITY).due == at("11-17 09:00")
    # A long one is longer than the extension.
    assert fold([*facts, resumed("10-31 09:00")], CITY).due == at("11-19 09:00")


def test_an_issue_without_a_deadline_is_given_none_by_an_extension() -> None:
    talk = fact(Kind.SUBMITTED, START, service="talk")
    assert fold([talk, granted("10-28 10:00", "11-10 09:00")], CITY).due is None


# Reclassification


def reclassified(time: str, service: str) -> Fact:
    return fact(Kind.RECLASSIFIED, time, service=service)


def test_a_reclassified_issue_has_the_other_services_deadline_from_submission() -> None:
    issue = fold([POTHOLE, reclassified("10-28 09:00", "lamp")], CITY)
    assert (issue.due, issue.due_original, issue.commitment) == (
        at("11-16 09:00"),
        at("11-16 09:00"),
        "lamps",
    )
    assert sums([POTHOLE, reclassified("10-28 09:00", "lamp")], "10-29 09:00")["reclassified"] == 1


def test_a_longer_deadline_after_the_old_one_has_passed_changes_nothing() -> None:
    issue = fold([POTHOLE, reclassified("10-31 09:01", "lamp")], CITY)
    assert (issue.service, issue.due) == ("lamp", at("10-31 09:00"))
    assert issue.due_service == "pothole"
    assert fold([POTHOLE, reclassified("10-31 09:01", "talk")], CITY).due == at("10-31 09:00")


def test_a_shorter_deadline_holds_even_when_both_have_passed() -> None:
    issue = fold([LAMP, reclassified("11-20 09:00", "pothole")], CITY)
    assert issue.due == at("10-31 09:00")


def test_a_reclassified_issue_keeps_its_pauses_in_the_new_unit() -> None:
    # Paused from Friday 10:00 to Monday 10:00: 8.5 working hours, or three days.
    pause = [paused("10-28 10:00"), resumed("10-31 10:00")]
    assert fold([POTHOLE, *pause], CITY).due == at("11-01 09:00")
    assert fold([POTHOLE, *pause, reclassified("10-31 12:00", "lamp")], CITY).due == at("11-19 09:00")
    assert fold([LAMP, *pause], CITY).due == at("11-19 09:00")
    assert fold([LAMP, *pause, reclassified("10-31 12:00", "pothole")], CITY).due == at("11-01 09:00")


def test_reclassifying_during_a_pause_counts_the_pause_once() -> None:
    facts = [LAMP, paused("10-28 09:00"), reclassified("10-28 10:00", "pothole"), resumed("10-28 13:00")]
    # Four working hours from Monday 09:00 on.
    assert fold(facts, CITY).due == at("10-31 13:00")


def test_an_extension_outlives_a_reclassification_if_it_would_have_been_in_time() -> None:
    extension = granted("10-28 10:00", "11-20 09:00")
    assert fold([LAMP, extension, reclassified("10-29 09:00", "pothole")], CITY).due == at("11-20 09:00")
    late = granted("11-02 10:00", "11-20 09:00")
    assert fold([LAMP, late, reclassified("11-03 09:00", "pothole")], CITY).due == at("10-31 09:00")


def test_an_issue_not_yet_accepted_has_the_other_services_limit_for_that_too() -> None:
    sign = reclassified("10-27 10:00", "sign")
    assert fold([POTHOLE], CITY).acceptance_due == at("10-27 13:00")
    assert fold([POTHOLE, sign], CITY).acceptance_due == at("10-28 09:00")
    assert fold([POTHOLE, fact(Kind.ACCEPTED, "10-27 09:30"), sign], CITY).acceptance_due == at("10-27 13:00")
    assert fold([POTHOLE, reclassified("10-27 14:00", "sign")], CITY).acceptance_due == at("10-27 13:00")


def test_a_stated_deadline_stays_whatever_the_service() -> None:
    stated = fact(Kind.SUBMITTED, START, service="pothole", target=iso(at("11-04 12:00")))
    assert fold([stated, reclassified("10-28 09:00", "lamp")], CITY).due == at("11-04 12:00")


def test_a_channel_that_states_deadlines_and_states_none_promises_none() -> None:
    assert fold([fact(Kind.SUBMITTED, START, service="pothole", target_stated=True)], CITY).due is None


# Mergers


def absorbed(time: str, due: str | None) -> Fact:
    return fact(Kind.ABSORBED, time, source="/processor", merged="B", due=due and iso(at(due)))


def test_the_survivor_of_a_merger_keeps_the_earliest_deadline() -> None:
    issue = fold([LAMP, absorbed("10-28 09:00", "11-01 09:00")], CITY)
    assert (issue.due, issue.due_original) == (at("11-01 09:00"), at("11-01 09:00"))
    assert fold([LAMP, absorbed("10-28 09:00", "11-30 09:00")], CITY).due == at("11-16 09:00")
    assert fold([LAMP, absorbed("10-28 09:00", None)], CITY).due == at("11-16 09:00")


def test_a_survivor_without_a_deadline_takes_the_other_ones() -> None:
    talk = fact(Kind.SUBMITTED, START, service="talk")
    assert fold([talk, absorbed("10-28 09:00", "11-01 09:00")], CITY).due == at("11-01 09:00")


def test_a_reclassified_survivor_still_keeps_the_earlier_deadline() -> None:
    facts = [LAMP, absorbed("10-28 09:00", "10-30 09:00"), reclassified("10-29 09:00", "pothole")]
    assert fold(facts, CITY).due == at("10-30 09:00")


# Rework


def test_a_pause_after_reopening_holds_the_rework_and_not_a_first_deadline_that_has_passed() -> None:
    reopened = [
        POTHOLE,
        fact(Kind.RESOLVED, "10-28 09:00", outcome="fixed"),
        fact(Kind.REOPENED, "11-01 09:00"),
    ]
    issue = fold(reopened, CITY)
    assert (issue.due, issue.rework_due) == (at("10-31 09:00"), at("11-02 09:00"))
    issue = fold([*reopened, paused("11-01 10:00"), resumed("11-01 16:00")], CITY)
    assert (issue.due, issue.rework_due) == (at("10-31 09:00"), at("11-02 15:00"))
    extended = fold([*reopened, granted("11-01 10:00", "11-04 09:00")], CITY)
    assert (extended.due, extended.rework_due) == (at("10-31 09:00"), at("11-04 09:00"))


# The standard in force


def test_the_standard_in_force_when_an_issue_was_submitted_applies_to_it() -> None:
    text = CATALOGUE_TEXT.replace('"first"', '"later"\neffective = 2011-11-01T00:00:00-04:00')
    catalogue = Catalogue([FIRST, parse_catalogue(text.replace('"20 calendar"', '"10 calendar"'))])
    assert fold([LAMP], catalogue).due == at("11-16 09:00")
    assert fold([fact(Kind.SUBMITTED, "11-01 00:00", service="lamp")], catalogue).due == at("11-11 00:00")
    # Also where it is found later to be of that service.
    there_and_back = [reclassified("10-28 09:00", "sign"), reclassified("10-29 09:00", "lamp")]
    assert fold([LAMP, *there_and_back], catalogue).due == at("11-16 09:00")


# Explanations


@given(facts=some_facts(), instant=st.one_of(st.none(), moments))
def test_every_deadline_is_explained_by_steps_that_lead_to_it(facts: list[Fact], instant: int | None) -> None:
    issue = fold(facts, CITY, instant)
    explained = deadlines(issue, CITY)
    due = {name: deadline.due for name, deadline in explained.items()}
    expected = {"resolution": issue.due, "acceptance": issue.acceptance_due}
    assert due == {name: instant for name, instant in expected.items() if instant is not None}
    for deadline in explained.values():
        assert deadline.steps[0].code == "opened"
    rework = rework_deadline(issue, CITY)
    assert issue.rework_due == (None if rework is None else rework.due)
    if rework is not None:
        first = rework.steps[0]
        assert isinstance(first, Reopened)
        assert first.at == issue.cycle_from


def test_the_steps_name_what_moved_a_deadline() -> None:
    facts = [
        LAMP, paused("10-28 09:00"), resumed("10-29 09:00"), granted("10-30 10:00", "11-25 09:00"),
        absorbed("11-01 09:00", "11-20 09:00"),
    ]  # fmt: skip
    steps = deadlines(fold(facts, CITY), CITY)["resolution"].steps
    assert [step.code for step in steps] == ["opened", "counted", "paused", "extended", "merged_in"]
