"""The simple job as a processor: what a worker calls instead of the one that knows commitments."""

from collections.abc import Sequence

import msgspec

from bench.peers.job import KINDS
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.ports import Commit, Record, StateStore

_RANK = {f"livelihood.request.{kind}": rank for rank, kind in enumerate(KINDS)}


class Cell(msgspec.Struct, gc=False):
    """What a submission says of its cell."""

    service: str = ""
    area: str = ""


class Event(msgspec.Struct, gc=False):
    """What the job needs of an event."""

    type: str
    id: str
    subject: str
    data: Cell


#: A state is two bytes of the cell's number, one of status, and eight for the id of each event seen.
_HEAD, _ID = 3, 8

_event = msgspec.json.Decoder(Event).decode
_pack = msgspec.msgpack.Encoder().encode
_counts = msgspec.msgpack.Decoder(list[int]).decode


class SimpleProcessor:
    """Works on one partition, from one position on."""

    def __init__(self, store: StateStore, partition: int, ledger: bytes) -> None:
        self.ledger: Ledger = unpack_ledger(ledger)
        names, _ = store.names(partition)
        self._numbers = {name.decode(): number for number, name in names.items()}
        stored = store.load_rows(partition, [(number, "") for number in names])
        self._rows = {number: _counts(packed) for (number, _), packed in stored.items()}

    def decode(self, records: Sequence[Record]) -> list[Event]:
        """The events of a batch."""
        return [_event(record.value) for record in records]

    def touched(self, batch: Sequence[Event]) -> set[str]:
        """The issues whose states a batch needs."""
        return {event.subject for event in batch}

    def process(self, batch: Sequence[Event], packed: dict[str, bytes], commit: Commit) -> Commit:
        """Fold a batch; fills in and returns the commit."""
        states: dict[str, bytes] = {}
        changed: set[int] = set()
        for event in batch:
            issue, seen = event.subject, bytes.fromhex(event.id)
            state = states.get(issue) or packed.get(issue)
            rank = _RANK[event.type]
            if state is None:
                # In this log an issue's submission comes first.
                cell = self._number(f"{event.data.service}/{event.data.area}", commit)
                states[issue] = cell.to_bytes(2) + bytes((rank,)) + seen
            elif _has(state, seen):
                continue
            else:
                cell = int.from_bytes(state[:2])
                states[issue] = state[:2] + bytes((max(state[2], rank),)) + state[_HEAD:] + seen
            self._rows[cell][rank] += 1
            changed.add(cell)
        rows = self._rows
        commit.states = states
        commit.rows = {(cell, ""): _pack(rows[cell]) for cell in changed}
        commit.ledger = _pack(self.ledger)
        return commit

    def _number(self, cell: str, commit: Commit) -> int:
        number = self._numbers.get(cell)
        if number is None:
            number = self._numbers[cell] = len(self._numbers)
            commit.dimensions[number] = cell.encode()
            self._rows[number] = [0] * len(KINDS)
        return number


def _has(state: bytes, seen: bytes) -> bool:
    place = state.find(seen, _HEAD)
    while place >= 0 and (place - _HEAD) % _ID:
        place = state.find(seen, place + 1)
    return place >= 0
