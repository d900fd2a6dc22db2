"""The job on Bytewax: both stages' states in memory, snapshots in SQLite. Arguments: see the end."""

import gc
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import cluster_main
from fold import KINDS, State, Stopwatch, fold


class Issue(StatefulBatchLogic):
    """The state of one issue; says of each event that is no repeat which cell it counts in, and as what."""

    def __init__(self, state: State | None, watch: Stopwatch) -> None:
        self.state, self.watch = state, watch

    def on_batch(self, values: list[dict[str, Any]]) -> tuple[Iterable[tuple[str, int]], bool]:
        counted = []
        for event in values:
            self.watch.worked()
            folded = fold(self.state, event)
            if folded is not None:
                # A state is never changed, only followed by another, so a snapshot needs no copy.
                self.state, rank = folded
                counted.append((self.state[0], rank))
        return counted, StatefulBatchLogic.RETAIN

    def snapshot(self) -> State | None:
        return self.state


class Cell(StatefulBatchLogic):
    """One row of the table, said when there is no more."""

    def __init__(self, row: list[int] | None) -> None:
        self.row = row or [0] * len(KINDS)

    def on_batch(self, values: list[int]) -> tuple[Iterable[list[int]], bool]:
        for rank in values:
            self.row[rank] += 1
        return (), StatefulBatchLogic.RETAIN

    def on_eof(self) -> tuple[Iterable[list[int]], bool]:
        return (self.row,), StatefulBatchLogic.RETAIN

    def snapshot(self) -> list[int]:
        return self.row.copy()


class Table(DynamicSink, StatelessSinkPartition):
    """Where the rows go at the end."""

    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "Table":
        del step_id, worker_index, worker_count
        return self

    def write_batch(self, items: list[tuple[str, list[int]]]) -> None:
        self.rows.update(items)


def _read(records: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in records:
        event = orjson.loads(record.value)
        yield event["subject"], event


def main(servers: str, topic: str, events: str, folder: str) -> None:
    # Else the collector looks through all issues again and again, which halves the speed.
    gc.disable()
    watch, table = Stopwatch(int(events)), Table()
    init_db_dir(Path(folder), 1)
    flow = Dataflow("job")
    requests = op.input("requests", flow, KafkaSource([servers], [topic], tail=False))
    issues = op.flat_map_batch("read", requests, _read)
    counted = op.stateful_batch("issues", issues, lambda state: Issue(state, watch))
    cells = op.flat_map_batch("cells", counted, lambda some: [one for _, one in some])
    op.output("table", op.stateful_batch("rows", cells, Cell), table)
    cluster_main(
        flow, [], 0, epoch_interval=timedelta(seconds=10), recovery_config=RecoveryConfig(Path(folder))
    )
    watch.worked()
    watch.print(table.rows)


if __name__ == "__main__":
    # servers, topic, events, folder
    main(*sys.argv[1:])
