"""Statuses and events: what is sent comes to what the life cycle allows, and comes back as it was."""

import json

import pytest

from livelihood.envelope import parse_event, type_of
from livelihood.event_data import OUTCOMES
from livelihood.events import Kind
from livelihood.facts import Fact, fact_of
from livelihood.histories import history_of
from livelihood.instants import MINUTE, iso, parse
from livelihood.lifecycle import OPEN, TRANSITIONS, State
from livelihood.promises import Catalogue
from producers.channel_keys import ChannelKey
from producers.open311.documents import Trouble
from producers.open311.parameters import parameters_of
from producers.open311.requests import Telling
from producers.open311.updates import STATUSES, event_for, public_id, update_event, updates_of

NOW = parse("2024-04-01T15:00:00Z")
KEY = ChannelKey(name="app", channel="app", may=frozenset({"commented"}))
FORM = {"update_id": "7", "status": "open", "updated_datetime": "2024-04-01T15:00:00Z", "description": "Here"}


def fact(kind: Kind, minute: int, **data: object) -> Fact:
    document = {
        "specversion": "1.0", "type": type_of(kind), "source": "/channels/app", "id": f"{kind.word}-{minute}",
        "subject": "1", "time": iso(NOW + minute * MINUTE), "channel": "app", "data": data,
    }  # fmt: skip
    return fact_of(parse_event(json.dumps(document), NOW + minute * MINUTE))


def statuses(catalogue: Catalogue, *facts: Fact) -> list[str]:
    telling = Telling(catalogue=catalogue, now=NOW, language="en", public=frozenset())
    history = history_of("1", [fact(Kind.SUBMITTED, 0, service="lamp"), *facts], catalogue, NOW + 10**10)
    return [update["status"] for update in updates_of(history, telling, {}).values()][1:]


@pytest.mark.parametrize("state", [state for state in State if state is not State.ORPHAN])
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_comes_to_an_event_that_has_an_effect_or_is_refused(status: str, state: State) -> None:
    if status == "REOPEN" and state not in OPEN and (state, Kind.REOPENED) not in TRANSITIONS:
        with pytest.raises(Trouble, match="no longer be reopened"):
            event_for(status, state)
        return
    kind, data = event_for(status, state)
    assert (state, kind) in TRANSITIONS
    form = {**FORM, "status": status.lower()}
    made = update_event(parameters_of(form.items()), "1", state, KEY)
    assert made["data"].pop("personal") == {"text": "Here"}
    assert (made["type"], made["data"]) == (type_of(kind), data)
    parse_event(json.dumps(made), NOW)


@pytest.mark.parametrize("status", ["FIXED", "DUPLICATE", "NOT_COUNCILS_RESPONSIBILITY", "CLOSED"])
def test_a_resolution_comes_back_with_the_status_it_was_sent_with(catalogue: Catalogue, status: str) -> None:
    kind, data = event_for(status, State.SUBMITTED)
    assert statuses(catalogue, fact(kind, 1, **data)) == [status]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_status(catalogue: Catalogue, outcome: str) -> None:
    (status,) = statuses(catalogue, fact(Kind.RESOLVED, 1, outcome=outcome))
    assert status in STATUSES
    assert status not in ("OPEN", "IN_PROGRESS")


def test_a_remark_leaves_the_status_and_what_had_no_effect_is_no_update(catalogue: Catalogue) -> None:
    told = statuses(
        catalogue,
        fact(Kind.ACCEPTED, 1),
        fact(Kind.ACCEPTED, 2),
        fact(Kind.COMMENTED, 3),
        fact(Kind.ASSIGNED, 4),
        fact(Kind.RESOLVED, 5, outcome="fixed"),
        fact(Kind.COMMENTED, 6),
        fact(Kind.REOPENED, 7),
        fact(Kind.TRANSFER_ACCEPTED, 8, to="parks"),
        fact(Kind.WITHDRAWN, 9),
    )
    assert told == [
        *("INVESTIGATING", "INVESTIGATING", "IN_PROGRESS", "FIXED", "FIXED", "OPEN", "INTERNAL_REFERRAL"),
        "CANCELLED",
    ]


def test_nothing_of_a_channels_own_ids_is_told() -> None:
    assert public_id("/channels/app", "13800001234") != public_id("/channels/other", "13800001234")
    assert "13800001234" not in public_id("/channels/app", "13800001234")


@pytest.mark.parametrize("missing", FORM)
def test_an_update_without_what_it_needs_is_refused(missing: str) -> None:
    form = {name: value for name, value in FORM.items() if name != missing}
    with pytest.raises(Trouble, match=f"{missing} is required"):
        update_event(parameters_of(form.items()), "1", State.SUBMITTED, KEY)


def test_all_that_is_wrong_with_an_update_is_said_at_once() -> None:
    form = FORM | {"update_id": "9" * 151, "status": "DONE", "updated_datetime": "today"}
    del form["description"]
    with pytest.raises(Trouble) as caught:
        update_event(parameters_of(form.items()), "1", State.SUBMITTED, KEY)
    named = [description.split()[0].rstrip(":") for description in caught.value.descriptions]
    assert named == ["description", "updated_datetime", "status", "update_id"]


def test_a_settled_request_takes_no_second_ending() -> None:
    settled = [state for state in State if state not in OPEN and state is not State.ORPHAN]
    assert {event_for("FIXED", state)[0] for state in settled} == {Kind.COMMENTED}
