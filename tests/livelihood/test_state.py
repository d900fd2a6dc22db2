"""Issues with thousands of events: what is kept at hand, what is archived, and what each event costs."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livelihood.tracking
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import DAY, HOUR, MINUTE, Instant
from livelihood.lifecycle import State
from livelihood.state import (
    FOLD_VERSION,
    MOST_FACTS,
    IssueState,
    NewerData,
    all_facts,
    all_steps,
    may_hold,
    pack,
    short_id,
    unpack,
)
from livelihood.tracking import Reception
from tests.livelihood.worlds import CITY, START, Arrival, Office, arrivals, fact, some_facts, table_of

LAMP = fact(Kind.SUBMITTED, START, service="lamp")
MANY = 5_000


def remark(number: int, kind: Kind = Kind.COMMENTED, every: Instant = 7 * MINUTE) -> Fact:
    return fact(kind, START + (number + 1) * every, name=f"n{number}")


class Counted:
    """Counts how often facts are applied."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.applied = 0
        real = livelihood.tracking.apply

        def apply(*args: Any) -> bool:
            self.applied += 1
            return real(*args)

        monkeypatch.setattr(livelihood.tracking, "apply", apply)


def stored(office: Office) -> None:
    office.states["A"] = unpack(pack(office.states["A"]))


