"""The publisher itself: what it takes, what it sends again, and that it reports on every event once."""

import json
import random
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livelihood.envelope import InvalidEvent, parse_event
from livelihood.instants import parse
from livelihood.ports import Unavailable
from producers import Delivery, NotDelivered, Publisher, PublisherClosed, PublisherFull
from producers.publisher import publisher as module
from producers.publisher.delivery import Later, Outcome, Prepared, Refusal, Taken
from tests.producers.publisher.conftest import Scripted, event

NOW = parse("2024-05-01T15:00:00Z")


def publisher(transport: Scripted, **options: Any) -> Publisher:
    return Publisher(transport, **{"clock": lambda: NOW, "linger_seconds": 0.001, **options})


def ids(batch: Sequence[Prepared]) -> list[str]:
    return [json.loads(value)["id"] for _, value in batch]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.01)


def test_every_event_is_reported_on_by_its_future_and_its_callback() -> None:
    told: list[Delivery] = []
    with publisher(Scripted(lambda events: [Taken("R-1")] * len(events))) as out:
        futures = [out.publish(event(number), told.append) for number in range(20)]
    assert [future.result().id for future in futures] == [f"e{number}" for number in range(20)]
    assert told == [future.result() for future in futures]
    first = told[0]
    assert (first.source, first.issue, first.number) == ("/channels/phone", "P-0", "R-1")
    assert first.error is None


def test_what_travels_is_the_event_with_when_it_was_recorded_keyed_by_its_root() -> None:
    transport = Scripted()
    with publisher(transport) as out:
        out.publish(event(1, subject="B-1~water", time=datetime(2024, 5, 1, 14, tzinfo=UTC)))
        out.publish(parse_event(json.dumps(event(2)), NOW))
    sent = [one for batch in transport.batches for one in batch]
    assert [key for key, _ in sent] == ["B-1", "P-2"]
    assert parse_event(sent[0].value, NOW).recorded == datetime(2024, 5, 1, 15, tzinfo=UTC)
    assert parse_event(sent[1].value, NOW).to_json() == sent[1].value


def test_batches_are_no_larger_than_may_be_and_in_order() -> None:
    transport = Scripted()
    transport.open.clear()
    transport.largest_bytes = 6_000
    with publisher(transport, batch_events=7) as out:
        for number in range(50):
            out.publish(event(number, data={"service": "pothole", "area": "x" * (1 + number % 2 * 60)}))
        transport.open.set()
    assert [one for batch in transport.batches for one in ids(batch)] == [f"e{n}" for n in range(50)]
    assert max(len(batch) for batch in transport.batches) <= 7
    assert all(sum(len(value) for _, value in batch) <= 6_000 for batch in transport.batches)


def test_one_event_is_on_its_way_without_waiting_for_others() -> None:
    transport = Scripted()
    with publisher(transport, linger_seconds=0.05) as out:
        assert out.publish(event(1)).result(timeout=60).id == "e1"
        assert out.waiting == 0


def test_what_nobody_answered_is_sent_again_and_nothing_else_is() -> None:
    tries: Counter[str] = Counter()

    def answer(events: Sequence[Prepared]) -> list[Outcome]:
        found: list[Outcome] = []
        for id_ in ids(events):
            tries[id_] += 1
            found.append(Taken() if id_ != "e1" or tries[id_] == 4 else Later("busy"))
        return found

    with publisher(Scripted(answer)) as out:
        futures = [out.publish(event(number)) for number in range(3)]
    assert [future.result().id for future in futures] == ["e0", "e1", "e2"]
    assert tries == {"e0": 1, "e1": 4, "e2": 1}


def test_an_event_that_is_refused_is_not_sent_again_and_the_others_do_not_suffer() -> None:
    def answer(events: Sequence[Prepared]) -> list[Outcome]:
        return [Refusal("data.service", "no such") if id_ == "e1" else Taken() for id_ in ids(events)]

    told: list[Delivery] = []
    with publisher(Scripted(answer)) as out:
        futures = [out.publish(event(number), told.append) for number in range(3)]
    with pytest.raises(NotDelivered, match=r"^data\.service: no such$") as caught:
        futures[1].result()
    assert (caught.value.field, caught.value.message, caught.value.refused) == (
        "data.service",
        "no such",
        True,
    )
    assert [delivery.error for delivery in told] == [None, caught.value, None]


