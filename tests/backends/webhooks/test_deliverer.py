"""Deliveries that can be trusted: every message, in order, whoever is killed and whatever is answered."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import pytest

from backends.vaults.sqlite_vault import SqliteVault
from backends.webhooks import deliverer, endpoint, sending
from backends.webhooks.deliverer import Deliverer
from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from livelihood.endpoints import Endpoint, New
from tests.backends.webhooks.conftest import LOCAL, Receiver
from tests.patience import until


class Numbers:
    """A feed of messages, their position their number; those of a key follow each other."""

    def __init__(self, count: int, keys: int) -> None:
        self.messages = [New(f"m{number}", f"k{number % keys}", "{}") for number in range(count)]

    async def next(
        self, of: str, position: str, limit: int, wait_seconds: float
    ) -> tuple[Sequence[New], str]:
        at = int(position or 0)
        found = self.messages[at : at + limit]
        if not found:
            await anyio.sleep(min(wait_seconds, 0.1))
        return found, str(at + len(found))


def now() -> int:
    return time.time_ns() // 1_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteVault]:
    with SqliteVault(tmp_path / "store") as store:
        yield store


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries that a test can wait for."""
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (0.02,) * 7)
    monkeypatch.setattr(deliverer, "LOOK_SECONDS", 0.1)
    # Longer than a machine pauses: an answer that comes too late is followed by a repeat.
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 60.0)


@contextmanager
def delivering(store: SqliteVault, feed: Any, *, is_shared: bool = False) -> Iterator[None]:
    """A deliverer at work in another thread."""
    with anyio.from_thread.start_blocking_portal() as portal:
        one = Deliverer(store, Registry(store), {"test": feed}, LOCAL, now, is_shared=is_shared)
        running = portal.start_task_soon(one.run)
        try:
            yield
        finally:
            running.cancel()


def register(store: SqliteVault, url: str) -> Endpoint:
    return Registry(store).add("test:x", url, "", now())


def test_all_that_comes_is_delivered_once_and_nothing_is_kept(store, receiver) -> None:
    feed = Numbers(250, keys=7)
    register(store, receiver.url)
    with delivering(store, feed):
        until(lambda: len(receiver.got) >= 250)
        until(lambda: not Ledger(store).messages())
    assert sorted(receiver.ids()) == sorted(one.id for one in feed.messages)


def test_messages_of_one_key_keep_their_order_though_some_fail(store, receiver, monkeypatch) -> None:
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (0.02,) * 100)
    chance = random.Random(1)
    receiver.behave = lambda _: chance.choice([200, 200, 500, "close", 302])
    register(store, receiver.url)
    feed = Numbers(80, keys=3)
    with delivering(store, feed):
        until(lambda: not Ledger(store).messages() and len({*receiver.ids()}) == 80)
    for key in range(3):
        taken = [int(got.id[1:]) for got in receiver.got if got.answer == 200 and int(got.id[1:]) % 3 == key]
        assert taken == sorted(taken)
    delivered = [got.id for got in receiver.got if got.answer == 200]
    assert len(delivered) == len(set(delivered)) == 80


def test_a_dead_endpoint_holds_up_no_other_and_what_is_given_up_can_be_sent_again(store, receiver) -> None:
    dead = register(store, "http://127.0.0.1:9/")
    alive = register(store, receiver.url)
    ledger = Ledger(store)
    with delivering(store, Numbers(20, keys=20)):
        until(lambda: len(receiver.got) == 20)
        until(lambda: sum(one.is_dead for one in ledger.waiting()) == 20)
        assert {one.endpoint for one in ledger.waiting()} == {dead.id} != {alive.id}
        assert all(one.attempts == 8 and one.problem for one in ledger.waiting())
        # The town has put it right, and asks for one, then for the rest.
        found = Registry(store)
        document = found.get(dead.id).model_copy(update={"url": receiver.url})
        store.put("webhook", dead.id, document.model_dump_json().encode())
        assert ledger.resend(dead.id, "m3") == 1
        until(lambda: receiver.ids().count("m3") == 2)
        assert ledger.resend(dead.id) == 19
        until(lambda: not ledger.messages())
    assert sorted(receiver.ids()) == sorted([f"m{number}" for number in range(20)] * 2)


