"""How long the distributed engine takes: to a readable row, to an alert, and to hand partitions over."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import count, repeat

from confluent_kafka import Producer

from bench.measuring import figure, percentile
from bench.rates import remarks_on
from bench.stack import PARTITIONS, Stack, catch_up, ends, offsets, pairs, wait_until_shared, write
from bench.synthetic import event, submissions
from cli.engine import Engine, system_clock
from consumers.subscriber.topic import AlertTopic
from livelihood.instants import MINUTE, SECOND, Instant, from_datetime
from livelihood.ports import NewRecord

RATE, RATE_SECONDS = 20_000, 20
#: After a hand-over, for a minute.
AFTER_RATE, AFTER_SECONDS = 5_000, 60
#: Of how many events one is looked after.
EACH = 100
#: Issues whose deadlines fall while the worker ticks, and over how long.
FALLING_DUE, OVER_SECONDS = 2_000, 20
#: The group's session timeout: what a crash costs beside the hand-over itself.
SESSION_SECONDS = 10.0


def latency(stack: Stack, issues: int) -> Iterator[str]:
    """Seconds from an event's acknowledgement to its row's being readable, at a steady rate."""
    with stack.engine("latency") as engine, stack.workers(stack.settings("latency"), 1) as workers:
        write(stack.kafka.address, "latency.requests", pairs(submissions(issues, repeat(system_clock()))))
        catch_up(engine, workers)
        everyone = range(1_000_000, 1_000_000 + issues)
        rate, delays = _delays(stack, engine, "latency", everyone, RATE, RATE_SECONDS)
    subject = f"ms from acknowledged to readable at {rate:,.0f} events/s, 1 worker, {issues:,} open issues"
    yield figure(f"{subject}: median / 99th percentile", _milliseconds(delays), "- / 100")


def _milliseconds(delays: list[float]) -> str:
    return " / ".join(f"{percentile(delays, share) * 1_000:.0f}" for share in (0.5, 0.99))


def _paced(issues: Sequence[int], name: str, rate: int, seconds: int) -> list[NewRecord]:
    """Comments as they will come, made beforehand: making them would take what the worker is to have."""
    chance, begun = random.Random(1), system_clock()
    return [
        event("commented", chance.choice(issues), f"{name}{number}", begun + number * SECOND // rate, {})
        for number in range(rate * seconds)
    ]


def _delays(
    stack: Stack, engine: Engine, prefix: str, issues: Sequence[int], rate: int, seconds: int
) -> tuple[float, list[float]]:
    """The rate that was reached, and of one event in `EACH` how long it took."""
    acknowledged: list[tuple[int, int, float]] = []
    readable: list[tuple[float, list[int]]] = []
    stop = threading.Event()
    records = _paced(issues, prefix, rate, seconds)

    def watch() -> None:
        while not stop.is_set():
            at = offsets(engine)
            readable.append((time.perf_counter(), at))
            # Each look is a call a partition, which takes from what is measured.
            time.sleep(0.010)

    def noted(error: object, message: object) -> None:
        assert error is None, error
        acknowledged.append((message.partition(), message.offset(), time.perf_counter()))  # type: ignore[attr-defined]

    watching = threading.Thread(target=watch)
    watching.start()
    producer = Producer(
        {"bootstrap.servers": stack.kafka.address, "partitioner": "murmur2_random", "linger.ms": 2}
    )
    begun, sent = time.perf_counter(), 0
    while sent < len(records):
        until = min(len(records), int((time.perf_counter() - begun) * rate))
        for number in range(sent, until):
            looked_after = {"on_delivery": noted} if number % EACH == 0 else {}
            record = records[number]
            producer.produce(f"{prefix}.requests", record.value, record.key, **looked_after)
        sent = until
        producer.poll(0.002)
    reached = sent / (time.perf_counter() - begun)
    producer.flush(30)
    until_all = ends(engine)
    while any(at < end for at, end in zip(offsets(engine), until_all, strict=True)):
        time.sleep(0.01)
    # Once more is looked, so that the last one's row is seen too.
    time.sleep(0.1)
    stop.set()
    watching.join()
    return reached, list(_waited(acknowledged, readable))


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


def alert_delay(stack: Stack, issues: int) -> Iterator[str]:
    """Seconds from a deadline to its alert at a subscriber, while many other issues are open."""
    delays: list[float] = []
    topic = "alerts.requests"
    with (
        stack.engine("alerts", "60m calendar") as engine,
        stack.workers(stack.settings("alerts"), 1) as workers,
    ):
        others = submissions(issues - FALLING_DUE, repeat(system_clock()))
        write(stack.kafka.address, topic, pairs(others))
        catch_up(engine, workers)
        # Asked for 60 minutes ago, less a little: due one after the other from a moment on.
        soon: Instant = system_clock() + 5 * SECOND - 60 * MINUTE
        times = count(soon, OVER_SECONDS * SECOND // FALLING_DUE)
        write(stack.kafka.address, topic, pairs(submissions(FALLING_DUE, times, first=1)))
        end = time.monotonic() + OVER_SECONDS + 60
        with AlertTopic(stack.kafka.address, topic="alerts.alerts") as alerts:
            while len(delays) < FALLING_DUE and time.monotonic() < end:
                told = alerts.read(0.2)
                now = system_clock()
                overdue = (one.alert for one in told if one.alert.kind == "overdue")
                delays += [(now - from_datetime(alert.due)) / SECOND for alert in overdue]
    assert len(delays) == FALLING_DUE, f"{len(delays)} of {FALLING_DUE} alerts came"
    middle, worst = (percentile(delays, share) for share in (0.5, 0.99))
    subject = f"s from deadline to alert at a subscriber, {issues:,} open issues: median / 99th percentile"
    yield figure(subject, f"{middle:.3f} / {worst:.3f}", "- / 1")


def hand_over(stack: Stack, issues: int) -> Iterator[str]:
    """Seconds without work after a worker was killed, beyond its session, and the latency just after."""
    prefix = "handover"
    topic, everyone = f"{prefix}.requests", range(1_000_000, 1_000_000 + issues)
    with stack.engine(prefix) as engine, stack.workers(stack.settings(prefix), 2) as workers:
        write(stack.kafka.address, topic, pairs(submissions(issues, repeat(system_clock()))))
        wait_until_shared(stack.settings(prefix), 2)
        catch_up(engine, workers)
        workers[0].kill()
        killed = time.perf_counter()
        begun = ends(engine)
        write(stack.kafka.address, topic, pairs(remarks_on(everyone[:10_000], "x", random.Random(1))))
        assert all(end > before for before, end in zip(begun, ends(engine), strict=True))
        while not all(at > before for at, before in zip(offsets(engine), begun, strict=True)):
            time.sleep(0.01)
        taken = time.perf_counter() - killed
        rate, delays = _delays(stack, engine, prefix, everyone, AFTER_RATE, AFTER_SECONDS)
    moved = f"s to hand a killed worker's partitions over, beyond the session, {issues:,} open issues"
    yield figure(moved, f"{taken - SESSION_SECONDS:.2f}", "2")
    after = f"ms from acknowledged to readable in the minute after, cold cache, {rate:,.0f} events/s for any"
    yield figure(f"{after}, {issues:,} open issues: median / 99th percentile", _milliseconds(delays))
