"""A worker killed again and again while deadlines pass tells what one that was never killed tells."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from backends.sqlite.log import SqliteLog
from backends.sqlite.reader import SqliteReader
from backends.sqlite.store import SqliteStore
from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import SECOND, iso
from livelihood.ledger import unpack_ledger
from livelihood.ports import CATALOGUE, NewRecord
from streams.worker import Worker
from tests.patience import PATIENCE_SECONDS

#: So short that the answer races with the deadline.
CATALOGUE_TOML = """
version = "1"
time_zone = "UTC"
[channels.phone]
[services]
lamp = {department = "works", standard = "quick"}
[departments.works]
[standards.quick]
resolution = "2s calendar"
acceptance = "1s calendar"
escalation = [{after = "1s calendar", to = "head"}]
reopen_window = "1 calendar"
[commitments.lamps]
services = ["lamp"]
"""
#: For how long events come in at least, and how long after the last one something may still fall due.
COMING_SECONDS, DUE_SECONDS = 9.0, 4.0
#: How often the server is killed meanwhile at least.
KILLS = 4


def now() -> int:
    return time.time_ns() // 1_000


def event(issue: str, kind: str, **data: object) -> NewRecord:
    document = {
        "specversion": "1.0",
        "type": f"livelihood.request.{kind}",
        "source": "/channels/phone",
        "id": f"{issue}:{kind}",
        "subject": issue,
        "time": iso(now()),
        "channel": "phone",
        "data": data,
    }
    return NewRecord(issue, msgspec.json.encode(document))


def publish(folder: Path, chance, is_enough: Callable[[], bool]) -> None:
    """Requests, and answers before, at and after their deadlines."""
    waiting: list[tuple[float, str, str]] = []
    ends = time.monotonic() + COMING_SECONDS
    number = 0
    with SqliteLog(folder, now) as log:
        while (is_coming := (moment := time.monotonic()) < ends or not is_enough()) or waiting:
            said = {"accepted": {}, "resolved": {"outcome": "fixed"}}
            records = [event(issue, kind, **said[kind]) for at, issue, kind in waiting if at <= moment]
            waiting = [one for one in waiting if one[0] > moment]
            if is_coming:
                for _ in range(chance.randrange(8)):
                    number += 1
                    records.append(event(f"r{number}", "submitted", service="lamp"))
                    waiting.append((moment + chance.uniform(0.8, 1.2), f"r{number}", "accepted"))
                    waiting.append((moment + chance.uniform(1.7, 3.3), f"r{number}", "resolved"))
            log.append(records)
            time.sleep(chance.uniform(0.0, 0.1))


def never_killed(folder: Path, records) -> None:
    """Work through the same log in one go."""
    with SqliteLog(folder, now) as log, SqliteStore(folder) as store, SqliteReader(folder) as reader:
        log.append([NewRecord(one.key, one.value, one.received, one.control, one.run) for one in records])
        worker = Worker(
            log,
            store,
            log,
            now,
            lambda: [CatalogueVersion.model_validate_json(one) for one in reader.catalogues()],
        )
        while not worker.step().idle:
            pass


def test_a_server_killed_while_deadlines_pass_tells_everything_once(command, held, chance, tmp_path) -> None:
    served = command("served")
    served.data.mkdir()
    with SqliteLog(served.data, now) as log:
        version = parse_catalogue(CATALOGUE_TOML)
        log.append([NewRecord("", version.model_dump_json().encode(), None, CATALOGUE)])
    kills = 0
    publisher = threading.Thread(
        target=publish, args=(served.data, chance, lambda: kills >= KILLS), daemon=True
    )
    publisher.start()
    while publisher.is_alive():
        process = served.start("serve")
        try:
            process.wait(chance.uniform(0.3, 2.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            raise AssertionError(process.communicate()[0])
    publisher.join()
    assert kills >= KILLS
    last = now() + round(DUE_SECONDS * SECOND)
    process = served.start("serve")
    with SqliteReader(served.data) as reader:
        patience = time.monotonic() + PATIENCE_SECONDS
        while unpack_ledger(reader.position(0).ledger).live < last:
            assert time.monotonic() < patience
            time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, out

    got = held(served.data)
    never_killed(tmp_path / "replayed", got.records_as_received)
    expected = held(tmp_path / "replayed")
    for one in (got, expected):
        one.check()
    assert len(got.alerts) > 50
    assert got.alerts == expected.alerts
    assert got.letters == expected.letters == []
