"""Operations on both engines: what is told of the work, and dead letters put right."""

import html
import json
import re
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from consumers.operations.letters import Letters
from consumers.operations.watch import Watch
from livelihood.endpoints import New
from livelihood.instants import DAY, MINUTE, SECOND, iso
from livelihood.ports import NewRecord
from livelihood.state import unpack
from tests.patience import PATIENCE_SECONDS, until

# Fixtures are found by their names here.
from tests.producers.gateway.conftest import Gateway, at_work, gateway, serve, settings

__all__ = ["Gateway", "at_work", "gateway", "serve", "settings"]


class Operator:
    """A browser, on a server that is open."""

    def __init__(self, gateway: Gateway) -> None:
        self.client = httpx.Client(
            base_url=gateway.context.public_url, follow_redirects=True, timeout=PATIENCE_SECONDS
        )
        self.client.headers["accept"] = "text/html"

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="form_token" value="(\w+)"', self.get("/operations"))
        assert token
        return self.client.post(path, data={"form_token": token[1], **fields})

    def event(self, letter: str) -> str:
        """What stands in the form of a letter."""
        found = re.search(
            r"<textarea[^>]*>(.*)</textarea>", self.get(f"/operations/letters/{letter}"), re.DOTALL
        )
        assert found
        return html.unescape(found[1])


@pytest.fixture
def operator(gateway: Gateway) -> Any:
    made = Operator(gateway)
    with made.client:
        yield made


def append(gateway: Gateway, *documents: Any) -> None:
    """As a program that does not ask the gateway."""
    gateway.engine.log.append(
        [
            NewRecord(one["subject"], json.dumps(one).encode())
            if isinstance(one, dict)
            else NewRecord("x", one)
            for one in documents
        ]
    )


def test_a_dead_letter_is_put_right_and_counts(gateway: Gateway, operator: Operator, at_work: Any) -> None:
    letters = Letters(gateway.context)
    wrong = gateway.event(data={"service": "lamp", "urgency": 7, "telephone": "13800001234"})
    with at_work():
        append(gateway, wrong)
        until(letters.all)
        (letter,) = letters.all()
        assert letters.count() == 1
        page = operator.get("/operations/letters")
        assert letter.id in page
        assert wrong["subject"] in page
        text = operator.event(letter.id)
        assert "13800001234" not in text
        again = operator.send(f"/operations/letters/{letter.id}", verb="replay", event=text)
        assert again.status_code == 422
        assert "It was not taken: data." in again.text
        right = json.loads(text)
        right["data"] = {"service": "lamp"}
        sent = operator.send(f"/operations/letters/{letter.id}", verb="replay", event=json.dumps(right))
        assert "Sent again." in sent.text
        until(lambda: gateway.engine.reader.states([wrong["subject"]]))
    assert letters.count() == 0
    (kept,) = letters.all()
    assert kept.mark is not None
    assert kept.mark.replayed
    assert letter.id in operator.get("/operations/letters?list=done")


def test_what_was_said_in_clear_is_sealed_on_its_way_back(
    gateway: Gateway, operator: Operator, at_work: Any
) -> None:
    letters = Letters(gateway.context)
    wrong = gateway.event(data={"service": "lamp", "personal": {"phone": "13800001234"}})
    with at_work():
        append(gateway, wrong)
        until(letters.all)
        (letter,) = letters.all()
        text = operator.event(letter.id)
        assert "13800001234" not in text
        operator.send(f"/operations/letters/{letter.id}", verb="replay", event=text)
        until(lambda: gateway.engine.reader.states([wrong["subject"]]))
    packed = gateway.engine.reader.states([wrong["subject"]])[wrong["subject"]]
    (offset,) = unpack(packed).sealed
    assert letter.partition is not None
    (record,) = gateway.engine.log.read(letter.partition, offset, 1)
    assert b"13800001234" not in record.value
    sealed = json.loads(record.value)["data"]["personal"]
    assert gateway.context.sealer.open(sealed, wrong["subject"]) == {"phone": "13800001234"}


def test_an_id_that_was_used_is_refused_at_once_and_another_one_taken(
    gateway: Gateway, operator: Operator, at_work: Any
) -> None:
    letters = Letters(gateway.context)
    first = gateway.event()
    other = {**first, "data": {"service": "tree"}}
    with at_work():
        append(gateway, first)
        until(lambda: gateway.engine.reader.states([first["subject"]]))
        append(gateway, other)
        until(letters.all)
        (letter,) = letters.all()
        text = operator.event(letter.id)
        refused = operator.send(f"/operations/letters/{letter.id}", verb="replay", event=text)
        assert refused.status_code == 422
        assert "came before with other content" in refused.text
        # What was typed is still there.
        assert "tree" in refused.text
    assert letters.count() == 1