def test_what_waits_for_another_try_is_sent_at_once_to_where_the_endpoint_has_moved(
    store, receiver, monkeypatch
) -> None:
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (3600,) * 7)
    one = register(store, "http://127.0.0.1:9/")
    ledger = Ledger(store)
    with delivering(store, Numbers(3, keys=1)):
        until(lambda: any(one.attempts for one in ledger.waiting()))
        assert Registry(store).move(one.id, receiver.url) is not None
        until(lambda: receiver.ids() == ["m0", "m1", "m2"])
        until(lambda: not ledger.messages())
    assert Registry(store).get(one.id).secrets == one.secrets
    assert Registry(store).move("wh-none", receiver.url) is None


def test_while_much_waits_the_feed_waits_too(store, receiver) -> None:
    receiver.behave = lambda _: 503
    register(store, receiver.url)
    feed = Numbers(1_000, keys=1_000)
    with delivering(store, feed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "RETRY_SECONDS", (3600,) * 7)
        until(lambda: len({*receiver.ids()}) >= endpoint.MOST_WAITING)
        time.sleep(0.5)
        assert len(Ledger(store).messages()) == endpoint.MOST_WAITING
        assert len({*receiver.ids()}) == endpoint.MOST_WAITING


def test_410_disables_and_enabling_goes_on_where_it_stopped(store, receiver) -> None:
    receiver.behave = lambda identity: 410 if identity == "m5" else 200
    one = register(store, receiver.url)
    endpoints = Registry(store)
    with delivering(store, Numbers(10, keys=1)):
        until(lambda: endpoints.get(one.id).disabled)
        assert "410" in endpoints.get(one.id).disabled
        time.sleep(0.5)
        assert receiver.ids() == [f"m{number}" for number in range(6)]
        receiver.behave = lambda _: 200
        endpoints.disable(one.id, "")
        until(lambda: len(receiver.got) == 11)
    assert receiver.ids()[6:] == [f"m{number}" for number in range(5, 10)]


def test_a_new_secret_signs_from_the_next_message_on(store, receiver, monkeypatch) -> None:
    one = register(store, receiver.url)
    looks, every = [], Registry.all
    monkeypatch.setattr(Registry, "all", lambda self: looks.append(0) or every(self))
    endpoints, feed = Registry(store), Numbers(1, keys=1)
    with delivering(store, feed):
        until(lambda: len(receiver.got) == 1)
        endpoints.rotate(one.id, now())
        looks.clear()
        # One look that has begun since is over.
        until(lambda: len(looks) >= 2)
        feed.messages.append(New("later", "k", "{}"))
        until(lambda: len(receiver.got) == 2)
    counts = [len(got.headers["webhook-signature"].split()) for got in receiver.got]
    assert counts == [1, 2]


def test_of_several_servers_one_delivers_and_another_takes_over(store, receiver) -> None:
    feed = Numbers(5, keys=5)
    register(store, receiver.url)
    with delivering(store, feed, is_shared=True):
        until(lambda: len(receiver.got) == 5)
        with delivering(store, feed, is_shared=True):
            feed.messages.append(New("six", "k", "{}"))
            until(lambda: len(receiver.got) == 6)
            time.sleep(0.5)
            assert len(receiver.got) == 6
    feed.messages.append(New("seven", "k", "{}"))
    with delivering(store, feed, is_shared=True):
        until(lambda: len(receiver.got) == 7)


def test_a_message_of_several_keys_waits_for_each_and_holds_up_no_other(store, receiver, monkeypatch) -> None:
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (0.3,) * 7)
    feed = Numbers(0, keys=1)
    keys = {"a1": "a", "ab": "a\nb", "b1": "b", "c1": "c", "a2": "a"}
    feed.messages = [New(identity, key, "{}") for identity, key in keys.items()]
    failed: set[str] = set()

    def behave(identity: str) -> int:
        # However late the machine comes to the others, they need not wait for it.
        if identity in ("a1", "ab") and (identity not in failed or "c1" not in receiver.ids()):
            failed.add(identity)
            return 500
        return 200

    receiver.behave = behave
    register(store, receiver.url)
    with delivering(store, feed):
        until(lambda: len([got for got in receiver.got if got.answer == 200]) == 5)
    taken = [got.id for got in receiver.got if got.answer == 200]
    assert taken[0] == "c1"
    assert taken.index("a1") < taken.index("ab") < min(taken.index("b1"), taken.index("a2"))


def test_a_slow_endpoint_delays_no_other(store, receiver) -> None:
    slow = Receiver(behave=lambda _: "hang")
    try:
        register(store, slow.url)
        register(store, receiver.url)
        with delivering(store, Numbers(60, keys=60)):
            until(lambda: len(receiver.got) == 60)
            # An attempt there takes a minute, and there are four at a time.
            assert len(slow.got) < 60
    finally:
        slow.close()
