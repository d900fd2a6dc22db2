"""Subscriptions of the town for pictures: one is stopped, and one could not be told something."""

from typing import Any

from backends.webhooks.ledger import Ledger, Message
from backends.webhooks.registry import Registry
from cli.engine import Engine
from consumers.alerts import KINDS
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.places import beginning, text_of
from consumers.subscriptions.store import Subscriptions
from consumers.tail import ends_of
from livelihood.causes import GONE, MAILBOX
from livelihood.endpoints import New
from livelihood.instants import to_datetime
from livelihood.messages import Count, Data, Texts, body_of
from livelihood.messages import Message as Document

#: Subscription and where it is told.
_THERE: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {
            "id": "sub-streets", "title": "市政路灯", "account": "wang", "language": "zh",
            "wanted": {"departments": ["streets"]}, "quiet": {"since": "22:00", "until": "07:00"},
        },
        "mailto:wang@mingchuan.example",
    ),
    (
        {
            "id": "sub-group", "title": "Water, everything at once", "at_once": KINDS,
            "wanted": {"departments": ["water"], "kinds": ["overdue", "escalated", "cleared"]},
        },
        "wecombot://a-key-of-the-group",
    ),
    (
        {"id": "sub-dashboard", "title": "Dashboard of the district", "at_once": KINDS, "digest": "hourly"},
        "https://district.mingchuan.example/hooks/alerts",
    ),
)  # fmt: skip


def subscribe(engine: Engine) -> None:
    """Make them; the first could not be told something."""
    registry, ledger = Registry(engine.vault), Ledger(engine.deliveries)
    subscriptions = Subscriptions(engine.vault, registry, ledger)
    for chosen, url in _THERE:
        one = Subscription(**chosen, time_zone="Asia/Shanghai", added=engine.clock())
        endpoint = subscriptions.endpoint_for(one, url)
        position = text_of(beginning(ends_of(engine.topics), one.added))
        subscriptions.add(one, endpoint.model_copy(update={"position": position}))
        if one.id == "sub-dashboard":
            registry.disable(endpoint.id, GONE)
        if one.id == "sub-streets":
            new = _given_up(one)
            ledger.put(
                Message(
                    endpoint=endpoint.id, id=new.id, key=new.key, body=new.body, number=1, attempts=1,
                    problem=MAILBOX.format(why="550 5.1.1 nobody of that name"), is_dead=True,
                )
            )  # fmt: skip


def _given_up(one: Subscription) -> New:
    subject = "已超期：路灯不亮 MC-1003"
    data = Data(
        subscription=one.id, title=one.title, language="zh", count=1, alerts=[], by_department=[],
        by_kind=[Count(code="overdue", title="已超期", count=1)], link="",
    )  # fmt: skip
    document = Document(
        id="m1", type="alert.overdue", timestamp=to_datetime(one.added), data=data,
        texts=Texts(subject=subject, plain=subject, html=subject, short=subject), thread="t", unsubscribe="",
    )  # fmt: skip
    return New("m1", "MC-1003", body_of(document))
