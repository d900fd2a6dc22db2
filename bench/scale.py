"""How cost grows with the number of issues, and how late alerts are when there are many."""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import count, repeat
from pathlib import Path

import msgspec

from backends.sqlite.store import SqliteStore
from bench.measuring import catch_up, figure, percentile
from bench.synthetic import append_all, event, publish_catalogue, submissions
from cli.embedded import EmbeddedEngine
from cli.engine import system_clock
from consumers.tables import Query, read_table
from livelihood.alerts import Alert
from livelihood.instants import MINUTE, SECOND, Instant, from_datetime
from livelihood.periods import parse_period
from livelihood.ports import NewRecord, Outgoing
from livelihood.state import unpack
from streams.worker import Worker

#: Issues that are busy, and events for them.
HOT_ISSUES = 5_000
EVENTS = 50_000
#: Issues whose deadlines fall while the worker ticks, and over how long.
FALLING_DUE = 2_000
OVER_SECONDS = 20


def _remarks(issues: Sequence[int], name: str, chance: random.Random) -> Iterator[NewRecord]:
    for number in range(EVENTS):
        yield event("commented", chance.choice(issues), f"{name}{number}", system_clock(), {})


def costs(folder: Path, issues: int) -> list[str]:
    """Microseconds an event at a number of open issues: to the same few of them, and to any."""
    engine = EmbeddedEngine(folder)
    publish_catalogue(engine, "30 working_days")
    append_all(engine, submissions(issues, repeat(system_clock())))
    lines = []
    chance = random.Random(issues)
    everyone = range(1_000_000, 1_000_000 + issues)
    with engine.worker() as worker:
        assert worker is not None
        first = catch_up(worker)
        packed = engine.reader.scan(0, "", 1)[0][0][1]
        assert unpack(packed).issue.open
        state_bytes = len(packed)
        size = sum(path.stat().st_size for path in folder.glob("state.sqlite*"))
        for name, chosen in (("a hot set", chance.sample(everyone, HOT_ISSUES)), ("any", everyone)):
            # The first bear what submitting left for later (backends/sqlite/recent.py), the third no more.
            spent = []
            for turn in range(3):
                append_all(engine, _remarks(chosen, f"{name}{turn}", chance))
                spent.append(catch_up(worker))
            what = f"{name} of {HOT_ISSUES:,}" if name != "any" else name
            subject = f"µs an event, {issues:,} open issues, events for {what}: first / third {EVENTS:,}"
            lines.append(figure(subject, f"{spent[0].microseconds:.1f} / {spent[2].microseconds:.1f}"))
    lines.insert(0, figure(f"µs a submission, {issues:,} of them", f"{first.microseconds:.1f}"))
    subject = f"bytes an open issue on disk, with all that belongs to it / its state, {issues:,} issues"
    lines.append(figure(subject, f"{size / issues:,.0f} / {state_bytes}"))
    # Later than the tables' own time, deadlines in between are not counted yet: the issues are asked.
    for what, instant in (("an instant", engine.stands_at - SECOND), ("now, ahead of it", system_clock())):
        begun = time.perf_counter()
        query = Query(period=parse_period("all", "Asia/Shanghai"), as_of=instant)
        read_table(engine.reader, engine.catalogue, query)
        taken = time.perf_counter() - begun
        lines.append(figure(f"table as of {what}, {issues:,} issues, s", f"{taken:.2f}", "5"))
    engine.close()
    return lines


class _Listening:
    """Stands before the log's topics and notes when each overdue alert is there for everybody to read."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._log = engine.log
        self.delays: list[float] = []

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        self._log.publish(partition, born, waiting)
        now = system_clock()
        for _, one in waiting:
            alert = msgspec.json.decode(one.value, type=Alert)
            if alert.kind == "overdue":
                self.delays.append((now - from_datetime(alert.due)) / SECOND)


def alert_delay(folder: Path, issues: int) -> list[str]:
    """Seconds from a deadline to its alert in the log, while many other issues are open."""
    engine = EmbeddedEngine(folder)
    publish_catalogue(engine, "60m calendar")
    begun = system_clock()
    append_all(engine, submissions(issues - FALLING_DUE, repeat(begun)))
    listening = _Listening(engine)
    with SqliteStore(folder) as store:
        worker = Worker(engine.log, store, listening, system_clock, lambda: engine.published)
        catch_up(worker)
        # Asked for 60 minutes ago, less a little: due one after the other from a moment on.
        soon: Instant = system_clock() + 3 * SECOND - 60 * MINUTE
        step = OVER_SECONDS * SECOND // FALLING_DUE
        late = (
            event("submitted", issue, "submitted", time_, {"service": "s1", "area": "a1"})
            for issue, time_ in zip(range(FALLING_DUE), count(soon, step), strict=False)
        )
        append_all(engine, late)
        catch_up(worker)
        end = time.monotonic() + OVER_SECONDS + 5
        while time.monotonic() < end:
            if worker.step().idle:
                time.sleep(0.05)
    engine.close()
    assert len(listening.delays) == FALLING_DUE, len(listening.delays)
    middle, worst = (percentile(listening.delays, share) for share in (0.5, 0.99))
    subject = f"s from deadline to alert in the log, {issues:,} open issues: median / 99th percentile"
    return [figure(subject, f"{middle:.3f} / {worst:.3f}", "- / 1")]
