"""Workers, broker and Redis killed at random under load: as if nothing had happened.

`make faults` runs the whole storm; `make test` a short one.
"""

import os
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.embedded import EmbeddedEngine
from cli.main import app
from livelihood.catalogue import CatalogueVersion
from livelihood.ports import CATALOGUE, EVENT, NewRecord
from tests.faults.storm import Storm, alerts_of, disordered, opened
from tests.faults.test_import_killed import tables
from tests.servers import running_kafka, running_valkey

pytestmark = pytest.mark.slow

#: How often each happens.
SHORT = {"kill_worker": 5, "replace_worker": 1, "put_worker_to_sleep": 1, "kill_broker": 1, "kill_redis": 2}
WHOLE = {"kill_worker": 50, "replace_worker": 6, "put_worker_to_sleep": 3, "kill_broker": 5, "kill_redis": 8}
WORKERS = 2


@pytest.fixture
def storm(tmp_path, chance):
    for kafka in running_kafka(tmp_path / "kafka"):
        for valkey in running_valkey(tmp_path / "valkey"):
            storm = Storm(tmp_path, kafka, valkey, chance)
            yield storm
            storm.close()


def undisturbed(data: Path, version: CatalogueVersion, records: list[NewRecord]) -> list[str]:
    """The tables of the embedded engine, given the same in the same order."""
    with EmbeddedEngine(data) as engine:
        engine.publish(version)
        engine.log.append(records)
        with engine.worker() as worker:
            assert worker
            while not worker.step().idle:
                pass
    return tables(data)


@pytest.mark.timeout(3_600)
def test_after_a_storm_all_is_as_if_there_had_been_none(storm, command, boston, held, tmp_path) -> None:
    imported = command("imported")
    status, out = imported.run("import", boston, "--mapping", "boston")
    assert status == 0, out
    records = held(imported.data).records
    (catalogue,) = (record.value for record in records if record.control == CATALOGUE)
    version = CatalogueVersion.model_validate_json(catalogue)
    events = [NewRecord(record.key, record.value) for record in records if record.control == EVENT]
    deliveries = disordered(events, storm.chance)
    assert len(deliveries) > 4_000
    expected = undisturbed(tmp_path / "undisturbed", version, deliveries)

    times = WHOLE if os.environ.get("FAULTS") == "whole" else SHORT
    faults = [getattr(storm, name) for name, count in times.items() for _ in range(count)]
    storm.chance.shuffle(faults)
    share = -(-len(deliveries) // len(faults))
    with opened(storm, version) as engine:
        for _ in range(WORKERS):
            storm.start_worker()
        for number, fault in enumerate(faults):
            storm.meanwhile(fault, engine, deliveries[number * share : (number + 1) * share])
        storm.wait_until_settled(engine)

        alerts = alerts_of(engine)
        ids = [alert["id"] for alert in alerts]
        assert len(ids) == len(set(ids)) > 1_000
        in_order: dict[str, list[int]] = defaultdict(list)
        for alert in alerts:
            in_order[alert["issue"]].append(alert["sequence"])
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in in_order.values())
    assert tables(storm.data) == expected, storm.done
    verified = CliRunner().invoke(app, ["verify", "--data", str(storm.data)])
    assert verified.exit_code == 0, verified.output
