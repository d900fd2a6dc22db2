"""What a server tells those who run it, and what it never tells."""

import logging
from typing import Any

import pytest

from cli.settings import Settings
from producers import appending
from tests.patience import until
from web import problems


def numbers(gateway: Any) -> dict[str, float]:
    lines = gateway.client.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_the_numbers_say_what_became_of_events(gateway: Any) -> None:
    event = gateway.event()
    gateway.post([event, event, event | {"data": {"service": "tree"}}, {}])
    gateway.post(gateway.event())
    # Whoever asked is answered first.
    until(
        lambda: (
            numbers(gateway).get('livelihood_acknowledged_events_total{channel="open",repeated="no"}') == 2
        )
    )
    found = numbers(gateway)
    assert found['livelihood_acknowledged_events_total{channel="open",repeated="no"}'] == 2
    assert found['livelihood_acknowledged_events_total{channel="open",repeated="yes"}'] == 1
    assert found['livelihood_refused_events_total{channel="open",status="409"}'] == 1
    assert found['livelihood_refused_events_total{channel="open",status="400"}'] == 1
    assert found["livelihood_acknowledge_seconds_count"] == 2
    assert found["livelihood_waiting_events"] == 0


def test_a_server_is_ready_once_it_knows_what_the_log_holds(gateway: Any) -> None:
    gateway.post(gateway.event())
    until(lambda: gateway.client.get("/readyz").json() == {"status": "ready"})
    assert gateway.client.get("/healthz").status_code == 200


@pytest.fixture
def with_access_log(settings: Settings) -> Settings:
    """In force before the gateway of the same test is served."""
    object.__setattr__(settings, "access_log", True)
    return settings


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
def test_the_access_log_has_the_route_and_nothing_of_a_person(
    with_access_log: Settings, serve: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as gateway:
        logger = logging.getLogger("livelihood.access")
        monkeypatch.setattr(logger, "propagate", True)
        with caplog.at_level(logging.INFO, logger="livelihood.access"):
            event = gateway.event(data={"service": "lamp", "personal": {"phone": "13800001234"}})
            gateway.client.post("/v1/events?phone=13800001234", json=event)
            gateway.client.get("/v1/13800001234")
    said = [record.getMessage() for record in caplog.records if record.name == "livelihood.access"]
    assert [line.rsplit(" ", 2)[0] for line in said] == ["POST /v1/events 415", "GET - 404"]


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
def test_a_fault_is_a_problem_and_its_report_has_no_values(
    gateway: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: object) -> None:
        # In two parts, since the report quotes this line.
        raise RuntimeError("1380000" + "1234")

    monkeypatch.setattr(appending, "objection", fault)
    answer = gateway.post(gateway.event())
    assert (answer.status_code, answer.json()["detail"]) == (500, "a fault of this software")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "content-security-policy" in answer.headers
    said = caplog.text
    assert "RuntimeError" in said
    assert "13800001234" not in said
    monkeypatch.undo()
    assert gateway.post(gateway.event()).status_code == 202


def test_what_cannot_be_served_is_said_once_for_many(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsaid = problems._Unsaid()
    for _ in range(100):
        unsaid.say(RuntimeError("the log is away"))
    assert [record.getMessage() for record in caplog.records] == ["cannot serve: the log is away"]
    monkeypatch.setattr(problems, "_SAY_SECONDS", 0.0)
    unsaid.say(RuntimeError("the log is away"))
    assert "and 99 more requests before" in caplog.text


def test_whoever_looks_at_a_large_table_keeps_no_channel_waiting(gateway: Any) -> None:
    with gateway.context.reader.snapshot():
        gateway.context.reader.position(0)
        assert gateway.post(gateway.event()).status_code == 202