def test_a_publisher_that_is_full_says_so_and_keeps_nothing_of_the_event() -> None:
    transport = Scripted()
    transport.open.clear()
    with publisher(transport, most_events=5) as out:
        futures = [out.publish(event(number)) for number in range(5)]
        with pytest.raises(PublisherFull, match=r"5 events of .* bytes wait to be delivered"):
            out.publish(event(5))
        assert out.waiting == 5
        transport.open.set()
        assert out.flush(60)
        futures.append(out.publish(event(6)))
    assert [future.result().id for future in futures] == ["e0", "e1", "e2", "e3", "e4", "e6"]


def test_bytes_are_bounded_too() -> None:
    transport = Scripted()
    transport.open.clear()
    with publisher(transport, most_bytes=4_900) as out:
        for number in range(2):
            out.publish(event(number))
        with pytest.raises(PublisherFull):
            out.publish(event(3, data={"service": "pothole", "area": "x" * 80, "number": "9" * 100}))
        assert out.waiting == 2
        transport.open.set()


def test_who_may_wait_for_room_gets_it() -> None:
    transport = Scripted()
    transport.open.clear()
    threading.Timer(0.2, transport.open.set).start()
    with publisher(transport, most_events=3, block_seconds=60) as out:
        futures = [out.publish(event(number)) for number in range(30)]
        assert out.waiting <= 3
    assert all(future.result() for future in futures)


def test_a_callback_that_publishes_does_not_wait_for_the_thread_it_is_in() -> None:
    seen: list[type[Exception]] = []

    def more(delivery: Delivery) -> None:
        if len(seen) < 3:
            try:
                out.publish(event(90 + len(seen)), more)
            except PublisherFull as error:
                seen.append(type(error))

    transport = Scripted()
    with publisher(transport, most_events=2, block_seconds=600) as out:
        transport.open.clear()
        futures = [out.publish(event(number), more) for number in range(2)]
        transport.open.set()
        for future in futures:
            future.result(60)
        assert out.flush(60)


def test_a_callback_that_fails_takes_nothing_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Delivery) -> None:
        raise RuntimeError("a channel's own fault")

    with publisher(Scripted()) as out:
        futures = [out.publish(event(number), fail) for number in range(3)]
    assert all(future.result() for future in futures)
    assert "a channel's own fault" in caplog.text


def test_closing_reports_on_what_could_not_be_delivered() -> None:
    transport = Scripted()
    transport.open.clear()
    out = publisher(transport, batch_events=2)
    told: list[Delivery] = []
    futures = [out.publish(event(number), told.append) for number in range(5)]
    out.close(timeout_seconds=0.05)
    for future in futures:
        with pytest.raises(NotDelivered, match="closed before anything was heard of it") as caught:
            future.result(0)
        assert not caught.value.refused
    transport.open.set()
    out.close()
    # What is heard afterwards changes no report.
    assert sorted(delivery.id for delivery in told) == [f"e{number}" for number in range(5)]
    assert transport.closed
    with pytest.raises(PublisherClosed):
        out.publish(event(9))
    out.close()


def test_a_closed_publisher_gives_its_transport_back_even_where_nothing_answers() -> None:
    def nobody(events: Sequence[Prepared]) -> list[Outcome]:
        raise Unavailable("nobody is there")

    transport = Scripted(nobody)
    out = publisher(transport)
    future = out.publish(event(1))
    out.close(0.1)
    assert isinstance(future.exception(0), NotDelivered)
    out.close()
    assert transport.closed


def test_an_event_of_which_nothing_is_heard_for_long_is_given_up_with_what_was_said_last() -> None:
    def nobody(events: Sequence[Prepared]) -> list[Outcome]:
        raise Unavailable("nobody is there")

    with publisher(Scripted(nobody), give_up_seconds=0.05) as out:
        futures = [out.publish(event(number)) for number in range(3)]
        for future in futures:
            with pytest.raises(NotDelivered, match="nobody is there"):
                future.result(60)


