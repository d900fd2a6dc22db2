"""Servers killed at any moment, workers that sleep through their replacement, answers that never come."""

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from backends.redis.store import RedisStore
from livelihood.ports import Answer, Commit, Fenced, Outgoing, Unavailable
from tests.backends.redis.conftest import Work
from tests.patience import PATIENCE_SECONDS

ISSUES = 300
KILLS = 10


def commit_of(sequence: int, epoch: int) -> Commit:
    """Each writes its own number everywhere, so that a mixture of two shows."""
    number = b"%d" % sequence
    issues = [f"i{n}" for n in range(ISSUES)]
    return Commit(
        epoch=epoch,
        sequence=sequence,
        next_offset=sequence,
        ledger=number,
        states={issue: number + bytes(400) for issue in issues},
        # A third is cold, each time another.
        timers={issue: None if (n + sequence) % 3 == 0 else ("", sequence) for n, issue in enumerate(issues)},
        late=dict.fromkeys(issues, sequence),
        rows={(n, "2011-07"): number for n in range(50)},
        dimensions={0: number},
        shapes={0: number},
        movements=sequence.to_bytes(8, "little") * 3 * 100,
        outbox=[Outgoing("alert", f"id{sequence}", "i1", number)],
    )


def commit_until_it_fails(store: RedisStore, epoch: int, acknowledged: int) -> int:
    """The number of the last commit that was acknowledged."""
    while True:
        try:
            store.commit(0, commit_of(acknowledged + 1, epoch))
        except Unavailable:
            return acknowledged
        acknowledged += 1


def assert_is_commit(sequence: int, store: RedisStore, reader) -> None:
    number = b"%d" % sequence
    found, cursor = store.scan(0, "", 10_000)
    assert cursor is None
    assert dict(found) == {f"i{n}": number + bytes(400) for n in range(ISSUES)}
    due = {issue for issue, _ in store.due(0, "", sequence, 10_000)}
    assert due == {f"i{n}" for n in range(ISSUES) if (n + sequence) % 3}
    assert store.due(0, "", sequence - 1, 10) == []
    assert len(list(reader.late(0, sequence - 1))) == ISSUES
    assert set(store.load_rows(0, [(n, "2011-07") for n in range(50)]).values()) == {number}
    assert store.names(0) == ({0: number}, {0: number})
    assert b"".join(reader.movements(0)) == b"".join(
        n.to_bytes(8, "little") * 300 for n in range(1, sequence + 1)
    )
    waiting = store.outbox(0, 10_000)
    assert [(n, one.value) for n, one in waiting] == [(n, b"%d" % n) for n in range(1, sequence + 1)]


def test_a_server_killed_at_any_moment_has_every_acknowledged_commit_and_none_in_part(
    own, own_valkey
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    store, acknowledged, unanswered = own.store(), 0, 0
    for _ in range(KILLS):
        position = store.take(0)
        # The one under way when the server died may have come to be.
        assert position.sequence in (acknowledged, acknowledged + 1)
        unanswered += position.sequence - acknowledged
        acknowledged = position.sequence
        assert (position.next_offset, position.ledger) == (
            (acknowledged, b"%d" % acknowledged) if acknowledged else (0, b"")
        )
        if acknowledged:
            assert_is_commit(acknowledged, store, own.reader())
        killer = threading.Timer(chance.uniform(0.0, 0.15), own_valkey.process.kill)
        killer.start()
        acknowledged = commit_until_it_fails(store, position.epoch, acknowledged)
        killer.join()
        own_valkey.start()
    assert acknowledged > KILLS


def test_a_worker_that_slept_through_its_replacement_is_refused_whatever_it_commits(tracker, work) -> None:
    work.commit(states={"a": b"A"}, timers={"a": ("", 5)})
    asleep = work.next(states={"a": b"zombie"}, timers={"a": None})
    of_timers_alone = work.next(timers={"a": ("", 6)})
    other = Work(tracker.store())
    other.commit(states={"a": b"B"}, timers={"a": ("", 7)})
    for late in (asleep, of_timers_alone, work.next()):
        for sequence in (1, 2, 3):
            late.sequence = sequence
            with pytest.raises(Fenced):
                work.store.commit(0, late)
    assert work.store.due(0, "", 9, 9) == [("a", b"B")]
    other.commit(states={"a": b"C"})


class Deaf:
    """Passes on what clients say, and what the server answers until told to keep that to itself."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("redis://").removesuffix("/0").split(":")
        self._server = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0?socket_timeout=2"
        self.withholds = False
        self.withheld = threading.Event()
        self._sockets = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, giver: socket.socket, taker: socket.socket, answers: bool) -> None:
        try:
            while said := giver.recv(65536):
                if answers and self.withholds:
                    self.withheld.set()
                else:
                    taker.sendall(said)
        except OSError:
            pass

    def close(self) -> None:
        for one in self._sockets:
            # At once, whatever is under way.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


@pytest.fixture
def deaf(redis_server: str) -> Iterator[Deaf]:
    proxy = Deaf(redis_server)
    yield proxy
    proxy.close()


def test_a_commit_whose_answer_was_lost_is_found_applied(tracker, deaf) -> None:
    work = Work(tracker.store(deaf.url))
    work.commit(states={"a": b"A"}, timers={"a": ("", 5)}, next_offset=3)
    commit = work.next(states={"a": b"A2"}, timers={"a": None}, next_offset=7, movements=bytes(24))
    deaf.withholds = True
    with pytest.raises(Unavailable, match="did not answer in time"):
        work.store.commit(0, commit)
    assert deaf.withheld.wait(PATIENCE_SECONDS)
    deaf.withholds = False
    # The same again, by whoever still has it: known.
    assert work.store.commit(0, commit) is Answer.ALREADY_APPLIED
    # The worker's way: take again, and go on where it stands.
    work.take()
    assert (work.sequence, work.position.next_offset) == (2, 7)
    with pytest.raises(Fenced):
        work.store.commit(0, commit)
    assert work.store.load(0, ["a"]) == {"a": b"A2"}
    assert b"".join(tracker.reader().movements(0)) == bytes(24)
    work.commit(states={"a": b"A3"}, timers={"a": ("", 9)})


def test_a_commit_that_hung_at_the_server_is_there_or_not_and_does_not_come_later(tracker) -> None:
    work, hasty = Work(tracker.store()), tracker.store(tracker.url + "?socket_timeout=1")
    pause = tracker.client()
    pause.client_pause(3_000, all=False)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer in time"):
        hasty.commit(0, work.next(states={"a": b"late"}))
    time.sleep(max(0.0, begun + 3.5 - time.monotonic()))
    work.take()
    applied = work.sequence == 1
    assert work.store.load(0, ["a"]) == ({"a": b"late"} if applied else {})
    work.commit(states={"a": b"next"})
    assert work.store.load(0, ["a"]) == {"a": b"next"}
