import pytest

from backends.sqlite.store import SqliteStore
from livelihood.ports import Commit, Fenced


def test_an_owner_that_lost_the_partition_and_took_it_again_sees_what_the_other_did(
    folder, opened, store
) -> None:
    first = store.take(0)
    parts = {"next_offset": 0, "ledger": b""}
    store.commit(0, Commit(epoch=first.epoch, sequence=1, states={"a": b"A"}, **parts))
    other = opened.enter_context(SqliteStore(folder))
    second = other.take(0)
    other.commit(0, Commit(epoch=second.epoch, sequence=2, states={"a": b"B", "b": b"B"}, **parts))
    with pytest.raises(Fenced):
        store.commit(0, Commit(epoch=first.epoch, sequence=2, states={"a": b"C"}, **parts))
    assert store.take(0).sequence == 2
    assert store.load(0, ["a", "b"]) == {"a": b"B", "b": b"B"}


def test_only_partition_0_exists(store) -> None:
    with pytest.raises(IndexError):
        store.take(1)
