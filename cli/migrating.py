"""`livelihood migrate`: an embedded data folder moved to Kafka and Redis, with equal tables.

The log is copied record by record with when each was received, and the alerts that were told are put into
their topic before anybody works, so that nobody is told again. Both go on where they were interrupted.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby, islice
from pathlib import Path

import msgspec
import typer

from backends.sqlite.schema import LOG
from cli.embedded import EmbeddedEngine, moved_to, note_moved
from cli.engine import Engine, open_engine
from cli.failures import MISSING, REFUSED, USAGE, Failure, going_on
from cli.moments import moment_text
from cli.moving_keys import move_keys, remove_keys
from cli.rebuilding import work
from cli.settings import load
from cli.terminal import add_bar, answers, notes, progress_bars
from cli.verifying import cell_text, is_verified
from cli.work import work_through
from livelihood.alerts import Alert
from livelihood.envelope import root_of
from livelihood.instants import Instant, from_datetime
from livelihood.ledger import unpack_ledger
from livelihood.partitions import partition_of
from livelihood.ports import EventLog, NewRecord, Outgoing, Record
from streams.recounting import Cell
from streams.verifying import differences, moved_cells, outgoing

#: Records, or alerts, copied at a time.
COPIED = 2_000

_GO_ON = "Stopped. The data folder is as it was; the same command goes on where this one stopped."
_decode = msgspec.json.Decoder(Alert).decode
_pack = msgspec.msgpack.Encoder().encode


def run_migrate(*, data: Path | None, config: Path | None) -> None:
    """Move the data folder to the distributed engine the settings name; ends with a comparison of both."""
    settings = load(config, data=data).settings
    if not settings.distributed:
        raise Failure(
            "There is nothing to move to: set `kafka` and `redis`. Where neither runs yet, livelihood"
            " stack up  starts both on this machine and sets them.",
            USAGE,
        )
    if not (settings.data / LOG.file).is_file():
        raise Failure(
            f"{settings.data} holds no log of the embedded engine; name its folder by --data.", USAGE
        )
    if moved := moved_to(settings.data):
        raise Failure(f"{settings.data} was moved already, to {moved}.", USAGE)
    with going_on(_GO_ON), EmbeddedEngine(settings.data) as source, open_engine(settings) as target:
        with source.alone() as (worker,), target.alone() as workers:
            move_keys(settings.data, target)
            work_through(source, worker)
            copy(source, target)
            work(target, workers, "working")
        if not is_verified(target):
            raise typer.Exit(REFUSED)
        _compare(source, target)
        note_moved(settings.data, target.place)
        keys_moved = remove_keys(settings.data, target)
    console = answers()
    console.print(
        f"Moved to {target.place}. The folder stays as it is; only imports under way are kept in it."
    )
    if keys_moved:
        console.print("Its keys are in the vault that is set, and no longer here; the master key stays.")
    console.print(f"{target.starts_work}  starts a worker.")


def copy(source: Engine, target: Engine) -> None:
    """Copy the log, then the alerts that were told; what was copied before is left out."""
    first = source.log.read(0, 0, 1)
    if not first:
        return
    # Which folder this is: its log's first record is nobody else's.
    name = f"migrate-{blake2b(repr(first[0]).encode(), digest_size=6).hexdigest()}"
    if not target.log.run_position(name) and any(
        target.log.read(partition, 0, 1) for partition in range(target.log.partitions)
    ):
        raise Failure(
            f"{target.place} holds events already; name others by `topics`, or empty ones.", MISSING
        )
    with progress_bars(notes()) as bars:
        for what, unit, copying in (
            ("copying", "records", copy_log(source.log, target.log, name)),
            ("alerts", "alerts", copy_alerts(source, target, name)),
        ):
            task = add_bar(bars, what, unit)
            for done, of in copying:
                bars.update(task, completed=done, total=of)
    check_copied(source.log, target.log)


def copy_log(source: EventLog, target: EventLog, name: str) -> Iterator[tuple[int, int | None]]:
    """Copy all records in order, saying how far that has come.

    Each import counts its own records in the log; what is live is counted under `name`. Because all of them
    come in one order, what each count says is there tells exactly which record is the next.
    """
    seen: Counter[str] = Counter()
    held: dict[str, int] = {}
    offset, end = 0, source.end(0)
    while records := source.read(0, offset, COPIED):
        for run, group in groupby(records, key=lambda record: record.run or name):
            new = [_again(record) for record in group]
            if run not in held:
                held[run] = target.run_position(run)
            missing = new[max(held[run] - seen[run], 0) :]
            seen[run] += len(new)
            if missing:
                held[run] = target.append_run(run, held[run], missing)
        offset = records[-1].offset + 1
        yield offset, end


def _again(record: Record) -> NewRecord:
    return NewRecord(record.key, record.value, record.received, record.control, record.run)


def check_copied(source: EventLog, target: EventLog) -> None:
    """Failure where a partition does not begin with exactly the records it must have, in their order."""
    partitions = target.partitions
    expected, counts = [blake2b() for _ in range(partitions)], [0] * partitions
    for record in _records(source, 0):
        # A marker is in every partition.
        for number in range(partitions) if record.control else [partition_of(record.key, partitions)]:
            expected[number].update(_pack(record[1:]))
            counts[number] += 1
    for number in range(partitions):
        found = blake2b()
        for record in islice(_records(target, number), counts[number]):
            found.update(_pack(record[1:]))
        if found.digest() != expected[number].digest():
            raise Failure(
                f"Partition {number} does not hold what the folder's log holds, with when it was received."
                " Move it to empty topics, by another name in `topics`, and please report this."
            )


def _records(log: EventLog, partition: int) -> Iterator[Record]:
    offset = 0
    while records := log.read(partition, offset, COPIED):
        yield from records
        offset = records[-1].offset + 1


def copy_alerts(source: Engine, target: Engine, name: str) -> Iterator[tuple[int, int | None]]:
    """Put the alerts that were told into the target's topic, in order, saying how far that has come."""
    partitions = target.log.partitions
    waiting: dict[int, list[tuple[int, Outgoing]]] = {number: [] for number in range(partitions)}
    numbers: Counter[int] = Counter()
    done = 0
    for done, (identity, document) in enumerate(outgoing(source.topics, "alert", 0), 1):
        key = root_of(_decode(document).issue)
        partition = partition_of(key, partitions)
        numbers[partition] += 1
        waiting[partition].append((numbers[partition], Outgoing("alert", identity, key, document)))
        if len(waiting[partition]) == COPIED:
            target.outlet.publish(partition, name, waiting[partition])
            waiting[partition] = []
        if done % COPIED == 0:
            yield done, None
    for partition, rest in waiting.items():
        if rest:
            target.outlet.publish(partition, name, rest)
    yield done, done


