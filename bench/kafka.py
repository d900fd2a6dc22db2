"""`make bench-kafka`: the real domain through Kafka and Redis; writes bench/KAFKA.md.

`--issues 20000` is a look at everything with so few; figures are of the whole.
"""

import argparse
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer

from bench.measuring import calibration, figure, machine, percentile
from bench.peers.job import KINDS, Oracle, events
from bench.stack import PARTITIONS, Stack, catch_up, ends, offsets, wait_until_shared, write
from bench.synthetic import event
from cli.engine import Engine, system_clock
from consumers.subscriber import Subscriber
from livelihood.instants import MINUTE, SECOND, Instant, from_datetime
from livelihood.ports import NewRecord

RESULTS = Path(__file__).with_name("KAFKA.md")
#: Of the throughput's log.
ISSUES = 400_000
SIZES = (10_000, 100_000, 1_000_000)
#: Issues that are busy, and events for them.
HOT_ISSUES, REMARKS = 5_000, 50_000
RATE, RATE_SECONDS = 20_000, 20
#: Issues whose deadlines fall while the worker ticks, and over how long.
FALLING_DUE, OVER_SECONDS = 2_000, 20
#: The group's session timeout: what a crash costs beside the hand-over itself.
SESSION_SECONDS = 10.0


def throughput(stack: Stack, issues: int) -> list[str]:
    """Events a second from a stored log to committed tables, by one worker and by two."""
    lines = []
    for count in (1, 2):
        with stack.engine(f"rate{count}") as engine:
            settings = stack.settings(f"rate{count}")
            begin = int(time.time()) - issues * len(KINDS) // 1_000
            write(stack.kafka.address, f"rate{count}.requests", events(issues, Oracle(), begin))
            with stack.workers(settings, count) as workers:
                spent = catch_up(engine, workers)
            what = f"events/s from stored log to committed tables, {count} worker{'s'[: count - 1]}"
            subject = f"{what}, {issues:,} issues ({', '.join(KINDS)}, evenly; 2 % repeats)"
            rate = spent.records / spent.wall
            lines += [
                figure(subject, f"{rate:,.0f}", ("80,000", "150,000")[count - 1]),
                figure(f"CPU µs an event of it, worker{'s'[: count - 1]} only", f"{spent.microseconds:.1f}"),
            ]
    return lines


def submissions(issues: int, times: Iterator[Instant], first: int = 1_000_000) -> Iterator[NewRecord]:
    """One submission an issue."""
    for issue, moment in zip(range(first, first + issues), times, strict=False):
        yield event(
            "submitted", issue, "submitted", moment, {"service": f"s{issue % 50}", "area": f"a{issue % 20}"}
        )


def pairs(records: Iterator[NewRecord]) -> Iterator[tuple[bytes, bytes]]:
    """Records as `write` takes them."""
    for record in records:
        yield record.key.encode(), record.value


def same(moment: Instant) -> Iterator[Instant]:
    """That moment, always."""
    while True:
        yield moment


def costs(stack: Stack, issues: int) -> list[str]:
    """Microseconds an event at a number of open issues: to the same few of them, and to any."""
    prefix = f"cost{issues}"
    lines = []
    chance = random.Random(issues)
    everyone = range(1_000_000, 1_000_000 + issues)
    with stack.engine(prefix) as engine, stack.workers(stack.settings(prefix), 1) as workers:
        topic = f"{prefix}.requests"
        write(stack.kafka.address, topic, pairs(submissions(issues, same(system_clock()))))
        catch_up(engine, workers)
        for name, chosen in (
            (f"a hot set of {HOT_ISSUES:,}", chance.sample(everyone, HOT_ISSUES)),
            ("any", everyone),
        ):
            # Once before, so that the hot set is hot.
            for measured in (False, True):
                remarks = _remarks(chosen, f"{name}{measured}", chance)
                write(stack.kafka.address, topic, pairs(remarks))
                spent = catch_up(engine, workers)
            wall = spent.wall / spent.records * 1e6
            subject = f"CPU µs / µs an event, {issues:,} open issues, events for {name}"
            lines.append(figure(subject, f"{spent.microseconds:.1f} / {wall:.1f}"))
        megabytes = workers[0].memory_info().rss / 2**20
        lines.append(figure(f"MB of the worker, {issues:,} open issues", f"{megabytes:,.0f}"))
    return lines


