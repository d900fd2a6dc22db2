"""The same answers before, while and after changes are brought into the table; see also conformance/."""

import pytest

from backends.sqlite import folding
from backends.sqlite.files import Database
from backends.sqlite.reader import SqliteReader
from livelihood.ports import Commit


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "PIECES_BYTES", 2_000)
    monkeypatch.setattr(folding, "LEAST_ISSUES", 10)


def count(database: Database, what: str) -> int:
    with database.reading() as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {what}").fetchone()
    return int(number)


def states(number: int, value: bytes) -> dict[str, bytes]:
    return {f"i{issue:03}": value + bytes(40) for issue in range(number)}


def test_a_few_changes_stay_out_of_the_table(commit, database) -> None:
    commit(states=states(20, b"a"))
    commit(states=states(1, b"b"))
    assert count(database, "states") == 0
    assert count(database, "recent") == 2


def test_many_are_brought_into_it_some_with_each_commit(commit, store, folder, opened, database) -> None:
    reader = opened.enter_context(SqliteReader(folder))
    first = states(55, b"a")
    # One of each kind, which a step must not lose.
    commit(states=first, timers={"i003": ("", 5)}, late={"i004": 7}, orphans={"i005": 9})
    expected = dict(first)
    in_table = [0]
    for number in range(8):
        changed = {f"i{number:03}": b"b%d" % number, f"n{number}": b"new"}
        commit(states=changed, timers={"i003": ("", 6 + number)})
        expected |= changed
        in_table.append(count(database, "states"))
        assert dict(store.scan(0, "", 1_000)[0]) == expected == dict(reader.scan(0, "", 1_000)[0])
        assert store.load(0, expected) == expected
        assert store.due(0, "", 100, 10) == [("i003", expected["i003"])]
        assert store.due(0, "", 5 + number, 10) == []
        assert dict(reader.late(0, 6)) == {"i004": expected["i004"]}
        assert reader.orphans(0, 10) == [("i005", 9)]
    assert in_table[:8] == [0, 10, 20, 30, 40, 50, 55, 55]
    # What came meanwhile waits for the next time.
    assert 0 < count(database, "recent") < 9
    assert store.due(0, "", 100, 10) == [("i003", b"b3")]


def test_the_same_issues_over_and_over_stay_out_of_the_table_in_one_piece(commit, store, database) -> None:
    for number in range(40):
        commit(states=states(10, b"%d" % number))
    assert count(database, "states") == 0
    assert count(database, "recent") <= 4
    assert store.load(0, ["i003"]) == {"i003": b"39" + bytes(40)}


def test_a_worker_that_takes_over_in_the_middle_goes_on(commit, store, folder, opened, database) -> None:
    commit(states=states(55, b"a"))
    commit(states={"i001": b"b"})
    assert 0 < count(database, "states") < 55
    position = store.take(0)
    for sequence in range(3, 12):
        parts = {"sequence": sequence, "next_offset": sequence, "states": {"i002": b"c%d" % sequence}}
        store.commit(0, Commit(epoch=position.epoch, ledger=b"", **parts))
    assert count(database, "states") == 55
    expected = states(55, b"a") | {"i001": b"b", "i002": b"c11"}
    assert dict(store.scan(0, "", 100)[0]) == expected


def test_a_commit_that_fails_while_some_are_brought_in_changes_nothing(commit, store, database) -> None:
    commit(states=states(55, b"a"))
    commit(states={"i001": b"b"})
    with database.writing() as connection:
        # Something that makes the next commit fail after the step.
        connection.execute("INSERT INTO outbox VALUES (99, x'90')")
        connection.execute("CREATE TRIGGER stop BEFORE UPDATE ON position WHEN new.sequence = 3"
                           " BEGIN SELECT RAISE(ABORT, 'stopped'); END")  # fmt: skip
    held = count(database, "states")
    with pytest.raises(Exception, match="stopped"):
        commit(states={"i001": b"c", "i020": b"c"})
    assert count(database, "states") == held
    assert store.load(0, ["i001", "i020"]) == {"i001": b"b", "i020": b"a" + bytes(40)}


def test_a_timer_before_those_already_passed_over_is_found(commit, store, monkeypatch) -> None:
    """The place up to which the table's timers need not be met again holds until the table changes."""
    monkeypatch.setattr(folding, "LEAST_ISSUES", 1_000)
    filling = states(60, b"a")
    commit(states=filling, timers={"i001": ("", 20)})
    commit(states={"i001": b"b"}, timers={"i001": ("", 90)})
    # The table holds i001 at 20, which has moved since.
    assert store.due(0, "", 50, 10) == []
    commit(states=filling, timers={"i002": ("", 10)})
    commit(states={"other": b"o"})
    commit(states={"other": b"p"})
    assert [issue for issue, _ in store.due(0, "", 50, 10)] == ["i002"]
    assert [issue for issue, _ in store.due(0, "", 90, 10)] == ["i002", "i001"]


def test_a_reader_that_looked_away_for_long_sees_what_came_meanwhile(commit, folder, opened) -> None:
    reader = opened.enter_context(SqliteReader(folder))
    commit(states={"x": b"old"})
    assert reader.states(["x"]) == {"x": b"old"}
    commit(states=states(60, b"a") | {"x": b"new"})
    for _ in range(10):
        commit(states={"other": b"o"})
    assert reader.states(["x"]) == {"x": b"new"}


def test_a_commit_that_was_interrupted_once_on_disk_is_not_forgotten(
    commit, store, database, monkeypatch
) -> None:
    first = states(55, b"a")
    commit(states=first)
    commit(states={"i001": b"b"})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(folding.Folding, "committed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            commit(states={"i002": b"c"})
    for _ in range(10):
        commit(states={"i003": b"d"})
    assert count(database, "states") == 55
    expected = first | {"i001": b"b", "i002": b"c", "i003": b"d"}
    assert dict(store.scan(0, "", 100)[0]) == expected
