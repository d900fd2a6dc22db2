"""A town's alerts as a test raises them, and one subscription to them, asked as a deliverer asks."""

from collections.abc import Sequence
from typing import Any, cast

import anyio
import msgspec

from backends.webhooks.registry import Registry
from consumers.subscriptions.feed import SubscriptionFeed
from consumers.subscriptions.links import Links
from consumers.subscriptions.matching import Matcher
from consumers.subscriptions.model import Chosen, Subscription
from consumers.subscriptions.places import beginning, text_of
from consumers.subscriptions.store import Kept, Subscriptions
from consumers.subscriptions.writing import Writer
from consumers.tail import AlertTail
from livelihood.alerts import Alert
from livelihood.catalogue_reading import parse_catalogue
from livelihood.endpoints import Endpoint, Secret
from livelihood.instants import HOUR, Instant, parse, to_datetime
from livelihood.messages import Message, message_of
from livelihood.ports import Published
from livelihood.promises import Catalogue
from livelihood.safekeeping import SUBSCRIPTIONS, WEBHOOKS, Vault
from tests.sites import MINGCHUAN
from web.accounts import Accounts
from web.languages import load_languages

CATALOGUE = Catalogue([parse_catalogue(MINGCHUAN)])
LANGUAGES = load_languages()
#: A Wednesday morning in Mingchuan.
MORNING = parse("2026-03-04T10:00:00+08:00")
ZONE = "Asia/Shanghai"


def subscription(**chosen: Any) -> Subscription:
    return Subscription(**{"id": "sub-1", "time_zone": ZONE, "added": MORNING, **chosen})


def kept(one: Subscription, disabled: str = "") -> Kept:
    endpoint = Endpoint(
        id=f"wh-{one.id}", feed=f"subscription:{one.id}", url="https://town.example/x",
        secrets=[Secret(value="s")], added=MORNING, disabled=disabled,
    )  # fmt: skip
    return Kept(one, endpoint)


class Alerts:
    """Published alerts of two partitions; places have holes, as Kafka's have."""

    partitions = 2

    def __init__(self) -> None:
        self.told: list[list[tuple[int, Alert]]] = [[], []]
        self._sequences: dict[str, int] = {}

    def raise_(
        self, number: int, kind: str, now: Instant, *, stale: bool = False, department: str = "streets",
        **more: Any,
    ) -> Alert:  # fmt: skip
        """An alert of issue I-number."""
        issue = f"I-{number}"
        sequence = self._sequences[issue] = self._sequences.get(issue, 0) + 1
        partition = self.told[number % 2]
        alert = Alert(
            **{
                "id": f"{issue}/{sequence}", "issue": issue, "obligation": "resolution", "kind": kind,
                "level": 1 if kind == "escalated" else 0, "due": to_datetime(now - HOUR),
                "at": to_datetime(now), "raised": to_datetime(now), "sequence": sequence, "cycle": "c",
                "commitment": "traffic", "service": "street-light", "department": department, "area": "",
                "channel": "phone", "to": "head" if kind == "escalated" else "",
                "reason": "fixed" if kind == "cleared" else "", "stale": stale, **more,
            }
        )  # fmt: skip
        partition.append(((partition[-1][0] if partition else 0) + 1 + number % 3, alert))
        return alert

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        assert topic == "alert"
        found = [one for one in self.told[partition] if one[0] > after][:limit]
        return [(place, alert.id, msgspec.json.encode(alert)) for place, alert in found]

    def last(self, topic: str, partition: int) -> int:
        assert topic == "alert"
        return self.told[partition][-1][0] if self.told[partition] else 0


class Nothing:
    """Holds nothing; stands for a vault whose secrets are known, and for endpoints."""

    def add(self, drawer: str, name: str, value: bytes) -> bytes:
        return b"0" * 32

    def get(self, drawer: str, name: str) -> None:
        return None

    def items(self, drawer: str) -> list[Any]:
        return []


