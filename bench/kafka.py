"""`make bench-kafka`: the real domain through Kafka and Redis; writes bench/KAFKA.md.

`--issues 20000` is a look at everything with at most so many; figures are of the whole.
"""

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.delays import alert_delay, hand_over, latency
from bench.measuring import calibration, figure, machine
from bench.rates import costs, kept, throughput
from bench.stack import PARTITIONS, Stack

RESULTS = Path(__file__).with_name("KAFKA.md")
#: Of the throughput's log.
ISSUES = 400_000
#: Open issues at which an event's cost is looked at.
SIZES = (10_000, 100_000, 1_000_000, 2_000_000)
#: Open issues where delays are.
MANY = 1_000_000
#: Whose events come at the steady rate.
STEADY = 10_000

PAGE = """\
# Figures of the distributed engine
Taken by `make bench-kafka` on {date}, on
{machine}
- calibration: {calibration:.0f} ns a turn of the loop in bench/measuring.py
- Kafka {kafka} and Valkey {valkey}, synced at each commit, on the same machine; {partitions} partitions

The tables of the throughput's runs equalled what the log says. Bytes are of Boston's states; what a
commit costs is in [RESULTS-redis.md](RESULTS-redis.md), other engines at the
simple job in [peers/RESULTS.md](peers/RESULTS.md).

{table}
"""


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, help="at most so many issues; nothing is written")
    arguments.add_argument("--only", default="", help="parts with this in their name")
    options = arguments.parse_args()
    most = options.issues or max(SIZES)
    folder = Path(tempfile.mkdtemp(prefix="bench-kafka-"))
    lines = [figure("figure", "measured", "to reach"), "|---|---|---|"]
    parts = {
        "throughput": lambda: throughput(stack, min(ISSUES, most)),
        "latency": lambda: latency(stack, min(STEADY, most)),
        "alerts": lambda: alert_delay(stack, min(MANY, most)),
        "handover": lambda: hand_over(stack, min(MANY, most)),
        "costs": lambda: costs(stack, [*(size for size in SIZES if size < most), most]),
        "bytes": lambda: kept(stack),
    }
    stack = Stack(folder)
    try:
        for name, part in parts.items():
            if options.only in name:
                stack.forget()
                for line in part():
                    print(line, flush=True)
                    lines.append(line)
        text = PAGE.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine="\n".join(f"- {name}: {value}" for name, value in machine().items()),
            calibration=calibration(),
            kafka=stack.kafka.version,
            valkey=stack.valkey.version,
            partitions=PARTITIONS,
            table="\n".join(lines),
        )
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)
    if not options.issues and not options.only:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
