"""What Redis or Valkey costs a worker: time of each call, and bytes of each thing kept.

`python -m bench.redis_states` takes Boston's log through the processor once and sends the commits it made,
as they are, to a Valkey of its own; what is not the store's is not in the figures. It writes
bench/RESULTS-redis.md.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
import redis

from backends.redis.store import RedisStore
from backends.servers.valkey import Fsync, Valkey
from backends.sqlite.store import SqliteStore
from bench.measuring import calibration, figure, machine
from cli.embedded import EmbeddedEngine
from cli.engine import system_clock
from cli.examples import example_path
from livelihood.catalogue_reading import parse_catalogue
from livelihood.movements import ENTRY_BYTES
from livelihood.ports import Answer, Commit
from producers.importer import Importer
from producers.known import facts_of
from producers.mapping import load_mapping
from streams import worker as worker_module
from streams.worker import Worker

RESULTS = Path(__file__).with_name("RESULTS-redis.md")
RUNS = 3
#: Issues in one partition, where bytes are counted, and how many are put there in one commit.
OPEN, CLOSED, FILLED = 100_000, 500_000, 10_000


class Recording(SqliteStore):
    """The embedded store, which notes each commit, and how many records it is of."""

    commits: list[Commit]

    def commit(self, partition: int, commit: Commit) -> Answer:
        """Commit and note."""
        self.commits.append(commit)
        return super().commit(partition, commit)


class ColdList:
    """Cold states in memory: what their storage costs is that storage's."""

    def __init__(self) -> None:
        self.states: list[bytes] = []

    def put(self, partition: int, states: Mapping[str, bytes]) -> dict[str, int]:
        del partition
        first = len(self.states)
        self.states += states.values()
        return dict(zip(states, range(first, len(self.states)), strict=True))

    def get(self, partition: int, places: Mapping[str, int]) -> dict[str, bytes]:
        del partition
        return {issue: self.states[place] for issue, place in places.items()}


def boston(folder: Path, records: int) -> tuple[list[Commit], int]:
    """Boston's commits of so many records each, and how many records there were."""
    engine = EmbeddedEngine(folder)
    engine.publish(parse_catalogue(example_path("boston/catalogue.toml").read_text("utf-8")))
    importer = Importer(
        log=engine.log,
        facts=facts_of(engine.reader),
        folder=engine.imports,
        path=example_path("boston/requests-2011h2.csv.gz"),
        mapping=load_mapping(example_path("boston/mapping.toml")),
        now=system_clock(),
    )
    importer.plan()
    importer.publish()
    worker_module.BATCH_RECORDS = worker_module.BATCH_TIMERS = records
    with Recording(folder) as store:
        store.commits = []
        worker = Worker(engine.log, store, engine.log, system_clock, lambda: engine.published)
        while not worker.step().idle:
            pass
    engine.close()
    return store.commits, store.commits[-1].next_offset


