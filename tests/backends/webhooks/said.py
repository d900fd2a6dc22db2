"""Messages for people, as a subscription's feed makes them."""

from datetime import UTC, datetime

from livelihood.alerts import Alert
from livelihood.messages import ALERT, Count, Data, Item, Message, Texts, body_of

WHEN = datetime(2026, 3, 4, 2, 0, 0, 123_456, tzinfo=UTC)
LINK = "https://town.example/issues/P-1"
UNSUBSCRIBE = "https://town.example/subscriptions/unsubscribe/" + "abcDEF0123456789" * 8


def message(identity: str = "m1", issue: str = "P-1", **changes: object) -> Message:
    link = f"https://town.example/issues/{issue}"
    moment = Alert(
        *(f"{issue}-1", issue, "resolution", "overdue", 0, WHEN, WHEN, WHEN, 1),
        *("e1", "lamps", "street_light", "works", "north", "app"),
    )
    fields = {
        "id": identity,
        "type": f"{ALERT}overdue",
        "timestamp": WHEN,
        "data": Data(
            subscription="s-1", title="路灯", language="zh", count=1,
            alerts=[Item(alert=moment, text="路灯报修已逾期", link=link)],
            by_department=[Count(code="works", title="市政", count=1)],
            by_kind=[Count(code="overdue", title="逾期", count=1)], link=link,
        ),
        "texts": Texts(
            subject=f"逾期：路灯报修 {issue}，北城，应于 3 月 4 日 10:00 前办结，请尽快处理并反馈",
            plain=f"路灯报修 {issue} 已逾期。\n\n查看：{link}\n",
            html=f'<html><p>路灯报修 {issue} 已逾期。</p><p><a href="{link}">查看</a></p></html>',
            short=f"逾期：路灯报修 {issue}\n{link}",
        ),
        "thread": issue.replace("-", ""),
        "unsubscribe": UNSUBSCRIBE,
    }  # fmt: skip
    return Message(**(fields | changes))  # type: ignore[arg-type]


def body(identity: str = "m1", issue: str = "P-1", **changes: object) -> str:
    return body_of(message(identity, issue, **changes))
