"""Measuring: the machine, a calibration, and what a worker takes to catch up."""

import os
import platform
import sqlite3
import time
from dataclasses import dataclass
from importlib.metadata import version

from streams.worker import Worker


@dataclass(frozen=True)
class Spent:
    """Time a worker took for some records, in seconds."""

    records: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Records a second of one core."""
        return self.records / self.cpu

    @property
    def microseconds(self) -> float:
        """Of one core, a record."""
        return self.cpu / self.records * 1e6


def catch_up(worker: Worker) -> Spent:
    """Let a worker work until nothing is left."""
    wall, cpu, records = time.perf_counter(), time.process_time(), 0
    while True:
        stepped = worker.step()
        records += stepped.records
        if stepped.idle:
            return Spent(records, time.perf_counter() - wall, time.process_time() - cpu)


def figure(what: str, measured: str, goal: str = "") -> str:
    """A line of the results' table."""
    return f"| {what} | {measured} | {goal} |"


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def calibration() -> float:
    """Nanoseconds of one turn of a fixed loop of pure Python: machines differ, and vary."""
    counts: dict[int, int] = {}
    begun = time.process_time()
    for number in range(1_000_000):
        counts[number % 1000] = counts.get(number % 1000, 0) + number
    return (time.process_time() - begun) * 1e3


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    model = "unknown"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next(line.partition(":")[2].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pydantic", "msgspec"))
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "Python": platform.python_version(),
        "libraries": f"{libraries}, SQLite {sqlite3.sqlite_version}",
    }
