"""What is offered at a window: what the life cycle allows, to whom it is allowed, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from livelihood.catalogue_reading import parse_catalogue
from livelihood.events import Kind
from livelihood.instants import HOUR, parse
from livelihood.issue import Issue
from livelihood.lifecycle import TRANSITIONS, State
from livelihood.promises import Catalogue
from producers.window.actions import ACTIONS, may_publish, offered
from producers.window.case import Case
from producers.window.fields import FIELDS
from tests.sites import MINGCHUAN, NOW
from web.accounts import ROLES, Right, Role
from web.users import ANYBODY, Grant, User

CATALOGUE = Catalogue([parse_catalogue(MINGCHUAN)])
AT = parse(NOW)
#: Kinds that are no business of a person's: other systems' numbers, and what the processor makes.
ELSEWHERE = {Kind.SUBMITTED, Kind.ABSORBED, Kind.PART, Kind.PROGRESS_REPORTED, Kind.NUMBERED}
LIN = User(name="lin", rights=ROLES[Role.WINDOW], departments=frozenset({"streets"}))
WANG = User(name="wang", rights=ROLES[Role.SUPERVISOR], departments=frozenset({"streets"}))


def case(
    user: User = ANYBODY, state: State = State.ASSIGNED, offers: tuple[str, ...] = (), **issue: Any
) -> Case:
    fields = {"submitted": AT - HOUR, "service": "street-light", "department": "streets", "due": AT + HOUR,
              "channel": "hotline"} | issue  # fmt: skip
    return Case(
        issue=Issue(state=state, **fields), state=state, offered=frozenset(offers), user=user,
        catalogue=CATALOGUE, now=AT,
    )  # fmt: skip


def words(one: Case) -> set[str]:
    found = offered(one)
    return {action.word for action in (*found.first, *found.others)}


@pytest.mark.parametrize("state", list(State))
def test_what_is_offered_is_what_the_life_cycle_allows(state: State) -> None:
    somebody = ("somebody", "/channels/window")
    everything = case(state=state, offers=("water",), askers=(somebody,), contested=somebody)
    kinds = {Kind[word.upper().replace("-", "_")] for word in words(everything)}
    allowed = {Kind(kind) for found, kind in TRANSITIONS if found == state}
    assert kinds == allowed - ELSEWHERE - {Kind.EXTENSION_ASKED, Kind.CONTESTED}


def test_every_kind_a_window_may_say_has_an_action_and_every_field_a_form() -> None:
    assert {action.kind for action in ACTIONS.values()} == {Kind(kind) for _, kind in TRANSITIONS} - ELSEWHERE
    assert {name for action in ACTIONS.values() for name in action.fields} == set(FIELDS)


def test_at_a_window_of_another_department_only_what_is_done_for_the_person_is_offered() -> None:
    assert words(case(LIN, department="water")) == {
        word for word, action in ACTIONS.items() if action.for_person and action.kind in (
            Kind.COMMENTED, Kind.VISIT_RECORDED, Kind.FOLLOWED_UP, Kind.WITHDRAWN)
    }  # fmt: skip
    assert words(case(WANG, department="water")) == set()


def test_more_time_is_never_granted_by_who_asked_for_it() -> None:
    asked = (("wang", "/channels/window"),)
    assert "extension-granted" not in words(case(WANG, askers=asked))
    assert "extension-granted" in words(case(WANG, askers=(("lin", "/channels/window"),)))
    assert "extension-granted" not in words(case(WANG))
    assert "extension-granted" not in words(case(LIN, askers=asked))


def test_how_an_issue_counts_is_contested_once_and_decided_by_somebody_else() -> None:
    assert "contested" in words(case(LIN))
    assert "contested" not in words(case(LIN, contested=("wang", "/channels/window")))
    assert "contest-answered" in words(case(WANG, contested=("lin", "/channels/window")))
    assert "contest-answered" not in words(case(WANG, contested=("wang", "/channels/window")))
    assert "contest-answered" not in words(case(LIN, contested=("wang", "/channels/window")))
    assert "contest-answered" not in words(case(WANG))


def test_who_stands_in_decides_where_the_other_may_and_nothing_that_either_of_them_asked_for() -> None:
    wang = Grant(name="wang", rights=WANG.rights, departments=WANG.departments)
    stand_in = replace(LIN, departments=frozenset({"water"}), stands_in=(wang,))
    asked = (("he", "/channels/window"),)
    assert {"accepted", "extension-granted"} <= words(case(stand_in, askers=asked))
    # The right to decide came for the other's departments only.
    assert "accepted" in words(case(stand_in, department="water"))
    assert "extension-granted" not in words(case(stand_in, department="water", askers=asked))
    for asker in ("lin", "wang"):
        assert "extension-granted" not in words(case(stand_in, askers=((asker, "/channels/window"),)))
        contested = case(stand_in, contested=(asker, "/channels/window"))
        assert "contest-answered" not in words(contested)


def test_more_time_is_asked_for_once_and_before_the_deadline() -> None:
    assert "extension-asked" in words(case(LIN))
    assert "extension-asked" not in words(case(LIN, due=AT))
    assert "extension-asked" not in words(case(LIN, due=None))
    assert "extension-asked" not in words(case(LIN, askers=(("wang", "/channels/window"),)))


def test_an_issue_is_taken_over_by_whom_it_was_offered_to() -> None:
    water = User(name="he", rights=ROLES[Role.WINDOW], departments=frozenset({"water"}))
    assert "transfer-accepted" in words(case(water, offers=("water",)))
    assert "transfer-accepted" not in words(case(water, offers=("housing",)))
    assert "transfer-accepted" not in words(case(LIN, offers=("water",)))
    assert [action.word for action in offered(case(water, offers=("water",))).first] == ["transfer-accepted"]


def test_the_clock_is_stopped_only_where_the_standard_says_for_what() -> None:
    assert "paused" in words(case(LIN))
    assert "paused" not in words(case(LIN, service="manhole"))


def test_a_bundle_is_resolved_when_all_its_parts_are() -> None:
    assert "resolved" not in words(case(parts={"a~1": "fixed", "a~2": ""}))
    assert "resolved" in words(case(parts={"a~1": "fixed", "a~2": "answered"}))


def test_an_account_publishes_no_more_than_its_rights_let_it_do() -> None:
    assert "submitted" in may_publish(LIN)
    assert "extension_granted" not in may_publish(LIN)
    assert "submitted" not in may_publish(WANG)
    assert "extension_granted" in may_publish(WANG)
    assert may_publish(User(name="mayor", rights=frozenset({Right.SEE}))) == frozenset()
