"""The programs of docs/subscriber.md as they stand there."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.consumers.feed.conftest import Telling, url_of
from tests.consumers.subscriber.topics import alert, make_topic, tell
from tests.patience import PATIENCE_SECONDS

PAGE = (Path(__file__).parents[3] / "docs" / "subscriber.md").read_text("utf-8")
LINES = 15


def program(of: str, **changed: str) -> str:
    """The program of a section, at most so long, with its addresses changed."""
    (code,) = (
        one for one in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if of in one
    )
    assert len(code.splitlines()) <= LINES
    for there, here in changed.items():
        assert code.count(there) == 1
        code = code.replace(there, here)
    return code


def run(code: str, folder: Path, is_done: Callable[[list[str]], bool]) -> list[str]:
    """Run it until that is so of what it has told, then kill it."""
    lines: list[str] = []
    with (folder / "told").open("w+") as told:
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], cwd=folder, stdout=told)
        try:
            limit = time.monotonic() + PATIENCE_SECONDS
            while not is_done(lines):
                assert process.poll() is None, "it has ended"
                assert time.monotonic() < limit, "it does not come"
                time.sleep(0.05)
                lines = (folder / "told").read_text().splitlines()
            return lines
        finally:
            process.kill()
            process.communicate()


def test_the_page_hears_over_http_and_goes_on_where_it_was(gateway, telling: Telling, tmp_path) -> None:
    code = program("AlertStream(", **{"http://127.0.0.1:8080": url_of(gateway)})
    place = tmp_path / "alerts.place"

    def is_noted(lines: list[str]) -> bool:
        """Whether nothing is left after the place that it has noted."""
        asked = {"after": place.read_text() if place.exists() else "beginning", "kind": "overdue,escalated"}
        return bool(lines) and not gateway.client.get("/v1/alerts", params=asked).json()["alerts"]

    telling.tell(gateway.engine, {"issue": "I-1"}, {"issue": "I-1", "kind": "due_soon"}, {"issue": "I-2"})
    lines = run(code.replace("place=", "from_beginning=True, place="), tmp_path, is_noted)
    assert sorted(line.split()[1] for line in lines) == ["I-1", "I-2"]
    assert all(line.startswith("overdue I-") and " was due 2026-05-06" in line for line in lines)
    for number in range(3, 6):
        telling.tell(gateway.engine, {"issue": f"I-{number}", "kind": "escalated"})
        (line,) = run(code, tmp_path, is_noted)
        assert line.startswith(f"escalated I-{number} ")


@pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")
def test_the_page_hears_from_kafka(kafka_server: str, tmp_path) -> None:
    topic = make_topic(kafka_server)
    code = program("KafkaGroup(", **{"localhost:9092": kafka_server}).replace(
        '"dispatch-office"', f'"dispatch-office", topic="{topic}", from_beginning=True'
    )
    tell(kafka_server, topic, 0, [alert("a", 1), alert("a", 2), alert("b", 1)])
    assert [line.split()[1] for line in run(code, tmp_path, lambda lines: len(lines) == 3)] == ["a", "a", "b"]
