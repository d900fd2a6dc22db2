"""What the processor keeps for a partition as a whole, committed with every batch."""

import msgspec

from livelihood.instants import Instant


class Run(msgspec.Struct, array_like=True):
    """An import in the log: its clock, and whether its end record is still to come."""

    clock: Instant
    open: bool = True


class Ledger(msgspec.Struct, array_like=True):
    """Clocks, imports and cursors of one partition."""

    #: Live timers have fired up to here.
    live: Instant = 0
    runs: dict[str, Run] = {}
    #: How many catalogue versions the log has announced so far.
    catalogues: int = 0
    #: Where the pass that folds issues again after a catalogue change has come; None: none under way.
    refolding: str | None = None

    @property
    def clock(self) -> Instant:
        """The latest instant the partition's tables stand for."""
        return max([self.live, *(run.clock for run in self.runs.values())])


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Ledger)
pack_ledger = _ENCODER.encode


def unpack_ledger(packed: bytes) -> Ledger:
    """A ledger as stored; a new one for a partition nobody has worked on."""
    return _DECODER.decode(packed) if packed else Ledger()
