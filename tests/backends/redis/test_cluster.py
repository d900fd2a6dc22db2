"""A cluster of three servers: partitions on different nodes, slots that move while a worker commits."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from redis.crc import key_slot

from backends.servers.valkey import Valkey
from livelihood.ports import Unavailable
from tests.backends.redis.conftest import Tracker, Work
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port

SLOTS = 16_384
PARTITIONS = 6

pytestmark = pytest.mark.slow


class Cluster:
    def __init__(self, servers: list[Valkey]) -> None:
        self.servers = servers
        self.nodes = [redis.Redis.from_url(server.url) for server in servers]
        first = self.nodes[0]
        for number, node in enumerate(self.nodes):
            bounds = [SLOTS * end // len(servers) for end in (number, number + 1)]
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[0], bounds[1] - 1)
            bus = node.config_get("cluster-port")["cluster-port"]
            first.execute_command("CLUSTER", "MEET", "127.0.0.1", server_port(servers[number]), bus)
        self.wait()
        self.ids = [node.execute_command("CLUSTER", "MYID").decode() for node in self.nodes]

    def wait(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not all(b"cluster_state:ok" in node.execute_command("CLUSTER", "INFO") for node in self.nodes):
            assert time.monotonic() < until
            time.sleep(0.05)

    def slot(self, tracker: Tracker, partition: int) -> int:
        return key_slot(tracker.key("meta", partition).encode())

    def owner(self, slot: int) -> int:
        return slot * len(self.nodes) // SLOTS


def server_port(server: Valkey) -> int:
    return server.process.ports(1, None)[0]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        servers = []
        for number in range(3):
            # By itself a node would talk to others at its port + 10,000, which a client may be using.
            settings = {"cluster-enabled": "yes", "cluster-port": str(free_port())}
            server = Valkey(tmp_path_factory.mktemp(f"node{number}"), settings=settings)
            stack.callback(server.process.kill)
            server.start()
            servers.append(server)
        yield Cluster(servers)


@pytest.fixture
def tracker(cluster: Cluster, tmp_path: Path, redis_server: str) -> Iterator[Tracker]:
    tracker = Tracker(cluster.servers[0].url, tmp_path)
    yield tracker
    tracker.open.close()


def fill(work: Work, issues: int = 200) -> dict[str, bytes]:
    """A commit of open and cold issues; what there is then."""
    states = {f"i{number}": b"%d-%d" % (work.sequence, number) for number in range(issues)}
    work.commit(
        states=states,
        timers={issue: None if number % 4 == 0 else ("", 5) for number, issue in enumerate(states)},
        rows={(1, ""): b"%d" % work.sequence},
        movements=bytes(24),
    )
    return states


def assert_holds(tracker: Tracker, work: Work, states: dict[str, bytes]) -> None:
    reader = tracker.reader(PARTITIONS)
    for partition, one in ((work.partition, reader), (work.partition, work.store)):
        assert dict(one.scan(partition, "", 10_000)[0]) == states
    assert len(work.store.due(work.partition, "", 5, 10_000)) == len(states) * 3 // 4
    assert b"".join(reader.movements(work.partition)) == bytes(24 * work.sequence)
    assert reader.position(work.partition).sequence == work.sequence


def test_partitions_live_on_different_nodes_each_whole(cluster, tracker) -> None:
    store = tracker.store()
    works = [Work(store, partition) for partition in range(PARTITIONS)]
    kept = [fill(work) for work in works]
    for work, states in zip(works, kept, strict=True):
        assert_holds(tracker, work, states)
    owners = [cluster.owner(cluster.slot(tracker, partition)) for partition in range(PARTITIONS)]
    assert len(set(owners)) > 1
    for partition, owner in enumerate(owners):
        holding = [any(node.scan_iter(tracker.key("*", partition))) for node in cluster.nodes]
        assert holding == [number == owner for number in range(3)]


def test_a_slot_that_moves_key_by_key_is_refused_whole_until_it_has_moved(cluster, tracker) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    store = tracker.store()
    slots = [cluster.slot(tracker, partition) for partition in range(PARTITIONS)]
    moving = Work(store, 0)
    staying = Work(store, next(p for p in range(PARTITIONS) if slots[p] != slots[0]))
    states = fill(moving)
    fill(staying)
    slot, here = slots[0], cluster.owner(slots[0])
    there = (here + 1) % 3
    source, target = cluster.nodes[here], cluster.nodes[there]
    target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.ids[here])
    source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.ids[there])
    tries = 0
    while keys := source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        if chance.random() < 0.2 or not tries:
            tries += 1
            with pytest.raises(Unavailable):
                fill(moving)
            with pytest.raises(Unavailable):
                store.load(0, ["i1", "i2"])
            with pytest.raises(Unavailable):
                store.take(0)
            fill(staying)
        some = chance.sample(keys, min(len(keys), 20))
        source.migrate("127.0.0.1", server_port(cluster.servers[there]), some, 0, 5_000)
    with pytest.raises(Unavailable):
        fill(moving)
    for node in (target, source):
        node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", cluster.ids[there])
    assert_holds(tracker, moving, states)
    assert_holds(tracker, moving, fill(moving))
    assert staying.sequence == tries + 1
    move(cluster, slot, there, here)
    wait_for(cluster, slot, here)
    assert_holds(tracker, moving, fill(moving))


def move(cluster: Cluster, slot: int, source: int, target: int) -> None:
    """Begin to move a slot as a whole, as Valkey 9 does."""
    cluster.nodes[source].execute_command(
        "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", cluster.ids[target]
    )


def wait_for(cluster: Cluster, slot: int, target: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not has_moved(cluster, slot, target):
        assert time.monotonic() < until
        time.sleep(0.02)


def has_moved(cluster: Cluster, slot: int, target: int) -> bool:
    """Whether every node knows."""
    servers = [node.execute_command("CLUSTER", "SLOTS") for node in cluster.nodes]
    return all(
        owner[1] == server_port(cluster.servers[target])
        for slots in servers
        for first, last, owner, *_ in slots
        if first <= slot <= last
    )


def test_a_slot_that_moves_as_a_whole_takes_the_work_with_it(cluster, tracker) -> None:
    store = tracker.store()
    work = Work(store, 1)
    fill(work, 2_000)
    slot = cluster.slot(tracker, 1)
    here = cluster.owner(slot)
    there = (here + 1) % 3
    move(cluster, slot, here, there)
    until = time.monotonic() + PATIENCE_SECONDS
    while not has_moved(cluster, slot, there):
        assert time.monotonic() < until
        try:
            fill(work, 2_000)
        except Unavailable:
            work.take()
    assert_holds(tracker, work, fill(work, 2_000))
    move(cluster, slot, there, here)
    wait_for(cluster, slot, here)


def test_a_node_that_dies_stops_its_own_partitions_only_and_comes_back_with_all(cluster, tracker) -> None:
    store = tracker.store()
    slots = [cluster.slot(tracker, partition) for partition in range(PARTITIONS)]
    dead = cluster.owner(slots[0])
    lost = Work(store, 0)
    states = fill(lost)
    other = Work(store, next(p for p in range(PARTITIONS) if cluster.owner(slots[p]) != dead))
    fill(other)
    # Else the others stop as well, after the node time-out.
    for node in cluster.nodes:
        node.config_set("cluster-require-full-coverage", "no")
    cluster.servers[dead].process.kill()
    with pytest.raises(Unavailable):
        fill(lost)
    assert_holds(tracker, other, fill(other))
    cluster.servers[dead].start()
    cluster.wait()
    lost.take()
    assert_holds(tracker, lost, states)
    assert_holds(tracker, lost, fill(lost))
