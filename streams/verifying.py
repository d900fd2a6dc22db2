"""Verifying: the tables and alerts that are kept, compared with a recount of the log.

Compared are all cells of all rows, and the same cells summed from the movements, which tables of the
past are read from; the numbers by which issues are found; each alert that stands with those that were told;
and that none was told twice.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from livelihood.alerts import Alert
from livelihood.contribution import Sums, sums_of, unpack_dimensions, unpack_shape
from livelihood.instants import Instant, from_datetime
from livelihood.ledger import Ledger, unpack_ledger
from livelihood.movements import counts_as_of
from livelihood.ports import EventLog, Position, Published, Reader
from livelihood.snapshots import of_one_moment
from streams.recounting import About, Cell, Recount, Share

#: Alerts and dead letters read at a time.
PAGE = 5_000
#: Where work goes on meanwhile, so many looks are taken before what is found is believed.
LOOKS = 5
#: How often, and after how long each time, it is looked for alerts that are missing.
AWAITED, AWAITED_SECONDS = 6, 0.5

_decode_alert = msgspec.json.Decoder(Alert).decode
_decode_row = msgspec.msgpack.Decoder(dict[int, int]).decode

#: Channel, number and issue of each.
Numbers = set[tuple[str, str, str]]
#: Told how many offsets were read, and of how many.
OnRead = Callable[[int, int], None]


class Unsettled(RuntimeError):
    """The tables are between two states of affairs, or cannot speak of an instant; the message says why."""


class Difference(NamedTuple):
    """A cell that is not what it must be."""

    #: "rows" or "movements".
    kept_in: str
    cell: Cell
    stored: int
    recounted: int


@dataclass(kw_only=True)
class Verified:
    """What the comparison of one partition found."""

    partition: int
    #: How far the log was worked on.
    next_offset: int
    issues: int = 0
    #: Cells compared, and those that differ.
    cells: int = 0
    differences: list[Difference] = field(default_factory=list)
    #: Alerts told; ids that were told more than once; what should have been told and was not.
    alerts: int = 0
    repeated: list[str] = field(default_factory=list)
    missing: list[About] = field(default_factory=list)
    #: (channel, number, issue) that is in one of the two and not in the other.
    numbers: list[tuple[str, str, str]] = field(default_factory=list)
    #: Issues that cannot be worked on: what is kept of them is not as it should be, and said so before.
    failed: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether all is as it must be."""
        return not (self.differences or self.repeated or self.missing or self.numbers)


def verify(
    log: EventLog,
    reader: Reader,
    topics: Published,
    partition: int,
    as_of: Instant | None = None,
    progress: OnRead = lambda *_: None,
) -> Verified:
    """Compare a partition with its log, as of its tables' own instant or an earlier one.

    Unsettled where the tables cannot be compared now.
    """
    looks = 0
    while True:
        looks += 1
        position, kept, numbers = of_one_moment(reader, lambda: _kept(reader, partition, as_of))
        found = _compare(log, topics, partition, position, kept, numbers, as_of, progress)
        _await_told(topics, found)
        # Much that falls due at once is committed in parts; between two of them nothing fits.
        if found.well or looks == LOOKS or reader.position(partition).sequence == position.sequence:
            break
    unsettled = _unsettled(unpack_ledger(position.ledger))
    if unsettled and not found.well:
        raise Unsettled(f"{unsettled}; try again when that is done")
    return found


def _kept(
    reader: Reader, partition: int, as_of: Instant | None
) -> tuple[Position, dict[str, Counter[Cell]], Numbers]:
    """Where the work stands, all cells there are, and the numbers by which issues are found."""
    position = reader.position(partition)
    if as_of is not None and as_of > unpack_ledger(position.ledger).counted:
        raise Unsettled("the tables have not come to that instant yet; name an earlier one")
    kept = {"movements": moved_cells(reader, partition, as_of)}
    if as_of is None:
        kept["rows"] = row_cells(reader, partition)
    return position, kept, set(reader.numbers(partition)) if as_of is None else set()


def _unsettled(ledger: Ledger) -> str:
    """Why rows may be between two states of affairs; empty: they are not."""
    if ledger.refolding is not None:
        return "issues are being folded again after a change of the catalogue"
    if any(not run.open or run.counted < run.clock for run in ledger.runs.values()):
        return "deadlines that passed by an import's clock are being worked on"
    return ""


