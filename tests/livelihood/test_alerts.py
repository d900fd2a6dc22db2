"""What is told of an issue, when, and how it is taken back."""

from hypothesis import given
from hypothesis import strategies as st

from livelihood.alerts import STALE_AFTER, Alert, alert_id, next_alarm, schedule
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import DAY, HOUR, SECOND, Instant, from_datetime
from livelihood.tracking import Reception
from tests.livelihood.worlds import CITY, Office, at, fact, moments, some_facts

#: To be accepted by 13:00; due soon on Friday at 14:06; due on Monday 09:00; the head hears of it a working
#: day later, the city three days later.
POTHOLE = fact(Kind.SUBMITTED, "10-27 09:00", service="pothole", area="north")
LADDER = [
    ("acceptance", "overdue", 0, "10-27 13:00"),
    ("resolution", "due_soon", 0, "10-28 14:06"),
    ("resolution", "overdue", 0, "10-31 09:00"),
    ("resolution", "escalated", 1, "11-01 09:00"),
    ("resolution", "escalated", 2, "11-03 09:00"),
]


def told(office: Office) -> list[tuple[str, str, int, Instant]]:
    return [(one.obligation, one.kind, one.level, from_datetime(one.at)) for one in office.alerts]


def cleared(office: Office) -> list[tuple[str, str]]:
    return [(one.obligation, one.reason) for one in office.alerts if one.kind == "cleared"]


def opened(*facts: Fact) -> Office:
    office = Office()
    for one in facts:
        assert office.take(one) is Reception.TAKEN
    return office


def test_each_alarm_goes_off_a_microsecond_after_its_instant() -> None:
    office = opened(POTHOLE)
    office.advance("11-10 00:00")
    assert told(office) == [(*what, at(when) + 1) for *what, when in LADDER]
    assert [one.to for one in office.alerts] == ["", "", "", "head", "city"]


def test_time_in_seconds_and_in_one_jump_raise_the_same() -> None:
    jumped, stepped = opened(POTHOLE), opened(POTHOLE)
    jumped.advance("11-10 00:00")
    for *_, when in LADDER:
        for second in range(-2, 3):
            stepped.advance(at(when) + second * SECOND)
            stepped.advance(at(when) + second * SECOND + 1)
    assert told(stepped) == told(jumped)
    assert [one.id for one in stepped.alerts] == [one.id for one in jumped.alerts]
    # Looked at in time, it is raised in time.
    assert [one.raised for one in stepped.alerts] == [one.at for one in stepped.alerts]
    assert {one.raised for one in jumped.alerts} == {jumped.alerts[0].raised}


def test_nothing_is_raised_at_the_last_instant_of_a_deadline() -> None:
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("10-31 09:00")
    assert [one.kind for one in office.alerts] == ["due_soon"]
    office.advance(at("10-31 09:00") + 1)
    assert [one.kind for one in office.alerts] == ["due_soon", "overdue"]


def test_a_channel_that_may_claim_later_is_waited_for() -> None:
    by_app = fact(Kind.SUBMITTED, "10-27 09:00", channel="app", service="pothole")
    office = opened(by_app)
    office.advance("11-10 00:00")
    waits = [0 if kind == "due_soon" else 2 * HOUR for _, kind, _, _ in LADDER]
    assert told(office) == [
        (*what, at(when) + 1 + wait) for (*what, when), wait in zip(LADDER, waits, strict=True)
    ]
    # The deadline itself is what it was.
    assert {from_datetime(one.due) for one in office.alerts if one.obligation == "resolution"} == {
        at("10-31 09:00")
    }


def test_an_alert_carries_what_it_is_about() -> None:
    office = opened(POTHOLE)
    office.advance("10-28 00:00")
    (alert,) = office.alerts
    about = (alert.issue, alert.commitment, alert.service, alert.department, alert.area, alert.channel)
    assert about == ("A", "streets", "pothole", "roads", "north", "web")
    assert (alert.sequence, alert.cycle, alert.stale) == (1, POTHOLE.id, True)
    assert from_datetime(alert.raised) - from_datetime(alert.at) > STALE_AFTER


