"""The job under our own worker, log and store. Arguments: servers, topics' prefix, workers, folder.

Each worker is a process with its share of the partitions; the Valkey is the contender's own.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil

from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.redis.reader import RedisReader
from backends.redis.store import RedisStore
from backends.servers.valkey import Valkey
from bench.peers.job import KINDS, Table
from bench.peers.simple import NoColdStates, NoOutlet, SimpleWorker, counts
from bench.stack import PARTITIONS
from cli.engine import system_clock
from streams.hot import HotStates
from streams.service import SENDERS

HOT_BYTES = 256 * 2**20


def work(servers: str, prefix: str, url: str, partitions: list[int]) -> None:
    """Be one worker until its partitions have no more; prints when it began and when it ended."""
    with ExitStack() as held:
        log = held.enter_context(KafkaLog(Connection(servers, prefix)))
        store = held.enter_context(RedisStore(url, prefix=prefix, cold=NoColdStates()))
        executor = held.enter_context(ThreadPoolExecutor(SENDERS))
        hot = HotStates(store, HOT_BYTES)
        ends = {partition: log.end(partition) for partition in partitions}
        workers = {
            partition: SimpleWorker(log, hot, NoOutlet(), system_clock, tuple, partition, executor)
            for partition in partitions
        }
        first = math.inf
        while workers:
            for partition, worker in list(workers.items()):
                worker.step()
                first = min(first, worker.begun)
                if worker.next_offset >= ends[partition]:
                    # Its last commit has to have come through.
                    worker.drop()
                    del workers[partition]
        print(json.dumps([first, time.perf_counter()]), flush=True)


def main(servers: str, prefix: str, workers: str, folder: str) -> None:
    """Start a Valkey and the workers; print how long it took, what was used, and the table."""
    count = int(workers)
    valkey = Valkey(Path(folder) / "valkey", fsync="everysec")
    valkey.start()
    try:
        running = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "bench.peers.ours",
                    "work",
                    servers,
                    prefix,
                    valkey.url,
                    *map(str, share),
                ],
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            )
            for share in (range(number, PARTITIONS, count) for number in range(count))
        ]
        said = [json.loads(process.communicate()[0]) for process in running]
        answer = {
            "seconds": max(ended for _, ended in said) - min(began for began, _ in said),
            "table": table_of(valkey.url, prefix),
            **used_by(valkey),
        }
        print(json.dumps(answer))
    finally:
        valkey.process.kill()


def table_of(url: str, prefix: str) -> Table:
    """The rows of all partitions, summed."""
    table: Table = defaultdict(lambda: [0] * len(KINDS))
    with RedisReader(url, prefix=prefix, partitions=PARTITIONS, cold=NoColdStates()) as reader:
        for partition in range(PARTITIONS):
            names, _ = reader.names(partition)
            for (number, _), packed in reader.rows(partition):
                for kind, count in enumerate(counts(packed)):
                    table[names[number].decode()][kind] += count
    return table


def used_by(valkey: Valkey) -> dict[str, float]:
    """Of the workers and the Valkey together."""
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    server = psutil.Process(valkey.process.pid)
    times = server.cpu_times()
    return {
        "cpu_seconds": workers.ru_utime + workers.ru_stime + times.user + times.system,
        # Of the workers, the largest.
        "megabytes": workers.ru_maxrss / 2**10 + server.memory_info().rss / 2**20,
    }


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(*sys.argv[2:5], [int(partition) for partition in sys.argv[5:]])
    else:
        main(*sys.argv[1:])
