"""`make bench-gateway`: acknowledged events a second over HTTP, on both engines; writes bench/GATEWAY.md.

`--seconds 3` is a look at everything; nothing is written then. Sender and server share the machine.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backends.sqlite.log import SqliteLog
from bench.measuring import calibration, figure, machine, percentile
from bench.stack import CATALOGUE, Server, Stack, serving
from cli.engine import open_engine, system_clock
from cli.settings import Settings
from livelihood.catalogue_reading import parse_catalogue
from producers.channel_keys import PUBLISHABLE, ChannelKey
from producers.keyring import Keyring
from producers.publisher import GatewayTransport, KafkaTransport, LogTransport, Publisher
from producers.publisher.delivery import Transport

RESULTS = Path(__file__).with_name("GATEWAY.md")
SECONDS = 20.0
#: What is offered for a minute, by as many senders.
OFFERED, OFFERED_SECONDS, SENDERS = 10_000, 60.0, 2
#: (name, connections, events a request)
LOADS = (
    ("single, 1 connection", 1, 1),
    ("single, 16 connections", 16, 1),
    ("single, 128 connections", 128, 1),
    ("batches of 100, 4 connections", 4, 100),
    ("batches of 500, 4 connections", 4, 500),
)

PAGE = """\
# Figures of the gateway
Taken by `make bench-gateway` on {date}, on
{machine}
- calibration: {calibration:.0f} ns a turn of the loop in bench/measuring.py

Acknowledged means that the log had it durably: SQLite synced, Kafka (one broker, acks=all). Senders, server,
worker, broker and Valkey share the machine. Events are submissions without personal data.

{table}
"""


@dataclass(frozen=True)
class Served(Server):
    """A server that runs, and the key to it."""

    token: str

    @property
    def most_bytes(self) -> int:
        """The most memory it has had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def served(settings: Settings, folder: Path) -> Iterator[Served]:
    """A new engine with the bench's catalogue, and a server of it as a process of its own."""
    with open_engine(settings) as engine:
        if not engine.published:
            engine.publish(parse_catalogue(CATALOGUE.replace("{limit}", "30 working_days")))
        key = ChannelKey(name="bench", channel="app", may=PUBLISHABLE, per_minute=100_000_000)
        token = Keyring(engine.vault).add(key, system_clock())
    with serving(settings, folder) as server:
        yield Served(server.url, server.process, token)


@contextmanager
def embedded(folder: Path, prefix: str) -> Iterator[Settings]:
    """Settings of an embedded engine."""
    yield Settings(data=folder / "data", topics=prefix)


@contextmanager
def distributed(folder: Path, prefix: str) -> Iterator[Settings]:
    """Settings of a new distributed engine under a prefix, with a worker at work."""
    stack = Stack(folder)
    try:
        with stack.engine(prefix):
            pass
        others = {"vault": str(folder / "vault"), "master_key": "A" * 43}
        settings = stack.settings(prefix).model_copy(update=others)
        with stack.workers(settings, 1):
            yield settings
    finally:
        stack.close()


#: Each engine that is measured, in a folder and under a prefix.
ENGINES = {"embedded": embedded, "distributed": distributed}


def offered(server: Served, connections: int, seconds: float, batch: int, *rate: float) -> Any:
    """What a sender was told."""
    command = [sys.executable, "-m", "bench.offering", server.url, server.token]
    arguments = [str(connections), str(seconds), str(batch), *map(str, rate)]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)


def told(sender: Any) -> dict[str, Any]:
    """The answer of one that has ended."""
    out, _ = sender.communicate()
    return dict(json.loads(out))


def loads(server: Served, engine: str, seconds: float) -> Iterator[str]:
    """Rates and delays of each load."""
    for name, connections, batch in LOADS:
        found = told(offered(server, connections, seconds, batch))
        others = {
            status: count for status, count in found["statuses"].items() if status not in ("200", "202")
        }
        yield figure(
            f"{engine}: {name}",
            f"{found['acknowledged'] / found['took']:,.0f} events/s, acknowledged after"
            f" {percentile(found['seconds'], 0.5) * 1e3:.1f} ms (median),"
            f" {percentile(found['seconds'], 0.99) * 1e3:.1f} ms (99 %)" + (f", {others}" if others else ""),
        )


def client(server: Served, engine: str, settings: Settings, seconds: float) -> Iterator[str]:
    """The publisher client, by each way that there is to this engine."""
    ways: dict[str, Transport] = {"over HTTP": GatewayTransport(server.url, server.token)}
    if settings.distributed:
        ways["straight to Kafka"] = KafkaTransport(settings.kafka, topics=settings.topics)
    else:
        ways["straight into the data folder"] = LogTransport(lambda: SqliteLog(settings.data, system_clock))
    for way, transport in ways.items():
        number, began = 0, time.perf_counter()
        with Publisher(transport, block_seconds=60.0) as publisher:
            while time.perf_counter() - began < seconds:
                number += 1
                publisher.publish(_event(f"{way[-1]}{number}"))
        took = time.perf_counter() - began
        yield figure(f"{engine}: publisher client {way}", f"{number / took:,.0f} events/s")


def memory(server: Served, engine: str, seconds: float) -> Iterator[str]:
    """Memory while more is offered than is taken."""
    before = server.most_bytes
    rate = OFFERED / SENDERS
    senders = [offered(server, 500, seconds, 1, rate) for _ in range(SENDERS)]
    found = [told(sender) for sender in senders]
    sent, taken = (sum(one[name] for one in found) for name in ("sent", "acknowledged"))
    statuses: dict[str, int] = {}
    for one in found:
        for status, count in one["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    delays = [delay for one in found for delay in one["seconds"]]
    yield figure(
        f"{engine}: {OFFERED:,} single events/s wanted for {seconds:.0f} s, 1,000 connections",
        f"{sent / seconds:,.0f}/s sent, {taken / seconds:,.0f}/s acknowledged"
        f" (99 % within {percentile(delays, 0.99):.2f} s), answers {statuses};"
        f" memory {server.most_bytes / 1e6:,.0f} MB at most ({before / 1e6:,.0f} before)",
        "bounded",
    )


def _event(name: str) -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/app", "id": name,
        "subject": name, "time": "2026-01-01T09:00:00+08:00", "channel": "app",
        "data": {"service": "s1", "area": "a1", "number": name},
    }  # fmt: skip


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, help="for each load; nothing is written")
    arguments.add_argument("--only", default="", help="engines with this in their name; nothing is written")
    options = arguments.parse_args()
    seconds, memory_seconds = options.seconds or SECONDS, options.seconds or OFFERED_SECONDS
    folder = Path(tempfile.mkdtemp(prefix="bench-gateway-"))
    lines = [figure("load", "measured", "to reach"), "|---|---|---|"]

    try:
        for name, engine in ENGINES.items():
            if options.only in name:
                with engine(folder, "gateway") as settings, served(settings, folder) as server:
                    _say(loads(server, name, seconds), lines)
                    _say(client(server, name, settings, seconds), lines)
                    _say(memory(server, name, memory_seconds), lines)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.seconds and not options.only:
        text = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine="\n".join(f"- {name}: {value}" for name, value in machine().items()),
            calibration=calibration(),
            table="\n".join(lines),
        )
        RESULTS.write_text(text, encoding="utf-8")


def _say(found: Iterator[str], lines: list[str]) -> None:
    for line in found:
        print(line, flush=True)
        lines.append(line)


if __name__ == "__main__":
    main()
