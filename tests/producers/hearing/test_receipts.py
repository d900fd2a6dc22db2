"""What a receipt number shows, and what whoever holds it may do."""

import pytest

from producers.receipts import Receipts
from tests.producers.hearing.test_following import everything


@pytest.fixture
def asked(gateway, at_work):
    """A request with its receipt number, resolved by the unit; somebody works."""
    event = gateway.event(data={"service": "lamp", "area": "north"})
    with at_work():
        receipt = gateway.post(event).json()["receipt"]
        done = gateway.event(
            "resolved", subject=event["subject"], channel="wechat", data={"outcome": "fixed"}
        )
        gateway.post(done | {"source": "/channels/wechat"})
        everything(gateway, "phone", 2)
        yield event["subject"], receipt


def look(gateway, receipt: str):
    return gateway.client.get(f"/v1/receipts/{receipt}").json()


def test_a_receipt_shows_what_was_promised_and_what_happened_in_both_languages(gateway, asked) -> None:
    _, receipt = asked
    # It needs no key, though there are keys.
    gateway.key()
    shown = look(gateway, receipt.lower())
    assert shown["receipt"] == receipt
    assert (shown["state"], shown["outcome"]) == ("resolved", "fixed")
    assert shown["words"] == {
        "zh": "已办结，待您确认", "en": "reported as done; you may confirm it or say that it is not",
    }  # fmt: skip
    assert [entry["words"]["en"] for entry in shown["timeline"]] == ["You asked", "Reported as done"]
    assert shown["may"] == {"reopen": True, "confirm": True, "rate": True}
    assert "north" not in str(shown)


def test_the_person_has_it_reopened_once_however_often_they_press(gateway, asked) -> None:
    issue, receipt = asked
    reason = {"reason": "still-dark"}
    pressed = [gateway.client.post(f"/v1/receipts/{receipt}/reopen", json=reason) for _ in range(2)]
    assert pressed[0].status_code == 202
    # Whether the first was worked on by then or not.
    assert pressed[1].status_code in (202, 409)
    everything(gateway, "phone", 3)
    assert look(gateway, receipt)["state"] == "reopened"
    (event,) = [event for event in gateway.of(issue) if event.kind.word == "reopened"]
    assert (event.channel, event.source) == ("phone", "/channels/phone/receipt")
    again = gateway.client.post(f"/v1/receipts/{receipt}/reopen")
    assert again.status_code == 409


def test_the_person_confirms_and_answers(gateway, asked) -> None:
    _, receipt = asked
    answers = {"solved": True, "satisfied": False}
    assert gateway.client.post(f"/v1/receipts/{receipt}/rate", json=answers).status_code == 202
    assert gateway.client.post(f"/v1/receipts/{receipt}/confirm").status_code == 202
    everything(gateway, "phone", 4)
    shown = look(gateway, receipt)
    assert (shown["state"], shown["rated"], shown["may"]["reopen"]) == ("closed", True, False)


def test_an_open_request_cannot_be_confirmed_and_a_wrong_answer_is_named(gateway, at_work) -> None:
    with at_work():
        receipt = gateway.post(gateway.event()).json()["receipt"]
        everything(gateway, "phone", 1)
    for action in ("reopen", "confirm"):
        answer = gateway.client.post(f"/v1/receipts/{receipt}/{action}")
        assert answer.status_code == 409
    assert gateway.client.post(f"/v1/receipts/{receipt}/rate", json={"solved": "maybe"}).status_code == 422


def test_a_number_is_not_guessed_and_an_address_tries_only_so_many(gateway, asked) -> None:
    issue, receipt = asked
    other = Receipts(gateway.context.vault).number(f"{issue}-x")
    wrong = f"{issue}-{other[-11:]}"
    statuses = [gateway.client.get(f"/v1/receipts/{wrong}").status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]
    refused = gateway.client.get(f"/v1/receipts/{receipt}")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
