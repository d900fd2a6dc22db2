"""The job on plain Faust: an agent and two tables, in memory with changelogs. Arguments: see the end."""

import os
import sys
from collections import defaultdict

import faust
import orjson
from fold import KINDS, Stopwatch, fold


def main(servers: str, topic: str, events: str, folder: str, name: str) -> None:
    app = faust.App(
        name,
        broker=f"kafka://{servers}",
        store="memory://",
        datadir=folder,
        topic_partitions=4,
        topic_replication_factor=1,
        table_cleanup_interval=3600,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )
    requests = app.topic(
        topic, key_serializer="raw", value_serializer="raw", key_type=bytes, value_type=bytes
    )
    issues = app.Table("issues", key_type=str, value_type=list, partitions=4)
    cells = app.Table("cells", key_type=str, value_type=list, partitions=4)
    watch = Stopwatch(int(events))

    @app.agent(requests)
    async def work(stream: faust.Stream[bytes]) -> None:
        async for record in stream.events():
            event = orjson.loads(record.value)
            issue = event["subject"]
            folded = fold(issues.get(issue), event)
            if folded is not None:
                state, rank = folded
                issues[issue] = state
                # A changelog is written to the partition of the event, so each has cells of its own.
                cell = f"{record.message.partition}:{state[0]}"
                row = list(cells.get(cell) or [0] * len(KINDS))
                row[rank] += 1
                cells[cell] = row
            if watch.worked():
                table: dict[str, list[int]] = defaultdict(lambda: [0] * len(KINDS))
                for cell, row in cells.items():
                    for kind, count in enumerate(row):
                        table[cell.partition(":")[2]][kind] += count
                watch.print(table)
                # Its own shutdown takes longer than the job on a small log, and nothing is measured in it.
                os._exit(0)

    sys.argv = ["faust", "worker", "--without-web", "--loglevel", "warn"]
    app.main()


if __name__ == "__main__":
    # servers, topic, events, folder, the application's id
    main(*sys.argv[1:])
