"""POST /v1/events: what is acknowledged is in the log, once, and what is refused is not."""

import base64
import json
import time
from typing import Any

import pytest

from livelihood.envelope import MAX_EVENT_BYTES
from livelihood.instants import DAY, iso
from producers.gateway import events
from producers.receipts import Receipts
from tests.patience import PATIENCE_SECONDS


def test_an_event_is_acknowledged_once_the_log_holds_it(gateway: Any) -> None:
    event = gateway.event()
    answer = gateway.post(event)
    assert answer.status_code == 202
    number = Receipts(gateway.context.vault).number(event["subject"])
    said = {"status": 202, "issue": event["subject"], "source": event["source"], "id": event["id"]}
    assert answer.json() == said | {"receipt": number}
    (held,) = gateway.of(event["subject"])
    assert held.recorded is not None
    assert held.data.service == "lamp"


def test_a_repeat_is_answered_the_same_and_changes_nothing(gateway: Any) -> None:
    event = gateway.event()
    first, second = gateway.post(event), gateway.post(event)
    assert (second.status_code, second.json()) == (202, first.json())
    assert gateway.post([event, event]).json() == [first.json(), first.json()]
    assert len(gateway.of(event["subject"])) == 1


def test_other_content_under_the_same_id_is_refused(gateway: Any) -> None:
    event = gateway.event()
    other = event | {"data": {"service": "tree"}}
    gateway.post(event)
    answer = gateway.post(other)
    assert (answer.status_code, answer.json()["field"]) == (409, "id")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "corrected" in answer.json()["detail"]
    again = gateway.event()
    statuses = [one["status"] for one in gateway.post([again, again | {"data": {"service": "tree"}}]).json()]
    assert statuses == [202, 409]
    assert [held.data.service for held in gateway.of(event["subject"]) + gateway.of(again["subject"])] == [
        "lamp", "lamp"
    ]  # fmt: skip


def test_repeats_are_known_before_and_after_they_are_worked_on_and_across_restarts(
    serve: Any, at_work: Any
) -> None:
    with serve() as first:
        event = first.event()
        said = first.post(event).json()
    other = event | {"data": {"service": "tree"}}
    for _ in range(2):
        with serve() as second:
            assert second.post(event).json() == said
            assert second.post(other).status_code == 409
            assert len(second.of(event["subject"])) == 1
            # By now a worker has seen it: the next round asks the states.
            with at_work():
                patience = time.monotonic() + PATIENCE_SECONDS
                while not second.engine.reader.states([event["subject"]]):
                    assert time.monotonic() < patience
                    time.sleep(0.02)
                assert second.post(other).status_code == 409
                time.sleep(1.1)
                assert second.post(other).status_code == 409
                assert second.post(event).json() == said


def test_several_gateways_know_what_each_other_accepted(serve: Any) -> None:
    with serve() as one, serve() as two:
        for _ in range(3):
            event = one.event()
            assert one.post(event).status_code == 202
            time.sleep(0.2)
            assert two.post(event).status_code == 202
            assert two.post(event | {"data": {"service": "tree"}}).status_code == 409
            assert len(two.of(event["subject"])) == 1


def test_the_three_modes_say_the_same(gateway: Any) -> None:
    structured, binary, batched = (gateway.event(data={"service": "lamp", "area": "西湖"}) for _ in range(3))
    gateway.post(structured)
    gateway.post([batched])
    attributes = {name: one for name, one in binary.items() if name != "data"}
    answer = gateway.client.post(
        "/v1/events",
        content=json.dumps(binary["data"]),
        headers={
            "Content-Type": "application/json",
            **{f"ce-{name}": one for name, one in attributes.items()},
        },
    )
    assert answer.status_code == 202, answer.text
    held = [gateway.of(one["subject"])[0] for one in (structured, binary, batched)]
    assert [one.data.area for one in held] == ["西湖"] * 3
    assert {one.time.tzinfo for one in held} == {held[0].time.tzinfo}


def test_headers_of_binary_mode_are_decoded(gateway: Any) -> None:
    event = gateway.event(id="号 1", subject="井盖-1")
    from urllib.parse import quote

    attributes = {f"ce-{name}": quote(one, safe=":/") for name, one in event.items() if name != "data"}
    answer = gateway.client.post(
        "/v1/events",
        content=json.dumps(event["data"]),
        headers={"Content-Type": "application/json", **attributes},
    )
    assert (answer.status_code, answer.json()["id"]) == (202, "号 1")
    assert gateway.of("井盖-1")[0].id == "号 1"