def _compare(source: Engine, target: Engine) -> None:
    """Compare both engines' tables as of the last instant of the first, and who was told what by then."""
    ledger = unpack_ledger(source.reader.position(0).ledger)
    at = ledger.counted
    before, after = (cells_of(engine, at) for engine in (source, target))
    when = moment_text(at, source.zone)
    if different := differences("movements", before, after):
        first = different[0]
        raise Failure(
            f"{len(different):,} cells differ between the two as of {when}. The first:"
            f" {cell_text(first.cell)}: {first.stored:,} in the folder, {first.recounted:,} now."
        )
    told, told_now = told_by(source, ledger.clock), told_by(target, ledger.clock)
    if told != told_now:
        raise Failure(
            f"{len(told - told_now):,} alerts are missing and {len(told_now - told):,} were told anew; the"
            f" first: {min(told ^ told_now)}."
        )
    answers().print(f"Both have the same tables as of {when}, and the same {len(told):,} alerts.")


def cells_of(engine: Engine, at: Instant) -> Counter[Cell]:
    """All cells of all partitions, as of an instant."""
    cells: Counter[Cell] = Counter()
    for partition in range(engine.reader.partitions):
        cells.update(moved_cells(engine.reader, partition, at))
    return cells


def told_by(engine: Engine, at: Instant) -> set[str]:
    """The ids of alerts raised by an instant."""
    return {
        identity
        for partition in range(engine.topics.partitions)
        for identity, document in outgoing(engine.topics, "alert", partition)
        if from_datetime(_decode(document).raised) <= at
    }
