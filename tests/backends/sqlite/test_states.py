"""The statements that run all the time use an index; what they find is tested in conformance/."""

import pytest

from backends.sqlite import folding, states, tables
from backends.sqlite.files import Database
from backends.sqlite.reader import SqliteReader


@pytest.mark.parametrize(
    ("statement", "parameters", "index"),
    [
        (states._STATES, ("[]",), "sqlite_autoindex_states_1 (issue=?)"),
        (states._DUE, ("", 0, "", 0), "COVERING INDEX timers (clock=? AND (wake,issue)>(?,?) AND wake<?)"),
        (states._SCAN, ("", 1), "sqlite_autoindex_states_1 (issue>?)"),
        (states._LATE, (0,), "INDEX lates (late>?)"),
        (states._ORPHANS, (1,), "INDEX orphans"),
        (tables._ROWS, ("[]",), "PRIMARY KEY (dimensions=? AND month=?)"),
    ],
)
def test_a_statement_uses_its_index(database: Database, statement: str, parameters, index: str) -> None:
    with database.reading() as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any(index in step for step in plan), plan


def test_orphans_that_ceased_to_be_leave_room_for_the_next(commit, folder, opened, monkeypatch) -> None:
    monkeypatch.setattr(folding, "PIECES_BYTES", 0)
    since = {"a": 1, "b": 2, "c": 3, "d": 4}
    commit(states={issue: bytes(10) for issue in since}, orphans=since)
    # The next commit brings them into the table; one after that says what has changed since.
    commit()
    commit(orphans={"a": None, "b": None})
    reader = opened.enter_context(SqliteReader(folder))
    assert reader.orphans(0, 2) == [("c", 3), ("d", 4)]
