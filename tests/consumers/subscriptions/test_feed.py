"""Every alert that is wanted is told once, in its issue's order, whatever is held, gathered or summed up."""

from collections import Counter
from typing import Any, cast

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.alerts import KINDS
from consumers.subscriptions import pace, store, writing
from consumers.subscriptions.looking_back import told_by
from consumers.subscriptions.model import Wanted
from livelihood.instants import DAY, HOUR, MINUTE, SECOND, from_datetime
from livelihood.messages import Message
from livelihood.ports import Published
from tests.consumers.subscriptions.towns import CATALOGUE, Alerts, Desk, ids, subscription

#: An alert of an issue, a while that passes, some looks, all looks there are, and crashes: after a look whose
#: place was kept or lost, and after messages that came, with their place lost and more raised since.
STEPS = st.one_of(
    st.tuples(st.just("raise"), st.integers(0, 5), st.sampled_from(KINDS), st.booleans()),
    st.tuples(st.just("raise"), st.integers(0, 5), st.sampled_from(KINDS), st.just(False)),
    st.tuples(st.just("burst"), st.integers(2, 9)),
    st.tuples(
        st.just("change"),
        st.frozensets(st.sampled_from(KINDS)),
        st.fixed_dictionaries({"kinds": st.frozensets(st.sampled_from(KINDS)), "stale": st.booleans()}),
    ),
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
    one, topics = desk.subscription, cast(Published, desk.alerts)
    found = [each.alert.id for each in told_by(topics, desk.matcher(), one, CATALOGUE, span)]
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
    monkeypatch.setattr(pace, "FEW", 2)
    monkeypatch.setattr(pace, "BURST", 3)
    monkeypatch.setattr(writing, "OLDEST", 2)
    alerts = Alerts()
    desk = Desk(alerts, subscription(**chosen))

    #: How often each message came without its place being kept.
    lost: Counter[str] = Counter()
    #: What each alert may be judged by: after a change, until it was looked again, by either.
    judges: dict[str, list[Wanted]] = {}
    allowed = [desk.subscription.wanted]

    async def live() -> None:
        for what, *details in steps:
            for partition in alerts.told:
                for _, alert in partition:
                    judges.setdefault(alert.id, list(allowed))
            if not desk.subscription.is_changing:
                del allowed[:-1]
            if what == "raise":
                number, kind, stale = details
                alerts.raise_(number, kind, desk.now, stale=stale)
            elif what == "burst":
                for number in range(details[0]):
                    alerts.raise_(number, "overdue", desk.now)
            elif what == "change":
                desk.change(at_once=details[0], wanted=details[1])
                if allowed[-1] != desk.subscription.wanted:
                    allowed.append(desk.subscription.wanted)
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
    assert not one.is_changing
    raised = [alert for partition in alerts.told for _, alert in partition]
    for alert in raised:
        judges.setdefault(alert.id, list(allowed))
    # The same id is the same message.
    messages: dict[str, list[str]] = {}
    for now, message in desk.got:
        assert not one.is_quiet(now)
        assert messages.setdefault(message.id, told(desk, message)) == told(desk, message)
    assert Counter(message.id for _, message in desk.got) - Counter(messages.keys()) <= lost
    in_order = [alert for of_message in messages.values() for alert in of_message]
    times = Counter(in_order)
    for alert in raised:
        says = {judge.holds(alert, frozenset()) for judge in judges[alert.id]}
        assert times.pop(alert.id, 0) in says, (alert, says)
    assert not times
    for number in range(10):
        of_issue = [alert for alert in in_order if alert.startswith(f"I-{number}/")]
        assert of_issue == sorted(of_issue, key=lambda alert: int(alert.partition("/")[2]))


def test_a_change_holds_from_then_on_and_what_waited_comes_as_it_would_have() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once={"due_soon"}))
    alerts.raise_(1, "due_soon", desk.now)
    alerts.raise_(2, "overdue", desk.now)
    assert ids(desk.settle()) == [["I-1/1"]]
    # Neither is what waits told at once now, nor what was told at once told again in the digest.
    desk.change(at_once={"overdue"}, wanted={"kinds": {"overdue", "due_soon"}, "services": {"street-light"}})
    assert desk.settle() == []
    alerts.raise_(3, "overdue", desk.now)
    alerts.raise_(4, "due_soon", desk.now)
    alerts.raise_(5, "cleared", desk.now)
    assert ids(desk.settle()) == [["I-3/1"]]
    desk.crash()
    desk.now += DAY
    (digest,) = desk.drain()
    assert sorted(ids([digest])[0]) == ["I-2/1", "I-4/1"]
    assert desk.settle() == []


