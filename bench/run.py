"""`make bench`: takes every figure of bench/RESULTS.md and writes it. `--quick` leaves out the million."""

import argparse
import shutil
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.measuring import calibration, catch_up, figure, machine
from bench.scale import alert_delay, costs
from cli.embedded import EmbeddedEngine
from cli.engine import system_clock
from cli.examples import example_path
from consumers.tables import Query, read_table
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import parse
from livelihood.periods import parse_period
from livelihood.ports import EVENT
from producers.importer import Importer
from producers.known import facts_of
from producers.mapping import load_mapping

RESULTS = Path(__file__).with_name("RESULTS.md")
NEW_YEAR = parse("2012-01-01T00:00:00-05:00")
RUNS = 3


def boston(folder: Path) -> list[str]:
    """The real file: import, catching up from the stored log, a table as of an instant."""
    engine = EmbeddedEngine(folder / "boston")
    engine.publish(parse_catalogue(example_path("boston/catalogue.toml").read_text("utf-8")))
    begun = time.perf_counter()
    importer = Importer(
        log=engine.log,
        facts=facts_of(engine.reader),
        folder=engine.imports,
        path=example_path("boston/requests-2011h2.csv.gz"),
        mapping=load_mapping(example_path("boston/mapping.toml")),
        now=system_clock(),
    )
    report = importer.plan()
    importer.publish()
    importing = time.perf_counter() - begun
    kinds = Counter(
        record.value.split(b'"type":"livelihood.request.')[1].split(b'"')[0].decode()
        for record in engine.log.read(0, 0, 1_000_000)
        if record.control == EVENT
    )
    engine.close()
    rates, walls, table = [], [], 0.0
    for run in range(RUNS):
        again = folder / f"boston-{run}"
        shutil.copytree(folder / "boston", again)
        engine = EmbeddedEngine(again)
        with engine.worker() as worker:
            assert worker is not None
            spent = catch_up(worker)
        rates.append(spent.rate)
        walls.append(spent.records / spent.wall)
        begun = time.perf_counter()
        read_table(
            engine.reader,
            engine.catalogue,
            Query(period=parse_period("all", "America/New_York"), as_of=NEW_YEAR),
        )
        table = time.perf_counter() - begun
        engine.close()
    mix = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    kept = f"events/s from stored log to committed tables, one core, median of {RUNS} ({mix})"
    return [
        figure(kept, f"{median(rates):,.0f}", "60,000"),
        figure("the same by the clock on the wall", f"{median(walls):,.0f}"),
        figure(f"import, rows/s from file to log ({report.new:,} rows)", f"{report.new / importing:,.0f}"),
        figure("table as of an instant, Boston, s", f"{table:.2f}", "1"),
    ]


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="up to 100 thousand issues only")
    quick = arguments.parse_args().quick
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        lines = [figure("figure", "measured", "to reach"), "|---|---|---|", *boston(folder)]
        largest = 100_000 if quick else 1_000_000
        for issues in (10_000, 100_000, 1_000_000):
            if issues <= largest:
                lines += costs(folder / f"scale-{issues}", issues)
        lines += alert_delay(folder / "alerts", largest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    about = [f"- {name}: {value}" for name, value in machine().items()]
    about.append(f"- calibration: {calibration():.0f} ns a turn of the loop in bench/measuring.py")
    text = "\n".join(
        [
            "# Figures",
            f"Taken by `make bench{' ARGS=--quick' if quick else ''}` on {datetime.now(UTC):%Y-%m-%d}, on",
            *about,
            "",
            *lines,
            "",
        ]
    )
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
