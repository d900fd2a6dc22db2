from hypothesis import given

from livelihood.catalogue_reading import parse_catalogue
from livelihood.claims import CLAIM_GRACE, effective, is_late, place
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import HOUR, iso
from livelihood.lifecycle import State
from livelihood.promises import Catalogue
from tests.livelihood.worlds import CATALOGUE_TEXT, CITY, FIRST, at, fact, some_facts, sums

ASKED = fact(Kind.SUBMITTED, "10-27 09:00", service="pothole")
DUE = at("10-31 09:00")


def done(time: str, recorded: str, channel: str = "web") -> Fact:
    return fact(Kind.RESOLVED, time, recorded=recorded, channel=channel, outcome="fixed")


def test_what_is_claimed_within_the_channels_allowance_counts_from_when_it_happened() -> None:
    claim = done("10-31 08:00", "11-01 07:00", "desk")
    assert effective(claim, CITY) == at("10-31 08:00")
    assert sums([ASKED, claim], "11-02 00:00")["closed_on_time"] == 1
    assert sums([ASKED, claim], "11-02 00:00")["reported_late"] == 0


def test_what_is_claimed_later_counts_from_when_it_was_recorded_and_is_counted_as_reported_late() -> None:
    claim = done("10-31 08:00", "11-01 08:30", "desk")
    assert effective(claim, CITY) == at("11-01 08:30")
    counted = sums([ASKED, claim], "11-02 00:00")
    assert (counted["closed_late"], counted["closed_on_time"], counted["reported_late"]) == (1, 0, 1)


def test_a_channel_that_may_claim_nothing_still_has_five_minutes_for_the_message_to_travel() -> None:
    assert not is_late(done("10-31 08:58", "10-31 09:03"), CITY)
    assert is_late(done("10-31 08:58", "10-31 09:04"), CITY)
    assert CLAIM_GRACE == 5 * HOUR // 60


def test_a_pause_and_an_extension_claimed_late_count_from_when_they_were_recorded() -> None:
    pause = fact(Kind.PAUSED, "10-28 10:00", recorded="10-28 12:00", reason="weather")
    issue = fold([ASKED, pause], CITY)
    assert issue.paused == at("10-28 12:00")
    assert sums([ASKED, pause], "10-28 12:00")["reported_late"] == 1
    extension = fact(Kind.EXTENSION_GRANTED, "10-31 08:00", recorded="10-31 12:00", until=iso(DUE + 9 * HOUR))
    # By then the deadline had passed.
    assert fold([ASKED, extension], CITY).due == DUE


def test_a_rejection_claimed_late_is_reported_late_and_late() -> None:
    claim = fact(Kind.REJECTED, "10-30 09:00", recorded="10-31 12:00", reason="private-road")
    counted = sums([ASKED, claim], "11-02 00:00")
    assert (counted["closed_late"], counted["reported_late"]) == (1, 1)


def test_a_submission_on_paper_may_be_backdated_and_another_may_not() -> None:
    recorded = "11-02 09:00"
    paper = fact(
        Kind.SUBMITTED, "10-27 09:00", recorded=recorded, channel="desk", service="pothole", on_paper=True
    )
    online = fact(Kind.SUBMITTED, "10-27 09:00", recorded=recorded, channel="desk", service="pothole")
    assert fold([paper], CITY).submitted == at("10-27 09:00")
    assert sums([paper], recorded)["late_on_arrival"] == 1
    assert fold([online], CITY).submitted == at(recorded)
    assert sums([online], recorded)["late_on_arrival"] == 0


def test_what_precedes_the_submission_takes_effect_with_it_and_is_not_late_for_that() -> None:
    early = done("10-27 08:57", "10-27 08:59")
    issue = fold([ASKED, early], CITY)
    assert (issue.state, issue.settled) == (State.RESOLVED, at("10-27 09:00"))
    assert sums([ASKED, early], "11-02 00:00")["reported_late"] == 0


def test_the_allowance_is_that_of_the_version_in_force_when_the_claim_was_recorded() -> None:
    text = CATALOGUE_TEXT.replace('"first"', '"later"\neffective = 2011-12-01T00:00:00-05:00')
    later = parse_catalogue(text.replace('allowed_lateness = "24h"', 'allowed_lateness = "0s"'))
    catalogue = Catalogue([FIRST, later])
    assert catalogue.lateness("desk", at("11-30 23:59")) == 24 * HOUR
    assert catalogue.lateness("desk", at("12-01 00:00")) == 0
    assert catalogue.lateness("nobody-knows", at("12-01 00:00")) == 0


@given(facts=some_facts())
def test_a_fact_never_counts_from_before_it_happened_nor_from_after_it_was_known(facts: list[Fact]) -> None:
    for one in facts:
        assert one.time <= effective(one, CITY) <= max(one.time, one.recorded)
        assert place(one, CITY) == (effective(one, CITY), one.kind, one.source, one.id)
