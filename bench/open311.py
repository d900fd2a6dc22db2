"""What Open311's index of issues by time costs: made from a data folder's tables, and asked about
the half year before an instant.

    python -m bench.open311 FOLDER 2012-01-01T00:00:00-05:00

Processor time, which other programs on the machine hardly change, in seconds.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cli.engine import open_engine
from cli.settings import Settings
from livelihood.instants import DAY, Instant, parse
from livelihood.promises import Catalogue
from producers.open311.answers import Answers
from producers.open311.documents import answer
from producers.open311.listing import Listing
from producers.open311.parameters import Wanted, Window
from producers.open311.requests import Telling
from producers.open311.texts import BY_DEFAULT, Texts

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def megabytes() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path, end: Instant) -> None:
    """Print what was measured."""
    with open_engine(Settings(data=folder)) as engine:
        catalogue = Catalogue(engine.published)
        wanted = [window for _, window in windows(end)]
        telling = Telling(catalogue=catalogue, now=end, language="en", public=BY_DEFAULT)
        before = megabytes()
        listing = Listing(engine.log, engine.reader, has_texts=False)
        made = seconds(lambda: listing.requests(wanted[0], ()))
        print(f"made: {made:.2f} s, {megabytes() - before:.0f} MB")
        with_texts = Listing(engine.log, engine.reader, has_texts=True)
        print(f"made with texts: {seconds(lambda: with_texts.requests(wanted[0], ())):.2f} s")
        answers = Answers(engine, listing, Texts(listing, engine.sealer, BY_DEFAULT))  # type: ignore[arg-type]
        for name, one in windows(end):
            rows = len(listing.requests(one, ()))
            took = min(seconds(lambda one=one: listing.requests(one, ())) for _ in range(ROUNDS))
            print(f"{name}: found in {took * 1000:.1f} ms, {rows:,} rows")
            for format_ in ("json", "xml"):
                told = min(
                    seconds(
                        lambda one=one, format_=format_: answer(
                            format_, "service_requests", answers.requests(one, telling)
                        )
                    )
                    for _ in range(ROUNDS)
                )
                print(f"{name}: answered as {format_} in {told * 1000:.0f} ms")
        window = wanted[0].window
        told = min(
            seconds(lambda: answer("json", "service_request_updates", answers.updates(window, telling)))
            for _ in range(ROUNDS)
        )
        print(f"1,000 updates: answered as json in {told * 1000:.0f} ms")
        listing.close()
        with_texts.close()


def windows(end: Instant) -> list[tuple[str, Wanted]]:
    """Questions about the half year before an instant."""

    def asked(rows: int, is_open: bool | None = None) -> Wanted:
        window = Window(since=end - 183 * DAY, until=end, rows=rows)
        return Wanted(ids=(), services=(), is_open=is_open, window=window)

    return [("1,000 requests", asked(1_000)), ("1,000 open", asked(1_000, True)), ("50 requests", asked(50))]


if __name__ == "__main__":
    measure(Path(sys.argv[1]), parse(sys.argv[2]))