def test_accepting_clears_what_stood_about_it() -> None:
    office = opened(POTHOLE)
    office.take(fact(Kind.ACCEPTED, "10-27 15:00"))
    assert cleared(office) == [("acceptance", "accepted")]


def test_an_acceptance_that_was_in_time_and_reported_later_says_so() -> None:
    office = opened(POTHOLE)
    office.take(fact(Kind.ACCEPTED, "10-27 12:59", recorded="10-27 13:02"), at("10-27 13:02"))
    assert cleared(office) == [("acceptance", "accepted_in_time")]


def test_a_closing_that_arrives_late_but_may_be_claimed_clears_the_alert_with_that_reason() -> None:
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("10-31 12:00")
    claim = fact(Kind.RESOLVED, "10-31 08:00", recorded="10-31 13:00", channel="desk", outcome="fixed")
    office.take(claim)
    assert cleared(office) == [("resolution", "fixed_in_time_reported_late")]
    assert office.state().raised == ()


def test_a_late_closing_clears_the_whole_ladder_once() -> None:
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("11-05 00:00")
    office.take(fact(Kind.REJECTED, "11-05 09:00", reason="no"))
    assert cleared(office) == [("resolution", "rejected")]
    assert [one.sequence for one in office.alerts] == [1, 2, 3, 4, 5]


def test_a_deadline_that_moves_clears_its_alerts_and_the_new_one_has_its_own() -> None:
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("10-28 15:00")
    office.take(fact(Kind.EXTENSION_GRANTED, "10-28 16:00", until="2011-11-04T09:00:00-04:00"))
    assert cleared(office) == [("resolution", "deadline_moved")]
    office.advance("11-30 00:00")
    assert [
        (one.kind, from_datetime(one.due)) for one in office.alerts if one.kind in ("due_soon", "overdue")
    ] == [
        ("due_soon", at("10-31 09:00")),
        ("due_soon", at("11-04 09:00")),
        ("overdue", at("11-04 09:00")),
    ]


def test_the_ladder_is_held_while_the_clock_stands_and_a_forgotten_pause_expires_with_an_alert() -> None:
    office = opened(
        POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"), fact(Kind.PAUSED, "10-28 09:00", reason="weather")
    )
    # Three working days: until Wednesday 09:00; Monday 09:00 becomes Thursday 09:00.
    office.advance("11-02 09:00")
    assert office.alerts == []
    office.advance(at("11-02 09:00") + 1)
    assert [one.kind for one in office.alerts] == ["pause_expired"]
    office.advance("11-08 09:00")
    assert [(one.kind, one.level) for one in office.alerts][1:] == [
        ("due_soon", 0),
        ("overdue", 0),
        ("escalated", 1),
        ("escalated", 2),
    ]
    assert from_datetime(office.alerts[2].at) == at("11-03 09:00") + 1


def test_a_pause_that_is_ended_takes_its_alert_back() -> None:
    office = opened(
        POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"), fact(Kind.PAUSED, "10-28 09:00", reason="weather")
    )
    office.advance("11-02 10:00")
    office.take(fact(Kind.RESUMED, "11-02 11:00"))
    assert cleared(office) == [("resolution", "pause_ended")]


def test_after_reopening_alerts_are_about_the_rework() -> None:
    office = opened(
        POTHOLE,
        fact(Kind.RESOLVED, "10-27 12:00", outcome="fixed"),
        fact(Kind.REOPENED, "11-01 09:00", name="again"),
    )
    office.advance("11-10 00:00")
    assert told(office) == [
        ("resolution", "overdue", 0, at("11-02 09:00") + 1),
        ("resolution", "escalated", 1, at("11-03 09:00") + 1),
        ("resolution", "escalated", 2, at("11-05 09:00") + 1),
    ]
    assert {one.cycle for one in office.alerts} == {"again"}


def test_a_pause_holds_the_rework_too() -> None:
    office = opened(
        POTHOLE,
        fact(Kind.RESOLVED, "10-27 12:00", outcome="fixed"),
        fact(Kind.REOPENED, "11-01 09:00"),
        fact(Kind.PAUSED, "11-01 10:00", reason="weather"),
    )
    office.advance("11-04 09:00")
    assert office.alerts == []


