"""A partition that is discarded leaves nothing behind, and nothing else is touched."""

from pathlib import Path
from typing import Any

import pytest

from backends.redis.discarding import discard
from livelihood.ports import Fenced, Outgoing
from tests.backends.redis.conftest import Work


def full(work: Work) -> None:
    work.commit(
        next_offset=7,
        ledger=b"L",
        states={"a": b"A", "b": b"B"},
        timers={"a": ("", 5), "b": None},
        late={"a": 3},
        orphans={"b": 1},
        archive={("a", 1): b"old"},
        dimensions={0: b"D"},
        shapes={0: b"S"},
        rows={(0, "2024-01"): b"R"},
        movements=bytes(24),
        outbox=[Outgoing("alert", "1", "a", b"{}")],
    )


def test_all_of_a_partition_is_removed_and_the_next_worker_begins_anew(tracker: Any, tmp_path: Path) -> None:
    store = tracker.store()
    first, second = Work(store, 0), Work(store, 1)
    full(first)
    full(second)
    other = type(tracker)(tracker.url, tmp_path, f"{tracker.prefix}-other")
    elsewhere = Work(other.store(), 0)
    full(elsewhere)
    keys = set(tracker.client().scan_iter(f"{tracker.prefix}:*"))
    assert discard(tracker.url, prefix=tracker.prefix, partitions=2) == len(keys) > 20
    left = set(tracker.client().scan_iter(f"{tracker.prefix}:*"))
    assert left == {tracker.key("meta", number).encode() for number in (0, 1)}
    with pytest.raises(Fenced):
        first.commit(next_offset=8)
    taken = store.take(0)
    assert (taken.sequence, taken.next_offset, taken.ledger) == (0, 0, b"")
    assert taken.epoch == first.position.epoch + 2
    assert taken.born != first.position.born
    elsewhere.commit(next_offset=8)
    other.open.close()
