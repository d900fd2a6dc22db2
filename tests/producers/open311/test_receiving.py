"""What the intake says of an event, in the terms of the specification."""

from types import SimpleNamespace
from typing import Any

import pytest

from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.state import IssueState
from producers.channel_keys import ChannelKey
from producers.intake import Receipt, Refusal
from producers.open311.documents import Trouble
from producers.open311.parameters import parameters_of
from producers.open311.receiving import Receiving

KEY = ChannelKey(name="app", channel="app", may=frozenset({"commented"}))
FORM = {
    "service_request_id": "1", "update_id": "7", "status": "UNCHANGED", "account_id": "5",
    "updated_datetime": "2024-04-01T15:00:00Z", "description": "Here",
}  # fmt: skip


def receipt(*, repeated: bool) -> Receipt:
    return Receipt(issue="1", source=KEY.source, id="open311-update-7", number="1-A-B", repeated=repeated)


def update(answer: Receipt | Refusal) -> list[dict[str, Any]]:
    """What is answered to an update of which the intake says that."""
    state = IssueState(issue=Issue(state=State.SUBMITTED))
    answers = SimpleNamespace(state=lambda _: state, facts=lambda *_: [])
    intake = SimpleNamespace(take=lambda *_: [answer])
    receiving = Receiving(intake, None, answers)  # type: ignore[arg-type]
    return receiving.update(parameters_of(FORM.items()), KEY)


def test_an_update_is_answered_with_the_id_that_everybody_sees() -> None:
    (answered,) = update(receipt(repeated=False))
    assert list(answered) == ["update_id", "account_id"]
    assert answered["account_id"] == "5"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (receipt(repeated=True), 400, "received before"),
        (Refusal(status=409, field="id", message="came before with other content"), 400, "received before"),
        (Refusal(status=403, field="type", message="may not"), 403, "type: may not"),
        (Refusal(status=413, field="", message="too large"), 400, "too large"),
    ],
)
def test_what_the_intake_refuses_is_an_error_of_the_specification(
    answer: Receipt | Refusal, status: int, said: str
) -> None:
    with pytest.raises(Trouble, match=said) as trouble:
        update(answer)
    assert trouble.value.status == status