def test_a_record_that_is_no_event_is_not_shown_and_may_be_set_aside(
    gateway: Gateway, operator: Operator, at_work: Any
) -> None:
    letters = Letters(gateway.context)
    with at_work():
        append(gateway, b"call 13800001234")
        until(letters.all)
    (letter,) = letters.all()
    page = operator.get(f"/operations/letters/{letter.id}")
    assert "13800001234" not in page
    assert "nothing of it is shown" in page
    operator.send(f"/operations/letters/{letter.id}", verb="set-aside")
    assert letters.count() == 0
    (kept,) = letters.all()
    assert kept.mark is not None
    assert not kept.mark.replayed


@pytest.mark.parametrize("letter", ["0-9", "9-1", "0-0", "x", "0", "-", "0-1-2", "0-99999999999999999999"])
def test_a_letter_that_there_is_not_is_said_so(gateway: Gateway, operator: Operator, letter: str) -> None:
    answer = operator.client.get(f"/operations/letters/{letter}")
    assert answer.status_code == 404
    assert "There is no dead letter" in answer.text


@pytest.mark.parametrize("page", ["x", "-1", "9", "9" * 5_000])
def test_a_page_of_letters_that_there_is_not_is_the_nearest(operator: Operator, page: str) -> None:
    assert operator.client.get(f"/operations/letters?page={page}").status_code == 200


def test_how_far_the_work_has_come_is_told(
    gateway: Gateway, operator: Operator, at_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.operations.watch.LOOK_SECONDS", 0.0)
    watch = Watch(gateway.context)
    gateway.post([gateway.event() for _ in range(40)])
    before = watch.now()
    assert before.lag >= 40
    assert not before.is_worked_on
    assert before.rate is None
    assert "Not every partition is worked on" in operator.get("/operations/now")
    with at_work():
        until(lambda: watch.now().lag == 0)
    after = watch.now()
    assert after.is_worked_on
    assert after.rate is not None
    assert after.rate > 0
    assert "Not every partition is worked on" not in operator.get("/operations")


def test_the_delay_of_alerts_is_from_when_they_became_true(gateway: Gateway, at_work: Any) -> None:
    watch = Watch(gateway.context)
    # Of two days four fifths are over in a moment: then it is due soon.
    submitted = gateway.context.clock() - 2 * DAY * 4 // 5 + 2 * SECOND
    with at_work():
        assert gateway.post(gateway.event(time=iso(submitted))).status_code == 202
        topics = gateway.engine.topics
        until(lambda: any(topics.outgoing("alert", number, 0, 10) for number in range(topics.partitions)))
    now = watch.now()
    assert now.alerts == 1
    assert now.delay is not None
    assert 0 <= now.delay <= MINUTE


def test_the_page_tells_of_orphans_calendars_and_versions(
    gateway: Gateway, operator: Operator, at_work: Any
) -> None:
    with at_work():
        gateway.post(gateway.event("accepted", subject="NEVER-1"))
        reader = gateway.engine.reader
        until(lambda: any(reader.orphans(number, 1) for number in range(reader.partitions)))
    page = operator.get("/operations")
    assert "NEVER-1" in page
    assert "Holidays known through" in page
    assert "Versions of the catalogue" in page


def test_a_delivery_that_was_given_up_is_tried_again(gateway: Gateway, operator: Operator) -> None:
    deliveries = Ledger(gateway.context.deliveries)
    endpoints = Registry(gateway.context.vault)
    endpoint = endpoints.add("channel:phone", "https://town.example/hook", "", gateway.context.clock())
    (message, _) = deliveries.take_in(endpoint.id, [New("m-1", "k", "{}"), New("m-2", "k", "{}")], 1, "")
    deliveries.put(replace(message, is_dead=True, attempts=9, problem="status 500"))
    page = operator.get("/operations")
    assert "channel:phone" in page
    assert "status 500" in page
    assert "m-2" not in page
    answer = operator.send("/operations/deliveries", endpoint=endpoint.id, message="m-1")
    assert "1 delivery is tried again." in answer.text
    assert "status 500" not in answer.text
    kept = deliveries.get(message)
    assert kept is None or not kept.is_dead
