"""`make bench-alerts`: a hundred thousand deadlines within a second, until everybody has heard; ALERTS.md.

`--issues 5000` is a look at everything, `--only embedded` at a part; nothing is written then.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from bench.hearing import SHARES
from bench.measuring import calibration, figure, machine, percentile
from bench.stack import CATALOGUE, Server, Stack, pairs, serving, write
from bench.summaries import summaries
from bench.synthetic import append_all, submissions
from cli.engine import Engine, open_engine, open_reading, system_clock
from cli.settings import Settings
from livelihood.alerts import Alert
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import MINUTE, SECOND, Instant, from_datetime
from livelihood.ports import NewRecord, Published

RESULTS = Path(__file__).with_name("ALERTS.md")
ISSUES, SUBSCRIBERS = 100_000, 10
#: So many a second are worked on before, with the alerts that they are due soon, on a slow machine.
PACE = 2_000
#: Must have come by then.
PATIENCE_SECONDS = 900.0
_LIMIT = "60m calendar"
_PAGE = 5_000

PAGE = """\
# Figures of alerts
Taken by `make bench-alerts` on {date}, on
{machine}
- calibration: {calibration:.0f} ns a turn of the loop in bench/measuring.py
- load of the machine: {begun:.0f} at the beginning, {ended:.0f} at the end; what else it did shows

{issues:,} open issues fall due within one second. Delays are from each one's deadline, in seconds: until its
alert could be read from the log, and until a subscriber had it, of {subscribers} that follow
`/v1/alerts/stream` and are one process. Of {subscribers} subscriptions by webhook each is told of them
as of a flood, in a summary. Server, workers, broker and Valkey share the machine with all of them.

