"""Finding states, timers and what else is kept by issue: in what changed lately, then in the table."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from sqlite3 import Connection

from backends.sqlite.recent import Changes, Recent
from backends.sqlite.tables import as_list
from livelihood.instants import Instant

_STATES = "SELECT issue, state FROM json_each(?) AS wanted CROSS JOIN states ON issue = wanted.value"
_DUE = """
    SELECT wake, issue FROM states
    WHERE clock = (SELECT number FROM clocks WHERE name = ?) AND (wake, issue) > (?, ?) AND wake <= ?
    ORDER BY wake, issue"""
_SCAN = "SELECT issue, state FROM states WHERE issue > ? ORDER BY issue LIMIT ?"
_LATE = "SELECT issue FROM states WHERE late > ?"
_WAKING = "SELECT issue FROM clocks CROSS JOIN states ON clock = number WHERE wake <= ?"
_ORPHANS = "SELECT orphan, issue FROM states WHERE orphan IS NOT NULL ORDER BY orphan, issue LIMIT ?"

#: Before every timer.
_START: tuple[Instant, str] = (-(1 << 63), "")


class States:
    """All that is kept by issue, as of one commit. Each call is made within a snapshot."""

    def __init__(self) -> None:
        self.recent = Recent()
        # Up to here the table's timers were all moved or stopped, and since which folding that holds.
        self._passed: dict[str, tuple[Instant, str]] = {}
        self._passed_since = -1

    def load(self, connection: Connection, issues: Iterable[str]) -> dict[str, bytes]:
        """The states of those issues that have one."""
        self.recent.refresh(connection)
        return self._load(connection, issues)

    def without(self, connection: Connection, changes: Changes) -> set[str]:
        """Issues of which something is known by these changes and all before, but not a state."""
        named = changes.timers.keys() | changes.late.keys() | changes.orphans.keys()
        named -= changes.states.keys()
        return named - self.load(connection, named).keys() if named else named

    def due(self, connection: Connection, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """Issues of a clock whose timer is due by `until`, earliest first, with their states."""
        self.recent.refresh(connection)
        timers = merge(self.recent.due(clock, until, limit), self._due_in_table(connection, clock, until))
        issues = [issue for _, issue in islice(timers, limit)]
        states = self._load(connection, issues)
        return [(issue, states[issue]) for issue in issues]

    def scan(
        self, connection: Connection, after: str, limit: int
    ) -> tuple[list[tuple[str, bytes]], str | None]:
        """States in order of issue, after one, and the last of them; None: there are no more."""
        self.recent.refresh(connection)
        states = dict(connection.execute(_SCAN, (after, limit)).fetchall())
        states.update(self.recent.after(after, limit))
        found = sorted(states.items())[:limit]
        return found, found[-1][0] if len(found) == limit else None

    def late(self, connection: Connection, known_at: Instant) -> list[str]:
        """Issues with an event recorded after `known_at` that claims an earlier time."""
        self.recent.refresh(connection)
        recent = self.recent.changes.late
        found = [issue for (issue,) in connection.execute(_LATE, (known_at,)) if issue not in recent]
        return found + [issue for issue, at in recent.items() if at > known_at]

    def waking(self, connection: Connection, until: Instant) -> list[str]:
        """Issues whose timer, by whatever clock, is due by then."""
        self.recent.refresh(connection)
        recent = self.recent.changes.timers
        found = [issue for (issue,) in connection.execute(_WAKING, (until,)) if issue not in recent]
        return found + [issue for issue, timer in recent.items() if timer is not None and timer[1] <= until]

    def orphans(self, connection: Connection, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""
        self.recent.refresh(connection)
        recent = self.recent.changes.orphans
        held = connection.execute(_ORPHANS, (limit + len(recent),))
        found = [(since, issue) for since, issue in held if issue not in recent]
        found += [(since, issue) for issue, since in recent.items() if since is not None]
        return [(issue, since) for since, issue in sorted(found)[:limit]]

    def _load(self, connection: Connection, issues: Iterable[str]) -> dict[str, bytes]:
        recent = self.recent.changes.states
        found: dict[str, bytes] = {}
        missing: list[str] = []
        for issue in issues:
            state = recent.get(issue)
            if state is None:
                missing.append(issue)
            else:
                found[issue] = state
        if missing:
            # In the order of the index, neighbours are found where the last one was.
            missing.sort()
            found.update(connection.execute(_STATES, (as_list(missing),)).fetchall())
        return found

    def _due_in_table(
        self, connection: Connection, clock: str, until: Instant
    ) -> Iterator[tuple[Instant, str]]:
        """The table's timers that still hold."""
        if self._passed_since != self.recent.generation:
            self._passed, self._passed_since = {}, self.recent.generation
        moved = self.recent.changes.timers
        from_the_start = True
        timers = connection.execute(_DUE, (clock, *self._passed.get(clock, _START), until))
        try:
            for wake, issue in timers:
                if issue not in moved:
                    from_the_start = False
                    yield wake, issue
                elif from_the_start:
                    # It stays in the table till the next folding, and need not be met again before.
                    self._passed[clock] = (wake, issue)
        finally:
            timers.close()
