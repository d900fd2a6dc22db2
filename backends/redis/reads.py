"""Everything that is read of a partition, by its worker and by everybody else."""

import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from backends.redis.cold import ColdStates
from backends.redis.keys import (
    BUCKETS,
    PAGE_BYTES,
    channel_and_number,
    issue_of,
    key_of,
    member,
    meta_key,
    number_field,
    row_field,
    row_key,
    score,
)
from backends.redis.server import Server, script
from livelihood.instants import Instant
from livelihood.ports import Moved, Position

_encode = msgspec.msgpack.Encoder().encode
_texts = msgspec.msgpack.Decoder(list[str]).decode
_numbers = msgspec.msgpack.Decoder(list[int]).decode
#: States asked for in one call, so that none keeps the server busy for long.
STEP = 5_000


class Moment(NamedTuple):
    """Where a partition stood when it was first looked at."""

    position: Position
    #: How many bytes of movements there were.
    movements: int

    @property
    def name(self) -> bytes:
        """As the scripts say it."""
        return f"{self.position.born} {self.position.sequence}".encode()


class _Here(threading.local):
    """What one thread has looked at: others that share the reader have moments of their own."""

    #: Within a snapshot: the moment of each partition.
    held: dict[int, Moment] | None = None


class Reads:
    """Reads partitions of one prefix. Each call is of one moment; within a snapshot, all are of the same."""

    def __init__(self, server: Server, prefix: str, cold: ColdStates) -> None:
        self._server = server
        self._prefix = prefix
        self._cold = cold
        self._here = _Here()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it each partition is read as it stands when it is first looked at, or Moved is raised.

        Movements and names are only ever added, so they can be read though work goes on: those of later
        commits are left out, or mean nothing to what was read.
        """
        self._here.held = {}
        try:
            yield
        finally:
            self._here.held = None

    def moment(self, partition: int) -> Moment:
        """Where a partition stands."""
        moment = None if self._here.held is None else self._here.held.get(partition)
        if moment is None:
            moment = self._now(partition)
            if self._here.held is not None:
                self._here.held[partition] = moment
        return moment

    def _now(self, partition: int) -> Moment:
        *held, movements = self._call("position", partition)
        return Moment(position_of(held), int(movements or 0))

    def _key(self, partition: int, name: str) -> str:
        return key_of(self._prefix, partition, name)

    def _call(self, name: str, partition: int, *arguments: str | bytes | int) -> Any:
        return self._server.call(script(name), meta_key(self._prefix, partition), *arguments)

    def _of_moment(self, name: str, partition: int, *arguments: str | bytes | int) -> Any:
        """The answer without its moment; Moved where that is not the snapshot's."""
        held = None if self._here.held is None else self.moment(partition)
        moment, *reply = self._call(name, partition, *arguments)
        if held is not None and moment != held.name:
            raise _moved(partition)
        return reply

    def load(self, partition: int, issues: Iterable[str]) -> dict[str, bytes]:
        """The states of those issues that have one."""
        wanted = list(issues)
        found: dict[str, bytes] = {}
        for first in range(0, len(wanted), STEP):
            part = wanted[first : first + STEP]
            reply = self._of_moment("load", partition, _encode(list(map(member, part))))
            found.update(self._states(partition, part, *reply))
        return found

    def due(self, partition: int, clock: str, until: Instant, limit: int) -> list[tuple[str, bytes]]:
        """Issues of a clock whose timer is due, earliest first, with their states."""
        members, *reply = self._call("due", partition, clock, score(until), limit)
        issues = list(map(issue_of, _texts(members)))
        states = self._states(partition, issues, *reply)
        return [(issue, states[issue]) for issue in issues]

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        """About `limit` states from a cursor on. A cursor is the number of a bucket."""
        bucket, names, *reply = self._call("scan", partition, int(cursor or 0), limit)
        found = list(self._states(partition, _texts(names), *reply).items())
        return found, None if bucket == BUCKETS else str(bucket)

    def _states(
        self, partition: int, issues: Sequence[str], sizes: bytes, blob: bytes, cold: bytes
    ) -> dict[str, bytes]:
        found = dict(_unframed(issues, sizes, blob))
        if len(cold) > 1:
            places = _numbers(cold)
            numbers = {issues[number]: place for number, place in zip(places[::2], places[1::2], strict=True)}
            found.update(self._cold.get(partition, numbers))
        return found

    def archive(self, partition: int, issue: str) -> list[bytes]:
        """An issue's archived segments, oldest first."""
        segments = self._server.whole(self._key(partition, f"a:{issue}"))
        return [segments[number] for number in sorted(segments, key=int)]

    def names(self, partition: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
        """All dimensions and shapes."""
        if self._here.held is not None:
            # Before them, so that what is read of this moment has no name that is not among them.
            self.moment(partition)
        dimensions, shapes = (
            {int(number): packed for number, packed in self._server.whole(self._key(partition, name)).items()}
            for name in ("dimensions", "shapes")
        )
        return dimensions, shapes

    def named(self, partition: int, what: str, numbers: Sequence[int]) -> dict[int, bytes]:
        """The dimensions, or the shapes, of these numbers."""
        found = self._server.fields(self._key(partition, what), list(map(str, numbers)))
        return {number: packed for number, packed in zip(numbers, found, strict=True) if packed is not None}

    def rows(self, partition: int) -> dict[tuple[int, str], bytes]:
        """All rows."""
        held = None if self._here.held is None else self.moment(partition)
        found = self._server.whole(self._key(partition, "rows"))
        if held is not None and self._now(partition).name != held.name:
            raise _moved(partition)
        return {row_key(field.decode()): packed for field, packed in found.items()}

    def numbered(self, partition: int, channel: str, number: str) -> list[str]:
        """The issues that a channel has that number for."""
        (found,) = self._server.fields(self._key(partition, "numbers"), [number_field(channel, number)])
        return found.decode().split("\n") if found else []

    def numbers(self, partition: int) -> Iterator[tuple[str, str, str]]:
        """All there are, in steps: channel, number, issue."""
        held = None if self._here.held is None else self.moment(partition)
        for field, issues in self._server.in_steps(self._key(partition, "numbers")):
            key = channel_and_number(field.decode())
            yield from ((*key, issue) for issue in issues.decode().split("\n"))
        if held is not None and self._now(partition).name != held.name:
            raise _moved(partition)

    def load_rows(self, partition: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The rows of those keys that have one."""
        wanted = list(keys)
        found = self._server.fields(self._key(partition, "rows"), list(map(row_field, wanted)))
        return {key: packed for key, packed in zip(wanted, found, strict=True) if packed is not None}

    def movements(self, partition: int, after: int) -> Iterator[bytes]:
        """All movements but those in the first bytes, in pages; of those there are at the first look.

        Moved where the data were begun anew meanwhile.
        """
        held = self.moment(partition)
        start = after
        while start < held.movements:
            page, first = divmod(start, PAGE_BYTES)
            last = min(PAGE_BYTES, first + held.movements - start)
            moment, found = self._call("movements", partition, page, first, last - 1)
            if moment.partition(b" ")[0] != held.name.partition(b" ")[0]:
                raise Moved("the state was lost and begun anew while it was read; read it again")
            yield found
            start += last - first

    def late(self, partition: int, known_at: Instant) -> list[str]:
        """Issues with an event recorded after an instant that claims an earlier time."""
        return list(map(issue_of, _texts(*self._of_moment("late", partition, score(known_at)))))

    def waking(self, partition: int, until: Instant) -> list[str]:
        """Issues whose timer, by whatever clock, is due."""
        return list(map(issue_of, _texts(*self._of_moment("waking", partition, score(until)))))

    def orphans(self, partition: int, limit: int) -> list[tuple[str, Instant]]:
        """Issues never submitted, oldest first."""
        (found,) = self._of_moment("orphans", partition, limit)
        return [(issue.decode(), int(since)) for issue, since in zip(found[::2], found[1::2], strict=True)]


def _moved(partition: int) -> Moved:
    return Moved(f"work went on while partition {partition} was read; read it again")


def position_of(held: Sequence[bytes | None]) -> Position:
    """A Position from its five fields; where nobody has worked, the beginning."""
    epoch, sequence, next_offset, born, ledger = held
    return Position(
        epoch=int(epoch or 0),
        sequence=int(sequence or 0),
        next_offset=int(next_offset or 0),
        born=(born or b"").decode(),
        ledger=ledger or b"",
    )


def _unframed(names: Sequence[str], sizes: bytes, blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Each name that has a value, with it; see scripts/reading.lua."""
    at = 0
    for name, size in zip(names, struct.unpack(f"<{len(names)}I", sizes), strict=True):
        if size:
            end = at + size - 1
            yield name, blob[at:end]
            at = end
