"""Events put right by hand go by the one way in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from livelihood.envelope import InvalidEvent
from producers.intake import Intake
from producers.receipts import Receipts
from producers.replaying import Replay
from tests.producers.gateway.conftest import Gateway, kept

__all__ = ["kept"]


@pytest.fixture
def replay(kept: Gateway) -> Iterator[Any]:
    intake = Intake(kept.context, Receipts(kept.context.vault))
    made = Replay(kept.context, intake)
    yield lambda event: made(json.dumps(event).encode())
    intake.close()


def test_an_event_is_in_the_log_once_and_keeps_when_it_was_recorded(kept: Gateway, replay: Any) -> None:
    event = kept.event(recorded="2026-01-02T03:04:05+00:00", time="2026-01-02T03:04:00+00:00")
    replay(event)
    # Who is not sure whether the form was sent sends it again.
    replay(event)
    (held,) = kept.of(event["subject"])
    assert held.recorded is not None
    assert held.recorded.isoformat() == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "absorbed", "data": {"merged": "x"}}, "type"),
        ({"time": "2099-01-01T00:00:00Z"}, "time"),
        ({"data": {"service": "lamp", "personal": {"shoe": "44"}}}, "data.personal"),
        ({"data": {"service": 7}}, "data.service"),
        ({"subject": None}, "subject"),
    ],
)
def test_what_is_wrong_with_it_is_named(kept: Gateway, replay: Any, changes: Any, field: str) -> None:
    with pytest.raises(InvalidEvent) as raised:
        replay(kept.event(**changes))
    assert raised.value.field == field


def test_another_event_under_a_used_id_is_refused(kept: Gateway, replay: Any) -> None:
    event = kept.event()
    replay(event)
    with pytest.raises(InvalidEvent, match="came before with other content"):
        replay({**event, "data": {"service": "tree"}})
