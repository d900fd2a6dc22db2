"""Dead letters: records that could not be worked on, and which of them somebody has dealt with."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from livelihood.instants import Instant
from livelihood.ports import Record
from livelihood.safekeeping import LETTERS
from web.context import Context

#: So many are kept in memory, the newest of each partition.
KEPT = 500
_PAGE = 5_000


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has dealt with a letter."""

    #: An account; empty: anybody, where nobody has to sign in.
    who: str
    when: Instant
    #: It was put right and sent again; else it was set aside as it is.
    replayed: bool
    #: Of the letter, so that it is no other's: places are given anew where the data move to another engine.
    key: str
    received: Instant | None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One dead letter."""

    #: Where it stands among the letters, as "3-17".
    id: str
    #: The root issue, as far as that was known.
    key: str
    reason: str
    #: Where its record stands in the log; None: it is about no record there.
    partition: int | None
    offset: int | None
    received: Instant | None
    mark: Mark | None = None


class Letters:
    """One for a process. Threads may share it; every call may raise Unavailable, and blocks."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = threading.Lock()
        #: Partition -> the place after which is news, and the newest that were read.
        self._places: dict[int, int] = {}
        self._kept: dict[int, deque[Letter]] = {}
        self._count = 0

    def all(self) -> list[Letter]:
        """Those kept in memory, the newest first, each with its mark."""
        with self._turn:
            self._catch_up()
            found = [letter for kept in self._kept.values() for letter in kept]
        marks = self._marks()
        found.sort(key=lambda letter: (letter.received or 0, letter.id), reverse=True)
        return [_marked(letter, marks.get(letter.id)) for letter in found]

    def total(self) -> int:
        """How many there are."""
        with self._turn:
            self._catch_up()
            return self._count

    def count(self) -> int:
        """How many there are that nobody has dealt with."""
        return max(self.total() - sum(1 for _ in self._context.vault.items(LETTERS)), 0)

    def find(self, id_: str) -> Letter | None:
        """One by its id."""
        partition, _, place = id_.partition("-")
        if not (is_number(partition) and is_number(place)) or int(partition) >= self._partitions:
            return None
        topics = self._context.topics
        if not 0 < int(place) <= topics.last("dead_letter", int(partition)):
            return None
        page = topics.outgoing("dead_letter", int(partition), int(place) - 1, 1)
        if not page or page[0][0] != int(place):
            return None
        kept = self._context.vault.get(LETTERS, id_)
        return _marked(_letter(int(partition), page[0]), None if kept is None else _decode_mark(kept))

    def record(self, letter: Letter) -> Record | None:
        """The record it is about; None where there is none."""
        if letter.partition is None or letter.offset is None:
            return None
        found = self._context.log.read(letter.partition, letter.offset, 1)
        return found[0] if found and found[0].offset == letter.offset else None

    def mark(self, letter: Letter, who: str, *, replayed: bool) -> None:
        """Note that somebody has dealt with it."""
        mark = Mark(
            who=who, when=self._context.clock(), replayed=replayed, key=letter.key, received=letter.received
        )
        self._context.vault.put(LETTERS, letter.id, msgspec.json.encode(mark))

    @property
    def _partitions(self) -> int:
        return self._context.topics.partitions

    def _catch_up(self) -> None:
        for partition in range(self._partitions):
            kept = self._kept.setdefault(partition, deque(maxlen=KEPT))
            while page := self._page(partition):
                kept.extend(_letter(partition, one) for one in page)
                self._count += len(page)
                self._places[partition] = page[-1][0]

    def _page(self, partition: int) -> Sequence[tuple[int, str, bytes]]:
        after = self._places.get(partition, 0)
        return self._context.topics.outgoing("dead_letter", partition, after, _PAGE)

    def _marks(self) -> dict[str, Mark]:
        return {id_: _decode_mark(kept) for id_, kept in self._context.vault.items(LETTERS)}


_decode_mark = msgspec.json.Decoder(Mark).decode


def _letter(partition: int, found: tuple[int, str, bytes]) -> Letter:
    place, _, document = found
    said: dict[str, Any] = msgspec.json.decode(document)
    return Letter(
        id=f"{partition}-{place}",
        key=said.get("issue") or said["key"],
        reason=said["reason"],
        partition=said.get("partition"),
        offset=said.get("offset"),
        received=said.get("received"),
    )


def _marked(letter: Letter, mark: Mark | None) -> Letter:
    is_its = mark is not None and (mark.key, mark.received) == (letter.key, letter.received)
    return replace(letter, mark=mark if is_its else None)


def is_number(text: str) -> bool:
    """Whether a text of an address is a number, and none that is long to read."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


_MOST_DIGITS = 18
