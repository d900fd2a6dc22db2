"""How quickly the distributed engine works, what an event costs among how many issues, what is taken up."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import repeat

import redis

from bench.measuring import figure
from bench.peers.job import KINDS, Oracle, events
from bench.redis_states import boston, in_memory, replay
from bench.stack import Stack, catch_up, pairs, write
from bench.synthetic import event, submissions
from cli.engine import Engine, system_clock
from consumers.tables import Query, read_table
from livelihood.periods import parse_period
from livelihood.ports import NewRecord

#: Issues that are busy, and events for them.
HOT_ISSUES, REMARKS = 5_000, 50_000
#: For the bound on memory: what a worker may keep of states, in megabytes, little and much.
CACHES = (16, 256)


def throughput(stack: Stack, issues: int) -> Iterator[str]:
    """Events a second from a stored log to committed tables: the simple job, then the domain, same log."""
    simple = 0.0
    for count, goals in ((1, ("", "80,000", "0.5")), (2, ("", "150,000", ""))):
        prefix, oracle = f"rate{count}", Oracle()
        with stack.engine(prefix) as engine:
            begin = int(time.time()) - issues * len(KINDS) // 1_000
            write(stack.kafka.address, f"{prefix}.requests", events(issues, oracle, begin))
            simple = _simple_job(stack, prefix, count, oracle)
            with stack.workers(stack.settings(prefix), count) as workers:
                spent = catch_up(engine, workers)
            _held_to(oracle, engine)
        rate = spent.records / spent.wall
        who = f"{count} worker{'s'[: count - 1]}"
        what = f"{issues:,} issues of {', '.join(KINDS)}, evenly, 2 % repeats"
        yield figure(f"simple job through our engine, events/s, {who}, {what}", f"{simple:,.0f}", goals[0])
        yield figure(f"whole domain, events/s to committed tables, {who}, same log", f"{rate:,.0f}", goals[1])
        yield figure(f"whole domain / simple job, {who}", f"{rate / simple:.2f}", goals[2])
        yield figure(f"CPU µs an event of the domain, {who} only", f"{spent.microseconds:.1f}")


def _simple_job(stack: Stack, prefix: str, workers: int, oracle: Oracle) -> float:
    """Events a second of bench/peers' job on the same log, by our own worker, log and store."""
    folder = stack.folder / f"simple-{prefix}"
    folder.mkdir()
    command = [sys.executable, "-m", "bench.peers.ours"]
    said = subprocess.run(
        [*command, stack.kafka.address, prefix, str(workers), str(folder)], check=True, stdout=subprocess.PIPE
    )
    answer = json.loads(said.stdout)
    assert answer["table"] == oracle.table, "the simple job's table is wrong"
    return oracle.events / float(answer["seconds"])


def _held_to(oracle: Oracle, engine: Engine) -> None:
    """AssertionError where the domain's tables do not say what the log says."""
    query = Query(period=parse_period("all", engine.zone.key), by=["service", "area"], instants=False)
    table = {}
    for line in read_table(engine.reader, engine.catalogue, query)[1:]:
        measures = line.measures()
        if measures["received"]:
            cell = "{service}/{area}".format_map(line.dimensions)
            table[cell] = measures["received"], measures["resolved"]
    wanted = {cell: (counts[0], counts[-1]) for cell, counts in oracle.table.items()}
    assert table == wanted, "the domain's tables are wrong"


def costs(stack: Stack, sizes: Sequence[int]) -> Iterator[str]:
    """Microseconds an event at so many open issues: to the same few of them, and to any."""
    hot: dict[int, float] = {}
    for issues in sizes:
        prefix = f"cost{issues}"
        stack.forget()
        chance = random.Random(issues)
        everyone = range(1_000_000, 1_000_000 + issues)
        with stack.engine(prefix) as engine:
            topic = f"{prefix}.requests"
            with stack.workers(stack.settings(prefix), 1) as workers:
                write(stack.kafka.address, topic, pairs(submissions(issues, repeat(system_clock()))))
                catch_up(engine, workers)
                for name, chosen in (
                    (f"a hot set of {HOT_ISSUES:,}", chance.sample(everyone, HOT_ISSUES)),
                    ("any", everyone),
                ):
                    # Once before, so that the hot set is hot.
                    for measured in (False, True):
                        remarks = remarks_on(chosen, f"{name}{measured}", chance)
                        write(stack.kafka.address, topic, pairs(remarks))
                        spent = catch_up(engine, workers)
                    if chosen is not everyone:
                        hot[issues] = spent.microseconds
                    wall = spent.wall / spent.records * 1e6
                    subject = f"CPU µs / µs an event, {issues:,} open issues, events for {name}"
                    yield figure(subject, f"{spent.microseconds:.1f} / {wall:.1f}")
            if issues == max(sizes):
                yield from _bounded(stack, prefix, engine, everyone, chance)
    few, many = min(sizes), max(sizes)
    yield figure(
        f"CPU of an event for the hot set, at {many:,} issues / at {few:,}",
        f"{hot[many] / hot[few]:.2f}",
        "1.20",
    )


def _bounded(
    stack: Stack, prefix: str, engine: Engine, everyone: Sequence[int], chance: random.Random
) -> Iterator[str]:
    """What a worker takes up, once it has met very many issues, by what it is allowed to keep of them."""
    for megabytes in CACHES:
        with stack.workers(stack.settings(prefix, cache_megabytes=megabytes), 1) as workers:
            for again in range(4):
                remarks = remarks_on(everyone, f"{megabytes}-{again}", chance)
                write(stack.kafka.address, f"{prefix}.requests", pairs(remarks))
                catch_up(engine, workers)
            held = workers[0].memory_info().rss / 2**20
        subject = f"MB of a worker, `cache_megabytes` {megabytes}, {len(everyone):,} open issues, any of them"
        yield figure(subject, f"{held:,.0f}")


def remarks_on(issues: Sequence[int], name: str, chance: random.Random) -> Iterator[NewRecord]:
    """Comments on issues drawn at random."""
    for number in range(REMARKS):
        yield event("commented", chance.choice(issues), f"{name}{number}", system_clock(), {})


def kept(stack: Stack) -> Iterator[str]:
    """Bytes in Redis of open and closed issues, rows and movements of a million issues."""
    commits, _ = boston(stack.folder / "boston", 5_000)
    pid = stack.valkey.process.pid
    assert pid is not None
    _, store = replay(stack.valkey.url, pid, commits, "run0")
    store.close()
    yield from in_memory(stack.valkey.url, commits)
    with redis.Redis.from_url(stack.valkey.url) as client:
        client.flushall()
