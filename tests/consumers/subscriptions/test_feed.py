"""Every alert that is wanted is told once, in its issue's order, whatever is held, gathered or summed up."""

from collections import Counter
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.alerts import KINDS
from consumers.subscriptions import pace, writing
from consumers.subscriptions.looking_back import told_by
from consumers.subscriptions.matching import Matcher
from livelihood.instants import DAY, HOUR, MINUTE, SECOND, from_datetime
from livelihood.messages import Message
from tests.consumers.subscriptions.towns import CATALOGUE, Alerts, Desk, ids, kept, subscription

#: An alert of an issue, a while that passes, some looks, all looks there are, and crashes: after a look whose
#: place was kept or lost, and after messages that came, with their place lost and more raised since.
STEPS = st.one_of(
    st.tuples(st.just("raise"), st.integers(0, 5), st.sampled_from(KINDS), st.booleans()),
    st.tuples(st.just("raise"), st.integers(0, 5), st.sampled_from(KINDS), st.just(False)),
    st.tuples(st.just("burst"), st.integers(2, 9)),
    st.tuples(st.just("wait"), st.sampled_from([SECOND // 10, SECOND, MINUTE, HOUR, 7 * HOUR])),
    st.tuples(st.just("ask"), st.integers(1, 4)),
    st.tuples(st.just("take"), st.booleans()),
    st.tuples(st.just("crash"), st.booleans()),
    st.tuples(st.just("sent and crash"), st.integers(1, 9)),
)
WANTED = st.fixed_dictionaries(
    {
        "at_once": st.frozensets(st.sampled_from(KINDS)),
        "digest": st.sampled_from(["hourly", "morning"]),
        "quiet": st.sampled_from(
            [None, {"since": "22:00", "until": "07:00"}, {"since": "12:00", "until": "13:30"}]
        ),
        "wanted": st.fixed_dictionaries(
            {"kinds": st.frozensets(st.sampled_from(KINDS)), "stale": st.booleans()}
        ),
    }
)


def told(desk: Desk, message: Message) -> list[str]:
    """All alerts of a message: a summary names some, and its link leads to all."""
    listed = [item.alert.id for item in message.data.alerts]
    if len(listed) == message.data.count:
        return listed
    span = message.data.link.rpartition("?of=")[2]
    matcher = Matcher([kept(desk.subscription)], CATALOGUE, [])
    found = [one.alert.id for one in told_by(desk.alerts, matcher, desk.subscription, CATALOGUE, span)]  # type: ignore[arg-type]
    assert len(found) == message.data.count
    assert set(listed) <= set(found)
    return found


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=WANTED, steps=st.lists(STEPS, max_size=40))
def test_each_alert_is_in_one_message_in_its_issues_order_whatever_happens(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any], steps: list[tuple[Any, ...]]
) -> None:
    for module in (pace, writing):
        monkeypatch.setattr(module, "FLOOD", 6)
    monkeypatch.setattr(pace, "BURST", 3)
    monkeypatch.setattr(writing, "OLDEST", 2)
    alerts = Alerts()
    desk = Desk(alerts, subscription(**chosen))

    #: How often each message came without its place being kept.
    lost: Counter[str] = Counter()

    async def live() -> None:
        for what, *details in steps:
            if what == "raise":
                number, kind, stale = details
                alerts.raise_(number, kind, desk.now, stale=stale)
            elif what == "burst":
                for number in range(details[0]):
                    alerts.raise_(number, "overdue", desk.now)
            elif what == "wait":
                desk.now += details[0]
            elif what == "ask":
                await desk.ask(details[0])
            elif what == "take":
                desk.now += 3 * SECOND
                while await desk.ask():
                    pass
                if details[0]:
                    desk.crash()
            elif what == "sent and crash":
                lost.update(message.id for message in await desk.lose())
                for number in range(details[0]):
                    alerts.raise_(number, "overdue", desk.now)
            else:
                before = len(desk.got)
                await desk.ask(is_kept=details[0])
                if not details[0]:
                    lost.update(message.id for _, message in desk.got[before:])
                desk.crash()
        # Five days later it is a working morning, and everything is told.
        for _ in range(5 * 24):
            while await desk.ask(2):
                pass
            desk.now += HOUR

    anyio.run(live)
    one = desk.subscription
    raised = [alert for partition in alerts.told for _, alert in partition]
    wanted = [alert for alert in raised if one.wanted.holds(alert, frozenset())]
    # The same id is the same message.
    messages: dict[str, list[str]] = {}
    for now, message in desk.got:
        assert not one.is_quiet(now)
        assert messages.setdefault(message.id, told(desk, message)) == told(desk, message)
    assert Counter(message.id for _, message in desk.got) - Counter(messages.keys()) <= lost
    in_order = [alert for of_message in messages.values() for alert in of_message]
    assert sorted(in_order) == sorted(alert.id for alert in wanted)
    for number in range(10):
        of_issue = [alert for alert in in_order if alert.startswith(f"I-{number}/")]
        assert of_issue == sorted(of_issue, key=lambda alert: int(alert.partition("/")[2]))


def test_what_is_due_soon_comes_at_once_and_the_rest_on_the_next_working_morning() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription())
    alerts.raise_(1, "due_soon", desk.now)
    alerts.raise_(2, "overdue", desk.now)
    assert ids(desk.settle()) == [["I-1/1"]]
    desk.now += 12 * HOUR
    assert desk.drain() == []
    desk.now += 11 * HOUR
    (digest,) = desk.drain()
    assert digest.type == "alerts.digest"
    assert ids([digest]) == [["I-2/1"]]
    # From Friday's morning on it is Monday's.
    desk.now += DAY
    assert desk.drain() == []
    alerts.raise_(3, "overdue", desk.now)
    for _ in range(2):
        desk.now += DAY
        assert desk.drain() == []
    desk.now += DAY
    assert ids(desk.drain()) == [["I-3/1"]]


