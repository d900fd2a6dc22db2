"""What workers keep: states, timers, rows, names, movements, the outbox and the position."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self
from uuid import uuid4

import msgspec

from backends.checks import InvalidCommit, check_commit
from backends.redis.cold import ColdStates
from backends.redis.keys import LAYOUT, meta_key
from backends.redis.plan import planned
from backends.redis.reads import Reads, position_of
from backends.redis.server import Server, script
from livelihood.instants import Instant
from livelihood.ports import Answer, Commit, Fenced, Outgoing, Position, StateStore, Unavailable

#: A commit of five thousand records has a few megabytes. One of this size stops the server for everybody
#: else for a second or more, and its own limit for a value is four times as much.
LARGEST_COMMIT_BYTES = 128 * 1024 * 1024

_waiting = msgspec.msgpack.Decoder(list[Outgoing]).decode


class RedisStore(StateStore):
    """The state of all partitions. Of each, the worker that took it last may commit; others are refused."""

    def __init__(self, url: str, *, prefix: str, cold: ColdStates, checks: bool = True) -> None:
        """Connect to a server or a cluster; every key begins with `prefix`.

        Unavailable when it cannot be reached or, with `checks`, may lose or evict what it holds.
        """
        self._server = Server(url, checks=checks)
        self._prefix = prefix
        self._cold = cold
        self._reads = Reads(self._server, prefix, cold)

    def take(self, partition: int) -> Position:
        """Become the owner: raises the epoch and reads back where the work stands."""
        arguments = (uuid4().hex, int(self._server.syncs_always), LAYOUT)
        held = self._server.call(script("take", writes=True), self._meta(partition), *arguments)
        if not isinstance(held, list):
            raise Unavailable(f"the state of partition {partition} was written by another version; update")
        return position_of(held)

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        """The packed states of those issues that have one."""
        return self._reads.load(partition, issues)

    def load_archive(self, partition: int, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        return self._reads.archive(partition, issue)

    def due(self, partition: int, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """Issues of a clock whose timer is due by `until`, earliest first, with their states."""
        return self._reads.due(partition, clock, until, limit)

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        return self._reads.names(partition)

    def load_rows(self, partition: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The packed rows of those keys that have one."""
        return self._reads.load_rows(partition, keys)

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """About `limit` states and the cursor that goes on after them; None: these were the last."""
        return self._reads.scan(partition, cursor, limit)

    def commit(self, partition: int, commit: Commit) -> Answer:
        """Apply whole or not at all.

        Fenced when epoch or sequence do not continue what is held; InvalidCommit (a ValueError) when
        the commit is not well formed or larger than LARGEST_COMMIT_BYTES; Unavailable when the server
        did not answer: it may have been applied then, and taking the partition again tells.
        """
        check_commit(commit)
        plan, values = planned(partition, commit, self._cold)
        size = len(plan) + len(values) + len(commit.movements) + len(commit.ledger)
        if size > LARGEST_COMMIT_BYTES:
            raise InvalidCommit(
                f"a commit of {size:,} bytes; a script takes {LARGEST_COMMIT_BYTES:,} at most:"
                " work on fewer records in one commit"
            )
        answer, *details = self._server.call(
            script("commit", writes=True),
            self._meta(partition),
            plan,
            values,
            commit.movements,
            commit.ledger,
        )
        match answer:
            case b"applied":
                return Answer.APPLIED
            case b"already applied":
                return Answer.ALREADY_APPLIED
            case b"fenced":
                raise Fenced(
                    f"commit {commit.sequence} under epoch {commit.epoch} does not continue {details[0]}"
                    f" under epoch {details[1]}; another worker has taken the partition"
                )
            case b"backwards":
                raise InvalidCommit(f"from offset {details[0]} back to {commit.next_offset}")
            case b"stateless":
                issue = details[0].decode()
                raise InvalidCommit(f"a timer, lateness or orphan of {issue!r}, which has no state")
            case _:
                raise InvalidCommit(f"values that are not whole: {details}")

    def outbox(self, partition: int, limit: int) -> list[tuple[int, Outgoing]]:
        """What waits to leave, oldest first, each with its number."""
        number, count, packed = self._server.call(script("outbox"), self._meta(partition), limit)
        return list(enumerate(_waiting(b"\xdd" + count.to_bytes(4, "big") + packed), number))

    def sent(self, partition: int, through: int) -> None:
        """The log has acknowledged the outbox up to and with this number: remove it."""
        self._server.call(script("sent", writes=True), self._meta(partition), through)

    def _meta(self, partition: int) -> str:
        return meta_key(self._prefix, partition)

    def close(self) -> None:
        """Close all connections."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
