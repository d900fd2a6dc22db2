"""The publisher on a log of this machine: the embedded engine's own, and one in the way."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from backends.sqlite.log import SqliteLog
from livelihood.instants import parse
from livelihood.ports import NewRecord, Refused, Unavailable
from producers import LogTransport, NotDelivered, Publisher
from producers.publisher import publisher as module

NOW = parse("2024-05-01T15:00:00Z")


def open_log(folder: Path) -> SqliteLog:
    return SqliteLog(folder, lambda: NOW)


def test_what_is_reported_delivered_is_in_the_data_folder(tmp_path: Path, make_event: Any) -> None:
    with Publisher(LogTransport(lambda: open_log(tmp_path)), clock=lambda: NOW) as out:
        futures = [out.publish(make_event(number)) for number in range(1_200)]
    delivered = [future.result(0).id for future in futures]
    with open_log(tmp_path) as log:
        records = log.read(0, 0, 5_000)
    assert [json.loads(record.value)["id"] for record in records] == delivered
    assert [record.key for record in records] == [f"P-{number}" for number in range(1_200)]


class Troubled:
    """A log that is away at first, and never takes one of the records."""

    partitions = 1

    def __init__(self) -> None:
        self.away = 2
        self.keys: list[str] = []

    def append(self, records: Sequence[NewRecord]) -> list[tuple[int, int]]:
        if self.away:
            self.away -= 1
            raise Unavailable("the disk is full")
        if any(record.key == "P-3" for record in records):
            raise Refused("P-3 is too large")
        self.keys += [record.key for record in records]
        return []


def test_a_log_that_is_away_is_tried_again_and_one_bad_record_does_not_lose_the_others(
    make_event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    log: Any = Troubled()
    with Publisher(LogTransport(lambda: nullcontext(log)), clock=lambda: NOW) as out:
        futures = [out.publish(make_event(number)) for number in range(6)]
    with pytest.raises(NotDelivered, match="P-3 is too large"):
        futures[3].result(0)
    assert log.keys == ["P-0", "P-1", "P-2", "P-4", "P-5"]
