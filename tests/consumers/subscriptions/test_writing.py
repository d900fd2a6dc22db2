"""What a message says: in both languages, for every way of delivery, and with nothing of anybody's in it."""

from typing import Any

import pytest

from consumers.alerts import Told
from consumers.subscriptions.model import LINE_FIELDS
from consumers.subscriptions.pace import Bundle
from consumers.subscriptions.places import Cut, Position
from livelihood.messages import SHORTEST, Message, message_of
from tests.consumers.subscriptions.towns import MORNING, WRITER, Alerts, subscription

KINDS = (
    ("due_soon", {}), ("overdue", {}), ("overdue", {"obligation": "acceptance"}), ("escalated", {}),
    ("pause_expired", {}), ("cleared", {}), ("cleared", {"reason": "fixed_in_time_reported_late"}),
    ("cleared", {"reason": "deadline_moved"}), ("cleared", {"reason": "a-city's-own"}),
)  # fmt: skip


def single(kind: str, **chosen: Any) -> Message:
    more = chosen.pop("more", {})
    alert = Alerts().raise_(1, kind, MORNING, area="riverside", **more)
    new = WRITER.of_issue(subscription(**chosen), Bundle((Told(0, 1, alert),)))
    assert new.key == alert.issue
    return message_of(new.body)


def several(count: int, what: str = "digest", **chosen: Any) -> Message:
    alerts = Alerts()
    told = [Told(0, number, alerts.raise_(number, "overdue", MORNING)) for number in range(count)]
    position = Position((0, 0), (0, 0), 0, Cut(what, (count, 0), MORNING))  # type: ignore[arg-type]
    new = WRITER.several(subscription(**chosen), position, told)
    message = message_of(new.body)
    assert new.key.split("\n") == [item.alert.issue for item in message.data.alerts]
    return message


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_an_alert_is_said_in_the_subscriptions_language(
    kind: str, more: dict[str, Any], language: str
) -> None:
    message = single(kind, language=language, more=more)
    texts = message.texts
    name = {"en": "Street light out I-1", "zh": "路灯不亮 I-1"}[language]
    for text in (texts.subject, texts.plain, texts.html, texts.short):
        assert name in text
        assert "%(" not in text
    has_chinese = any("\u4e00" <= symbol <= "\u9fff" for symbol in texts.subject)
    assert has_chinese is (language == "zh")
    assert "\n" not in texts.subject
    for text in (texts.plain, texts.html, texts.short):
        assert "https://town.example/issues/I-1" in text
    assert message.unsubscribe in texts.plain


def test_messages_of_an_issue_are_one_thread_and_digests_another() -> None:
    threads = [single("overdue").thread, single("cleared").thread, several(3).thread, several(4).thread]
    assert threads[0] == threads[1] != threads[2] == threads[3]
    assert single("overdue", id="sub-2").thread != threads[0]
    assert all(thread.isalnum() for thread in threads)


@pytest.mark.parametrize("count", [2, 150, 999, 1_000, 4_321])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_however_many_it_tells_a_message_counts_them_all_and_is_short_where_it_must_be(
    count: int, language: str
) -> None:
    message = several(count, "digest" if count < 1_000 else "flood", language=language)
    assert message.data.count == count == sum(one.count for one in message.data.by_department)
    assert len(message.data.alerts) == (count if count < 1_000 else 10)
    assert len(message.texts.short) <= SHORTEST
    assert message.texts.short.endswith(message.data.link)
    assert message.texts.html.count("<li") == min(len(message.data.alerts), 100)


def test_a_line_of_ones_own_may_name_all_there_is() -> None:
    line = " | ".join(f"{{{name}}}" for name in LINE_FIELDS)
    (item,) = single("escalated", line=line).data.alerts
    said = dict(zip(LINE_FIELDS, item.text.split(" | "), strict=True))
    assert said["what"] == "overdue since 4 Mar, 09:00, goes to: Head of department"
    assert (said["issue"], said["service"], said["department"]) == (
        "I-1",
        "Street light out",
        "Streets and lights",
    )
    assert (said["due"], said["late"], said["level"], said["reason"]) == ("4 Mar, 09:00", "1 hour", "1", "")
    assert all(said[name] for name in ("area", "channel", "commitment"))


def test_what_is_said_is_no_markup() -> None:
    message = single("overdue", title="<script>", line="<b>{issue}</b>")
    assert "<script>" not in message.texts.html
    assert "&lt;b&gt;I-1&lt;/b&gt;" in message.texts.html
    assert "<b>I-1</b>" in message.texts.plain