def test_what_is_already_late_when_it_arrives_is_told_at_once_as_old_news() -> None:
    on_paper = fact(
        Kind.SUBMITTED,
        "10-27 09:00",
        recorded="11-02 09:00",
        channel="desk",
        service="pothole",
        on_paper=True,
    )
    office = opened(on_paper)
    # Staff may claim a day's worth, so that much is waited for.
    assert [(one.kind, one.stale) for one in office.alerts] == [
        ("overdue", True),
        ("due_soon", True),
        ("overdue", True),
    ]
    assert [one.at for one in office.alerts] == sorted(one.at for one in office.alerts)


def test_an_imports_alerts_are_old_news_raised_at_their_own_instants() -> None:
    office = Office()
    office.take(POTHOLE, live=False)
    office.tracker.advance("A", office.state(), at("11-10 00:00"), None)
    office._gather()
    assert all(one.stale and one.raised == one.at for one in office.alerts)
    assert len(office.alerts) == len(LADDER)


def test_what_was_cleared_and_comes_back_has_an_id_of_its_own_each_time() -> None:
    """Corrected to another service and back, more than once: nothing that is told is taken for a repeat."""
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("11-01 00:00")
    for day in range(1, 7):
        service = "lamp" if day % 2 else "pothole"
        time = f"11-0{day} 12:00"
        correction = fact(Kind.CORRECTED, time, corrects=POTHOLE.id, changes={"service": {"new": service}})
        office.take(correction)
        office.advance(f"11-0{day} 13:00")
    assert [one.kind for one in office.alerts].count("overdue") == 4
    assert len({one.id for one in office.alerts}) == len(office.alerts)
    assert [one.sequence for one in office.alerts] == list(range(1, len(office.alerts) + 1))


def test_an_event_from_a_clock_ahead_of_ours_lets_what_falls_due_before_it_happen_first() -> None:
    office = opened(POTHOLE, fact(Kind.ACCEPTED, "10-27 10:00"))
    office.advance("10-31 08:58")
    office.take(
        fact(Kind.RESOLVED, "10-31 09:02", recorded="10-31 08:59", outcome="fixed"), at("10-31 08:59")
    )
    assert [one.kind for one in office.alerts] == ["due_soon", "overdue", "cleared"]
    assert [one.reason for one in office.alerts][-1] == "fixed"


def test_an_id_is_made_of_what_the_alert_is_about_and_nothing_else() -> None:
    first = schedule(fold([POTHOLE], CITY), CITY)[0]
    assert alert_id("A", first) == alert_id("A", first._replace(at=first.at + DAY, to="head"))
    others = [
        alert_id("B", first),
        alert_id("A", first._replace(level=1)),
        alert_id("A", first._replace(due=first.due + 1)),
        alert_id("A", first._replace(cycle="x")),
        alert_id("A", first._replace(obligation="resolution")),
        alert_id("A", first, "cleared"),
    ]
    assert len({alert_id("A", first), *others}) == 7


@given(facts=some_facts(), after=st.one_of(moments, st.just(-(1 << 62))))
def test_the_next_alarm_is_the_earliest_of_the_schedule(facts: list[Fact], after: Instant) -> None:
    issue = fold(facts, CITY)
    coming = [alarm.at for alarm in schedule(issue, CITY) if alarm.at > after]
    assert next_alarm(issue, after, CITY) == min(coming, default=None)


@given(facts=some_facts())
def test_only_an_open_issue_has_alarms_in_order_and_each_once(facts: list[Fact]) -> None:
    issue = fold(facts, CITY)
    alarms = schedule(issue, CITY)
    assert bool(alarms) <= issue.open
    assert alarms == sorted(alarms)
    assert len({alarm.about for alarm in alarms}) == len(alarms)


def test_alerts_hold_no_personal_data() -> None:
    assert not {"personal", "latitude", "longitude", "number", "actor"} & set(Alert.__struct_fields__)