def test_a_fault_of_a_transport_leaves_no_future_without_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    faults = iter([KeyError("secret text")])

    def answer(events: Sequence[Prepared]) -> list[Outcome]:
        if fault := next(faults, None):
            raise fault
        return [Taken()] * len(events)

    with publisher(Scripted(answer)) as out:
        assert out.publish(event(1)).result(60).error is None
    assert "KeyError" in caplog.text
    assert "secret text" not in caplog.text


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 9))
def test_every_event_is_reported_on_once_and_as_delivered_only_if_it_was(
    seed: int, count: int, batch_events: int
) -> None:
    chance = random.Random(seed)
    taken: list[str] = []

    def answer(events: Sequence[Prepared]) -> list[Outcome]:
        if chance.random() < 0.2:
            raise Unavailable("away")
        found: list[Outcome] = []
        for id_ in ids(events):
            outcome = chance.choice([Taken(), Taken(), Later("busy"), Refusal("id", "no")])
            if isinstance(outcome, Taken):
                taken.append(id_)
            found.append(outcome)
        return found

    told: list[Delivery] = []
    out = publisher(Scripted(answer), batch_events=batch_events, linger_seconds=0.0, give_up_seconds=0.02)
    threads = [threading.Thread(target=lambda n=n: out.publish(event(n), told.append)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.close()
    assert sorted(delivery.id for delivery in told) == sorted(f"e{n}" for n in range(count))
    assert sorted(one.id for one in told if one.error is None) == sorted(taken)
    assert out.waiting == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"data": {"service": ""}}, "data.service"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2024-05-01T16:00:00Z"}, "time"),
        ({"type": "livelihood.request.lost"}, "type"),
        ({"data": {"service": "pothole", "attachments": ["x:" + "y" * 400_000]}}, ""),
        ({"data": {"service": object()}}, ""),
        ({"data": {"service": "\ud800"}}, ""),
    ],
)
def test_an_event_that_is_wrong_is_refused_where_it_is_published(changes: dict[str, Any], field: str) -> None:
    with publisher(Scripted()) as out:
        with pytest.raises(InvalidEvent) as caught:
            out.publish(event(1, **changes))
        assert caught.value.field == field
        assert out.waiting == 0


PERSONAL = {"service": "pothole", "personal": {"name": "Zhang", "phone": "13800000000"}}


def test_personal_data_does_not_leave_in_clear_where_nobody_seals_it() -> None:
    transport = Scripted()
    with publisher(transport) as out, pytest.raises(InvalidEvent, match="give the publisher a sealer"):
        out.publish(event(1, data=PERSONAL))
    assert not transport.batches


def test_the_sealer_seals_personal_data_before_they_wait(sealer: Any) -> None:
    transport = Scripted()
    with publisher(transport, sealer=sealer) as out:
        out.publish(event(1, data=PERSONAL))
        out.publish(event(2, data={**PERSONAL, "personal": {"name": "Nobody"}}))
        out.publish(event(3, data={**PERSONAL, "personal": "sealed.k.c="}))
        with pytest.raises(InvalidEvent, match=r"data\.personal: address: is none of its fields"):
            out.publish(event(4, data={**PERSONAL, "personal": {"address": "9"}}))
        with pytest.raises(InvalidEvent, match=r"data\.service"):
            out.publish(event(5, data={**PERSONAL, "service": ""}))
    sent = [parse_event(value, NOW).data.personal for batch in transport.batches for _, value in batch]
    assert sent == ["sealed.P-1.abc=", None, "sealed.k.c="]


def test_on_the_way_to_the_gateway_personal_data_stay_for_it_to_seal() -> None:
    transport = Scripted()
    transport.seals = True
    with publisher(transport) as out:
        out.publish(event(1, data=PERSONAL))
        out.publish(parse_event(json.dumps(event(2)), NOW))
        with pytest.raises(InvalidEvent, match="recorded: is stamped by the gateway"):
            out.publish(event(3, recorded="2024-05-01T15:00:00Z"))
    first, second = (json.loads(value) for batch in transport.batches for _, value in batch)
    assert first["data"] == PERSONAL
    assert "recorded" not in first
    assert "recorded" not in second
