"""The topics' AsyncAPI document, checked by the official parser and against what is really written."""

import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from cli.asyncapi import TOPICS, DeadLetter, ImportMarker, alert_model, describe
from cli.main import app
from cli.settings import Settings
from livelihood.alerts import Alert
from livelihood.envelope import EVENT_MODELS
from livelihood.instants import to_datetime
from livelihood.ports import Record
from streams.outgoing import letter_of_issue, letter_of_record

PARSER = Path(__file__).parent / "asyncapi"


def missing(what: str) -> None:
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(what)
    pytest.fail(what, pytrace=False)


@pytest.fixture(scope="session")
def parser() -> Path:
    """AsyncAPI's own parser, as the lock file pins it, installed once into the environment."""
    folder = Path(sys.prefix) / "asyncapi-parser"
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("AsyncAPI's parser needs node and npm")
    stamp = folder / "installed.json"
    if not (stamp.exists() and filecmp.cmp(stamp, PARSER / "package-lock.json", shallow=False)):
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PARSER / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"AsyncAPI's parser cannot be installed: {done.stderr[-500:]}")
        # Last, so that an interrupted installation is begun again.
        shutil.copy(PARSER / "package-lock.json", stamp)
    shutil.copy(PARSER / "parse.mjs", folder)
    return folder / "parse.mjs"


def parse(parser: Path, document: dict[str, Any]) -> Any:
    done = subprocess.run(
        ["node", str(parser)], input=json.dumps(document), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_official_parser_has_nothing_to_say_against_what_the_command_prints(parser: Path) -> None:
    printed = CliRunner().invoke(app, ["asyncapi"], env={"LIVELIHOOD_TOPICS": "town"})
    assert printed.exit_code == 0, printed.output
    parsed = parse(parser, json.loads(printed.stdout))
    assert parsed["diagnostics"] == []
    assert parsed["version"] == "3.1.0"
    assert dict(parsed["messages"]) == {f"town.{topic.name}": list(topic.messages) for topic in TOPICS}


def test_the_parser_would_object(parser: Path) -> None:
    document = describe(Settings())
    document["channels"]["alerts"]["messages"]["alert"] = {"$ref": "#/components/messages/nowhere"}
    document["components"]["schemas"]["Alert"]["properties"]["level"]["type"] = "number of the rung"
    codes = {one["code"] for one in parse(parser, document)["diagnostics"]}
    assert codes >= {"invalid-ref"}


def test_every_kind_of_event_is_described_by_its_own_model() -> None:
    document = describe(Settings())
    messages = document["channels"]["requests"]["messages"]
    for kind, model in EVENT_MODELS.items():
        message = document["components"]["messages"][kind.word]
        assert kind.word in messages
        schema = document["components"]["schemas"][message["payload"]["$ref"].rpartition("/")[2]]
        assert schema["properties"]["type"]["const"] == message["name"] == f"livelihood.request.{kind.word}"
        assert schema["properties"].keys() == model.model_fields.keys()


def test_what_is_written_fits_what_is_described() -> None:
    record = Record(7, 1, "H-1", b"{}")
    for letter in (letter_of_record(2, record, "no event"), letter_of_issue("H-1~a", 3, "too old")):
        assert DeadLetter.model_validate_json(letter.value).key == letter.key
    moment = to_datetime(1_300_000_000_000_000)
    alert = Alert(
        *("a1", "H-1", "resolution", "overdue", 0, moment, moment, moment, 1),
        *("e1", "lamps", "street_light", "works", "north", "app"),
    )
    assert alert_model().model_validate_json(msgspec.json.encode(alert)).model_dump()["due"] == moment
    ImportMarker.model_validate_json(b'{"run":"r","name":"boston"}')


def test_topics_are_described_as_they_are_made() -> None:
    topics = pytest.importorskip("backends.kafka.topics", exc_type=ImportError)
    made = {
        topic.name: (
            topic.partitions or 7,
            {
                name: value.split(",") if name == "cleanup.policy" else value
                for name, value in topic.settings.items()
            },
        )
        for topic in topics.TOPICS
    }
    described = {}
    for name, channel in describe(Settings(partitions=7))["channels"].items():
        kafka = channel["bindings"]["kafka"]
        settings = kafka["topicConfiguration"].items()
        described[name] = (
            kafka["partitions"],
            {name: value if isinstance(value, list) else str(value) for name, value in settings},
        )
    assert described == made
