"""A station's publisher: a data folder, and nothing else."""

import json
from pathlib import Path
from typing import Any

from backends.sqlite.log import SqliteLog
from cli.stations import station


def test_a_station_publishes_to_its_folder_with_personal_data_sealed(
    data: Path, event: Any, run: Any
) -> None:
    document = json.loads(event())
    document["data"]["personal"] = {"name": "Zhang San", "phone": "13812345678"}
    with station(data) as publisher:
        future = publisher.publish(document)
    assert future.result(0).issue == "H-1"
    with SqliteLog(data, lambda: 0) as log:
        (record,) = log.read(0, 0, 10)
    assert json.loads(record.value)["data"]["personal"].startswith("sealed.")
    assert b"13812345678" not in record.value
    assert run("publish", "-", "--data", data, given=json.dumps(json.loads(event()))).out.startswith(
        "0 accepted, 1"
    )