class Spending:
    """Microseconds of our processor, of the server's, and by the clock, of what is done."""

    def __init__(self, server: psutil.Process) -> None:
        self._server = server
        self.spent: dict[str, list[float]] = {}

    def _now(self) -> tuple[float, float, float]:
        served = self._server.cpu_times()
        return time.process_time(), served.user + served.system, time.perf_counter()

    def of(self, what: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do it, and add what it took."""
        before = self._now()
        result = work(*arguments)
        kept = self.spent.setdefault(what, [0.0, 0.0, 0.0])
        for number, (now, then) in enumerate(zip(self._now(), before, strict=True)):
            kept[number] += (now - then) * 1e6
        return result


def replay(url: str, pid: int, commits: Sequence[Commit], prefix: str) -> tuple[Spending, RedisStore]:
    """All commits into an empty partition, each after the calls that a worker makes before it."""
    spending = Spending(psutil.Process(pid))
    store = RedisStore(url, prefix=prefix, cold=ColdList())
    position = store.take(0)
    for commit in commits:
        commit.epoch = position.epoch
        spending.of("load", store.load, 0, commit.states)
        clocks = {timer[0]: timer[1] for timer in commit.timers.values() if timer is not None}
        for clock, instant in clocks.items():
            spending.of("due", store.due, 0, clock, instant, worker_module.BATCH_TIMERS)
        spending.of("commit", store.commit, 0, commit)
        waiting = spending.of("outbox", store.outbox, 0, 100_000)
        if waiting:
            spending.of("outbox", store.sent, 0, waiting[-1][0])
    return spending, store


def sizes(client: "redis.Redis", prefix: str) -> tuple[Counter[str], Counter[str]]:
    """Bytes in memory, and things kept, by kind of key."""
    used: Counter[str] = Counter()
    count: Counter[str] = Counter()
    lengths = {b"hash": client.hlen, b"zset": client.zcard, b"string": client.strlen, b"list": client.llen}
    for key in client.scan_iter(f"{prefix}:*", count=1_000):
        kind = key.decode().split(":")[2]
        used[kind] += client.memory_usage(key, samples=0) or 0
        count[kind] += lengths.get(client.type(key), lambda _: 0)(key)
    return used, count


def used_memory(client: "redis.Redis") -> int:
    """Bytes of all the server holds."""
    held: int = client.info("memory")["used_memory_dataset"]
    return held


def in_memory(url: str, commits: Sequence[Commit]) -> Iterator[str]:
    """The lines about bytes: issues as Boston's, as many as a city has."""
    states = [
        state
        for commit in commits
        for issue, state in commit.states.items()
        if commit.timers[issue] is not None
    ]
    with RedisStore(url, prefix="many", cold=ColdList()) as store, redis.Redis.from_url(url) as client:
        position = store.take(0)
        held_then = [used_memory(client)]
        for sequence, first in enumerate(range(0, OPEN + CLOSED, FILLED), 1):
            issues = [str(101_000_000_000 + number) for number in range(first, first + FILLED)]
            timer = ("", first) if first < OPEN else None
            store.commit(
                0,
                Commit(
                    epoch=position.epoch,
                    sequence=sequence,
                    next_offset=sequence,
                    ledger=b"",
                    states=dict(zip(issues, islice(cycle(states), first, first + FILLED), strict=True)),
                    timers=dict.fromkeys(issues, timer),
                ),
            )
            if first + FILLED in (OPEN, OPEN + CLOSED):
                held_then.append(used_memory(client))
        packed = sum(map(len, states)) / len(states)
        subject = f"bytes an open issue with its timer / its packed state, {OPEN:,} of them"
        yield figure(subject, f"{(held_then[1] - held_then[0]) / OPEN:,.0f} / {packed:,.0f}")
        yield figure(
            f"bytes a closed issue, {CLOSED:,} of them", f"{(held_then[2] - held_then[1]) / CLOSED:,.0f}"
        )
        used, count = sizes(client, "run0")
        issues_ = count["s"] + count["c"]
        times = 1e6 / issues_
        yield figure(
            f"rows of a million issues, at Boston's pace ({count['rows']:,} of {issues_:,}) / MB",
            f"{count['rows'] * times:,.0f} / {used['rows'] * times / 1e6:,.0f}",
        )
        yield figure(
            "movements of a million issues / MB",
            f"{count['m'] / ENTRY_BYTES * times:,.0f} / {used['m'] * times / 1e6:,.0f}",
        )


def measure(commits: Sequence[Commit], events: int, fsync: Fsync) -> Iterator[str]:
    """The lines about time, and, once, about bytes."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-valkey-"))
        server = Valkey(Path(folder), fsync=fsync)
        stack.callback(server.process.kill)
        server.start()
        spent: dict[str, list[list[float]]] = {}
        assert server.process.pid is not None
        for run in range(RUNS):
            spending, store = replay(server.url, server.process.pid, commits, f"run{run}")
            store.close()
            for what, taken in spending.spent.items():
                spent.setdefault(what, []).append(taken)
        for what, runs in spent.items():
            client_, server_, wall = (min(run[number] for run in runs) / events for number in range(3))
            goal = "4 / 4 / -" if what == "commit" else ""
            yield figure(
                f"{what}, µs an event: client / server / wall, fsync {fsync}",
                f"{client_:.2f} / {server_:.2f} / {wall:.2f}",
                goal,
            )
        if fsync == "everysec":
            yield from in_memory(server.url, commits)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5_000, help="records in a commit")
    records = parser.parse_args().records
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        commits, events = boston(Path(folder) / "boston", records)
    states = sum(len(commit.states) for commit in commits)
    lines = [figure("figure", "measured", "to reach"), "|---|---|---|"]
    for fsync in ("always", "everysec"):
        lines += measure(commits, events, fsync)
    about = [f"- {name}: {value}" for name, value in machine().items()]
    about.append(f"- load while it ran: {os.getloadavg()[1]:.1f}")
    about.append(f"- calibration: {calibration():.0f} ns a turn of the loop in bench/measuring.py")
    about_the_runs = (
        f"Boston's {events:,} records in commits of {records:,}, {states / events:.2f} states written a"
        f" record; the least of {RUNS} runs. Server is its processor time, its file with it. Wall is as one"
        " call after the other takes it; a worker that sends a commit while it folds waits less."
    )
    text = "\n".join(
        [
            "# Figures of the store on Valkey",
            f"Taken by `python -m bench.redis_states` on {datetime.now(UTC):%Y-%m-%d}, on",
            *about,
            "",
            about_the_runs,
            "",
            *lines,
            "",
        ]
    )
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