def _remarks(issues: Sequence[int], name: str, chance: random.Random) -> Iterator[NewRecord]:
    for number in range(REMARKS):
        yield event("commented", chance.choice(issues), f"{name}{number}", system_clock(), {})


def latency(stack: Stack, rate: int) -> list[str]:
    """Seconds from an event's acknowledgement to its row's being readable, at a steady rate."""
    with stack.engine("latency") as engine, stack.workers(stack.settings("latency"), 1) as workers:
        write(stack.kafka.address, "latency.requests", pairs(submissions(10_000, same(system_clock()))))
        catch_up(engine, workers)
        delays = _delays(stack, engine, "latency", rate, RATE_SECONDS)
    middle, worst = (percentile(delays, share) * 1_000 for share in (0.5, 0.99))
    subject = f"ms from acknowledged to readable at {rate:,} events/s, 1 worker: median / 99th percentile"
    return [figure(subject, f"{middle:.0f} / {worst:.0f}", "- / 100")]


def _delays(stack: Stack, engine: Engine, prefix: str, rate: int, seconds: float) -> list[float]:
    """Of one event in a hundred, how long it took; events come every ten milliseconds."""
    acknowledged: list[tuple[int, int, float]] = []
    readable: list[tuple[float, list[int]]] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            at = offsets(engine)
            readable.append((time.perf_counter(), at))
            time.sleep(0.003)

    def noted(error: object, message: object) -> None:
        assert error is None, error
        acknowledged.append((message.partition(), message.offset(), time.perf_counter()))

    watching = threading.Thread(target=watch)
    watching.start()
    producer = Producer(
        {"bootstrap.servers": stack.kafka.address, "partitioner": "murmur2_random", "linger.ms": 2}
    )
    chance, begun, sent = random.Random(1), time.perf_counter(), 0
    while (elapsed := time.perf_counter() - begun) < seconds:
        while sent < elapsed * rate:
            number = chance.randrange(1_000_000, 1_010_000)
            record = event("commented", number, f"{prefix}{sent}", system_clock(), {})
            producer.produce(
                f"{prefix}.requests",
                record.value,
                record.key,
                on_delivery=noted if sent % 100 == 0 else None,
            )
            sent += 1
        producer.poll(0.002)
    producer.flush(30)
    until = ends(engine)
    while offsets(engine) < until:
        time.sleep(0.01)
    time.sleep(0.1)
    stop.set()
    watching.join()
    return list(_waited(acknowledged, readable))


def _waited(
    acknowledged: list[tuple[int, int, float]], readable: list[tuple[float, list[int]]]
) -> Iterator[float]:
    for partition in range(PARTITIONS):
        looks = iter(readable)
        seen, at = next(looks)
        for _, offset, moment in sorted(one for one in acknowledged if one[0] == partition):
            while at[partition] <= offset:
                seen, at = next(looks)
            yield max(seen - moment, 0.0)


