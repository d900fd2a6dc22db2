"""`make demo-kafka`: on a broker, a Valkey and two workers the demo gives the figures it always gives."""

import os
import subprocess
from pathlib import Path

import pytest

from backends.servers.packages import java, kafka_jars, valkey
from livelihood.ports import Unavailable
from tests.servers import missing

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_two_workers_on_kafka_come_to_the_figures_of_the_readme() -> None:
    if not (ROOT / ".venv" / "bin" / "livelihood").exists():
        pytest.skip("runs what `make` installed into .venv")
    try:
        java(), kafka_jars(), valkey()
    except Unavailable as error:
        missing("Kafka and Valkey", error)
    done = subprocess.run(
        [ROOT / "scripts" / "demo-kafka", "--once"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "140"},
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "on-time rate      75.4 %  29,928 of 39,685 that had come due" in done.stdout
    assert "35,449 alerts were raised, 112,821 events read" in done.stdout
