"""States kept in a topic, and a store that keeps its cold ones there."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest

from backends.kafka.closed import NEAR, KafkaColdStates
from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from livelihood.ports import Commit, Unavailable
from tests.backends.kafka.conftest import Tracker


@pytest.fixture
def cold(tracker: Tracker) -> KafkaColdStates:
    return tracker.open.enter_context(closing(KafkaColdStates(tracker.connection)))


def test_states_are_read_back_from_anywhere_by_anybody(tracker: Tracker, cold: KafkaColdStates) -> None:
    states = {f"市{number}": b"%d" % number * (number % 50) for number in range(3 * NEAR)}
    places = cold.put(1, states)
    other = tracker.open.enter_context(closing(KafkaColdStates(tracker.connection)))
    for wanted in (1, 2, 50, len(states)):
        issues = random.sample(list(states), wanted)
        assert other.get(1, {issue: places[issue] for issue in issues}) == {i: states[i] for i in issues}
    assert other.get(1, {}) == {}
    assert cold.put(1, {}) == {}


def test_threads_put_and_get_at_once(cold: KafkaColdStates) -> None:
    def both(number: int) -> bool:
        states = {f"i{number}-{n}": b"%d" % (number + n) for n in range(50)}
        return cold.get(number % 2, cold.put(number % 2, states)) == states

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(both, range(20)))


def test_a_state_larger_than_a_record_of_the_log_is_kept(cold: KafkaColdStates) -> None:
    state = random.randbytes(4_000_000)
    assert cold.get(0, cold.put(0, {"a": state})) == {"a": state}


def test_a_state_that_is_not_where_it_was_put_is_said_to_be_missing(cold: KafkaColdStates) -> None:
    places = cold.put(0, {"a": b"A", "b": b"B"})
    with pytest.raises(Unavailable, match="livelihood rebuild"):
        cold.get(0, {"a": places["b"]})
    with pytest.raises(Unavailable, match="rebuild"):
        cold.get(0, {"a": places["b"] + 10})


def test_a_store_brings_cold_issues_back(cold: KafkaColdStates, redis_server: str) -> None:
    prefix = f"c{uuid4().hex[:12]}"
    with (
        RedisStore(redis_server, prefix=prefix, cold=cold) as store,
        RedisReader(redis_server, prefix=prefix, partitions=1, cold=cold) as reader,
    ):
        position = store.take(0)
        states = {f"i{number}": b"%d" % number for number in range(300)}
        timers = {issue: ("", 5) if int(state) % 3 else None for issue, state in states.items()}
        store.commit(
            0,
            Commit(
                *(), epoch=position.epoch, sequence=1, next_offset=1, ledger=b"", states=states, timers=timers
            ),
        )
        assert store.load(0, states) == states == reader.states(states)
        pages, cursor = dict[str, bytes](), ""
        while cursor is not None:
            page, cursor = store.scan(0, cursor, 50)
            pages.update(page)
        assert pages == states
