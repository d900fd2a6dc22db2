"""Turns: one process at a time, and another when it ends or sleeps."""

from pathlib import Path

from backends.vaults.sqlite_vault import SqliteVault
from livelihood.instants import SECOND
from livelihood.turns import TURN_LENGTH, Turn


def test_a_turn_is_one_processs_until_it_is_given_back_or_not_renewed(tmp_path: Path) -> None:
    clock = [1_000 * SECOND]
    with SqliteVault(tmp_path / "store") as store:
        one, other = (Turn(store, "work", who, lambda: clock[0]) for who in ("one", "other"))
        assert Turn(store, "something else", "other", lambda: clock[0]).take()
        assert one.take()
        assert one.take()
        assert not other.take()
        clock[0] += TURN_LENGTH - SECOND
        assert one.take()
        clock[0] += TURN_LENGTH - SECOND
        assert not other.take()
        clock[0] += 2 * SECOND
        assert other.take()
        assert not one.take()
        other.give_back()
        assert one.take()