def test_of_several_changes_that_nobody_saw_the_last_holds_and_reading_goes_on_by_the_first() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once={"due_soon"}))
    alerts.raise_(1, "due_soon", desk.now)
    desk.change(wanted={"kinds": {"overdue"}}, at_once=set())
    desk.change(wanted={"kinds": {"cleared"}}, at_once={"cleared"})
    assert ids(desk.settle()) == [["I-1/1"]]
    alerts.raise_(2, "due_soon", desk.now)
    alerts.raise_(3, "cleared", desk.now)
    assert ids(desk.settle()) == [["I-3/1"]]
    # A change back is one like any other, and one of the title alone is none of these.
    assert len(desk.subscription.eras) == 1
    desk.change(title="Late")
    assert len(desk.subscription.eras) == 1
    assert desk.subscription.title == "Late"


def test_of_many_changes_only_those_are_kept_that_something_may_still_be_judged_by(monkeypatch) -> None:
    monkeypatch.setattr(store, "ERAS_KEPT", 2)
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once={"due_soon"}))
    for number in range(6):
        alerts.raise_(number, "overdue", desk.now)
        desk.change(wanted={"kinds": {"overdue"}, "level": 0, "stale": number % 2 == 0})
        desk.settle()
    assert len(desk.subscription.eras) == 6
    desk.now += DAY
    assert [message.data.count for message in desk.drain()] == [6]
    desk.change(wanted={"kinds": {"cleared"}})
    desk.settle()
    assert len(desk.subscription.eras) == 2


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
    for tenth in range(600):
        for number in range(2):
            alerts.raise_(tenth * 2 + number, "overdue", desk.now)
        desk.drain()
        desk.now += SECOND // 10
    first = len(desk.got)
    # Not more than may be how a flood begins, and what came with the last of these.
    assert 0 < first <= 16
    assert [message.data.count for message in desk.settle()] == [1_200 - first]


def test_a_flood_that_comes_in_waves_is_summed_up_from_where_a_thousand_came_within_a_minute() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS))
    for wave in range(3):
        for number in range(400):
            alerts.raise_(wave * 400 + number, "overdue", desk.now)
        desk.settle()
        desk.now += 10 * SECOND
    assert [message.data.count for _, message in desk.got] == [1] * 800 + [400]
    (_, flood) = desk.got[-1]
    assert (flood.type, len(flood.data.alerts)) == ("alerts.flood", 10)
    # A minute later it is no flood any more.
    desk.now += MINUTE
    alerts.raise_(5_000, "overdue", desk.now)
    assert [message.type for message in desk.settle()] == ["alert.overdue"]


def test_who_hears_one_a_second_waits_for_seconds_and_not_for_a_minute() -> None:
    alerts = Alerts()
    desk = Desk(alerts, subscription(at_once=KINDS))
    longest = 0
    for second in range(90):
        alerts.raise_(second, "overdue", desk.now)
        for _ in range(4):
            for message in desk.drain():
                raised = from_datetime(message.data.alerts[-1].alert.raised)
                longest = max(longest, desk.now - raised)
            desk.now += SECOND // 4
    assert pace.SETTLE <= longest <= 11 * SECOND


@pytest.mark.parametrize(
    ("kinds", "english", "chinese"),
    [
        (["overdue"], "Overdue: 1,000 within a minute", "已超期：一分钟内 1,000 条"),
        (
            ["overdue", "overdue", "overdue", "due_soon"],
            "1,000 alerts within a minute: Overdue 750, Due soon 250",
            "一分钟内 1,000 条提醒：已超期 750、即将到期 250",
        ),
    ],
)
def test_the_subject_of_a_flood_says_what_it_is_of(kinds: list[str], english: str, chinese: str) -> None:
    for language, said in (("en", english), ("zh", chinese)):
        alerts = Alerts()
        desk = Desk(alerts, subscription(at_once=KINDS, language=language))
        for number in range(1_000):
            alerts.raise_(number, kinds[number % len(kinds)], desk.now)
        (flood,) = desk.settle()
        assert flood.texts.subject == said
        assert said in flood.texts.short


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
