"""What is particular to this store: cold states, sizes, times as scores, a server that came back."""

import time
from dataclasses import replace

import pytest
import redis

from backends.checks import InvalidCommit
from backends.redis import store as store_module
from livelihood.instants import parse
from livelihood.ports import Answer, Fenced, Outgoing, Unavailable
from tests.patience import PATIENCE_SECONDS


def test_an_issue_that_waits_for_nothing_leaves_only_where_it_is(tracker, work) -> None:
    work.commit(states={"7": b"open" * 100, "8": b"closed" * 100}, timers={"7": ("", 5), "8": None})
    client = tracker.client()
    held = {key.decode().split(":")[2] for key in client.scan_iter(f"{tracker.prefix}:*")}
    assert held == {"meta", "s", "c", "t", "clocks"}
    (stub,) = client.scan_iter(tracker.key("c:*"))
    assert client.hgetall(stub) == {b"8": b"0"}
    assert client.object("encoding", stub) == b"listpack"
    assert work.store.load(0, ["7", "8", "9"]) == {"7": b"open" * 100, "8": b"closed" * 100}


def test_a_cold_issue_that_is_touched_comes_back_and_may_go_again(tracker, work) -> None:
    client = tracker.client()
    for round_ in range(3):
        state = b"round %d" % round_
        work.commit(states={"a": b"closed " + state}, timers={"a": None})
        assert work.store.load(0, ["a"]) == {"a": b"closed " + state}
        assert list(client.scan_iter(tracker.key("s:*"))) == []
        work.commit(states={"a": b"open " + state}, timers={"a": ("", 5)})
        assert work.store.due(0, "", 5, 9) == [("a", b"open " + state)]
        # The stub that is left leads nobody astray.
        assert work.store.scan(0, "", 9) == ([("a", b"open " + state)], None)


def test_what_is_said_of_a_cold_issue_without_its_state_holds(tracker, work) -> None:
    work.commit(states={"a": b"A"}, timers={"a": None})
    work.commit(timers={"a": ("run", 5)}, late={"a": 7}, orphans={"a": 3})
    assert work.store.due(0, "run", 9, 9) == [("a", b"A")]
    reader = tracker.reader()
    assert list(reader.late(0, 6)) == [("a", b"A")]
    assert reader.orphans(0, 9) == [("a", 3)]
    work.commit(states={"a": b"A2"})
    assert work.store.due(0, "run", 9, 9) == [("a", b"A2")]


def test_a_commit_that_is_sent_again_changes_nothing_though_its_states_went_cold_twice(tracker, work) -> None:
    commit = work.next(states={"a": b"A"}, timers={"a": None})
    assert work.store.commit(0, commit) is Answer.APPLIED
    assert work.store.commit(0, commit) is Answer.ALREADY_APPLIED
    assert work.store.load(0, ["a"]) == {"a": b"A"}


def test_more_than_one_call_of_lua_takes_goes_in_one_commit(tracker, work) -> None:
    """Lua passes some eight thousand values at most."""
    count = 20_001
    issues = [f"i{number}" for number in range(count)]
    work.commit(
        states={issue: issue.encode() for issue in issues},
        timers={issue: None if number % 3 else ("", number) for number, issue in enumerate(issues)},
        late=dict.fromkeys(issues, 5),
        orphans=dict.fromkeys(issues, 6),
        dimensions={number: b"d%d" % number for number in range(count)},
        shapes={number: b"s%d" % number for number in range(count)},
        rows={(number, "2011-07"): b"r%d" % number for number in range(count)},
        movements=bytes(24 * count),
        outbox=[Outgoing("alert", f"id{number}", "a", b"%d" % number) for number in range(count)],
    )
    expected = {issue: issue.encode() for issue in issues}
    assert work.store.load(0, issues) == expected
    assert [issue for issue, _ in work.store.due(0, "", count, count)] == issues[::3]
    assert [len(names) for names in work.store.names(0)] == [count, count]
    rows = work.store.load_rows(0, [(number, "2011-07") for number in range(count)])
    assert rows == {(number, "2011-07"): b"r%d" % number for number in range(count)}
    assert [one.id for _, one in work.store.outbox(0, count)] == [f"id{number}" for number in range(count)]
    reader = tracker.reader()
    assert dict(reader.late(0, 4)) == expected
    assert sum(map(len, reader.movements(0))) == 24 * count
    work.commit(
        timers=dict.fromkeys(issues[::2], ("run", 7)) | dict.fromkeys(issues[1::2]),
        orphans=dict.fromkeys(issues),
    )
    assert work.store.due(0, "", count, count) == []
    assert dict(work.store.due(0, "run", 7, count)) == {issue: expected[issue] for issue in issues[::2]}
    assert reader.orphans(0, count) == []


def test_a_commit_that_is_too_large_is_refused_whole_and_says_both_sizes(work, monkeypatch) -> None:
    monkeypatch.setattr(store_module, "LARGEST_COMMIT_BYTES", 1_000)
    with pytest.raises(InvalidCommit, match=r"commit of 1,\d\d\d bytes; a script takes 1,000 at most: work"):
        work.commit(states={"a": bytes(1_000)})
    assert work.store.load(0, ["a"]) == {}
    work.commit(states={"a": bytes(100)})


