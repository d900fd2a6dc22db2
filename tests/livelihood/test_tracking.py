from collections import Counter
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from livelihood.alerts import schedule
from livelihood.fold import fold
from livelihood.instants import DAY, HOUR
from livelihood.state import all_steps, pack, unpack
from livelihood.tracking import Reception
from tests.livelihood.worlds import (
    CITY,
    CORRECTED_CITY,
    START,
    Arrival,
    Office,
    arrivals,
    some_facts,
    table_of,
)

END = START + 90 * DAY


@st.composite
def received_facts(draw: st.DrawFn, most: int = 14) -> list[Arrival]:
    return draw(arrivals(draw(some_facts(most))))


ticks = st.lists(st.integers(START, START + 60 * DAY), max_size=6)


def run(office: Office, arrived: list[Arrival], ticks: list[int] = []) -> None:  # noqa: B006
    """Everything in the order of time, states stored and loaded in between."""
    for instant, one in sorted(
        [(one.received, one) for one in arrived] + [(tick, None) for tick in ticks],
        key=lambda happening: (happening[0], happening[1] is not None),
    ):
        if one is None:
            office.advance(instant)
        else:
            assert office.take(one.fact, instant) is Reception.TAKEN
        office.states["A"] = unpack(pack(office.states["A"]))


def instants_of_interest(office: Office) -> list[int]:
    state = office.state()
    steps = all_steps(state, office.archive.get("A", []))
    known = {step[0] + shift for step in steps for shift in (-1, 0, 1)}
    return sorted(instant for instant in known if instant <= state.clock)


@given(arrived=received_facts(), ticks=ticks, data=st.data())
def test_movements_up_to_any_instant_sum_to_what_a_fold_from_scratch_says(
    arrived: list[Arrival], ticks: list[int], data: Any
) -> None:
    office = Office()
    run(office, arrived, ticks)
    facts = [one.fact for one in arrived]
    known = instants_of_interest(office)
    for instant in [*known, data.draw(st.integers(START - DAY, max(START, office.state().clock)))]:
        if instant <= office.state().clock:
            assert office.table(instant) == table_of("A", facts, instant, CITY)
    office.advance(END)
    assert office.table() == table_of("A", facts, office.state().clock, CITY)


@given(arrived=received_facts(), ticks=ticks)
def test_the_trail_is_what_a_fold_from_scratch_would_leave(arrived: list[Arrival], ticks: list[int]) -> None:
    office = Office()
    run(office, arrived, ticks)
    state = office.state()
    before, movements = list(state.trail), len(b"".join(office.pages))
    office.tracker.refold("A", state)
    assert state.trail == before
    office._gather()
    assert len(b"".join(office.pages)) == movements
    assert state.issue == fold([one.fact for one in arrived], CITY)


@given(arrived=received_facts(), ticks=ticks)
def test_a_catalogue_put_right_restates_the_past(arrived: list[Arrival], ticks: list[int]) -> None:
    office = Office()
    run(office, arrived, ticks)
    facts = [one.fact for one in arrived]
    office.publish(CORRECTED_CITY)
    office.refold()
    for instant in [*instants_of_interest(office), office.state().clock]:
        assert office.table(instant) == table_of("A", facts, instant, CORRECTED_CITY)
    office.advance(END)
    assert office.table() == table_of("A", facts, office.state().clock, CORRECTED_CITY)
    _alerts_are_sound(office)


def _alerts_are_sound(office: Office) -> None:
    """Ids are used once, the sequence has no gap, and what stands is what should."""
    state = office.state()
    assert [alert.sequence for alert in office.alerts] == list(range(1, len(office.alerts) + 1))
    twice = [one for one, count in Counter(alert.id for alert in office.alerts).items() if count > 1]
    assert not twice
    expected = [
        alarm.about for alarm in schedule(state.issue, office.tracker.catalogue) if alarm.at <= state.clock
    ]
    assert Counter(alarm.about for alarm in state.raised) >= Counter(expected)
    assert all(alert.reason for alert in office.alerts if alert.kind == "cleared")
    assert not [alert for alert in office.alerts if alert.raised < alert.at]


@given(arrived=received_facts(), ticks=ticks)
def test_every_alarm_is_raised_once_and_what_no_longer_stands_is_cleared(
    arrived: list[Arrival], ticks: list[int]
) -> None:
    office = Office()
    run(office, arrived, ticks)
    office.advance(END)
    _alerts_are_sound(office)
    state = office.state()
    standing = {alarm.about for alarm in schedule(state.issue, CITY) if alarm.at <= state.clock}
    assert {alarm.about for alarm in state.raised} == standing
    # What was told and not taken back, deadline by deadline, is what stands.
    told: set[tuple[str, Any]] = set()
    for alert in office.alerts:
        about = (alert.obligation, alert.due)
        told.discard(about) if alert.kind == "cleared" else told.add(about)
    assert told == {
        (alert.obligation, alert.due)
        for alert in office.alerts
        for alarm in state.raised
        if (alert.obligation, alert.kind, alert.level) == (alarm.obligation, alarm.kind, alarm.level)
        and alert.due.timestamp() == alarm.due / 1e6
    }


def _without_when_found(office: Office) -> list[tuple[Any, ...]]:
    return [
        (alert.id, alert.kind, alert.level, alert.due, alert.sequence, alert.reason, alert.to)
        + ((alert.at,) if alert.kind != "cleared" else ())
        for alert in office.alerts
    ]


@given(arrived=received_facts(), ticks=ticks, more=ticks)
def test_alerts_do_not_depend_on_when_time_was_looked_at(
    arrived: list[Arrival], ticks: list[int], more: list[int]
) -> None:
    one, other = Office(), Office()
    for office, looked in ((one, ticks), (other, more)):
        run(office, arrived, looked)
        office.advance(END)
    assert _without_when_found(one) == _without_when_found(other)
    assert one.state().trail == other.state().trail


@given(arrived=received_facts())
def test_stepping_hour_by_hour_and_jumping_tell_the_same(arrived: list[Arrival]) -> None:
    stepped, jumped = Office(), Office()
    last = max([one.received for one in arrived], default=START)
    hours = list(range(START, last + 40 * DAY, 7 * HOUR))
    run(stepped, arrived, hours)
    run(jumped, arrived, hours[-1:])
    assert _without_when_found(stepped) == _without_when_found(jumped)
    # Looked at in time, an alarm is raised in time.
    assert all(
        (alert.raised - alert.at).total_seconds() <= 7 * 3600 or alert.at.timestamp() * 1e6 <= last
        for alert in stepped.alerts
    )


@given(arrived=received_facts())
def test_a_repeat_is_recognised_and_the_same_id_with_other_content_refused(arrived: list[Arrival]) -> None:
    office = Office()
    run(office, arrived)
    state = pack(office.state())
    later = max([one.received for one in arrived], default=START)
    for one, _ in arrived:
        assert office.take(one, later) is Reception.REPEAT
    for one, _ in arrived:
        other = msgspec.structs.replace(one, actor="somebody-else")
        assert office.take(other, later) is Reception.CONFLICT
    assert pack(office.state()) == state
