"""What people say of themselves, by every way in, is in clear nowhere, and read by nobody once forgotten.

A further way in is one more function in WAYS: it is given the installation and the people to bring in, and
returns them when the log has them, each with the issue and the fields by which they have come in.
"""

import base64
import csv
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from backends.servers.valkey import Valkey
from cli.main import app
from cli.safe import Safe
from cli.settings import Settings
from livelihood.safekeeping import IDENTIFIERS, PERSONS
from producers import GatewayTransport, Publisher
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.servers import running_valkey

CATALOGUE = """
version = "1"
time_zone = "Asia/Shanghai"
[channels.app]
origin = "person"
[channels.import]
origin = "person"
[services]
lamp = {department = "works", standard = "quick"}
[departments.works]
[standards.quick]
resolution = "2 calendar"
[commitments.lamps]
services = ["lamp"]
"""
MAPPING = """
name = "nightly"
time_zone = "Asia/Shanghai"
id = "id"
opened = {columns = ["opened"]}
closed = {columns = ["closed"]}
channel = {code = "import"}
service = {code = "lamp"}
outcome = {default = "fixed"}
[personal]
name = "name"
phone = "phone"
identity_number = "identity_number"
text = "text"
"""
#: So many people come in by each way.
PEOPLE = 2
#: When events happened: the same however often they are told.
BEGUN = datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class Person:
    """Somebody made up, whose every field is found nowhere else in the world."""

    issue: str
    clear: dict[str, str]


@dataclass
class Place:
    """An installation: settings, folders with all its files, and everything it has said."""

    folder: Path
    environment: dict[str, str]
    #: Where its servers keep theirs, besides `folder`.
    others: list[Path] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    held: ExitStack = field(default_factory=ExitStack)
    url: str = ""
    token: str = ""

    def run(self, *arguments: object, given: str = "", status: int = 0) -> str:
        """A command; what it prints is kept with all the rest, unless it was to show what is personal."""
        done = CliRunner().invoke(app, [*map(str, arguments)], input=given, env=self.environment)
        assert done.exit_code == status, done.stdout + done.stderr
        if "--personal" not in arguments:
            self.said += [done.stdout, done.stderr]
        return done.stdout

    def start(self, *arguments: str) -> Path:
        """A program in the background; the file with what it says."""
        log = self.folder / f"{arguments[0]}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", "from cli.main import main; main()", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )
        self.held.callback(process.wait, 30)
        self.held.callback(process.terminate)
        return log

    def files(self) -> Iterator[Path]:
        """Every file of the installation and its servers."""
        for folder in (self.folder, *self.others):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def safe(self) -> Safe:
        """The vault, as the installation's own programs open it."""
        given = {
            name: self.environment[f"LIVELIHOOD_{name.upper()}"]
            for name in ("data", "kafka", "redis", "vault", "master_key_file")
            if f"LIVELIHOOD_{name.upper()}" in self.environment
        }
        return Safe(Settings(**given), lambda: pytest.fail("the list is not needed here"))  # type: ignore[arg-type]


def people(chance: random.Random, way: str) -> list[Person]:
    """People of one way in, with Chinese names, which are written differently in every encoding."""
    made = []
    for number in range(PEOPLE):
        digits = "".join(str(chance.randrange(10)) for _ in range(9))
        rare = "".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(8))
        clear = {
            "name": rare,
            "phone": f"13{digits}",
            "identity_number": f"11010519{digits[::-1]}7",
            "text": f"{rare} 13{digits} zq{digits}x",
        }
        made.append(Person(f"{way}-{number}", clear))
    return made


# The ways in.


def by_publishing(place: Place, planted: list[Person]) -> list[Person]:
    place.run("publish", "-", given="".join(f"{json.dumps(event(one))}\n" for one in planted))
    return planted