{table}
"""


class Watching:
    """Looks at the log of alerts all the time, and notes how late each overdue one can be read."""

    def __init__(self, settings: Settings) -> None:
        self.delays: list[float] = []
        self._reading = open_reading(settings)
        topics = self._reading.topics
        self._places = [topics.last("alert", number) for number in range(topics.partitions)]
        self._thread = threading.Thread(target=self._run, args=(topics,), daemon=True)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()
        self._reading.close()

    def _run(self, topics: Published) -> None:
        decode = msgspec.json.Decoder(Alert).decode
        while not self._stop.is_set():
            for partition, place in enumerate(self._places):
                while page := topics.outgoing("alert", partition, place, _PAGE):
                    now, place = system_clock(), page[-1][0]
                    self._places[partition] = place
                    alerts = (decode(document) for _, _, document in page)
                    self.delays += [
                        (now - from_datetime(one.due)) / SECOND for one in alerts if one.kind == "overdue"
                    ]
            self._stop.wait(0.01)


@contextmanager
def hearing(url: str, subscribers: int, alerts: int) -> Iterator[Any]:
    """Subscribers that follow; what they print in the end."""
    command = [sys.executable, "-m", "bench.hearing", url, str(subscribers), str(alerts)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        assert process.stdout
        if process.stdout.readline() != "following\n":
            raise RuntimeError("the subscribers could not follow")
        yield process
    finally:
        process.kill()
        process.wait()


def fall_due(settings: Settings, issues: int, server: Server, publish: Any) -> Iterator[str]:
    """Publish issues that fall due within a second, wait until all have heard, and say how late."""
    engine = "distributed" if settings.distributed else "embedded"
    watching = Watching(settings)
    with hearing(server.url, SUBSCRIBERS, issues) as subscribers:
        prepare(settings, issues, publish)
        watching.start()
        cpu = server.cpu
        out, _ = subscribers.communicate(timeout=PATIENCE_SECONDS)
        cpu = server.cpu - cpu
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(watching.delays) < issues and time.monotonic() < limit:
            time.sleep(0.05)
    watching.stop()
    heard = json.loads(out)
    if (len(watching.delays), heard["count"]) != (issues, issues * SUBSCRIBERS):
        raise RuntimeError(f"{len(watching.delays):,} in the log, {heard['count']:,} heard")
    in_log = [percentile(watching.delays, share) for share in SHARES]
    yield figure(f"{engine}: until it is in the log", _shown(in_log), f"{max(watching.delays):.2f}")
    yield figure(f"{engine}: until a subscriber has it", _shown(heard["shares"]), f"{heard['last']:.2f}")
    yield figure(f"{engine}: seconds of one core that the server took for it", f"{cpu:.2f}")


def prepare(settings: Settings, issues: int, publish: Any) -> Instant:
    """Publish issues and wait until all were worked on; when the first of them falls due."""
    # Asked for an hour ago, less what it takes to work on them.
    due: Instant = system_clock() + max(10 * SECOND, issues * SECOND // PACE)
    publish(submissions(issues, count(due - 60 * MINUTE, SECOND // issues)))
    _wait_until_worked(settings, issues)
    if system_clock() > due:
        raise RuntimeError("the first fell due before all were worked on: give them more time")
    return due


def _shown(delays: Sequence[float]) -> str:
    return " / ".join(f"{delay:.2f}" for delay in delays)


def _wait_until_worked(settings: Settings, issues: int) -> None:
    """Until all of them have a timer, and are due soon."""
    with open_reading(settings) as reading:
        topics = reading.topics
        told, places = 0, [0] * topics.partitions
        while True:
            for partition, place in enumerate(places):
                while page := topics.outgoing("alert", partition, place, _PAGE):
                    told, place = told + len(page), page[-1][0]
                places[partition] = place
            if told >= issues:
                return
            time.sleep(0.5)


def embedded(folder: Path, issues: int) -> Iterator[str]:
    """Everything in one process."""
    settings = Settings(data=folder / "data", topics="embedded")
    with open_engine(settings) as engine:
        _promise(engine)
    with serving(settings, folder) as server, open_engine(settings) as engine:
        yield from fall_due(settings, issues, server, lambda records: append_all(engine, records))


def subscriptions(folder: Path, issues: int) -> Iterator[str]:
    """Everything in one process, and subscriptions told by webhook."""
    own = {"webhook_networks": "127.0.0.0/8", "webhook_http": True}
    settings = Settings(data=folder / "data", topics="embedded", **own)
    with open_engine(settings) as engine:
        _promise(engine)
    with serving(settings, folder) as server, open_engine(settings) as engine:
        yield from summaries(
            "embedded",
            server.url,
            SUBSCRIBERS,
            issues,
            lambda: prepare(settings, issues, lambda records: append_all(engine, records)),
        )


def distributed(folder: Path, issues: int) -> Iterator[str]:
    """A broker, a Valkey, two workers and a server."""
    with ExitStack() as held:
        stack = Stack(folder)
        held.callback(stack.close)
        own = {"vault": str(folder / "vault"), "master_key": "A" * 43}
        settings = stack.settings("alerts").model_copy(update=own)
        held.enter_context(stack.engine("alerts", _LIMIT))
        held.enter_context(stack.workers(settings, 2))
        server = held.enter_context(serving(settings, folder))

        def publish(records: Iterator[NewRecord]) -> None:
            write(stack.kafka.address, "alerts.requests", pairs(records))

        yield from fall_due(settings, issues, server, publish)


def _promise(engine: Engine) -> None:
    engine.publish(parse_catalogue(CATALOGUE.replace("{limit}", _LIMIT)))


PARTS = {"embedded": embedded, "subscriptions": subscriptions, "distributed": distributed}


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, help="so many; nothing is written")
    arguments.add_argument("--only", default="", help="parts with this in their name; nothing is written")
    options = arguments.parse_args()
    begun, _, _ = os.getloadavg()
    issues = options.issues or ISSUES
    folder = Path(tempfile.mkdtemp(prefix="bench-alerts-"))
    lines = [figure("delay", "median / 99 % / 99.9 %", "the last"), "|---|---|---|"]
    try:
        for name, part in PARTS.items():
            if options.only in name:
                (folder / name).mkdir()
                for line in part(folder / name, issues):
                    print(line, flush=True)
                    lines.append(line)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not options.issues and not options.only:
        text = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine="\n".join(f"- {name}: {value}" for name, value in machine().items()),
            calibration=calibration(),
            begun=begun,
            ended=os.getloadavg()[0],
            issues=issues,
            subscribers=SUBSCRIBERS,
            table="\n".join(lines),
        )
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