@pytest.mark.parametrize("kind", [Kind.COMMENTED, Kind.FOLLOWED_UP])
def test_the_five_thousandth_event_costs_what_the_hundredth_did(
    monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    office, counted = Office(), Counted(monkeypatch)
    office.take(LAMP)
    sizes = []
    for number in range(MANY):
        office.take(remark(number, kind))
        stored(office)
        sizes.append(len(pack(office.state())))
    # Applied once, and once more into the checkpoint.
    assert counted.applied <= 2.1 * MANY
    # Nothing is read back, and what is written each time is bounded but for four bytes an event.
    assert office.reads == 0
    assert max(sizes[-100:]) - max(sizes[100:200]) <= 4 * MANY + 2000
    state = office.state()
    assert len(state.held) <= MOST_FACTS
    assert len(state.trail) <= MOST_FACTS + 10
    facts = [LAMP, *(remark(number, kind) for number in range(MANY))]
    assert state.issue == fold(facts, CITY)
    assert sorted(office.tracker.facts("A", state), key=lambda one: one.time) == facts
    assert office.table() == table_of("A", facts, state.clock, CITY)


def test_events_out_of_order_cost_no_more_than_what_follows_the_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two channels, of which one is always an hour behind."""
    office, counted = Office(), Counted(monkeypatch)
    facts = [LAMP, *(remark(number, Kind.FOLLOWED_UP) for number in range(1000))]
    office.take(LAMP)
    order = [facts[number + step] for number in range(1, 1000, 2) for step in (1, 0)]
    received = START
    for one in order:
        received = max(received + 1, one.time)
        assert office.take(one, received) is Reception.TAKEN
    assert office.reads == 0
    assert counted.applied <= MOST_FACTS * len(order)
    assert office.state().issue == fold([LAMP, *order], CITY)
    assert all_steps(office.state(), office.archive["A"])[-1][1:] == office.state().applied


def test_an_event_older_than_the_checkpoint_is_folded_from_the_archive_and_the_next_is_not() -> None:
    office = Office()
    facts = [LAMP, *(remark(number, Kind.FOLLOWED_UP) for number in range(500))]
    for one in facts:
        office.take(one)
    late = fact(Kind.RECLASSIFIED, START + HOUR, service="sign")
    facts.append(late)
    office.take(late, office.state().clock + DAY)
    assert office.reads == 1
    assert office.state().issue == fold(facts, CITY)
    assert office.table() == table_of("A", facts, office.state().clock, CITY)
    for number in range(500, 600):
        facts.append(remark(number, Kind.FOLLOWED_UP))
        office.take(facts[-1], office.state().clock + 1)
    assert office.reads == 1
    assert office.state().issue == fold(facts, CITY)


def test_repeats_and_conflicts_of_archived_events_are_recognised() -> None:
    office = Office()
    facts = [LAMP, *(remark(number) for number in range(400))]
    for one in facts:
        office.take(one)
    before = pack(office.state())
    now = office.state().clock
    for one in (LAMP, facts[1], facts[200], facts[399]):
        assert office.take(one, now) is Reception.REPEAT
        other = msgspec.structs.replace(one, actor="someone-else")
        assert office.take(other, now) is Reception.CONFLICT
    assert pack(office.state()) == before
    # Another source may use the same id.
    assert office.take(msgspec.structs.replace(facts[200], source="/other"), now) is Reception.TAKEN


def test_an_orphan_with_thousands_of_events_is_folded_whole_once_it_is_submitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, counted = Office(), Counted(monkeypatch)
    remarks = [remark(number, Kind.FOLLOWED_UP) for number in range(1000)]
    for one in remarks:
        office.take(one)
    assert counted.applied <= 2.1 * len(remarks)
    assert (office.state().issue.state, office.table()) == (State.ORPHAN, {})
    office.take(LAMP, office.state().clock)
    assert office.state().issue == fold([*remarks, LAMP], CITY)
    assert office.table() == table_of("A", [*remarks, LAMP], office.state().clock, CITY)
    assert office.reads == 1


def test_a_correction_reaches_what_is_archived() -> None:
    office = Office()
    facts = [LAMP, *(remark(number, Kind.FOLLOWED_UP) for number in range(300))]
    for one in facts:
        office.take(one)
    changes = {"service": {"new": "sign"}}
    facts.append(fact(Kind.CORRECTED, START + 9 * DAY, corrects=LAMP.id, changes=changes))
    office.take(facts[-1])
    assert office.state().issue.service == "sign"
    for number in range(300, 500):
        facts.append(remark(2000 + number, Kind.FOLLOWED_UP))
        office.take(facts[-1])
    assert office.state().issue == fold(facts, CITY)
    assert office.table() == table_of("A", facts, office.state().clock, CITY)


def test_a_correction_that_comes_before_its_event_is_not_forgotten() -> None:
    correction = fact(
        Kind.CORRECTED, START + DAY, corrects="n3", changes={"time": {"new": "2011-10-27T10:00:00-04:00"}}
    )
    for many in (0, 300):
        office = Office()
        facts = [LAMP, correction, *(remark(1000 + number) for number in range(many))]
        for one in facts:
            office.take(one)
        awaited = fact(Kind.RESOLVED, START + 5 * DAY, name="n3", outcome="fixed")
        office.take(awaited)
        assert office.state().issue.settled == START + HOUR
        assert office.state().issue == fold([*facts, awaited], CITY)


def test_what_is_archived_stays_folded_where_late_events_follow_one_that_was_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(livelihood.tracking, "MOST_FACTS", 4)
    office = Office()
    taken_back = fact(Kind.CORRECTED, START, corrects="gone", changes={"void": {"new": True}})
    in_time = [
        *(remark(number) for number in range(9)),
        fact(Kind.ACCEPTED, START + 9 * HOUR),
        *(
            fact(Kind.ASSIGNED, START + day * DAY, name=name)
            for day, name in ((1, "a"), (2, "b"), (3, "gone"))
        ),
    ]
    late = [fact(Kind.COMMENTED, START + hours * HOUR, name=f"late{hours}") for hours in (7, 8, 10)]
    facts = [LAMP, taken_back, *in_time, *late]
    for one in facts:
        office.take(one, max(one.time, office.state().clock))
        stored(office)
    assert office.state().issue == fold(facts, CITY)
    assert office.table() == table_of("A", facts, office.state().clock, CITY)


def test_what_a_bundle_heard_of_its_parts_stays_at_hand() -> None:
    office = Office()
    bundle = fact(Kind.SUBMITTED, START, service="lamp", parts=["A~1", "A~2"])
    office.take(bundle)

    def part(child: str, time: Instant, outcome: str) -> Fact:
        return Fact(Kind.PART, time, time, "desk", child, f"{child}-{time}", None, (child, outcome))

    def tell(child: str, *parts: Fact) -> None:
        state = office.state()
        office.tracker.replace_parts("A", state, child, list(parts), parts[-1].id, state.clock, True)
        office._gather()

    first = part("A~1", START + HOUR, "fixed")
    tell("A~1", first)
    remarks = [remark(number, Kind.FOLLOWED_UP) for number in range(300)]
    for one in remarks:
        office.take(one)
    assert [one for one in all_facts(office.state()) if one.kind == Kind.PART] == [first]
    # The first part turns out to have been done later, and opens again; the second is done.
    moved, again = part("A~1", START + 2 * HOUR, "answered"), part("A~1", START + 3 * HOUR, "")
    tell("A~1", moved, again)
    tell("A~2", part("A~2", START + 4 * HOUR, "fixed"))
    facts = [bundle, *remarks, moved, again, part("A~2", START + 4 * HOUR, "fixed")]
    assert office.state().issue == fold(facts, CITY)
    assert office.table() == table_of("A", facts, office.state().clock, CITY)


@st.composite
def long_histories(draw: st.DrawFn) -> list[Arrival]:
    """Facts of all kinds among so many remarks that most are archived."""
    facts = draw(some_facts(12, submitted=True))
    every = draw(st.sampled_from([0, 60 * MINUTE, 9 * HOUR]))
    count = draw(st.integers(0, 60))
    kind = draw(st.sampled_from([Kind.COMMENTED, Kind.FOLLOWED_UP]))
    return draw(arrivals([*facts, *(remark(number, kind, every) for number in range(count))]))


@pytest.mark.parametrize("most", [4, 16])
@settings(max_examples=settings().max_examples // 2)
@given(arrived=long_histories(), data=st.data())
def test_archived_or_not_the_issue_its_trail_and_its_tables_are_the_same(
    most: int, arrived: list[Arrival], data: Any
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(livelihood.tracking, "MOST_FACTS", most)
        office = Office()
        for one, received in arrived:
            assert office.take(one, received) is Reception.TAKEN
            stored(office)
    facts = [one.fact for one in arrived]
    state = office.state()
    whole = Office()
    for one, received in arrived:
        whole.take(one, received)
    assert not whole.archive or len(facts) > MOST_FACTS
    assert state.issue == whole.state().issue == fold(facts, CITY)
    steps = all_steps(state, office.archive.get("A", []))
    assert len(steps) == len(all_steps(whole.state(), whole.archive.get("A", [])))
    assert steps == sorted(steps, key=lambda step: step[0])
    for instant in sorted({step[0] + shift for step in steps for shift in (-1, 0)})[-40:]:
        assert office.table(instant) == table_of("A", facts, instant, CITY)
    assert [alert.id for alert in office.alerts] == [alert.id for alert in whole.alerts]
    for one in data.draw(st.lists(st.sampled_from(facts), max_size=5)):
        assert office.take(one, state.clock) is Reception.REPEAT


@given(facts=some_facts())
def test_every_fact_held_may_be_held(facts: list[Fact]) -> None:
    office = Office()
    for one in facts:
        office.take(one)
    for one in facts:
        assert may_hold(office.state(), short_id(one))


def test_a_state_of_a_newer_version_is_refused_with_what_to_do() -> None:
    newer = pack(IssueState(fold_version=FOLD_VERSION + 1))
    with pytest.raises(NewerData, match="update the software"):
        unpack(newer)
    with pytest.raises(NewerData, match="update the software"):
        unpack(msgspec.msgpack.encode([1, 2, "x"]))
