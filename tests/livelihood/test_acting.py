"""What supervisors and units say of an issue that is late: it is seen, or it is counted wrongly."""

from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import iso
from tests.livelihood.worlds import CITY, at, fact

ASKED = fact(Kind.SUBMITTED, "10-27 09:00", name="asked", service="pothole")


def acknowledged(time: str, expected: str | None = None) -> Fact:
    return fact(Kind.ACKNOWLEDGED, time, expected=iso(at(expected)) if expected else None)


def contested(time: str, actor: str | None = "ann", channel: str = "desk") -> Fact:
    return fact(Kind.CONTESTED, time, actor=actor, channel=channel, reason="not-ours")


def answered(time: str, actor: str | None, channel: str = "desk") -> Fact:
    return fact(Kind.CONTEST_ANSWERED, time, actor=actor, channel=channel, upheld=True)


def test_who_acknowledges_says_by_when_and_moves_no_deadline() -> None:
    issue = fold([ASKED, acknowledged("10-31 10:00", "11-03 12:00")], CITY)
    assert (issue.acknowledged, issue.expected) == (at("10-31 10:00"), at("11-03 12:00"))
    assert issue.due == fold([ASKED], CITY).due
    again = fold([ASKED, acknowledged("10-31 10:00", "11-03 12:00"), acknowledged("11-01 10:00")], CITY)
    assert (again.acknowledged, again.expected) == (at("11-01 10:00"), None)


def test_a_reopened_issue_is_to_be_acknowledged_again() -> None:
    resolved = fact(Kind.RESOLVED, "11-01 10:00", outcome="fixed")
    reopened = fact(Kind.REOPENED, "11-02 10:00")
    issue = fold([ASKED, acknowledged("10-31 10:00", "11-03 12:00"), resolved, reopened], CITY)
    assert (issue.acknowledged, issue.expected) == (None, None)


def test_what_is_settled_is_not_acknowledged() -> None:
    resolved = fact(Kind.RESOLVED, "11-01 10:00", outcome="fixed")
    assert fold([ASKED, resolved, acknowledged("11-01 11:00")], CITY).acknowledged is None


def test_a_contest_stands_until_somebody_else_answers_it() -> None:
    facts = [ASKED, contested("11-01 10:00")]
    assert fold(facts, CITY).contested == ("ann", "/channels/desk")
    assert fold([*facts, answered("11-01 11:00", "ann")], CITY).contested is not None
    assert fold([*facts, answered("11-01 11:00", "bob")], CITY).contested is None
    # Where it is not said who acted, it must come from elsewhere.
    assert fold([*facts, answered("11-01 11:00", None)], CITY).contested is not None
    assert fold([*facts, answered("11-01 11:00", None, channel="web")], CITY).contested is None