def test_data_may_come_as_base64(gateway: Any) -> None:
    event = gateway.event(data=None) | {"data_base64": base64.b64encode(b'{"service": "lamp"}').decode()}
    assert gateway.post(event).status_code == 202
    assert gateway.of(event["subject"])[0].data.service == "lamp"
    for wrong in ("???", base64.b64encode(b"{").decode(), 5):
        answer = gateway.post(gateway.event(data=None) | {"data_base64": wrong})
        assert (answer.status_code, answer.json()["field"]) == (400, "data_base64")


def test_one_bad_event_does_not_lose_the_others_of_its_batch(gateway: Any) -> None:
    good, also = gateway.event(), gateway.event()
    wrong = [
        5, None, {}, gateway.event(type="livelihood.request.mislaid"), gateway.event(data={"service": 5}),
        gateway.event(time=iso(gateway.context.clock() + DAY)), gateway.event(recorded=good["time"]),
        gateway.event("absorbed", data={"merged": "X-1"}),
    ]  # fmt: skip
    answer = gateway.post([good, *wrong, also])
    assert answer.status_code == 200
    found = answer.json()
    assert [one["status"] for one in found] == [202, 400, 400, 400, 400, 400, 400, 400, 403, 202]
    assert [one.get("field") for one in found[1:-1]] == [
        None, None, "specversion", "type", "data.service", "time", "recorded", "type"
    ]  # fmt: skip
    assert sorted(held.subject for held in gateway.held()) == sorted([good["subject"], also["subject"]])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"data": {}}, "data.service", "is missing"),
        ({"data": {"service": "lamp", "colour": "red"}}, "data.colour", "there is no such field"),
        ({"time": "yesterday"}, "time", "RFC 3339"),
        ({"specversion": "0.3"}, "specversion", "1.0"),
        ({"subject": None}, "subject", "is missing"),
        ({"data": {"service": "lamp", "personal": "Wang"}}, "data.personal", "expected an object"),
        ({"data": {"service": "lamp", "personal": {"shoe": "42"}}}, "data.personal", "no personal field"),
    ],
)
def test_an_error_names_the_field_and_what_was_expected(
    gateway: Any, changes: dict[str, Any], field: str, said: str
) -> None:
    answer = gateway.post(gateway.event(**changes))
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["field"]) == (400, 400, field)
    assert said in problem["detail"]
    assert problem["title"] == "Bad Request"
    assert gateway.held() == []


def test_what_a_person_says_of_themselves_is_sealed(gateway: Any) -> None:
    event = gateway.event(data={"service": "lamp", "personal": {"name": "王小明", "phone": "13800001234"}})
    assert gateway.post(event).status_code == 202
    (held,) = gateway.of(event["subject"])
    assert "王" not in held.to_json().decode()
    assert gateway.context.sealer.open(held.data.personal, event["subject"]) == {
        "name": "王小明", "phone": "13800001234"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/cloudevents+json"}, 400),
        (b"\xff", {"Content-Type": "application/cloudevents+json"}, 400),
        (b'{"a": NaN}', {"Content-Type": "application/cloudevents+json"}, 400),
        (b"[" * 100_000, {"Content-Type": "application/cloudevents-batch+json"}, 400),
        (b"1" * 5_000, {"Content-Type": "application/cloudevents+json"}, 400),
        (b"{}", {"Content-Type": "application/cloudevents-batch+json"}, 400),
        (b"[]", {"Content-Type": "application/cloudevents+json"}, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {}, 415),
        (b"{}", {"Content-Type": "application/cloudevents+json; charset=gbk"}, 415),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    gateway: Any, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = gateway.client.post("/v1/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert gateway.held() == []


def test_a_body_that_is_too_long_is_not_read(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Content-Type": "application/cloudevents+json"}
    announced = gateway.client.post("/v1/events", content=b" " * (MAX_EVENT_BYTES + 1), headers=headers)
    assert announced.status_code == 413
    pieces = (b" " * 65_536 for _ in range(MAX_EVENT_BYTES // 65_536 + 1))
    streamed = gateway.client.post("/v1/events", content=pieces, headers=headers)
    assert streamed.status_code == 413
    monkeypatch.setattr(events, "MAX_BATCH_EVENTS", 2)
    assert gateway.post([gateway.event() for _ in range(3)]).status_code == 413
    assert gateway.held() == []


def test_errors_of_the_framework_are_problems_too(gateway: Any) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("GET", "/v1/events", 405)):
        answer = gateway.client.request(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"


def test_every_answer_has_the_security_headers(gateway: Any) -> None:
    for answer in (
        gateway.client.get("/healthz"),
        gateway.client.get("/nothing"),
        gateway.post(gateway.event()),
    ):
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers
