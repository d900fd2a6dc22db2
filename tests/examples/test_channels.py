"""The programs for each kind of channel, each run as it stands against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.sqlite.log import SqliteLog
from livelihood.ports import EVENT
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "channels"
BIN = Path(sys.executable).parent
SURROUNDINGS = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}


def run(*command: object, env: dict[str, str] | None = None) -> str:
    """What a program prints; it must end well."""
    surroundings = {**SURROUNDINGS, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **(env or {})}
    done = subprocess.run(
        [str(one) for one in command], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class City:
    """Mingchuan's server, and its data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.env = {
            "LIVELIHOOD_DATA": str(data),
            "LIVELIHOOD_ADDRESS": "127.0.0.1:0",
            "LIVELIHOOD_WECHAT_APPID": "wx1",
            "LIVELIHOOD_WECHAT_TOKEN": "a-token",
            "LIVELIHOOD_WECHAT": json.dumps({"service": "question"}),
        }
        self.livelihood("catalogue", "publish", ROOT / "examples/mingchuan/catalogue.toml")

    def livelihood(self, *arguments: object) -> str:
        return run("livelihood", *arguments, env=self.env)

    def events(self) -> list[dict[str, object]]:
        with SqliteLog(self.data, lambda: 0) as log:
            records = log.read(0, 0, 1_000)
        return [json.loads(record.value) for record in records if record.control == EVENT]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = City(tmp_path_factory.mktemp("city") / "data")
    process = subprocess.Popen(
        ["livelihood", "serve"],
        executable=BIN / "livelihood",
        cwd=ROOT,
        env=SURROUNDINGS | city.env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"Listening on (http://\S+?)\.? ", line):
                city.env["LIVELIHOOD_URL"] = found[1].rstrip(".")
                break
        yield city
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture
def token(city: City) -> Callable[[str], dict[str, str]]:
    """The surroundings of a channel's own system, with its token."""

    def make(channel: str) -> dict[str, str]:
        added = city.livelihood(
            "keys", "add", channel, "--may", "submit", "--name", f"{channel}-{uuid4().hex[:6]}"
        )
        found = re.search(rf"{channel}-\w{{6}}\.[\w-]{{40,}}", added)
        assert found, added
        return city.env | {"LIVELIHOOD_TOKEN": found[0]}

    return make


def test_the_service_window_hands_out_a_receipt(city: City, token: Callable[[str], dict[str, str]]) -> None:
    said = run(sys.executable, FOLDER / "service_window.py", env=token("window"))
    number = said.split()[-1]
    assert re.fullmatch(r"WN-\w{8}-\w{5}-\w{5}", number)
    (event,) = [one for one in city.events() if one["source"] == "/channels/window"]
    assert number.startswith(f"{event['subject']}-")
    assert "13800000000" not in json.dumps(event)


def test_the_hotline_hears_of_each_call(kafka_server: str) -> None:
    connection = Connection(kafka_server, f"x{uuid4().hex[:8]}")
    topics.init(connection, partitions=2)
    env = {"LIVELIHOOD_KAFKA": kafka_server, "LIVELIHOOD_TOPICS": connection.prefix}
    said = run(sys.executable, FOLDER / "hotline.py", env=env)
    assert said.splitlines() == [f"CALL-{call} is safe" for call in (1, 2, 3)]
    with KafkaLog(connection) as log:
        keys = [record.key for partition in (0, 1) for record in log.read(partition, 0, 10)]
    assert sorted(keys) == ["CALL-1", "CALL-2", "CALL-3"]


def test_an_app_needs_nothing_of_ours(city: City, token: Callable[[str], dict[str, str]]) -> None:
    said = run(sys.executable, FOLDER / "app.py", env=token("app"))
    assert said.startswith("202 ")
    assert [one for one in city.events() if one["source"] == "/channels/app"]


def test_who_writes_in_wechat_is_answered(city: City) -> None:
    said = run(sys.executable, FOLDER / "wechat.py", env=city.env)
    assert "您的诉求已登记" in said
    assert "路灯不亮" in said
    assert [one for one in city.events() if one["source"] == "/channels/wechat"]


def test_a_station_needs_no_server(tmp_path: Path) -> None:
    said = run(sys.executable, FOLDER / "grassroots_station.py", tmp_path / "data")
    with SqliteLog(tmp_path / "data", lambda: 0) as log:
        (record,) = log.read(0, 0, 10)
    assert said == f"{record.key} is on the disk\n"


def test_a_nightly_export_is_imported_once(city: City, tmp_path: Path) -> None:
    nightly = shutil.copytree(FOLDER / "nightly", tmp_path / "nightly")
    said = run(nightly / "import.sh", env=city.env)
    assert [line for line in said.splitlines() if line.endswith("events published.")]
    assert run(nightly / "import.sh", env=city.env) == ""
    assert {one["subject"] for one in city.events() if one["source"] == "/imports/case-system"} == {
        "N-1",
        "N-2",
        "N-3",
    }


def test_another_city_system_reports_and_follows(city: City, token: Callable[[str], dict[str, str]]) -> None:
    said = run(sys.executable, FOLDER / "city_system.py", env=token("open311"))
    assert "street-light" in said or "pothole" in said
    assert said.splitlines()[-1] == "open"