def alert_delay(stack: Stack, issues: int) -> list[str]:
    """Seconds from a deadline to its alert on the topic, while many other issues are open."""
    delays: list[float] = []
    with (
        stack.engine("alerts", "60m calendar") as engine,
        stack.workers(stack.settings("alerts"), 1) as workers,
    ):
        write(
            stack.kafka.address,
            "alerts.requests",
            pairs(submissions(issues - FALLING_DUE, same(system_clock()))),
        )
        catch_up(engine, workers)
        # Asked for 60 minutes ago, less a little: due one after the other from a moment on.
        soon: Instant = system_clock() + 5 * SECOND - 60 * MINUTE
        step = OVER_SECONDS * SECOND // FALLING_DUE
        times = (soon + number * step for number in range(FALLING_DUE))
        write(stack.kafka.address, "alerts.requests", pairs(submissions(FALLING_DUE, times, first=1)))
        end = time.monotonic() + OVER_SECONDS + 30
        with Subscriber(stack.kafka.address, topic="alerts.alerts") as alerts:
            while len(delays) < FALLING_DUE and time.monotonic() < end:
                told = alerts.read(0.2)
                now = system_clock()
                overdue = (one.alert for one in told if one.alert.kind == "overdue")
                delays += [(now - from_datetime(alert.due)) / SECOND for alert in overdue]
    assert len(delays) == FALLING_DUE, f"{len(delays)} of {FALLING_DUE} alerts came"
    middle, worst = (percentile(delays, share) for share in (0.5, 0.99))
    subject = f"s from deadline to alert at a subscriber, {issues:,} open issues: median / 99th percentile"
    return [figure(subject, f"{middle:.3f} / {worst:.3f}", "- / 1")]


def hand_over(stack: Stack, issues: int) -> list[str]:
    """Seconds without work after a worker was killed, beyond its session, and the latency just after."""
    prefix = "handover"
    with stack.engine(prefix) as engine, stack.workers(stack.settings(prefix), 2) as workers:
        write(stack.kafka.address, f"{prefix}.requests", pairs(submissions(issues, same(system_clock()))))
        wait_until_shared(stack.settings(prefix), 2)
        catch_up(engine, workers)
        workers[0].kill()
        killed = time.perf_counter()
        begun = ends(engine)
        write(
            stack.kafka.address,
            f"{prefix}.requests",
            pairs(_remarks(range(1_000_000, 1_010_000), "x", random.Random(1))),
        )
        until = ends(engine)
        assert all(end > before for before, end in zip(begun, until, strict=True))
        while not all(at > before for at, before in zip(offsets(engine), begun, strict=True)):
            time.sleep(0.01)
        taken = time.perf_counter() - killed
        catch_up(engine, workers[1:])
        delays = _delays(stack, engine, prefix, RATE // 4, 60)
    middle, worst = (percentile(delays, share) * 1_000 for share in (0.5, 0.99))
    what = f"{issues:,} open issues"
    moved = f"s to hand a killed worker's partitions over, beyond the session, {what}"
    after = f"ms from acknowledged to readable in the minute after, {RATE // 4:,} events/s, {what}"
    return [
        figure(moved, f"{taken - SESSION_SECONDS:.2f}", "2"),
        figure(f"{after}: median / 99th percentile", f"{middle:.0f} / {worst:.0f}"),
    ]


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, help="at most so many issues; nothing is written")
    arguments.add_argument("--only", default="", help="figures with this in their name")
    options = arguments.parse_args()
    most = options.issues or max(SIZES)
    folder = Path(tempfile.mkdtemp(prefix="bench-kafka-"))
    lines = [figure("figure", "measured", "to reach"), "|---|---|---|"]
    parts = {
        "throughput": lambda: throughput(stack, min(ISSUES, most)),
        "costs": lambda: [line for size in SIZES if size <= most for line in costs(stack, size)],
        "latency": lambda: latency(stack, RATE),
        "alerts": lambda: alert_delay(stack, most),
        "handover": lambda: hand_over(stack, most),
    }
    stack = Stack(folder)
    try:
        for name, part in parts.items():
            if options.only in name:
                for line in part():
                    print(line, flush=True)
                    lines.append(line)
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)
    about = [f"- {name}: {value}" for name, value in machine().items()]
    about.append(f"- calibration: {calibration():.0f} ns a turn of the loop in bench/measuring.py")
    about.append(f"- Kafka {stack.kafka.version} and Valkey on the same machine, {PARTITIONS} partitions")
    taken = f"Taken by `make bench-kafka` on {datetime.now(UTC):%Y-%m-%d}, on"
    text = "\n".join(["# Figures of the distributed engine", taken, *about, "", *lines, ""])
    if not options.issues and not options.only:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