def test_the_largest_commit_goes(work) -> None:
    work.commit(states={f"i{number}": bytes(1_000_000) for number in range(63)})
    assert len(work.store.load(0, ["i62"])["i62"]) == 1_000_000


def test_times_that_a_score_cannot_hold_count_as_the_nearest_it_can(tracker, work) -> None:
    times = {"old": parse("0001-01-01T00:00:00Z"), "now": parse("2011-07-01T12:34:56.789123Z")}
    times["far"] = parse("9999-12-31T00:00:00Z")
    work.commit(
        states={issue: issue.encode() for issue in times},
        timers={issue: ("", at) for issue, at in times.items()},
        orphans=times,
    )
    assert [issue for issue, _ in work.store.due(0, "", times["now"], 9)] == ["old", "now"]
    assert [issue for issue, _ in work.store.due(0, "", times["now"] - 1, 9)] == ["old"]
    assert len(work.store.due(0, "", (1 << 62) - 1, 9)) == 3
    assert tracker.reader().orphans(0, 9)[1] == ("now", times["now"])


def test_pages_of_movements_end_where_the_next_begin(tracker, work) -> None:
    sizes = [1, 2_728, 1, 1, 2_730, 5_459, 1, 10_000]
    entries = [number.to_bytes(24, "big") for number in range(sum(sizes))]
    at = 0
    for size in sizes:
        work.commit(movements=b"".join(entries[at : at + size]))
        at += size
    reader = tracker.reader()
    assert b"".join(reader.movements(0)) == b"".join(entries)
    for after in (1, 2_729, 2_730, 2_731, len(entries) - 1, len(entries), len(entries) + 5):
        assert b"".join(reader.movements(0, after)) == b"".join(entries[after:])


def test_partitions_are_apart(tracker) -> None:
    store = tracker.store()
    first, second = store.take(3), store.take(4)
    assert first.born != second.born
    assert store.take(3).epoch == 2
    assert store.take(4).epoch == 2
    assert store.take(3).born == first.born


def test_data_of_another_layout_are_not_touched(tracker, work) -> None:
    tracker.client().hset(tracker.key("meta"), "layout", 99)
    with pytest.raises(Unavailable, match="partition 0 was written by another version"):
        tracker.store().take(0)
    assert tracker.client().hget(tracker.key("meta"), "epoch") == b"1"


def test_lost_data_are_born_anew(tracker, work) -> None:
    work.commit(outbox=[Outgoing("alert", "id", "a", b"{}")], next_offset=5)
    tracker.client().delete(tracker.key("meta"), tracker.key("outbox"))
    position = work.store.take(0)
    assert position.born != work.position.born
    assert replace(position, born="") == replace(work.position, born="", epoch=1, sequence=0)


def test_a_commit_to_lost_data_is_refused(tracker, work) -> None:
    work.commit(next_offset=5)
    tracker.client().delete(tracker.key("meta"))
    with pytest.raises(Fenced):
        work.commit(next_offset=6)


def test_a_server_that_syncs_always_is_trusted_after_a_crash(own, own_valkey) -> None:
    born = own.store().take(0).born
    own_valkey.process.kill()
    own_valkey.start()
    assert own.store().take(0).born == born


@pytest.mark.parametrize("fsync", ["everysec", "no"])
def test_a_server_that_may_have_lost_commits_is_not(own, own_valkey, fsync: str) -> None:
    """Numbers of the outbox may be given again, to others: the data count as born anew."""
    own.client().config_set("appendfsync", fsync)
    store = own.store()
    first = store.take(0)
    assert own.store().take(0).born == first.born
    own_valkey.process.kill()
    own_valkey.start()
    own.client().config_set("appendfsync", fsync)
    second = own.store().take(0)
    assert second.born != first.born
    assert own.store().take(0).born == second.born


def test_a_server_with_another_beside_it_may_have_lost_commits(own, own_valkey, server_with) -> None:
    replica = own.open.enter_context(redis.Redis.from_url(server_with()))
    host, port = own.url.removeprefix("redis://").removesuffix("/0").split(":")
    first = own.store().take(0)
    own.client().config_set("repl-diskless-sync-delay", 0)
    replica.replicaof(host, port)
    until = time.monotonic() + PATIENCE_SECONDS
    while replica.info("replication")["master_link_status"] != "up" and time.monotonic() < until:
        time.sleep(0.05)
    replica_url = f"redis://127.0.0.1:{replica.connection_pool.connection_kwargs['port']}/0"
    with pytest.raises(Unavailable, match="lead to the primary"):
        own.store(replica_url).take(0)
    own_valkey.process.kill()
    replica.replicaof("NO", "ONE")
    replica.config_set("appendfsync", "always")
    promoted = own.store(replica_url)
    assert promoted.take(0).born != first.born
