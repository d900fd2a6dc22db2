"""Names, rows and archives: what is kept beside the states, a row each."""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import msgspec

from livelihood.ports import Commit, Position

_ROWS = """
    SELECT dimensions, month, measures FROM json_each(?) AS wanted CROSS JOIN rows
    ON dimensions = json_extract(wanted.value, '$[0]') AND month = json_extract(wanted.value, '$[1]')"""
_NAMED = """
    SELECT named.id, packed FROM json_each(?) AS wanted CROSS JOIN {table} AS named
    ON named.id = wanted.value"""

_json = msgspec.json.Encoder().encode


def as_list(values: Sequence[object]) -> str:
    """A list as one parameter, for json_each: one statement however long the list is."""
    return _json(values).decode()


def put(connection: Connection, commit: Commit) -> None:
    """Within a transaction: write those of a commit."""
    execute = connection.executemany
    execute("INSERT OR REPLACE INTO archive VALUES (?, ?, ?)", ((*k, v) for k, v in commit.archive.items()))
    execute("INSERT OR REPLACE INTO dimensions VALUES (?, ?)", commit.dimensions.items())
    execute("INSERT OR REPLACE INTO shapes VALUES (?, ?)", commit.shapes.items())
    execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", [(*k, v) for k, v in sorted(commit.rows.items())])

    numbers = commit.numbers
    execute("INSERT OR IGNORE INTO numbers VALUES (?, ?, ?)", sorted(key for key in numbers if numbers[key]))
    execute(
        "DELETE FROM numbers WHERE (channel, number, issue) = (?, ?, ?)",
        [key for key, holds in numbers.items() if not holds],
    )


def position(connection: Connection) -> Position:
    """Where the work stands."""
    row = connection.execute("SELECT epoch, sequence, next_offset, ledger, born FROM position").fetchone()
    epoch, sequence, next_offset, ledger, born = row
    return Position(epoch=epoch, sequence=sequence, next_offset=next_offset, ledger=ledger, born=born)


def names(connection: Connection) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """All dimensions and shapes."""
    dimensions = connection.execute("SELECT id, packed FROM dimensions").fetchall()
    shapes = connection.execute("SELECT id, packed FROM shapes").fetchall()
    return dict(dimensions), dict(shapes)


def named(
    connection: Connection, dimensions: Sequence[int], shapes: Sequence[int]
) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """The dimensions and shapes of these numbers."""
    rows = connection.execute(_NAMED.format(table="dimensions"), (as_list(dimensions),)).fetchall()
    return dict(rows), dict(connection.execute(_NAMED.format(table="shapes"), (as_list(shapes),)).fetchall())


def rows(connection: Connection, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
    """The packed rows of those keys that have one."""
    found = connection.execute(_ROWS, (as_list(sorted(keys)),))
    return {(dimensions, month): measures for dimensions, month, measures in found}


def all_rows(connection: Connection) -> list[tuple[int, str, bytes]]:
    """(dimensions' id, month, packed row) of each."""
    return connection.execute("SELECT dimensions, month, measures FROM rows").fetchall()


def archive(connection: Connection, issue: str) -> list[bytes]:
    """An issue's archived segments, oldest first."""
    found = connection.execute("SELECT events FROM archive WHERE issue = ? ORDER BY segment", (issue,))
    return [events for (events,) in found]


def numbered(connection: Connection, channel: str, number: str) -> list[str]:
    """The issues that a channel has that number for, in order."""
    found = connection.execute(
        "SELECT issue FROM numbers WHERE channel = ? AND number = ? ORDER BY issue", (channel, number)
    )
    return [issue for (issue,) in found]


def numbers(connection: Connection) -> list[tuple[str, str, str]]:
    """All there are: channel, number, issue."""
    return connection.execute("SELECT channel, number, issue FROM numbers").fetchall()
