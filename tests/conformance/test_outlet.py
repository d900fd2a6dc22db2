"""What leaves the processor arrives once, however often it is sent."""

import pytest

from livelihood.ports import Outgoing

BORN = "0123456789abcdef"


def waiting(outgoing: list[Outgoing], first: int = 1) -> list[tuple[int, Outgoing]]:
    return list(enumerate(outgoing, first))


def alert(number: int, key: str = "a") -> Outgoing:
    return Outgoing("alert", f"id{number}", key, b'{"n":%d}' % number)


def test_alerts_and_dead_letters_are_read_in_order_each_from_its_topic(engine) -> None:
    outlet = engine.outlet()
    letter = Outgoing("dead_letter", "0-7", "b", b'{"reason":"why"}')
    outlet.publish(0, BORN, waiting([alert(1), letter, alert(2)]))
    outlet.publish(0, BORN, waiting([alert(3)], 4))
    published = engine.published()
    assert [(id_, value) for _, id_, value in published.outgoing("alert", 0, 0, 10)] == [
        ("id1", b'{"n":1}'), ("id2", b'{"n":2}'), ("id3", b'{"n":3}'),
    ]  # fmt: skip
    assert [id_ for _, id_, _ in published.outgoing("dead_letter", 0, 0, 10)] == ["0-7"]


def test_reading_goes_on_after_a_place(engine) -> None:
    engine.outlet().publish(0, BORN, waiting([alert(number) for number in range(5)]))
    published = engine.published()
    first = published.outgoing("alert", 0, 0, 2)
    rest = published.outgoing("alert", 0, first[-1][0], 10)
    assert [id_ for _, id_, _ in first + rest] == ["id0", "id1", "id2", "id3", "id4"]
    assert published.outgoing("alert", 0, rest[-1][0], 10) == []
    # Who begins at the last place hears what comes, and nothing of before.
    last = published.last("alert", 0)
    assert published.outgoing("alert", 0, last, 10) == []
    assert last >= rest[-1][0]
    assert published.outgoing("dead_letter", 0, published.last("dead_letter", 0), 10) == []


def ids(engine, topic: str = "alert") -> list[str]:
    return [id_ for _, id_, _ in engine.published().outgoing(topic, 0, 0, 100)]


def test_what_is_sent_again_changes_nothing(engine) -> None:
    engine.outlet().publish(0, BORN, waiting([alert(1), alert(2)]))
    engine.close()
    outlet = engine.outlet()
    for _ in range(2):
        outlet.publish(0, BORN, waiting([alert(2), alert(3), alert(3)], 2))
    outlet.publish(0, BORN, waiting([alert(1), alert(2)]))
    assert ids(engine) == ["id1", "id2", "id3"]


def test_a_store_made_anew_tells_only_what_was_not_told_before(engine) -> None:
    """Its outbox counts from the beginning again, and the worker may die at any moment."""
    letter = Outgoing("dead_letter", "0-7", "b", b'{"reason":"why"}')
    engine.outlet().publish(0, BORN, waiting([alert(1), letter, alert(2), alert(3)]))
    engine.close()
    again = waiting([alert(1), alert(7), letter, alert(2), alert(8), alert(3), alert(9)])
    for first, last in ((0, 2), (0, 4), (3, 7)):
        engine.outlet().publish(0, "another", again[first:last])
        engine.close()
    engine.outlet().publish(0, "another", waiting([alert(10)], 8))
    assert ids(engine) == ["id1", "id2", "id3", "id7", "id8", "id9", "id10"]
    assert ids(engine, "dead_letter") == ["0-7"]


def test_an_event_goes_back_into_the_log_once(engine) -> None:
    event = Outgoing("event", "m1:absorbed", "survivor", b'{"subject":"survivor"}')
    engine.outlet().publish(0, BORN, waiting([event, event]))
    engine.close()
    engine.outlet().publish(0, BORN, waiting([event, event, event._replace(id="m2:absorbed")]))
    records = engine.log().read(0, 0, 10)
    assert [(record.key, record.value, record.control, record.run) for record in records] == [
        ("survivor", b'{"subject":"survivor"}', "", ""),
    ] * 2
    assert all(engine.is_now(record.received) for record in records)


def test_a_group_with_something_wrong_in_it_does_not_leave_in_part(engine) -> None:
    outlet = engine.outlet()
    for wrong in (
        Outgoing("nowhere", "id", "a", b"{}"),
        Outgoing("alert", "", "a", b"{}"),
        Outgoing("alert", "id", "a", "text"),  # type: ignore[arg-type]
        Outgoing("event", "id", "a", b" " * 1_000_001),
    ):
        with pytest.raises(ValueError, match=r"."):
            outlet.publish(0, BORN, waiting([alert(1), wrong]))
    assert ids(engine) == []
    outlet.publish(0, BORN, waiting([]))
