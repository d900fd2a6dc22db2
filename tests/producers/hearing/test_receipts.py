"""What a receipt number shows, and what whoever holds it may do."""

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from producers.receipts import Receipts
from tests.producers.hearing.test_following import everything
from web.guards import MOST_BODY_BYTES


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


def test_a_number_is_read_as_people_type_it(tmp_path) -> None:
    with SqliteVault(tmp_path) as vault:
        receipts = Receipts(vault)
        issue = "260301-0ABC1DE"
        number = receipts.number(issue)
        wide = "".join(chr(ord(symbol) + 0xFEE0) for symbol in number)
        taken_for = number.replace("0", "O").replace("1", "l")
        for typed in (number, number.lower(), f" {number[:9]} {number[9:]}", wide, taken_for):
            assert receipts.issue(typed) == issue, typed
        for dash in "\u2010\u2013\u2014\u2212":
            assert receipts.issue(number.replace("-", dash)) == issue
        # Ids of a channel's own keep what they are.
        for own in ("h-1", "热线-二", "OIL-1", "２", "a-2-３"):
            assert receipts.issue(receipts.number(own)) == own
        assert receipts.issue(receipts.number("OIL-1").lower()) == "OIL-1"
        for none in ("", "-", "--", "260301-0ABC1DE", f"{issue}-AAAAA-AAAAA"):
            assert receipts.issue(none) is None, none


def test_no_more_of_a_body_is_read_than_it_may_have(gateway) -> None:
    """Neither where its length is said before nor where it is not, and whether or not there is a receipt."""
    body = b'{"reason": "' + b"a" * MOST_BODY_BYTES + b'"}'
    headers = {"Content-Type": "application/json"}
    for content in (body, iter([body[:1000], body[1000:]])):
        answer = gateway.client.post("/v1/receipts/H-1-AAAAA-AAAAA/reopen", content=content, headers=headers)
        assert (answer.status_code, answer.json()["detail"]) == (413, "expected at most 512 KiB")
    broken = gateway.client.post("/v1/receipts/H-1-AAAAA-AAAAA/rate", content=b"{", headers=headers)
    assert broken.status_code == 422
    assert broken.json()["detail"].startswith("expected JSON: ")
    assert "field" not in broken.json()


@pytest.mark.usefixtures("limits_clock")
def test_a_number_is_not_guessed_and_an_address_tries_only_so_many(gateway, asked) -> None:
    issue, receipt = asked
    other = Receipts(gateway.context.vault).number(f"{issue}-x")
    wrong = f"{issue}-{other[-11:]}"
    statuses = [gateway.client.get(f"/v1/receipts/{wrong}").status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]
    refused = gateway.client.get(f"/v1/receipts/{receipt}")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