class Memory:
    """A vault in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def get(self, drawer: str, name: str) -> bytes | None:
        return self.kept.get((drawer, name))

    def put(self, drawer: str, name: str, value: bytes) -> None:
        self.kept[drawer, name] = value

    def replace(self, drawer: str, name: str, old: bytes, new: bytes) -> bool:
        if self.kept.get((drawer, name)) != old:
            return False
        self.kept[drawer, name] = new
        return True

    def delete(self, drawer: str, name: str) -> bool:
        return self.kept.pop((drawer, name), None) is not None

    def items(self, drawer: str) -> list[tuple[str, bytes]]:
        return sorted((name, value) for (where, name), value in self.kept.items() if where == drawer)


def writer(clock: Any) -> Writer:
    vault = cast(Vault, Nothing())
    links = Links(vault, Accounts(vault), "https://town.example")
    return Writer(lambda: CATALOGUE, LANGUAGES, links, clock)


WRITTEN_AT = [MORNING]
#: Templates are read once for all tests.
WRITER = writer(lambda: WRITTEN_AT[0])


class Desk:
    """One subscription, whose messages are taken as a deliverer takes them."""

    def __init__(self, alerts: Alerts, one: Subscription, *others: Kept) -> None:
        self.alerts = alerts
        self.now = MORNING
        self.others = others
        vault = cast(Vault, Memory())
        vault.put(SUBSCRIPTIONS, one.id, one.model_dump_json().encode())
        vault.put(WEBHOOKS, f"wh-{one.id}", kept(one).endpoint.model_dump_json().encode())
        self.subscriptions = Subscriptions(vault, Registry(vault), cast(Any, None))
        self._identity = one.id
        ends = [alerts.last("alert", partition) for partition in range(2)]
        self.position = text_of(beginning(ends, self.now))
        #: Every message with when it came, repeats too.
        self.got: list[tuple[Instant, Message]] = []
        self.crash()

    @property
    def subscription(self) -> Subscription:
        """As it is kept now."""
        found = self.subscriptions.get(self._identity)
        assert found is not None
        return found

    def change(self, **chosen: Any) -> None:
        """Choose otherwise; whoever reads the alerts finds out when it looks next."""
        document = self.subscription.model_dump(include=set(Chosen.model_fields))
        self.subscriptions.change(kept(self.subscription), Chosen(**{**document, **chosen}), "")

    def matcher(self) -> Matcher:
        """By what is chosen now."""
        return Matcher([kept(self.subscription), *self.others], CATALOGUE, [])

    def crash(self) -> None:
        """Whoever made the messages was killed; another begins."""
        self.feed = SubscriptionFeed(
            AlertTail(lambda: cast(Any, _open(self.alerts))),
            self.subscriptions,
            self.matcher,
            lambda: CATALOGUE,
            WRITER,
            lambda: self.now,
        )

    async def ask(self, limit: int = 100, *, is_kept: bool = True) -> bool:
        """Ask once; whether the position moved. Not kept: what was given came, and its place was lost."""
        WRITTEN_AT[0] = self.now
        new, after = await self.feed.next(self.subscription.id, self.position, limit, 0)
        self.got += [(self.now, message_of(one.body)) for one in new]
        has_moved = after != self.position
        if is_kept:
            self.position = after
        return has_moved

    async def lose(self) -> list[Message]:
        """Take what is told next, and be killed before its place was kept."""
        await self.ask()
        self.now += 3_000_000
        WRITTEN_AT[0] = self.now
        while True:
            new, after = await self.feed.next(self.subscription.id, self.position, 100, 0)
            if new or after == self.position:
                break
            self.position = after
        messages = [message_of(one.body) for one in new]
        self.got += [(self.now, message) for message in messages]
        self.crash()
        return messages

    def drain(self, limit: int = 100) -> list[Message]:
        """Take all that is to be told now; what came new."""
        before = len(self.got)

        async def ask() -> None:
            while await self.ask(limit):
                pass

        anyio.run(ask)
        return [message for _, message in self.got[before:]]

    def settle(self) -> list[Message]:
        """Take all that is to be told, once it is sure that no more comes with it."""
        found = self.drain()
        self.now += 3_000_000
        return found + self.drain()


class _open:  # noqa: N801  # a context manager, as contextlib's are
    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    def __enter__(self) -> Published:
        return cast(Published, self._alerts)

    def __exit__(self, *_: object) -> None:
        pass


def ids(messages: Sequence[Message]) -> list[list[str]]:
    """The alerts of messages."""
    return [[item.alert.id for item in message.data.alerts] for message in messages]
