"""The history of an issue: what each fact did, how the deadline came about, who held it how long."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue_reading import parse_catalogue
from livelihood.deadline_steps import Counted, Extended, Opened, Paused, Stated
from livelihood.envelope import EVENT_MODELS, type_of
from livelihood.events import DATA_MODELS, Kind
from livelihood.facts import Fact, fact_of
from livelihood.fold import fold
from livelihood.histories import History, history_of
from livelihood.instants import DAY, HOUR, MINUTE, from_datetime, parse, to_datetime
from livelihood.lifecycle import State
from livelihood.promises import Catalogue

CATALOGUE = Catalogue(
    [
        parse_catalogue("""
version = "1"
time_zone = "UTC"
[channels.phone]
allowed_lateness = "400 calendar"
[departments]
roads = {title = "Roads"}
parks = {title = "Parks"}
[services]
pothole = {department = "roads", standard = "pothole"}
tree = {department = "parks", standard = "tree"}
[standards.pothole]
resolution = "2 working_days"
acceptance = "4h working_hours"
pauses = {reasons = ["waiting"], max_total = "3 calendar"}
[standards.tree]
resolution = "10 working_days"
""")
    ]
)
#: A Monday, at opening time.
MONDAY = parse("2024-05-06T09:00:00Z")


def fact(kind: Kind, at: int, number: int = 0, recorded: int | None = None, **data: Any) -> Fact:
    if kind is Kind.SUBMITTED:
        data = {"service": "pothole"} | data
    moment = to_datetime(at)
    event = EVENT_MODELS[kind](
        type=type_of(kind),
        source="/channels/phone",
        id=f"{kind.word}-{number}",
        subject="X-1",
        time=moment,
        recorded=moment if recorded is None else to_datetime(recorded),
        channel="phone",
        actor=f"actor-{kind.word}",
        data=DATA_MODELS[kind](**data),
    )
    return fact_of(event)


def history(*facts: Fact, as_of: int = MONDAY + 60 * DAY) -> History:
    return history_of("X-1", facts, CATALOGUE, as_of)


def test_a_deadline_is_explained_from_submission_on() -> None:
    shown = history(fact(Kind.SUBMITTED, MONDAY))
    assert shown.deadline is not None
    assert [type(step) for step in shown.deadline.steps] == [Opened, Counted]
    assert shown.deadline.due == MONDAY + 2 * DAY
    assert shown.acceptance is not None
    assert shown.acceptance.due == MONDAY + 4 * HOUR


def test_a_deadline_the_channel_states_is_explained_by_that() -> None:
    target = to_datetime(MONDAY + 9 * DAY)
    shown = history(fact(Kind.SUBMITTED, MONDAY, target=target, target_stated=True))
    assert shown.deadline is not None
    assert [type(step) for step in shown.deadline.steps] == [Opened, Stated]
    assert shown.deadline.due == from_datetime(target)


def test_where_nothing_was_promised_there_is_no_deadline() -> None:
    shown = history(fact(Kind.SUBMITTED, MONDAY, target_stated=True))
    assert shown.deadline is None


def test_a_pause_is_a_step_with_the_time_it_took() -> None:
    pause, end = MONDAY + 2 * HOUR, MONDAY + DAY + 2 * HOUR
    facts = [fact(Kind.SUBMITTED, MONDAY), fact(Kind.PAUSED, pause, reason="waiting")]
    running = history(*facts, as_of=pause + HOUR).deadline
    assert running is not None
    assert isinstance(running.steps[-1], Paused)
    assert running.steps[-1].until == pause + 3 * DAY
    ended = history(*facts, fact(Kind.RESUMED, end)).deadline
    assert ended is not None
    step = ended.steps[-1]
    assert isinstance(step, Paused)
    assert (step.since, step.until, step.due_before, step.due) == (pause, end, MONDAY + 2 * DAY, ended.due)
    assert len(ended.steps) == 3


def test_a_forgotten_pause_ends_where_it_expired() -> None:
    pause = MONDAY + 2 * HOUR
    shown = history(
        fact(Kind.SUBMITTED, MONDAY),
        fact(Kind.PAUSED, pause, reason="waiting"),
        fact(Kind.COMMENTED, MONDAY + 20 * DAY),
    )
    assert shown.deadline is not None
    step = shown.deadline.steps[-1]
    assert isinstance(step, Paused)
    assert step.until == pause + 3 * DAY
    assert step.due == shown.deadline.due


def test_an_extension_is_a_step() -> None:
    until = to_datetime(MONDAY + 5 * DAY)
    shown = history(
        fact(Kind.SUBMITTED, MONDAY),
        fact(Kind.EXTENSION_ASKED, MONDAY + HOUR, until=until, reason="parts"),
        fact(Kind.EXTENSION_GRANTED, MONDAY + 2 * HOUR, until=until),
    )
    assert shown.deadline is not None
    assert shown.deadline.steps[-1] == Extended(due_before=MONDAY + 2 * DAY, due=MONDAY + 5 * DAY)


def test_an_issue_found_to_be_of_another_service_is_explained_by_that_services_standard() -> None:
    shown = history(fact(Kind.SUBMITTED, MONDAY), fact(Kind.RECLASSIFIED, MONDAY + HOUR, service="tree"))
    assert shown.deadline is not None
    assert shown.deadline.due == MONDAY + 14 * DAY
    assert [type(step) for step in shown.deadline.steps] == [Opened, Counted]


def test_a_fact_without_effect_says_why() -> None:
    shown = history(
        fact(Kind.RESOLVED, MONDAY - HOUR, outcome="fixed"),
        fact(Kind.SUBMITTED, MONDAY),
        fact(Kind.PAUSED, MONDAY + HOUR, 1, reason="lunch"),
        fact(Kind.RESOLVED, MONDAY + 2 * HOUR, 2, outcome="fixed"),
        fact(Kind.PAUSED, MONDAY + 3 * HOUR, 3, reason="waiting"),
    )
    told = {entry.fact.id: entry.ignored for entry in shown.entries}
    assert told["resolved-0"] == ""
    assert told["submitted-0"] == ""
    assert told["resolved-2"] == "an issue that is resolved cannot be resolved"
    assert told["paused-3"] == "an issue that is resolved cannot be paused"
    alone = history(fact(Kind.SUBMITTED, MONDAY), fact(Kind.PAUSED, MONDAY + HOUR, 1, reason="lunch"))
    assert alone.entries[1].ignored.startswith("no effect for a reason the standard does not allow")


def test_a_correction_has_an_effect_where_what_it_corrects_is_there() -> None:
    changes = {"service": {"old": "pothole", "new": "tree"}}
    found = history(
        fact(Kind.SUBMITTED, MONDAY),
        fact(Kind.CORRECTED, MONDAY + HOUR, corrects="submitted-0", changes=changes),
        fact(Kind.CORRECTED, MONDAY + 2 * HOUR, 1, corrects="nothing", changes=changes),
    )
    assert found.issue.service == "tree"
    assert [entry.ignored for entry in found.entries] == ["", "", "it corrects an event that is not there"]


def test_an_issue_never_submitted_has_a_history_without_anything_else() -> None:
    shown = history(fact(Kind.RESOLVED, MONDAY, outcome="fixed"))
    assert (shown.state, shown.held, shown.deadline) == (State.ORPHAN, [], None)
    assert shown.entries[0].ignored == "the issue was never submitted"


def test_who_held_it_and_how_long_inside_opening_hours() -> None:
    shown = history(
        fact(Kind.SUBMITTED, MONDAY),
        fact(Kind.TRANSFER_ACCEPTED, MONDAY + DAY + 30 * MINUTE, to="parks"),
        fact(Kind.RESOLVED, MONDAY + DAY + 90 * MINUTE, outcome="fixed"),
        fact(Kind.REOPENED, MONDAY + 3 * DAY),
        fact(Kind.RESOLVED, MONDAY + 3 * DAY + HOUR, 1, outcome="fixed"),
    )
    assert [(held.department, held.elapsed, held.working) for held in shown.held] == [
        ("roads", DAY + 30 * MINUTE, 8 * HOUR + 30 * MINUTE),
        ("parks", HOUR, HOUR),
        ("parks", HOUR, HOUR),
    ]


def test_as_of_an_instant_later_facts_are_not_shown() -> None:
    facts = [fact(Kind.SUBMITTED, MONDAY), fact(Kind.RESOLVED, MONDAY + DAY, outcome="fixed")]
    assert [entry.kind for entry in history(*facts, as_of=MONDAY + HOUR).entries] == [Kind.SUBMITTED]
    assert not history(*facts, as_of=MONDAY - HOUR).entries


@pytest.fixture(scope="module")
def some_facts() -> Callable[[list[tuple[int, int]]], list[Fact]]:
    until = to_datetime(MONDAY + 8 * DAY)
    makers: list[Callable[[int, int], Fact]] = [
        lambda at, n: fact(Kind.PAUSED, at, n, reason="waiting"),
        lambda at, n: fact(Kind.RESUMED, at, n),
        lambda at, n: fact(Kind.EXTENSION_GRANTED, at, n, until=until),
        lambda at, n: fact(Kind.RECLASSIFIED, at, n, service="tree" if n % 2 else "pothole"),
        lambda at, n: fact(Kind.RESOLVED, at, n, outcome="fixed"),
        lambda at, n: fact(Kind.REOPENED, at, n),
        lambda at, n: fact(Kind.TRANSFER_ACCEPTED, at, n, to="parks" if n % 2 else "roads"),
        lambda at, n: fact(Kind.COMMENTED, at, n),
        lambda at, n: fact(Kind.MERGED, at, n, into="Y-1"),
    ]
    return lambda drawn: [
        makers[which % len(makers)](MONDAY + hours * HOUR, number)
        for number, (which, hours) in enumerate(drawn)
    ]


@given(drawn=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 24 * 20)), max_size=8))
def test_the_history_ends_in_the_issue_the_fold_makes_and_its_steps_in_the_deadline(
    some_facts: Any, drawn: list[tuple[int, int]]
) -> None:
    facts = [fact(Kind.SUBMITTED, MONDAY), *some_facts(drawn)]
    as_of = MONDAY + 30 * DAY
    shown = history(*facts, as_of=as_of)
    folded = fold(facts, CATALOGUE, as_of)
    assert shown.issue == folded
    assert shown.deadline is not None
    assert shown.deadline.due == folded.due
    last = shown.deadline.steps[-1]
    match last:
        case Counted(until=until):
            assert until == folded.due
        case Paused(due=due) | Extended(due=due) | Stated(due=due):
            assert due == folded.due
    assert all(held.until <= as_of and 0 <= held.working <= held.elapsed for held in shown.held)
