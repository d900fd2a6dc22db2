"""The simple job as a processor: what a worker calls instead of the one that knows commitments."""

import gc
import math
import time
from collections.abc import Mapping, Sequence

import msgspec

from bench.peers.job import KINDS
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.ports import EVENT, Commit, Outgoing, Position, Record, StateStore
from streams.worker import BATCH_RECORDS, COLLECTOR_THRESHOLDS, Stepped, Worker

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
_STATUS = [bytes((rank,)) for rank in range(len(KINDS))]

_event = msgspec.json.Decoder(Event).decode
_pack = msgspec.msgpack.Encoder().encode
counts = msgspec.msgpack.Decoder(list[int]).decode


class SimpleProcessor:
    """Works on one partition, from one position on."""

    def __init__(self, store: StateStore, partition: int, ledger: bytes) -> None:
        self.ledger: Ledger = unpack_ledger(ledger)
        names, _ = store.names(partition)
        self._numbers = {name.decode(): number for number, name in names.items()}
        stored = store.load_rows(partition, [(number, "") for number in names])
        self._rows = {number: counts(packed) for (number, _), packed in stored.items()}

    def decode(self, records: Sequence[Record]) -> list[Event]:
        """The events of a batch; what announces a catalogue is none."""
        return [_event(record.value) for record in records if record.control == EVENT]

    def touched(self, batch: Sequence[Event]) -> set[str]:
        """The issues whose states a batch needs."""
        return {event.subject for event in batch}

    def process(self, batch: Sequence[Event], packed: dict[str, bytes], commit: Commit) -> Commit:
        """Fold a batch; fills in and returns the commit."""
        states: dict[str, bytes] = {}
        rows = self._rows
        changed: set[int] = set()
        for event in batch:
            issue, seen = event.subject, bytes.fromhex(event.id)
            state = states.get(issue) or packed.get(issue)
            rank = _RANK[event.type]
            if state is None:
                # In this log an issue's submission comes first.
                cell = self._number(f"{event.data.service}/{event.data.area}", commit)
                states[issue] = cell.to_bytes(2) + _STATUS[rank] + seen
            elif seen in state and _has(state, seen):
                continue
            else:
                cell, status = state[0] << 8 | state[1], state[2]
                states[issue] = state[:2] + _STATUS[max(status, rank)] + state[_HEAD:] + seen
            rows[cell][rank] += 1
            changed.add(cell)
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


class SimpleWorker(Worker):
    """Our worker with that processor in the place of its own; all else is as it was."""

    #: When the first records had been read.
    begun = math.inf

    def take(self) -> None:
        """Become the owner and start from what the store holds."""
        gc.set_threshold(*COLLECTOR_THRESHOLDS)
        position = self._store.take(self._partition)
        self._next_offset, self._sequence = position.next_offset, position.sequence
        self._taken = position, SimpleProcessor(self._store, self._partition, position.ledger)

    def _work(self, position: Position, processor: SimpleProcessor) -> Stepped:
        records = self._log.read(self._partition, self._next_offset, BATCH_RECORDS)
        self.begun = min(self.begun, time.perf_counter())
        batch = processor.decode(records)
        sent = self._settle()
        if not records:
            return Stepped(0, idle=True, sent=sent)
        commit = self._commit_after(position, records[-1].offset + 1)
        packed = self._store.load(self._partition, processor.touched(batch))
        self._send(processor.process(batch, packed, commit))
        return Stepped(len(records), idle=False, sent=sent)


class NoColdStates:
    """The job's issues are never closed."""

    def put(self, partition: int, states: Mapping[str, bytes]) -> dict[str, int]:
        """Never called."""
        raise NotImplementedError

    def get(self, partition: int, places: Mapping[str, int]) -> dict[str, bytes]:
        """Never called."""
        raise NotImplementedError


class NoOutlet:
    """The job tells nobody anything."""

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        """Never called."""
        raise NotImplementedError
