"""`make bench-peers`: the simple job by every contender, on one broker, compared with the oracle.

`--issues 20000` makes one smaller log for a look; `--only flink` takes those whose name has it in it.
RESULTS.md is written when all took part in the whole.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from bench.measuring import calibration, machine
from bench.peers.contenders import CONTENDERS, EOS_ONE, Contender, Stage
from bench.peers.job import KINDS, Oracle, events
from bench.peers.parts import PYTHON, NotHad
from bench.stack import PARTITIONS, write

RESULTS = Path(__file__).with_name("RESULTS.md")
#: Issues of the short log and of the long one.
ISSUES = (100_000, 400_000)
#: Whoever takes longer is ended, and has no figure.
LIMIT_SECONDS = 900


PAGE = """\
# The simple job, side by side
Taken by `make bench-peers` on {date}, on
{machine}
- calibration: {calibration:.0f} ns a turn of the loop in bench/measuring.py
- one Kafka 4.1.0 broker on the same machine, {partitions} partitions
- Kafka Streams 4.1.0, Flink 1.20.3, {versions}

The job: drop duplicates (2 %), fold each issue of {kinds} events, keep a table of 1,000 cells. Every figure
is of a run whose table equalled the oracle's. Time runs from the first event worked on to the last, for ours
to the last commit; x is the ratio on the last log to {measure}. CPU is of
the contender's own processes, their start included.

{table}
"""


@dataclass(frozen=True)
class Done:
    """What one contender did with one log."""

    events: int
    seconds: float
    #: Of its own processes, all cores together.
    cpu_seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Events a second by the clock on the wall."""
        return self.events / self.seconds


def write_log(servers: str, prefix: str, issues: int) -> Oracle:
    """Our topics under a prefix, with the log of so many issues, and what must come of it."""
    init(Connection(servers, prefix), partitions=PARTITIONS)
    oracle = Oracle()
    begin = int(time.time()) - issues * len(KINDS) // 1_000
    write(servers, f"{prefix}.requests", events(issues, oracle, begin))
    return oracle


def do(contender: Contender, stage: Stage, oracle: Oracle) -> Done:
    """Let one contender do the job; AssertionError where its table is not the oracle's."""
    command = contender.command(stage)
    errors = stage.folder / "errors.txt"
    with errors.open("w") as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        assert process.stdout
        late = threading.Timer(LIMIT_SECONDS, process.kill)
        late.start()
        printed = process.stdout.read()
        late.cancel()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"ended with {process.returncode}: {errors.read_text()[-3_000:]}"
    # Faust prints a greeting on the same line.
    _, mark, rest = printed.rpartition('{"seconds"')
    assert mark, f"it said nothing but {printed[-1_000:]} {errors.read_text()[-3_000:]}"
    answer = json.loads(mark + rest.splitlines()[0])
    wrong = {
        cell for cell in oracle.table | answer["table"] if oracle.table.get(cell) != answer["table"].get(cell)
    }
    assert not wrong, f"{len(wrong)} of {len(oracle.table)} cells are wrong"
    cpu = answer.get("cpu_seconds", used.ru_utime + used.ru_stime)
    return Done(oracle.events, answer["seconds"], cpu, answer.get("megabytes", used.ru_maxrss / 1024))


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, help="one log of so many issues only")
    arguments.add_argument("--only", default="", help="contenders with this in their name")
    options = arguments.parse_args()
    logs = [options.issues] if options.issues else list(ISSUES)
    contenders = [one for one in CONTENDERS if options.only.lower() in one.name.lower()]
    folder = Path(tempfile.mkdtemp(prefix="bench-peers-"))
    broker = Kafka(folder / "kafka")
    done: dict[str, dict[int, Done | str]] = {one.name: {} for one in contenders}
    oracles: dict[int, Oracle] = {}
    begun = time.monotonic()
    try:
        broker.start()
        for issues in logs:
            oracles[issues] = write_log(broker.address, f"log{issues}", issues)
            for number, contender in enumerate(contenders):
                if contender.short_only and issues != min(logs):
                    continue
                own = folder / f"{number}-{issues}"
                own.mkdir()
                stage = Stage(
                    broker.address, f"log{issues}", oracles[issues].events, own, f"peer{number}-{issues}"
                )
                try:
                    done[contender.name][issues] = do(contender, stage, oracles[issues])
                except (AssertionError, NotHad) as error:
                    done[contender.name][issues] = str(error)
                print(contender.name, issues, done[contender.name][issues], flush=True)
                shutil.rmtree(own, ignore_errors=True)
    finally:
        broker.process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    text = report(contenders, done, oracles)
    print(f"{text}\n{time.monotonic() - begun:.0f} s in all")
    if not options.issues and not options.only:
        RESULTS.write_text(text, encoding="utf-8")


def report(
    contenders: list[Contender], done: dict[str, dict[int, Done | str]], oracles: dict[int, Oracle]
) -> str:
    """The page of results."""
    logs = list(oracles)
    measure = done.get(EOS_ONE, {}).get(logs[-1])
    heads = [f"{oracle.events:,} events, events/s" for oracle in oracles.values()]
    columns = ["", "promises", *heads, "x", "CPU µs an event", "MB"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for contender in contenders:
        of_it = [done[contender.name].get(issues) for issues in logs]
        rates = [f"{one.rate:,.0f}" if isinstance(one, Done) else _short(one) for one in of_it]
        last = next((one for one in reversed(of_it) if isinstance(one, Done)), None)
        more = ["", "", ""]
        if last:
            ratio = f"{last.rate / measure.rate:.2f}" if isinstance(measure, Done) else ""
            more = [ratio, f"{last.cpu_seconds / last.events * 1e6:.1f}", f"{last.megabytes:,.0f}"]
        lines.append(f"| {' | '.join([contender.name, contender.promises, *rates, *more])} |")
    about = [f"- {name}: {value}" for name, value in machine().items()]
    return PAGE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine="\n".join(about),
        calibration=calibration(),
        partitions=PARTITIONS,
        versions=", ".join(PYTHON).replace("==", " ").replace("[kafka]", ""),
        kinds=len(KINDS),
        measure=EOS_ONE,
        table="\n".join(lines),
    )


def _short(error: str | None) -> str:
    return " ".join((error or "").split())[:120]


if __name__ == "__main__":
    main()
