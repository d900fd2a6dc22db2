"""Ports: what the domain and the processor need of a technology. backends/ holds what stands behind.

Partitions are numbered from 0. Offsets count a partition's records from 0; `next_offset` is the
first one not yet worked on. Nothing here is asynchronous: an engine that is wraps these.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from livelihood.instants import Instant

#: What a record of the log is, in its `control`: a request event, or a marker. An import's clock
#: stands at the `received` of its last record, of whatever kind.
EVENT, IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END = "", "import.begin", "import.clock", "import.end"
#: A version of the catalogue, as JSON, which applies from there on.
CATALOGUE = "catalogue"


class Record(NamedTuple):
    """One record of a partition of the event log."""

    offset: int
    #: The log's append time, or, within an import, the event's own time.
    received: Instant
    #: The root issue of an event; empty for a marker.
    key: str
    #: The JSON of a request event, or a marker's own JSON.
    value: bytes
    #: EVENT, one of the import's markers, or CATALOGUE.
    control: str = EVENT
    #: The id of the import the record belongs to; empty for live traffic.
    run: str = ""


class NewRecord(NamedTuple):
    """A record to append."""

    key: str
    value: bytes
    #: None: stamped by the log. Given only by imports.
    received: Instant | None = None
    control: str = EVENT
    run: str = ""


class Unavailable(RuntimeError):
    """The technology cannot serve now; the message says what to do."""


class Refused(ValueError):
    """The log cannot hold this record; the message says why."""


class EventLog(Protocol):
    """The durable, ordered log of request events."""

    @property
    def partitions(self) -> int:
        """How many partitions there are."""

    def append(self, records: Sequence[NewRecord]) -> list[tuple[int, int]]:
        """Append in order, durably once this returns; (partition, offset) of each.

        A marker goes to every partition; its place is that in the last one. A version of the
        catalogue is in all of them or in none.
        Unavailable when the log cannot take all of it now: some may be in it, and appending the same
        again does no harm, for an event repeated is recognised.
        """

    def read(self, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; empty at the end."""

    def look(self, partition: int) -> Instant:
        """Now, by the clock that stamps: what can only be read later is received no earlier.

        A look at the clock alone says less: an append under way has its stamp and cannot be read yet.
        """

    def end(self, partition: int) -> int:
        """The offset the next record will get."""

    def append_run(self, run: str, position: int, records: Sequence[NewRecord]) -> int:
        """Append records of an import and, with them, how far it has come.

        `position` counts the records of the run appended before; the answer is the new count.
        Refused when the log holds another count: another process is at the same import.
        """

    def run_position(self, run: str) -> int:
        """How many records of an import the log holds."""


class Fenced(RuntimeError):
    """Another worker has taken the partition; drop everything and take it again if needed."""


class Answer(Enum):
    """What a store says to a commit it does not refuse."""

    APPLIED = "applied"
    ALREADY_APPLIED = "already applied"


@dataclass(slots=True, frozen=True, kw_only=True)
class Position:
    """Where a partition's work stands, read back when it is taken."""

    #: Raised each time the partition is taken; a commit under an older one is refused.
    epoch: int
    #: The number of the last commit applied.
    sequence: int
    next_offset: int
    #: The id of the store's data of this partition, made with them: a store that was lost and begun
    #: anew has another one, and counts its outbox from the beginning again.
    born: str
    #: What the processor keeps for the partition as a whole (clocks, open imports, cursors), packed.
    ledger: bytes


@dataclass(slots=True, kw_only=True)
class Commit:
    """Everything one batch changes; applied whole or not at all."""

    epoch: int
    sequence: int
    next_offset: int
    ledger: bytes
    #: Issue -> packed state.
    states: dict[str, bytes] = field(default_factory=dict)
    #: Issue -> (clock, instant): when the issue next needs looking at, by which clock; None: never.
    timers: dict[str, tuple[str, Instant] | None] = field(default_factory=dict)
    #: Issue -> the latest `recorded` of an event about what was before it, for "known at".
    late: dict[str, Instant] = field(default_factory=dict)
    #: Orphans that appeared (since when) or found their submission (None).
    orphans: dict[str, Instant | None] = field(default_factory=dict)
    #: (issue, segment) -> packed old events that no longer fit the state.
    archive: dict[tuple[str, int], bytes] = field(default_factory=dict)
    #: New names: id -> packed dimensions, id -> packed shape (see contribution.py).
    dimensions: dict[int, bytes] = field(default_factory=dict)
    shapes: dict[int, bytes] = field(default_factory=dict)
    #: (dimensions' id, month) -> packed absolute measures.
    rows: dict[tuple[int, str], bytes] = field(default_factory=dict)
    #: Packed movements, in the order they were made (see movements.py).
    movements: bytes = b""
    #: (channel, number, issue) -> whether that channel finds the issue by that number from here on. The
    #: issue's state is in the same commit.
    numbers: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    #: What must leave: alerts and dead letters, in order, each (kind, id, key, JSON).
    outbox: list["Outgoing"] = field(default_factory=list)