def by_the_gateway(place: Place, planted: list[Person]) -> list[Person]:
    headers = {"Authorization": f"Bearer {key(place)}", "Content-Type": "application/cloudevents+json"}
    for one in planted:
        answer = httpx.post(
            f"{place.url}/v1/events", json=event(one), headers=headers, timeout=PATIENCE_SECONDS
        )
        assert answer.status_code == 202, answer.text
        place.said.append(answer.text)
    # What is wrong is told without quoting it.
    for document in wrong(planted[0]):
        answer = httpx.post(
            f"{place.url}/v1/events", json=document, headers=headers, timeout=PATIENCE_SECONDS
        )
        assert answer.status_code == 400, answer.text
        place.said.append(answer.text)
    return planted


def by_the_publisher(place: Place, planted: list[Person]) -> list[Person]:
    with Publisher(GatewayTransport(place.url, key(place))) as publisher:
        for future in [publisher.publish(event(one)) for one in planted]:
            place.said.append(repr(future.result(30)))
    return planted


def by_open311(place: Place, planted: list[Person]) -> list[Person]:
    came = []
    for one in planted:
        form = {"api_key": key(place), "service_code": "lamp", "address_string": one.clear["text"]}
        form |= {
            "last_name": one.clear["name"],
            "phone": one.clear["phone"],
            "description": one.clear["text"],
        }
        answer = httpx.post(f"{place.url}/open311/v2/requests.json", data=form, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text
        clear = {name: one.clear[name] for name in ("name", "phone", "text")}
        came.append(Person(answer.json()[0]["service_request_id"], {**clear, "address": one.clear["text"]}))
        place.said.append(answer.text)
        refused = httpx.post(
            f"{place.url}/open311/v2/requests.xml",
            data=form | {"phone": one.clear["phone"] * 9},
            timeout=PATIENCE_SECONDS,
        )
        assert refused.status_code == 400, refused.text
        place.said.append(refused.text)
    return came


def by_importing(place: Place, planted: list[Person]) -> list[Person]:
    # What comes in was the city's before: it is no file of the installation.
    outside = place.folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "mapping.toml").write_text(MAPPING, "utf-8")
    with (outside / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "opened", "closed", *planted[0].clear])
        for one in planted:
            row = [one.issue, "2024-03-01 08:00:00", "2024-03-02 08:00:00", *one.clear.values()]
            # The second is refused: lists of refused rows are files as well.
            writer.writerows([row, [*row[:2], "yesterday", *one.clear.values()]])
    place.run("import", outside / "table.csv", "--mapping", outside / "mapping.toml", status=1)
    return planted


WAYS: list[Callable[[Place, list[Person]], list[Person]]] = [
    by_publishing,
    by_the_gateway,
    by_the_publisher,
    by_open311,
    by_importing,
]


def key(place: Place) -> str:
    """The token of a channel's system; the only secret that a command prints."""
    if not place.token:
        place.token = place.run("keys", "add", "app", "--may", "all").split()[-1]
    return place.token


def event(one: Person, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/app",
        "id": f"{one.issue}:submitted",
        "subject": one.issue,
        "time": BEGUN,
        "channel": "app",
        "data": {"service": "lamp", "personal": one.clear},
    } | changes


def wrong(one: Person) -> Iterator[dict[str, Any]]:
    """Events that are refused for what is personal in them."""
    for personal in (
        one.clear | {"shoe_size": one.clear["phone"]},
        one.clear | {"phone": one.clear["phone"] * 10},
        one.clear | {"name": [one.clear["name"]]},
        one.clear["text"],
        [one.clear["text"]],
    ):
        yield event(one, id="wrong", data={"service": "lamp", "personal": personal})


# Installations.


