"""What the processor keeps for a partition as a whole, committed with every batch."""

import msgspec

from livelihood.instants import Instant
from livelihood.state import FOLD_VERSION, NewerData


class Run(msgspec.Struct, array_like=True):
    """An import in the log. It is forgotten when its issues have joined the live clock."""

    clock: Instant
    #: Whether its end record is still to come.
    open: bool = True
    #: Its timers have fired up to here: behind the clock while there are too many for one commit.
    counted: Instant = 0


class Ledger(msgspec.Struct, array_like=True):
    """Clocks, imports and cursors of one partition."""

    #: Live timers have fired up to here.
    live: Instant = 0
    runs: dict[str, Run] = {}
    #: How many catalogue versions the log has announced so far.
    catalogues: int = 0
    #: Where the pass that folds issues again after a catalogue change has come; None: none under way.
    refolding: str | None = None
    #: The version of the fold that made the states.
    fold_version: int = FOLD_VERSION

    @property
    def clock(self) -> Instant:
        """The latest instant the partition's tables stand for."""
        return max([self.live, *(run.clock for run in self.runs.values())])

    @property
    def counted(self) -> Instant:
        """Up to here everything that time alone changes has been counted, whichever clock an issue keeps."""
        return min([self.live, *(run.counted for run in self.runs.values())])

    def clock_of(self, run: str) -> Instant:
        """The clock of an issue that keeps that import's, as long as it is open, or else the live one."""
        kept = self.runs.get(run) if run else None
        return kept.clock if kept is not None and kept.open else self.live


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Ledger)
pack_ledger = _ENCODER.encode


def unpack_ledger(packed: bytes) -> Ledger:
    """A ledger as stored; a new one for a partition nobody has worked on.

    NewerData where a newer version of this software has begun to work on the partition: its states are, or
    are about to be, what this one cannot read.
    """
    if not packed:
        return Ledger()
    try:
        ledger = _DECODER.decode(packed)
    except msgspec.ValidationError as error:
        raise NewerData(f"a partition has a layout unknown here ({error}); update the software") from None
    if ledger.fold_version > FOLD_VERSION:
        raise NewerData("a newer version has worked on a partition; update the software")
    return ledger
