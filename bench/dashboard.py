"""`make bench-dashboard`: from an acknowledged event to a line that is shown; writes bench/DASHBOARD.md.

`--seconds 5` is a look at everything; nothing is written then. Server, readers and senders share the machine.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from bench.gateway import ENGINES, Served, offered, served, told
from bench.measuring import calibration, catch_up, figure, machine
from bench.synthetic import append_all, publish_catalogue, submissions
from cli.embedded import EmbeddedEngine
from cli.engine import open_engine, system_clock
from cli.settings import Settings
from consumers.board.answers import Cell
from consumers.board.cells import read_issues
from consumers.board.keeper import Keeper
from consumers.board.view import View
from livelihood.instants import DAY
from livelihood.movements import ENTRY_BYTES
from web.accounts import Account, Accounts, Role
from web.passes import Passes

RESULTS = Path(__file__).with_name("DASHBOARD.md")
SECONDS = 30.0
RATES = {"embedded": 1_000, "distributed": 10_000}
CLIENTS = 500
ISSUES = 100_000
#: A thousand lines, and a page's first table.
LINES, OVERVIEW = "/v1/tables/*?by=service,area", "/v1/tables/all?by=department"
#: What fills the lines before.
FILL_SECONDS = 3.0

PAGE = """\
# Figures of the dashboard
Taken by `make bench-dashboard` on {date}, on
{machine}
- calibration: {calibration:.0f} ns a turn of the loop in bench/measuring.py
- load average before it began: {load:.1f}; much above nothing, others had a share of the machine

Events are submissions, spread over a table of 1,000 lines: of the embedded engine in batches of 20 over HTTP,
of the distributed one straight to its topic, acknowledged by Kafka. Shown means that a
client of the stream has read the line that counts the event, and in Chromium that a frame with the count was
drawn. Server, worker, senders and readers share the
machine.

{table}
"""


def reader(way: str, *arguments: object) -> Any:
    """A reader or a sender that runs."""
    return _running("bench.following", way, *arguments)


def _running(module: str, *arguments: object) -> Any:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def stream_of(path: str) -> str:
    """The stream of a table."""
    return path.replace("?", "/stream?")


def pass_of(settings: Settings) -> str:
    """A pass of a new account that may see."""
    with open_engine(settings) as engine:
        accounts, now = Accounts(engine.vault), system_clock()
        account = Account(
            name="bench", role=Role.VIEWER, password=accounts.hashed(token_urlsafe()), created=now
        )
        accounts.add(account)
        return Passes(engine.vault, accounts).make(account, now)


def target_of(settings: Settings, server: Served) -> str:
    """Where events go to: what takes as many as the engine is to take."""
    if settings.kafka:
        return f"topic {settings.kafka} {settings.topics}.requests"
    return f"gateway {server.url} {server.token}"


def figures(server: Served, pass_: str, engine: str, target: str, seconds: float) -> Iterator[str]:
    """All that is measured of an engine."""
    rate = RATES[engine]
    told(offered(server, 4, FILL_SECONDS, 500))
    # Until the worker and the board have come to the end.
    time.sleep(2 * FILL_SECONDS)
    shown = told(reader("events", server.url, pass_, stream_of(LINES), seconds, rate, target))
    yield figure(
        f"{engine}: ms from acknowledged to the line in a stream, {shown['rate']:,.0f} events/s, 1,000 lines:"
        " median / 99th percentile",
        _milliseconds(shown),
        "- / 500",
    )
    sending = reader("events", server.url, pass_, stream_of(LINES), seconds + 2, rate, target)
    time.sleep(2)
    found = told(reader("table", server.url, pass_, f"{LINES}&size=1000", seconds - 2))
    told(sending)
    yield figure(
        f"{engine}: ms to answer with a table of 1,000 lines while {rate:,} events/s are offered:"
        " median / 99th percentile",
        _milliseconds(found),
        "- / 10",
    )
    seen = told(_running("bench.screen", server.url, pass_, seconds, rate, target))
    first = seen["first"]
    yield figure(
        f"{engine}: ms from acknowledged to a frame of the first page that counts it, in Chromium,"
        f" {seen['rate']:,.0f} events/s: median / 99th percentile",
        f"{_milliseconds(seen)}, of {seen['looks']} looks",
        "- / 500",
    )
    yield figure(
        f"{engine}: the first page in a browser without anything of it: KB / ms to first words / to its end",
        f"{first['bytes'] / 1e3:.0f} / {first['painted'] * 1e3:.0f} / {first['loaded'] * 1e3:.0f}",
        "300 / - / 1,000",
    )
    following = reader("many", server.url, pass_, stream_of(OVERVIEW), seconds, CLIENTS)
    time.sleep(3)
    before, begun = server.cpu, time.perf_counter()
    shown = told(reader("events", server.url, pass_, stream_of(LINES), seconds - 8, rate, target))
    spent, took = server.cpu - before, time.perf_counter() - begun
    clients = told(following)
    cores = spent / took
    yield figure(
        f"{engine}: the same with {CLIENTS} clients of the first page's table: median / 99th percentile",
        f"{_milliseconds(shown)}; the server, its worker included where it has one, took {cores:.2f} cores;"
        f" {clients['bytes'] / seconds / 1e6:.1f} MB/s were sent, each client was told {clients['fewest']}"
        " times at least",
        "one core",
    )


def parts(folder: Path) -> Iterator[str]:
    """What the board costs of one core, without a server."""
    with EmbeddedEngine(folder, system_clock, Settings(data=folder)) as engine, engine.worker() as worker:
        assert worker is not None
        publish_catalogue(engine, "2 working_days")
        then = system_clock() - 10 * DAY
        append_all(engine, submissions(ISSUES, repeat(then)))
        catch_up(worker)
        keeper = Keeper(engine.reader, lambda: engine.catalogue, lambda: None)
        begun = time.process_time()
        keeper.look()
        took = time.process_time() - begun
        counted = sum(len(page) // ENTRY_BYTES for page in engine.reader.movements(0))
        yield figure("core seconds to count in a million movements at a start", f"{took / counted * 1e6:.2f}")
        cell = Cell(commitment="lamps", dimensions={"service": "s1"}, measure="overdue")
        begun = time.process_time()
        found = read_issues(engine.reader, engine.catalogue, View(), cell)
        took = time.process_time() - begun
        yield figure(
            f"core seconds to find {len(found):,} issues behind a figure among {ISSUES:,}", f"{took:.2f}"
        )


def _milliseconds(found: dict[str, Any]) -> str:
    return " / ".join(f"{found[name] * 1_000:.1f}" for name in ("median", "p99"))


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, help="for each load; nothing is written")
    arguments.add_argument("--only", default="", help="engines with this in their name; nothing is written")
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-dashboard-"))
    load = os.getloadavg()[0]
    lines = [figure("what", "measured", "to reach"), "|---|---|---|"]

    def say(found: Iterator[str]) -> None:
        for line in found:
            print(line, flush=True)
            lines.append(line)

    try:
        if options.only in "parts":
            say(parts(folder / "parts"))
        for name, engine in ENGINES.items():
            if options.only in name:
                with engine(folder, "dashboard") as settings:
                    pass_ = pass_of(settings)
                    with served(settings, folder) as server:
                        say(
                            figures(
                                server, pass_, name, target_of(settings, server), options.seconds or SECONDS
                            )
                        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.seconds and not options.only:
        text = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine="\n".join(f"- {name}: {value}" for name, value in machine().items()),
            calibration=calibration(),
            load=load,
            table="\n".join(lines),
        )
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