def row_cells(reader: Reader, partition: int) -> Counter[Cell]:
    """All cells of a partition's rows."""
    dimensions = {number: unpack_dimensions(packed) for number, packed in reader.names(partition)[0].items()}
    cells: Counter[Cell] = Counter()
    for (number, month), packed in reader.rows(partition):
        for measure, amount in _decode_row(packed).items():
            cells[dimensions[number], month, measure] += amount
    return cells


def moved_cells(reader: Reader, partition: int, as_of: Instant | None) -> Counter[Cell]:
    """All cells of a partition as its movements make them, as of an instant or of all there are."""
    packed_dimensions, packed_shapes = reader.names(partition)
    dimensions = {number: unpack_dimensions(packed) for number, packed in packed_dimensions.items()}
    sums: dict[int, Sums] = {
        number: sums_of(unpack_shape(packed)) for number, packed in packed_shapes.items()
    }
    cells: Counter[Cell] = Counter()
    for number, shape, count in counts_as_of(reader.movements(partition), as_of):
        for (month, measure), amount in sums[shape]:
            cells[dimensions[number], month, measure] += amount * count
    return cells


def _compare(
    log: EventLog,
    topics: Published,
    partition: int,
    position: Position,
    kept: dict[str, Counter[Cell]],
    numbers: Numbers,
    as_of: Instant | None,
    progress: OnRead,
) -> Verified:
    end = position.next_offset
    live = unpack_ledger(position.ledger).live
    recount = Recount(log, partition, end, live, frozenset(_set_aside(topics, partition)))
    found = Verified(partition=partition, next_offset=end)
    cells: Counter[Cell] = Counter()
    for number in range(recount.shares):
        share = recount.share(number, as_of, _told(progress, number * end, recount.shares * end))
        cells.update(share.cells)
        found.issues += share.issues
        found.failed += share.failed
        if as_of is None:
            numbers ^= share.numbers
            _compare_alerts(topics, recount, number, share, found)
    found.numbers = sorted(numbers)
    for kept_in, stored in kept.items():
        found.cells += len(stored.keys() | cells.keys())
        found.differences += differences(kept_in, stored, cells)
    return found


def _told(progress: OnRead, before: int, of: int) -> Callable[[int], None]:
    return lambda offset: progress(before + offset + 1, of)


def differences(kept_in: str, stored: Counter[Cell], recounted: Counter[Cell]) -> list[Difference]:
    """The cells that differ, in order."""
    return [
        Difference(kept_in, cell, stored[cell], recounted[cell])
        for cell in sorted(stored.keys() | recounted.keys())
        if stored[cell] != recounted[cell]
    ]


def _compare_alerts(topics: Published, recount: Recount, number: int, share: Share, found: Verified) -> None:
    """What was told of a share's issues: each id once, and all that stands."""
    ids: Counter[str] = Counter()
    standing = share.standing
    for identity, document in outgoing(topics, "alert", found.partition):
        alert = _decode_alert(document)
        if recount.share_of(alert.issue) == number:
            ids[identity] += 1
            standing.discard(_about(alert))
    found.alerts += ids.total()
    found.repeated += [identity for identity, times in ids.items() if times > 1]
    found.missing += sorted(standing)


def _await_told(topics: Published, found: Verified) -> None:
    """What a commit raised leaves just after it: give that a moment."""
    for _ in range(AWAITED):
        if not found.missing:
            return
        time.sleep(AWAITED_SECONDS)
        told = {_about(_decode_alert(document)) for _, document in outgoing(topics, "alert", found.partition)}
        found.missing = [about for about in found.missing if about not in told]


def _about(alert: Alert) -> About:
    due = from_datetime(alert.due)
    return alert.issue, alert.obligation, alert.kind, alert.level, due, alert.cycle


def _set_aside(topics: Published, partition: int) -> Iterator[int]:
    """Offsets of records that could be read and not be worked on."""
    for _, document in outgoing(topics, "dead_letter", partition):
        letter: dict[str, Any] = msgspec.json.decode(document)
        if "offset" in letter and letter["reason"].startswith("could not be worked on"):
            yield letter["offset"]


def outgoing(topics: Published, topic: str, partition: int) -> Iterator[tuple[str, bytes]]:
    """All alerts or dead letters of a partition, in order: id and JSON."""
    after = 0
    while page := topics.outgoing(topic, partition, after, PAGE):
        yield from ((identity, document) for _, identity, document in page)
        after = page[-1][0]