def test_what_waits_of_an_issue_comes_with_what_is_told_at_once_of_it() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once={"cleared"}))
    alerts.raise_(1, "overdue", desk.now)
    alerts.raise_(2, "overdue", desk.now)
    assert desk.settle() == []
    alerts.raise_(1, "cleared", desk.now)
    assert ids(desk.settle()) == [["I-1/1", "I-1/2"]]
    desk.now += DAY
    assert ids(desk.drain()) == [["I-2/1"]]


def test_what_was_held_in_quiet_hours_comes_together_when_they_end() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS, quiet={"since": "12:00", "until": "14:00"}))
    desk.now += 3 * HOUR
    first = alerts.raise_(1, "overdue", desk.now)
    alerts.raise_(2, "overdue", desk.now)
    alerts.raise_(1, "cleared", desk.now)
    assert desk.settle() == []
    desk.now = from_datetime(first.raised) + HOUR
    (held,) = desk.settle()
    assert held.type == "alerts.held"
    assert sorted(ids([held])[0]) == ["I-1/1", "I-1/2", "I-2/1"]


@pytest.mark.parametrize("count", [999, 1_000])
def test_a_thousand_at_once_are_one_message_with_counts_and_the_ten_that_were_due_first(count: int) -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS))
    for number in range(count):
        department = "water" if number % 4 else "streets"
        alerts.raise_(number, "overdue", desk.now - number * SECOND // 100, department=department)
    messages = desk.settle()
    if count < 1_000:
        assert [len(one) for one in ids(messages)] == [1] * count
        return
    (flood,) = messages
    assert flood.type == "alerts.flood"
    assert flood.data.count == count
    assert {one.code: one.count for one in flood.data.by_department} == {"water": 750, "streets": 250}
    assert ids([flood]) == [[f"I-{number}/1" for number in range(999, 989, -1)]]
    assert len(told(desk, flood)) == count
    assert "1,000" in flood.texts.short


def test_a_flood_that_grows_is_waited_for_and_a_single_alert_is_not() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS))
    alerts.raise_(1, "overdue", desk.now)
    desk.drain()
    desk.now += pace.SETTLE
    assert len(desk.drain()) == 1
    for wave in range(12):
        for number in range(100):
            alerts.raise_(wave * 100 + number, "overdue", desk.now)
        desk.now += SECOND
        assert desk.drain() == []
    desk.now += 2 * SECOND
    assert [message.data.count for message in desk.drain()] == [1_200]


def test_what_keeps_growing_is_told_after_a_minute() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS))
    for second in range(60):
        for number in range(20):
            alerts.raise_(second * 20 + number, "overdue", desk.now)
        desk.drain()
        desk.now += SECOND
    first = len(desk.got)
    assert 0 < first <= pace.BURST
    assert [message.data.count for message in desk.settle()] == [1_200 - first]


def test_a_subscription_begins_where_the_alerts_end_and_goes_on_from_there_when_they_were_moved() -> None:
    alerts = Alerts()
    alerts.raise_(1, "overdue", 0)
    desk = Desk(alerts, subscription(at_once=KINDS))
    assert desk.settle() == []
    desk.position = desk.position.replace("0", "999999")
    desk.crash()
    alerts.raise_(2, "overdue", desk.now)
    assert desk.settle() == []
    alerts.raise_(3, "overdue", desk.now)
    assert ids(desk.settle()) == [["I-3/1"]]
