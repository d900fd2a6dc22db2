"""Reduce a city's own download to what its example needs: no free text, no address, no link.

    python examples/prepare.py boston boston_311_2011h2.csv.gz requests-2011h2.csv.gz

keeps the columns that examples/boston/mapping.toml uses, puts in the place of the closing's free text
the outcome that the mapping finds in it, and rounds coordinates as the mapping says. The same
download gives the same file, byte for byte; what it counts is in the example's README.md.
"""

import argparse
import csv
import gzip
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # run from a checkout, whether or not the project is installed

from producers.mapping import Mapping, load_mapping  # noqa: E402
from producers.tables import Table  # noqa: E402

#: Where Boston's geocoder puts a request whose place it does not know: City Hall.
UNKNOWN_PLACES = {("42.3594", "-71.0587")}
Values = dict[str, str]


def reduced(mapping: Mapping, table: Table, counts: Counter[str]) -> Iterator[list[str]]:
    """The heading and the rows of the reduced table; counts outcomes and what was left out."""
    kept = [name for name in table.columns if name in mapping.uses()]
    counts["columns dropped"] = len(table.columns) - len(kept)
    steps = [step for step in (_outcome(mapping, counts), _point(mapping, counts)) if step]
    yield kept
    for row in table.rows():
        if row.fault:
            counts[f"rows left out: {row.fault}"] += 1
            continue
        values = dict(zip(table.columns, row.values, strict=True))
        for step in steps:
            step(values)
        counts["rows"] += 1
        yield [values[name].strip() for name in kept]


def _outcome(mapping: Mapping, counts: Counter[str]) -> Callable[[Values], None] | None:
    column, status = mapping.outcome.column, mapping.status
    if column is None:
        return None

    def step(values: Values) -> None:
        open_ = status is not None and status.values[values[status.column].strip()] == "open"
        values[column] = "" if open_ else mapping.outcome.outcome(values[column])
        counts[f"outcome {values[column] or 'none, still open'}"] += 1

    return step


def _point(mapping: Mapping, counts: Counter[str]) -> Callable[[Values], None] | None:
    point = mapping.coordinates
    if point is None:
        return None

    def step(values: Values) -> None:
        place = values[point.latitude].strip(), values[point.longitude].strip()
        rounded = [f"{float(text):.{point.decimals}f}" if text else "" for text in place]
        if place in UNKNOWN_PLACES:
            counts["coordinates left out"] += 1
            rounded = ["", ""]
        values[point.latitude], values[point.longitude] = rounded

    return step


def main() -> None:
    """Write the reduced table beside the example's mapping and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("city", choices=sorted(path.parent.name for path in HERE.glob("*/mapping.toml")))
    parser.add_argument("download", type=Path)
    parser.add_argument("name", help="the reduced table's name, ending in .csv.gz")
    options = parser.parse_args()
    mapping = load_mapping(HERE / options.city / "mapping.toml")
    counts: Counter[str] = Counter()
    target = HERE / options.city / options.name
    with Table(options.download, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        mapping.check_columns(table.columns)
        # Without a time or a name in its head, equal content is packed into equal bytes.
        with (
            target.open("wb") as raw,
            gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
            TextIOWrapper(packed, encoding="utf-8", newline="") as text,
        ):
            csv.writer(text, lineterminator="\n").writerows(reduced(mapping, table, counts))
    for what, count in sorted(counts.items()):
        print(f"{count:>8,}  {what}")
    print(f"{target.stat().st_size:>8,}  bytes in {target}")


if __name__ == "__main__":
    main()
