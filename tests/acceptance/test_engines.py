"""Boston's half year on both engines, through the command line and real processes: the same answers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.examples import example_path
from cli.failures import MISSING
from cli.main import app
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]

REQUESTS = example_path("boston/requests-2011h2.csv.gz")
#: Ways of asking, at instants within the half year, at its end, and as it stands.
ASKED: list[tuple[str, ...]] = [
    (),
    *(("--by", by) for by in ("department", "service", "area", "channel", "origin", "outcome")),
    ("--as-of", "2012-01-01"),
    ("--as-of", "2011-09-05T12:00", "--by", "department,outcome"),
    ("--period", "2011-08"),
    ("--period", "2011-Q4", "--as-of", "2011-12-01"),
    ("--period", "2011-08-14", "--by", "area"),
    ("--known-at", "2011-10-01"),
    ("--known-at", "2011-11-01", "--as-of", "2011-09-01", "--by", "service"),
]


class Engine:
    """Settings in the environment of commands."""

    def __init__(self, **settings: object) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}
        named = {f"LIVELIHOOD_{name.upper()}": str(value) for name, value in settings.items()}
        self.environment = kept | named | {"NO_COLOR": "1"}

    def command(self, *arguments: object) -> list[str]:
        return [str(Path(sys.executable).with_name("livelihood")), *map(str, arguments)]

    def run(self, *arguments: object) -> str:
        command = self.command(*arguments)
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def fail(self, *arguments: object) -> str:
        command = self.command(*arguments)
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, check=False)
        assert done.returncode == MISSING
        return done.stderr

    def answer(self, asked: tuple[str, ...]) -> Any:
        """In this process: there are many, and starting one takes longer than an answer."""
        ran = CliRunner().invoke(app, ["table", *asked, "--format", "json"], env=self.environment)
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    def alerts(self) -> list[Any]:
        found = json.loads(self.run("alerts", "--limit", "0", "--format", "json"))
        return sorted(found, key=lambda alert: str(alert["id"]))

    @contextmanager
    def workers(self, count: int) -> Iterator[None]:
        with ExitStack() as stack:
            processes = []
            for _ in range(count):
                command = self.command("worker", "--web-port", 0)
                process = stack.enter_context(
                    subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
                )
                stack.callback(process.kill)
                processes.append(process)
            yield
            for process in processes:
                process.send_signal(signal.SIGTERM)
            assert [process.wait(PATIENCE_SECONDS) for process in processes] == [0] * count


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine(data=tmp_path_factory.mktemp("embedded"))
    engine.run("import", REQUESTS, "--mapping", "boston")
    return engine


@pytest.fixture(scope="module")
def answers(embedded: Engine) -> list[Any]:
    return [embedded.answer(asked) for asked in ASKED]


@pytest.fixture
def distributed(kafka_server: str, redis_server: str, tmp_path: Path) -> Engine:
    engine = Engine(kafka=kafka_server, redis=redis_server, topics=f"a{uuid4().hex[:10]}", data=tmp_path)
    engine.run("stack", "init")
    return engine


def test_both_engines_give_the_same_answers(
    distributed: Engine, embedded: Engine, answers: list[Any]
) -> None:
    with distributed.workers(2):
        printed = distributed.run("import", REQUESTS, "--mapping", "boston")
        assert "112,821 events published" in printed
        assert "works" in distributed.run("doctor")
        assert "Workers are at work on" in distributed.fail("rebuild", "--yes")
    for asked, expected in zip(ASKED, answers, strict=True):
        assert distributed.answer(asked) == expected, asked
    assert distributed.alerts() == embedded.alerts()
    for engine in (embedded, distributed):
        assert "58,251 issues counted again from the log." in engine.run("verify")


def test_a_folder_that_was_moved_gives_the_same_answers(
    distributed: Engine, embedded: Engine, answers: list[Any], tmp_path: Path
) -> None:
    alerts = embedded.alerts()
    distributed.environment["LIVELIHOOD_DATA"] = embedded.environment["LIVELIHOOD_DATA"]
    printed = distributed.run("migrate")
    assert f"and the same {len(alerts):,} alerts" in printed
    assert distributed.alerts() == alerts
    for number in range(0, len(ASKED), 4):
        assert distributed.answer(ASKED[number]) == answers[number], ASKED[number]
    with distributed.workers(1):
        again = distributed.run("import", REQUESTS, "--mapping", "boston")
    assert "unchanged     58,251" in again
    assert "0 events published" in again
