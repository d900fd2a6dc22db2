"""Which servers are used, and what is said of those that are not."""

import re
import socket
from pathlib import Path

import psutil
import pytest
import redis

from backends.redis.store import RedisStore
from livelihood.ports import Unavailable
from tests.backends.redis.conftest import Tracker, Work


def open_store(url: str, **settings) -> RedisStore:
    return RedisStore(url, prefix="t", cold=None, **settings)


def test_a_server_that_keeps_nothing_is_refused_with_the_setting_that_would_help(server_with) -> None:
    url = server_with(appendonly="no")
    with pytest.raises(Unavailable, match=r"set appendonly yes; LIVELIHOOD_REDIS_CHECKS=false"):
        open_store(url)
    open_store(url, checks=False).close()


def test_a_server_that_saves_now_and_then_is_enough(server_with) -> None:
    open_store(server_with(appendonly="no", save="60 1")).close()


def test_a_server_that_would_drop_states_is_refused(server_with) -> None:
    url = server_with(maxmemory="100mb", maxmemory_policy="allkeys-lru")
    with pytest.raises(Unavailable, match=r"maxmemory-policy is allkeys-lru.*set it to noeviction"):
        open_store(url)
    open_store(url, checks=False).close()


def test_where_nobody_listens_it_says_where_and_no_password(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=rf"Redis at redis://127.0.0.1:{port}/0: .*whether it runs") as told:
        open_store(f"redis://worker:geheim@127.0.0.1:{port}/0")
    assert "geheim" not in str(told.value)
    assert "geheim" not in str(told.value.__cause__)


def test_a_wrong_password_is_said_to_be_one(server_with) -> None:
    url = server_with()
    with redis.Redis.from_url(url) as client:
        client.config_set("requirepass", "geheim")
    with pytest.raises(Unavailable, match="user and password"):
        open_store(url)
    with pytest.raises(Unavailable, match="user and password"):
        open_store(url.replace("//", "//:falsch@"))
    open_store(url.replace("//", "//:geheim@")).close()


def test_a_worker_and_a_reader_need_no_more_than_the_page_says(tracker, work) -> None:
    """The users of docs/redis.md."""
    work.commit(states={"a": b"A"}, timers={"a": ("", 5)}, movements=bytes(24), orphans={"a": None})
    admin, url = tracker.client(), tracker.url
    for name, permissions in permissions_of_the_page().items():
        rules = permissions.replace("livelihood:*", f"{tracker.prefix}:*").split()
        admin.execute_command("ACL", "SETUSER", f"{tracker.prefix}-{name}", "reset", "on", ">pw", *rules)
    try:
        tracker.url = url.replace("//", f"//{tracker.prefix}-worker:pw@")
        store = tracker.store()
        commit = work.next(states={"a": b"A2"}, timers={"a": None})
        position = store.take(0)
        commit.epoch = position.epoch
        store.commit(0, commit)
        store.sent(0, 1)
        tracker.url = tracker.url.replace("-worker:", "-reader:")
        reader = tracker.reader()
        with reader.snapshot():
            assert reader.states(["a"]) == {"a": b"A2"}
            assert list(reader.rows(0)) == []
            assert list(reader.movements(0)) == [bytes(24)]
        assert reader.scan(0, "", 10)[0] == [("a", b"A2")]
        with pytest.raises(Unavailable, match=r"permissions of docs/redis\.md"):
            tracker.store().take(0)
    finally:
        tracker.url = url
        admin.execute_command("ACL", "DELUSER", f"{tracker.prefix}-worker", f"{tracker.prefix}-reader")


def permissions_of_the_page() -> dict[str, str]:
    page = (Path(__file__).resolve().parents[3] / "docs" / "redis.md").read_text()
    return dict(re.findall(r"^ACL SETUSER (\w+) on >\S+ (.*)$", page, re.MULTILINE))


def test_scripts_are_sent_again_to_a_server_that_forgot_them(tracker, work) -> None:
    work.commit(states={"a": b"A"})
    tracker.client().script_flush()
    work.commit(states={"a": b"A2"})
    assert work.store.load(0, ["a"]) == {"a": b"A2"}


def test_a_server_that_is_full_takes_nothing_and_still_answers(server_with, tmp_path) -> None:
    tracker = Tracker(server_with(), tmp_path)
    work = Work(tracker.store())
    work.commit(states={"a": b"A"}, timers={"a": ("", 5)})
    tracker.client().config_set("maxmemory", "1mb")
    with pytest.raises(Unavailable, match="more memory"):
        work.commit(states={"a": b"A2", "b": bytes(100_000)}, timers={"a": ("", 6)})
    assert work.store.due(0, "", 9, 9) == [("a", b"A")]
    tracker.client().config_set("maxmemory", "0")
    work.commit(states={"a": b"A2"})
    tracker.open.close()


def test_a_server_that_goes_away_and_comes_back_is_used_again(own, own_valkey) -> None:
    store = own.store()
    assert store.take(0).epoch == 1
    own_valkey.process.kill()
    with pytest.raises(Unavailable, match="whether it runs"):
        store.take(0)
    own_valkey.start()
    assert store.take(0).epoch == 2


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(own, own_valkey) -> None:
    store, hasty = own.store(), own.store(own.url + "?socket_timeout=1")
    server = psutil.Process(own_valkey.process.pid)
    server.suspend()
    try:
        with pytest.raises(Unavailable, match="did not answer in time"):
            hasty.take(0)
    finally:
        server.resume()
    # It may have come to be or not.
    assert store.take(0).epoch in (1, 2)


def test_a_fault_of_this_software_is_not_blamed_on_the_server(tracker, work) -> None:
    tracker.client().set(tracker.key("rows"), "of another kind")
    with pytest.raises(redis.ResponseError, match="wrong kind"):
        work.store.load_rows(0, [(1, "")])
