"""What leaves the processor arrives once, however often it is sent."""

import pytest

from livelihood.ports import Outgoing

BORN = "0123456789abcdef"


def waiting(outgoing: list[Outgoing]) -> list[tuple[int, Outgoing]]:
    return list(enumerate(outgoing, 1))


def alert(number: int, key: str = "a") -> Outgoing:
    return Outgoing("alert", f"id{number}", key, b'{"n":%d}' % number)


def test_alerts_and_dead_letters_are_read_in_order_each_from_its_topic(engine) -> None:
    log = engine.log()
    letter = Outgoing("dead_letter", "0-7", "b", b'{"reason":"why"}')
    log.publish(0, BORN, waiting([alert(1), letter, alert(2)]))
    log.publish(0, BORN, waiting([alert(3)]))
    published = engine.published()
    assert [(id_, value) for _, id_, value in published.outgoing("alert", 0, 0, 10)] == [
        ("id1", b'{"n":1}'), ("id2", b'{"n":2}'), ("id3", b'{"n":3}'),
    ]  # fmt: skip
    assert [id_ for _, id_, _ in published.outgoing("dead_letter", 0, 0, 10)] == ["0-7"]


def test_reading_goes_on_after_a_place(engine) -> None:
    engine.log().publish(0, BORN, waiting([alert(number) for number in range(5)]))
    published = engine.published()
    first = published.outgoing("alert", 0, 0, 2)
    rest = published.outgoing("alert", 0, first[-1][0], 10)
    assert [id_ for _, id_, _ in first + rest] == ["id0", "id1", "id2", "id3", "id4"]
    assert published.outgoing("alert", 0, rest[-1][0], 10) == []


def test_what_is_sent_again_changes_nothing(engine) -> None:
    engine.log().publish(0, BORN, waiting([alert(1), alert(2)]))
    engine.close()
    engine.log().publish(0, BORN, waiting([alert(2), alert(3), alert(3)]))
    assert [id_ for _, id_, _ in engine.published().outgoing("alert", 0, 0, 10)] == ["id1", "id2", "id3"]


def test_an_event_goes_back_into_the_log_once(engine, now) -> None:
    event = Outgoing("event", "m1:absorbed", "survivor", b'{"subject":"survivor"}')
    log = engine.log()
    log.publish(0, BORN, waiting([event, event]))
    engine.close()
    log = engine.log()
    log.publish(0, BORN, waiting([event, event._replace(id="m2:absorbed")]))
    assert [(record.key, record.value, record.received, record.control) for record in log.read(0, 0, 10)] == [
        ("survivor", b'{"subject":"survivor"}', now, ""),
    ] * 2


def test_a_group_with_something_wrong_in_it_does_not_leave_in_part(engine) -> None:
    log = engine.log()
    for wrong in (
        Outgoing("nowhere", "id", "a", b"{}"),
        Outgoing("alert", "", "a", b"{}"),
        Outgoing("alert", "id", "a", "text"),  # type: ignore[arg-type]
        Outgoing("event", "id", "a", b" " * 1_000_001),
    ):
        with pytest.raises(ValueError, match=r"."):
            log.publish(0, BORN, waiting([alert(1), wrong]))
    assert engine.published().outgoing("alert", 0, 0, 10) == []
    log.publish(0, BORN, waiting([]))
