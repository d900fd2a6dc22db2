"""Bringing what changed lately into the table of states, and keeping the pieces few."""

from collections.abc import Sequence
from sqlite3 import Connection

from backends.sqlite.recent import PIECES_BYTES, Changes, Recent

#: A commit brings in at least so many issues, and twice as many as it changes itself: so that it ends
#: before as many pieces again have come, and no commit takes long.
LEAST_ISSUES = 500

# REPLACE would give the issue a new place among the states and lose what else is known of it.
_PUT_TIMED_STATE = """
    INSERT INTO states (issue, clock, wake, state) VALUES (?, ?, ?, ?) ON CONFLICT (issue)
    DO UPDATE SET clock = excluded.clock, wake = excluded.wake, state = excluded.state"""
_PUT_STATE = """
    INSERT INTO states (issue, state) VALUES (?, ?) ON CONFLICT (issue)
    DO UPDATE SET state = excluded.state"""
_PUT_TIMER = "UPDATE states SET clock = ?, wake = ? WHERE issue = ?"
_PUT_LATE = "UPDATE states SET late = ? WHERE issue = ?"
_PUT_ORPHAN = "UPDATE states SET orphan = ? WHERE issue = ?"


class Folding:
    """The owner's housekeeping. Its steps are part of commits: `step` before, `committed` after each."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        # What is being brought in, as of one commit; which of its issues are; what came since.
        self._frozen: Changes | None = None
        self._issues: list[str] = []
        self._done = 0
        self._through = 0
        self._since = Changes()
        self._since_bytes = 0
        # What the step within the transaction did, to be remembered once that is on disk.
        self._next_done = 0
        self._next_bytes: int | None = None

    def step(self, connection: Connection, changing: int) -> None:
        """Within a transaction that changes so many issues: bring in some of those that wait."""
        recent = self._recent
        self._next_done, self._next_bytes = self._done, None
        if self._frozen is None:
            if recent.bytes <= PIECES_BYTES:
                return
            if sum(map(len, recent.changes.states.values())) <= PIECES_BYTES // 2:
                # The same issues over and over: in the table, they would be back here at once.
                self._write_anew(connection)
                return
            self._freeze()
        assert self._frozen is not None
        self._next_done = self._done + max(2 * changing, LEAST_ISSUES)
        fold(connection, self._frozen.of_issues(self._issues[self._done : self._next_done]))
        if self._next_done >= len(self._issues):
            _remove(connection, self._through)

    def committed(self, sequence: int, changes: Changes, size: int) -> None:
        """The transaction is on disk, with a piece of so many bytes."""
        recent = self._recent
        if self._next_bytes is not None:
            recent.replaced(recent.changes, self._next_bytes)
        self._done = self._next_done
        if self._frozen is not None:
            if self._done >= len(self._issues):
                recent.replaced(self._since, self._since_bytes)
                self._frozen, self._issues, self._done, self._since = None, [], 0, Changes()
            else:
                self._since.update(changes)
                self._since_bytes += size
        recent.committed(sequence, changes, size)

    def _freeze(self) -> None:
        changes = self._recent.changes
        self._frozen = changes.copy()
        # In the order of the index of states; those that came together lie together.
        self._issues = sorted(changes.issues())
        self._through = self._recent.sequence
        self._done, self._since, self._since_bytes = 0, Changes(), 0

    def _write_anew(self, connection: Connection) -> None:
        piece = self._recent.changes.pack()
        _remove(connection, self._recent.sequence)
        connection.execute("INSERT INTO recent VALUES (?, ?)", (self._recent.sequence, piece))
        self._next_bytes = len(piece)


def _remove(connection: Connection, through: int) -> None:
    """Remove the pieces up to a commit; who keeps them in memory sees it by the generation."""
    connection.execute("DELETE FROM recent WHERE sequence <= ?", (through,))
    connection.execute("UPDATE position SET generation = generation + 1")


def fold(connection: Connection, changes: Changes) -> None:
    """Within a transaction: write changes into the table."""
    numbers = _numbers(connection, changes)
    timers = {
        issue: (None, None) if timer is None else (numbers[timer[0]], timer[1])
        for issue, timer in changes.timers.items()
    }
    states = changes.states
    _put(
        connection,
        _PUT_TIMED_STATE,
        [(issue, *timers[issue], state) for issue, state in states.items() if issue in timers],
    )
    _put(connection, _PUT_STATE, [one for one in states.items() if one[0] not in timers])
    _put(connection, _PUT_TIMER, [(*timer, issue) for issue, timer in timers.items() if issue not in states])
    _put(connection, _PUT_LATE, [(at, issue) for issue, at in changes.late.items()])
    _put(connection, _PUT_ORPHAN, [(since, issue) for issue, since in changes.orphans.items()])


def _put(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        changed = connection.executemany(statement, rows).rowcount
        assert changed == len(rows), "a change of an issue that has no state was committed"


def _numbers(connection: Connection, changes: Changes) -> dict[str, int]:
    """The clocks' numbers, which keep the timers' index small; given now to new ones."""
    clocks = {timer[0] for timer in changes.timers.values() if timer is not None}
    connection.executemany("INSERT OR IGNORE INTO clocks (name) VALUES (?)", [(name,) for name in clocks])
    return dict(connection.execute("SELECT name, number FROM clocks").fetchall())
