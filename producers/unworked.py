"""What the log holds and no worker has worked on yet: states do not tell of it, and it must be known.

Kept in a file without a name, which is gone when it is closed, so that memory stays small however long
nobody works.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence

import msgspec

from livelihood.facts import Fact, Undecodable, decode
from livelihood.ports import EVENT, EventLog, Reader

#: What others append to a partition is noticed within so long.
LOOK_SECONDS = 0.1
#: How often what workers have worked on meanwhile is forgotten.
FORGET_SECONDS = 1.0
#: Further behind the log's end nothing is read: whoever makes all tables again has the whole log before them,
#: and a repeat of something that old is then recognised by the processor only.
MOST_BEHIND = 1_000_000
_READ_RECORDS = 10_000
_ASKED_ISSUES = 500
_CACHE_KIB = 8 * 1024

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Fact).decode


class Unworked:
    """Belongs to one thread. Every call may raise Unavailable."""

    def __init__(self, log: EventLog, reader: Reader) -> None:
        self._log = log
        self._reader = reader
        self._facts = sqlite3.connect("", isolation_level=None)
        self._facts.executescript(f"""
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -{_CACHE_KIB};
            CREATE TABLE facts (partition INTEGER, place INTEGER, issue TEXT, fact BLOB,
                                PRIMARY KEY (partition, place)) WITHOUT ROWID;
            CREATE INDEX facts_of_issue ON facts (issue);
        """)
        #: Partition -> the first offset not yet seen, and when it was last looked at.
        self._next: dict[int, int] = {}
        self._looked: dict[int, float] = {}
        self._forgot = 0.0

    def look(self, partitions: Iterable[int]) -> None:
        """See what was appended to them: at the first look, from where their worker stands."""
        for partition in partitions:
            now = time.monotonic()
            if now - self._looked.get(partition, -LOOK_SECONDS) < LOOK_SECONDS:
                continue
            first = self._next.get(partition)
            if first is None:
                first = self._first(partition)
            while records := self._log.read(partition, first, _READ_RECORDS):
                self._facts.executemany(
                    "INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?)",
                    [
                        (partition, record.offset, *decoded)
                        for record in records
                        if record.control == EVENT and (decoded := _decoded(record.value, record.received))
                    ],
                )
                first = records[-1].offset + 1
            self._next[partition], self._looked[partition] = first, now

    def look_again(self) -> None:
        """Trust no look of before: an append has failed, and some of it may be there."""
        self._looked.clear()

    def add(self, appended: Sequence[tuple[tuple[int, int], str, Fact]]) -> None:
        """Take in what we have appended ourselves: (partition, offset), issue and fact of each."""
        self._facts.executemany(
            "INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?)",
            [(partition, offset, issue, _pack(fact)) for (partition, offset), issue, fact in appended],
        )
        for (partition, offset), *_ in appended:
            if self._next.get(partition) == offset:
                self._next[partition] = offset + 1

    def of(self, issues: Sequence[str]) -> dict[str, list[Fact]]:
        """What is known of some issues, oldest first."""
        found: dict[str, list[Fact]] = {}
        for first in range(0, len(issues), _ASKED_ISSUES):
            some = issues[first : first + _ASKED_ISSUES]
            marks = ", ".join("?" * len(some))
            rows = self._facts.execute(
                f"SELECT issue, fact FROM facts WHERE issue IN ({marks}) ORDER BY partition, place", some
            )
            for issue, packed in rows:
                found.setdefault(issue, []).append(_unpack(packed))
        return found

    def forget(self) -> None:
        """Forget what workers have worked on, now and then. States must be read after this, not before."""
        now = time.monotonic()
        if now - self._forgot < FORGET_SECONDS:
            return
        self._forgot = now
        for partition in self._next:
            worked = self._reader.position(partition).next_offset
            self._facts.execute("DELETE FROM facts WHERE partition = ? AND place < ?", (partition, worked))

    def _first(self, partition: int) -> int:
        worked = self._reader.position(partition).next_offset
        return max(worked, self._log.end(partition) - MOST_BEHIND // self._log.partitions)

    def close(self) -> None:
        """Give the file back."""
        self._facts.close()


def _decoded(value: bytes, received: int) -> tuple[str, bytes] | None:
    """Issue and packed fact of an event; None for what becomes a dead letter."""
    try:
        issue, fact = decode(value, received)
    except Undecodable:
        return None
    return issue, _pack(fact)
