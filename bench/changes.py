"""How quickly changes are told: `python -m bench.changes` reads 10,000 events, followed and not."""

import tempfile
import time
from pathlib import Path

from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from bench.stack import CATALOGUE
from cli.engine import published_in, system_clock
from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import parse_event
from livelihood.instants import iso
from livelihood.ports import CATALOGUE as VERSION
from livelihood.ports import NewRecord
from livelihood.promises import Catalogue
from producers.hearing.documents import Documents
from producers.hearing.tail import Tail
from streams.worker import Worker

ISSUES = 5_000


def record(number: int, kind: str, data: str) -> NewRecord:
    """An event of one issue, now."""
    now = system_clock()
    event = parse_event(
        f'{{"specversion":"1.0","type":"livelihood.request.{kind}","source":"/channels/phone",'
        f'"id":"{kind}-{number}","subject":"i{number}","time":"{iso(now)}","channel":"phone","data":{data}}}',
        now,
    )
    return NewRecord(event.key, event.to_json())


def main() -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as folder, SqliteLog(Path(folder), system_clock) as log:
        version = parse_catalogue(CATALOGUE.replace("{limit}", "2 working_days"))
        log.append([NewRecord("", version.model_dump_json().encode(), None, VERSION)])
        service = next(iter(version.services))
        for kind, data in (("submitted", f'{{"service":"{service}"}}'), ("accepted", "{}")):
            log.append([record(number, kind, data) for number in range(ISSUES)])
        with SqliteStore(Path(folder)) as store, SqliteReader(Path(folder)) as reader:
            worker = Worker(log, store, log, system_clock, lambda: published_in(reader))
            while not worker.step().idle:
                pass
            catalogue = Catalogue(published_in(reader))
            tail = Tail(log, reader, reader, Documents(lambda: catalogue, str, "https://town.example"))
            for channel in ("phone", "another"):
                (place,), (worked,) = tail.beginning(), tail.worked_on()
                began, told, before = time.process_time(), 0, None
                while place != before:
                    before = place
                    found, place = tail.read(0, place, worked, lambda of, mine=channel: mine in of)
                    told += len(found)
                rate = 2 * ISSUES / (time.process_time() - began)
                print(f"{channel}: {told:,} changes told; {rate:,.0f} events/s of one core")


if __name__ == "__main__":
    main()
