"""The job on Quix Streams, states in RocksDB with changelogs. Arguments: see the end."""

import logging
import sys
from collections import defaultdict
from typing import Any

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from fold import KINDS, Stopwatch, fold
from quixstreams import Application

#: Beside the issues', in the same store: a regrouping by cell would be a second topic and half the speed.
_CELLS = b"cells"


def main(servers: str, topic: str, events: str, guarantee: str, folder: str, name: str) -> None:
    logging.disable(logging.WARNING)
    app = Application(
        broker_address=servers,
        consumer_group=name,
        state_dir=folder,
        processing_guarantee=guarantee,
        auto_offset_reset="earliest",
        commit_interval=1.0,
        loglevel=None,
    )
    watch = Stopwatch(int(events))

    def work(value: bytes, state: Any) -> None:
        event = orjson.loads(value)
        folded = fold(state.get("issue"), event)
        if folded is not None:
            after, rank = folded
            state.set("issue", after)
            cells = state._transaction
            row = cells.get(after[0], prefix=_CELLS) or [0] * len(KINDS)
            row[rank] += 1
            cells.set(after[0], row, prefix=_CELLS)
        if watch.worked():
            app.stop()

    requests = app.dataframe(app.topic(topic, value_deserializer="bytes", key_deserializer="str"))
    requests.update(work, stateful=True)
    app.run()
    watch.print(_table(servers, f"changelog__{name}--{topic}--default"))


def _table(servers: str, changelog: str) -> dict[str, list[int]]:
    """The last row of each cell in each partition of the changelog, summed over these."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "none",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition(changelog, partition, OFFSET_BEGINNING) for partition in range(4)])
    rows: dict[tuple[int, bytes], list[int]] = {}
    left = 4
    while left:
        for record in consumer.consume(10_000, 1):
            if record.error():
                left -= 1
            elif record.key().startswith(_CELLS):
                rows[record.partition(), record.key()] = orjson.loads(record.value())
    consumer.close()
    table: dict[str, list[int]] = defaultdict(lambda: [0] * len(KINDS))
    for (_, key), row in rows.items():
        for kind, count in enumerate(row):
            table[orjson.loads(key.partition(b"|")[2])][kind] += count
    return table


if __name__ == "__main__":
    # servers, topic, events, guarantee, folder, the application's id
    main(*sys.argv[1:])