class Outgoing(NamedTuple):
    """Something the partition's owner publishes."""

    #: "alert", "dead_letter" or "event".
    topic: str
    #: Deterministic, so that a repeat is recognised.
    id: str
    key: str
    value: bytes


class StateStore(Protocol):
    """What a worker keeps of its partitions."""

    def take(self, partition: int) -> Position:
        """Become the partition's owner: raises its epoch and reads back where it stands."""

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one."""

    def load_archive(self, partition: int, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""

    def due(self, partition: int, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """Issues of a clock whose timer is due by `until`, earliest first, with their states."""

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes of a partition."""

    def load_rows(self, partition: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The packed rows of those keys that have one."""

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """About `limit` states and the cursor that goes on after them; None: these were the last.

        A pass begins with "" and gives every issue that was there all the while, once.
        """

    def commit(self, partition: int, commit: Commit) -> Answer:
        """Apply whole or not at all. Fenced when epoch or sequence do not continue what is held."""

    def outbox(self, partition: int, limit: int) -> list[tuple[int, Outgoing]]:
        """What waits to leave, oldest first, each with its number."""

    def sent(self, partition: int, through: int) -> None:
        """The log has acknowledged the outbox up to and with this number: remove it."""


class Outlet(Protocol):
    """Where the outbox goes: the topics of alerts and of dead letters, and back into the log."""

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        """What waits in a partition's outbox, each with its number; `born` as the Position has it.

        Durable, in order, once this returns. What was published before, by whomever, changes nothing.
        Fenced when another worker has taken the partition's outlet.
        """


class Published(Protocol):
    """What was published beside request events: alerts, dead letters, versions of the catalogue."""

    @property
    def partitions(self) -> int:
        """How many partitions there are."""

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """Alerts or dead letters in order, after a place (0: from the first): (place, id, JSON).

        An alert is in its issue's partition.
        """

    def last(self, topic: str, partition: int) -> int:
        """The place after which nothing is to be read yet."""

    def catalogues(self) -> list[bytes]:
        """Every published version of the catalogue, in order, as JSON."""


class Moved(RuntimeError):
    """What was read within a snapshot is not of one moment: read it again."""


class Reader(Protocol):
    """What dashboards, exports and the command line read. Consistent per partition."""

    @property
    def partitions(self) -> int:
        """How many partitions there are."""

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read within is, partition by partition, of one moment. Keep it short.

        An engine that cannot hold a moment raises Moved, within or at its end, where work went on meanwhile.
        Scans are not covered: they give each state as of its own moment.
        """

    def position(self, partition: int) -> Position:
        """Where the partition's work stands."""

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes of a partition."""

    def named(
        self, partition: int, dimensions: Sequence[int], shapes: Sequence[int]
    ) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """Those of these numbers, of whatever moment: a name is never changed."""

    def rows(self, partition: int) -> Iterator[tuple[tuple[int, str], bytes]]:
        """All rows."""

    def movements(self, partition: int, after: int = 0) -> Iterator[bytes]:
        """All movements but the first `after`, in order, in pages of whole entries.

        They are also the feed of changes: whoever remembers how many it has read misses none.
        """

    def states(self, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one, whatever their partitions."""

    def archive(self, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """As StateStore.scan."""

    def late(self, partition: int, known_at: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues with an event recorded after `known_at` that claims an earlier time."""

    def waking(self, partition: int, until: Instant) -> Iterator[tuple[str, bytes]]:
        """States of issues whose timer, by whatever clock, is due by then."""

    def orphans(self, partition: int, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""

    def numbered(self, channel: str, number: str) -> list[str]:
        """The issues that a channel has that number for, in order; see livelihood/numbers.py."""

    def numbers(self, partition: int) -> Iterator[tuple[str, str, str]]:
        """All there are: channel, number, issue."""
