"""States kept in memory: always what the store holds, the most recently touched, within the limit."""

from collections.abc import Iterable

import pytest

from livelihood.ports import Answer, Commit, Fenced, Position
from streams.hot import ENTRY_BYTES, Hot, HotStates


class Store:
    """As much of a store as matters here, and what it was asked for."""

    def __init__(self) -> None:
        self.states: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.fenced = False

    def take(self, partition: int) -> Position:
        return Position(epoch=1, sequence=0, next_offset=0, born="b", ledger=b"")

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        self.asked += issues
        return {issue: self.states[issue] for issue in issues if issue in self.states}

    def commit(self, partition: int, commit: Commit) -> Answer:
        if self.fenced:
            raise Fenced("another worker has taken it")
        self.states |= commit.states
        return Answer.APPLIED


def commit_of(**states: bytes) -> Commit:
    return Commit(epoch=1, sequence=1, next_offset=1, ledger=b"", states=states)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def hot(store: Store) -> HotStates:
    hot = HotStates(store, 1_000_000)  # type: ignore[arg-type]
    hot.take(0)
    return hot


def test_what_was_read_or_committed_is_not_asked_for_again(store: Store, hot: HotStates) -> None:
    store.states = {"a": b"1"}
    assert hot.load(0, ["a", "b"]) == {"a": b"1"}
    hot.commit(0, commit_of(b=b"2", a=b"3"))
    store.asked.clear()
    assert hot.load(0, ["a", "b"]) == {"a": b"3", "b": b"2"}
    assert store.asked == []
    assert (hot.asked, hot.missed) == (4, 2)


def test_after_a_commit_that_failed_nothing_is_kept(store: Store, hot: HotStates) -> None:
    hot.commit(0, commit_of(a=b"1"))
    store.fenced = True
    with pytest.raises(Fenced):
        hot.commit(0, commit_of(a=b"2"))
    assert hot.load(0, ["a"]) == {"a": b"1"}
    assert store.asked == ["a"]


def test_a_partition_taken_again_is_read_again(store: Store, hot: HotStates) -> None:
    hot.commit(0, commit_of(a=b"1"))
    store.states["a"] = b"of another worker"
    hot.take(0)
    assert hot.load(0, ["a"]) == {"a": b"of another worker"}


def test_a_partition_of_another_is_not_kept(store: Store, hot: HotStates) -> None:
    hot.commit(1, commit_of(a=b"1"))
    hot.load(1, ["a"])
    hot.load(1, ["a"])
    assert store.asked == ["a", "a"]


def test_states_stay_within_the_limit_and_those_often_touched_stay_longest() -> None:
    hot, limit = Hot(), 200 * (ENTRY_BYTES + 100)
    often = [f"often{number}" for number in range(20)]
    hot.put(dict.fromkeys(often, b"x" * 90), limit)
    for number in range(2_000):
        found, missing = hot.get([*often, f"once{number}"])
        assert not set(missing) & set(often), number
        hot.put({**found, f"once{number}": b"x" * 90}, limit)
        assert hot.size <= limit
    assert hot.get(["once0", "once1999"])[1] == ["once0"]


def test_touching_the_same_states_again_and_again_forgets_none() -> None:
    hot, limit = Hot(), 1_000 * (ENTRY_BYTES + 100)
    states = {f"{number:010}": b"x" * 90 for number in range(400)}
    for _ in range(50):
        hot.put(states, limit)
    assert hot.get(states) == (states, [])


def test_without_memory_nothing_is_kept() -> None:
    hot = Hot()
    hot.put({"a": b"1"}, 0)
    assert hot.get(["a"]) == ({}, ["a"])
    assert hot.size == 0