@pytest.fixture(params=["embedded", "distributed"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An installation that serves and works, with the catalogue in force."""
    folder = tmp_path / "installation"
    folder.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}
    environment |= {"LIVELIHOOD_DATA": str(folder / "data"), "LIVELIHOOD_ADDRESS": "127.0.0.1:0"}
    place = Place(folder, environment | {"NO_COLOR": "1", "COLUMNS": "200"})
    with place.held:
        if request.param == "distributed":
            _distribute(place, request, tmp_path)
        catalogue = tmp_path / "catalogue.toml"
        catalogue.write_text(CATALOGUE, "utf-8")
        place.run("catalogue", "publish", catalogue)
        place.url = _where(place.start("serve"))
        yield place


def _distribute(place: Place, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    kafka: Kafka = request.getfixturevalue("kafka")
    vault: Valkey = request.getfixturevalue("vault_valkey")
    states = next(valkey := running_valkey(tmp_path / "states"))
    place.held.callback(valkey.close)
    topics = f"p{random.randrange(10**12)}"
    init(Connection(kafka.address, topics), partitions=2)
    key = tmp_path / "master.key"
    place.environment |= {
        "LIVELIHOOD_KAFKA": kafka.address,
        "LIVELIHOOD_REDIS": states.url,
        "LIVELIHOOD_VAULT": request.getfixturevalue("vault_server"),
        "LIVELIHOOD_MASTER_KEY_FILE": str(key),
        "LIVELIHOOD_TOPICS": topics,
        "LIVELIHOOD_WEB_PORT": str(free_port()),
    }
    key.write_text(place.run("master-key", "new"))
    place.said.clear()
    place.others += [kafka.process.folder, states.process.folder, vault.process.folder]
    place.start("worker")


def _where(log: Path) -> str:
    for _ in range(600):
        if found := re.search(r"http://[\d.]+:\d+", log.read_text()):
            return found[0]
        time.sleep(0.1)
    pytest.fail(log.read_text())


# Searching.


def encodings(text: str) -> set[bytes]:
    """A text as it may be written down."""
    plain = {text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("gb18030")}
    plain |= {json.dumps(text)[1:-1].encode(), urllib.parse.quote(text).encode()}
    found = set(plain) | {text.encode().hex().encode(), text.encode().hex().upper().encode()}
    for data in plain:
        for shift in range(3):
            # Whatever stands before and after it: only what the text alone decides.
            coded = base64.b64encode(b"\0" * shift + data)[-(-shift * 8 // 6) : -4]
            found |= {coded, coded.translate(bytes.maketrans(b"+/", b"-_"))}
    assert min(map(len, found)) > 9, "so short that it may be found by chance"
    return found


def seen(place: Place, wanted: dict[bytes, str]) -> list[str]:
    """What is found in a file, or in anything that was said: what and where."""
    found = []
    for path in place.files():
        content = written(path)
        found += [f"{what} in {path}" for one, what in wanted.items() if one in content]
    said = "\n".join(place.said).encode()
    return found + [f"{what} in what was said" for one, what in wanted.items() if one in said]


def written(path: Path) -> bytes:
    """What was ever written into a file; Kafka sets aside more for its indices than it fills."""
    parts: list[bytes] = []
    at = 0
    # Ends with an error where no data follow, or where the file was replaced a moment ago.
    with suppress(OSError), path.open("rb") as file:
        while True:
            start = os.lseek(file.fileno(), at, os.SEEK_DATA)
            at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            parts.append(os.pread(file.fileno(), at - start, start))
    return b"".join(parts)


def in_clear(planted: list[Person]) -> dict[bytes, str]:
    return {
        coded: f"{name} of {one.issue}"
        for one in planted
        for name, text in one.clear.items()
        for coded in encodings(text)
    }


def look_around(place: Place) -> None:
    """Everything that may be asked, by whoever has no right to more."""
    for command in (("table",), ("alerts",), ("orphans",), ("dead-letters",), ("verify",), ("config",)):
        place.run(*command)
    paths = ("/v1/events", "/openapi.json", "/metrics", "/healthz", "/v1/receipts/x", "/window")
    for path in ("/", *paths, "/open311/v2/requests.json", "/open311/v2/requests.xml"):
        place.said.append(httpx.get(place.url + path, timeout=PATIENCE_SECONDS).text)
    if port := place.environment.get("LIVELIHOOD_WEB_PORT"):
        place.said.append(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS).text)


def table(place: Place) -> Any:
    return json.loads(place.run("table", "--format", "json"))


def test_the_search_finds_what_is_written_in_any_of_the_usual_ways(tmp_path: Path) -> None:
    (one,) = people(random.Random(1), "x")[:1]
    name = one.clear["name"]
    written = {
        "a": f'{{"name":"{name}"}}'.encode(),
        "b": json.dumps({"name": name}).encode(),
        "c": base64.b64encode(f"to {name}.".encode()),
        "d": base64.urlsafe_b64encode(f"{name}, then".encode("utf-16-le")),
        "e": urllib.parse.urlencode({"name": name}).encode(),
        "f": name.encode("utf-16-be"),
        "g": name.encode().hex().encode(),
    }
    for file, content in written.items():
        (tmp_path / file).write_bytes(content)
    found = seen(Place(tmp_path, {}), in_clear([one]))
    assert sorted({Path(line.split()[-1]).name for line in found}) == sorted(written)


def test_nothing_personal_is_anywhere_in_clear_and_nothing_is_read_of_the_forgotten(place: Place) -> None:
    chance = random.SystemRandom()
    planted: list[Person] = []
    by_way = [people(chance, way.__name__) for way in WAYS]
    for way, of_way in zip(WAYS, by_way, strict=True):
        planted += way(place, of_way)
    place.run("publish", "-", given="\n".join(json.dumps(one) for one in wrong(planted[0])), status=1)
    look_around(place)

    assert seen(place, in_clear(planted)) == []
    # What is no secret is found, in the log as well as in the state: so the search sees what is there.
    shown = seen(place, {one.issue.encode(): one.issue for one in planted})
    log, state = ("log.sqlite", "state.sqlite") if not place.others else ("kafka", "states")
    assert {one.issue for one in planted} == {line.split()[0] for line in shown if log in line}
    assert any(state in line for line in shown)
    # And who may read it does.
    for one in planted:
        (said,) = json.loads(place.run("issue", one.issue, "--personal", "--format", "json"))
        assert said["personal"] == one.clear
    assert len(json.loads(place.run("looks", "--format", "json"))) == len(planted)

    before = table(place)
    keys = _keys(place)
    for number, one in enumerate(planted):
        if number % 2:
            place.run("forget", one.issue)
        else:
            known_by = [name for name in ("phone", "identity_number") if name in one.clear]
            place.run("forget", given=one.clear[chance.choice(known_by)] + "\n")
    assert not seen(place, keys)
    for one in planted:
        (said,) = json.loads(place.run("issue", one.issue, "--personal", "--format", "json"))
        assert said["personal"] is None

    # They come again, by every way, with what is new and what is not; nothing is kept of them, and all count.
    issues = {one.issue for one in planted}
    for way, of_way in zip(WAYS, by_way, strict=True):
        again = way(place, [*of_way, *(Person(f"{one.issue}-again", one.clear) for one in of_way)])
        issues |= {one.issue for one in again}
    with place.safe().vault as vault:  # type: ignore[attr-defined]
        assert list(vault.items(PERSONS)) == list(vault.items(IDENTIFIERS)) == []
    look_around(place)
    assert seen(place, in_clear(planted)) == []
    after = table(place)
    assert (before[0]["received"], after[0]["received"]) == (len(planted), len(issues))


def _keys(place: Place) -> dict[bytes, str]:
    """Everybody's key, as it is and as it lies in the vault."""
    safe = place.safe()
    with safe.vault as vault:  # type: ignore[attr-defined]
        from backends.sealing.master_keys import MasterKeys

        master = MasterKeys(safe.master_keys)
        wrapped = dict(vault.items(PERSONS))
        assert len(wrapped) == PEOPLE * len(WAYS)
        opened = {master.unwrap(value, name): name for name, value in wrapped.items()}
    found = {value: f"wrapped key of {name}" for name, value in wrapped.items()} | opened
    assert len({line.split()[-1] for line in seen(place, found)}) > 0
    return found
