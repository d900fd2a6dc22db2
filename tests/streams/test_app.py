"""Workers as processes on a real broker and a real Valkey: stopped, killed, asleep, older than others."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

from backends.kafka.members import members
from backends.kafka.topics import init
from backends.servers.kafka import Kafka
from backends.servers.packages import java, kafka_jars
from cli.distributed import connection_of, group_of
from cli.engine import Engine, open_engine, open_reading
from cli.settings import Settings
from cli.work import ends_of, is_behind
from livelihood.catalogue_reading import parse_catalogue
from livelihood.ports import NewRecord, Unavailable
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.secured import Secure
from tests.servers import missing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PARTITIONS = 4
CATALOGUE = """
version = "1"
time_zone = "America/New_York"
calendar = "us-federal"
[channels.phone]
[departments.roads]
[areas.north]
[standards.soon]
resolution = "3s"
[standards.later]
resolution = "30 calendar"
[services]
lamp = {department = "roads", standard = "soon"}
pothole = {department = "roads", standard = "later"}
[commitments.roads]
services = ["lamp", "pothole"]
target = 0.9
"""


def until(true: Callable[[], Any]) -> None:
    """Wait until something holds, servers that are away included."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(Unavailable):
            if true():
                return
        assert time.monotonic() < limit
        time.sleep(0.02)


@dataclass
class Process:
    """A worker."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def page(self, name: str) -> tuple[int, str]:
        """Status and text of a page; 0 where nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/{name}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    @property
    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return self.page("readyz")[0] == 200

    def number(self, name: str, **labels: str) -> float:
        """A number of /metrics, summed over what is not asked for."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.page("metrics")[1])
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    @property
    def partitions(self) -> float:
        return self.number("livelihood_partitions")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@dataclass
class Town:
    """A catalogue, a log of its own, and workers."""

    settings: Settings
    engine: Engine
    workers: list[Process] = field(default_factory=list)
    _number: int = 0

    def start(self, code: Path = ROOT) -> Process:
        """One more worker, of the version in a folder."""
        worker = start(self.settings, code)
        self.workers.append(worker)
        return worker

    def submit(self, count: int, service: str = "lamp") -> None:
        """So many new issues, now."""
        now = datetime.now(UTC).isoformat()
        records = []
        for _ in range(count):
            self._number += 1
            records.append(NewRecord(f"i{self._number}", event(f"i{self._number}", now, service)))
        self.engine.log.append(records)

    def is_caught_up(self) -> bool:
        return not is_behind(self.engine, ends_of(self.engine))

    def is_read(self) -> bool:
        """Whether every event was worked on, by whatever version; the last of each partition is one."""
        return [self.engine.reader.position(number).next_offset for number in range(PARTITIONS)] == ends_of(
            self.engine
        )

    def alerts(self) -> list[dict[str, Any]]:
        return [
            json.loads(value)
            for partition in range(PARTITIONS)
            for _, _, value in self.engine.topics.outgoing("alert", partition, 0, 100_000)
        ]

    def overdue(self) -> list[str]:
        return sorted(alert["issue"] for alert in self.alerts() if alert["kind"] == "overdue")

    def check(self, code: Path = ROOT) -> None:
        """Every cell and every alert follows from the log, as the version in a folder counts."""
        until(self.is_caught_up if code == ROOT else self.is_read)
        command = [sys.executable, "-c", "from cli.main import main; main()", "verify"]
        given = {**environment(self.settings), "PYTHONPATH": str(code)}
        done = subprocess.run(
            command, env=given, cwd=self.settings.data, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def event(issue: str, at: str, service: str) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "type": "livelihood.request.submitted",
            "source": "/channels/phone",
            "id": f"e-{issue}",
            "subject": issue,
            "time": at,
            "recorded": at,
            "channel": "phone",
            "data": {"service": service, "area": "north"},
        }
    ).encode()


def environment(settings: Settings) -> dict[str, str]:
    names = ("data", "kafka", "redis", "topics", "partitions", "web_port")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")},
        **{f"LIVELIHOOD_{name.upper()}": str(getattr(settings, name)) for name in names},
        "LIVELIHOOD_KAFKA_OPTIONS": json.dumps(settings.kafka_options),
    }


def start(settings: Settings, code: Path = ROOT, *command: str) -> Process:
    port = free_port()
    log = settings.data / f"worker-{port}.log"
    settings.data.mkdir(parents=True, exist_ok=True)
    given = environment(settings.model_copy(update={"web_port": port}))
    with log.open("wb") as said:
        started = subprocess.Popen(
            command or [sys.executable, "-c", "from cli.main import main; main()", "worker"],
            env={**given, "PYTHONPATH": str(code)},
            cwd=settings.data,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    return Process(started, port, log)


def settings_of(kafka: str, redis: str, folder: Path) -> Settings:
    return Settings(
        kafka=kafka, redis=redis, topics=f"w{uuid4().hex[:10]}", data=folder / "data", partitions=PARTITIONS
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Town]:
    init(connection_of(settings), partitions=PARTITIONS)
    with open_engine(settings) as engine:
        # The broker may not know yet that it leads a topic just made.
        until(lambda: engine.publish(parse_catalogue(CATALOGUE)) is None)
        town = Town(settings, engine)
        try:
            yield town
        finally:
            for worker in town.workers:
                worker.process.kill()
                worker.process.wait()


@pytest.fixture
def town(kafka_server: str, redis_server: str, tmp_path: Path) -> Iterator[Town]:
    with opened(settings_of(kafka_server, redis_server, tmp_path)) as town:
        yield town


def share(town: Town) -> tuple[Process, Process]:
    """Two workers, each with its half."""
    first, second = town.start(), town.start()
    until(lambda: [first.partitions, second.partitions] == [2, 2] and first.is_ready and second.is_ready)
    return first, second


def test_what_a_killed_worker_had_another_goes_on_with(town: Town) -> None:
    first, second = share(town)
    town.submit(500)
    until(lambda: first.number("livelihood_events_total") > 0)
    first.send(signal.SIGKILL)
    town.submit(500)
    until(lambda: second.partitions == PARTITIONS and second.is_ready)
    town.check()
    until(lambda: len(town.overdue()) == 1_000)
    assert len(set(town.overdue())) == 1_000


def test_a_worker_told_to_stop_hands_over_at_once(town: Town) -> None:
    first, second = share(town)
    town.submit(300, "pothole")
    first.send(signal.SIGTERM)
    assert first.process.wait(PATIENCE_SECONDS) == 0
    # It left; who only dies is a member for a session more.
    connection = connection_of(town.settings)
    assert len(list(members(connection, group_of(connection)))) == 1
    until(lambda: second.partitions == PARTITIONS and second.is_ready)
    town.check()


def test_a_worker_that_slept_past_its_session_writes_nothing_and_joins_again(town: Town) -> None:
    first, second = share(town)
    town.submit(200)
    until(town.is_caught_up)
    first.send(signal.SIGSTOP)
    town.submit(200)
    until(lambda: second.partitions == PARTITIONS and second.is_ready)
    until(town.is_caught_up)
    first.send(signal.SIGCONT)
    until(lambda: [first.partitions, second.partitions] == [2, 2] and first.is_ready and second.is_ready)
    town.submit(200)
    town.check()
    until(lambda: len(town.overdue()) == 600)
    assert len(set(town.overdue())) == 600


def test_how_late_each_alert_left_is_among_the_numbers(town: Town) -> None:
    worker = town.start()
    until(lambda: worker.is_ready)
    for _ in range(5):
        town.submit(20)
        time.sleep(0.3)
    until(lambda: len(town.overdue()) == 100)
    # Each is due soon, then overdue.
    until(lambda: worker.number("livelihood_alert_delay_seconds_count") == 200)
    assert 0 < worker.number("livelihood_alert_delay_seconds_sum") < 200 * PATIENCE_SECONDS


def test_a_worker_tells_its_numbers_and_nothing_of_whom_they_are_about(town: Town) -> None:
    worker = town.start()
    until(lambda: worker.is_ready)
    town.submit(50)
    until(lambda: worker.number("livelihood_events_total") == 50 + PARTITIONS)
    # Each is due soon, then overdue.
    until(lambda: worker.number("livelihood_published_total", topic="alert") == 100)
    status, text = worker.page("metrics")
    assert status == 200
    assert worker.number("livelihood_lag_records") >= 0
    assert worker.number("livelihood_commits_total") > 0
    assert worker.number("livelihood_hot_state_bytes") > 0
    assert worker.number("livelihood_published_total", topic="dead_letter") == 0
    assert not re.search(r"\bi\d+\b|pothole|lamp|roads|north", text)
    assert worker.page("healthz") == (200, "ok\n")


def test_a_letter_put_right_is_taken_in_and_a_bad_one_comes_back_with_the_reason(town: Town) -> None:
    worker = town.start()
    until(lambda: worker.is_ready)
    producer = Producer({"bootstrap.servers": town.settings.kafka, "partitioner": "murmur2_random"})
    now = datetime.now(UTC)
    replay = f"{town.settings.topics}.replay"
    producer.produce(replay, event("again", now.isoformat(), "pothole"), b"again")
    producer.produce(replay, b"no event", b"bad")
    ahead = (now + timedelta(days=2)).isoformat()
    producer.produce(replay, event("ahead", ahead, "pothole"), b"ahead")
    assert producer.flush(PATIENCE_SECONDS) == 0

    def letters() -> list[dict[str, str]]:
        return [
            json.loads(value)
            for partition in range(PARTITIONS)
            for _, _, value in town.engine.topics.outgoing("dead_letter", partition, 0, 100)
        ]

    until(lambda: len(letters()) == 2 and town.engine.reader.states(["again"]))
    reasons = {letter["key"]: letter["reason"] for letter in letters()}
    assert re.fullmatch(r"replay \d-\d+: .+", reasons["bad"])
    assert "in the future" in reasons["ahead"]
    town.check()


def newer(folder: Path) -> Path:
    """This software, as a version that folds otherwise."""
    for package in ("livelihood", "backends", "streams", "producers", "consumers", "web", "cli"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "livelihood" / "state.py"
    changed, count = re.subn(
        r"^FOLD_VERSION = (\d+)$", r"FOLD_VERSION = 1_\1", file.read_text(), flags=re.MULTILINE
    )
    assert count == 1
    file.write_text(changed)
    return folder


def test_older_workers_leave_what_a_newer_one_has_begun_to_it(town: Town, tmp_path: Path) -> None:
    code = newer(tmp_path / "newer")
    old = town.start()
    until(lambda: old.is_ready)
    town.submit(300, "pothole")
    until(town.is_read)
    new = town.start(code)
    until(lambda: [old.partitions, new.partitions] == [2, 2] and old.is_ready and new.is_ready)
    town.submit(300, "pothole")
    until(town.is_read)
    town.check(code)
    new.send(signal.SIGKILL)
    # What the newer one had comes to the older one, which touches nothing of it.
    until(lambda: "update the software" in old.page("readyz")[1])
    assert old.page("readyz")[0] == 503
    until(lambda: "stands aside" in old.log.read_text())
    town.submit(300, "pothole")
    last = town.start(code)
    until(lambda: last.partitions == PARTITIONS and last.is_ready)
    until(town.is_read)
    town.check(code)
    assert len(town.engine.reader.states(f"i{number}" for number in range(1, 901))) == 900
    old.send(signal.SIGTERM)
    assert old.process.wait(PATIENCE_SECONDS) == 0


def test_a_worker_waits_for_a_broker_that_is_away_and_says_so(redis_server: str, tmp_path: Path) -> None:
    try:
        java(), kafka_jars()
    except Unavailable as error:
        missing("Kafka", error)
    broker = Kafka(tmp_path / "kafka", port=free_port())
    settings = settings_of(broker.address, redis_server, tmp_path)
    worker = start(settings)
    try:
        until(lambda: worker.page("readyz")[0] == 503 and "does not answer" in worker.page("readyz")[1])
        assert worker.page("healthz")[0] == 200
        broker.start()
        with opened(settings) as town:
            until(lambda: worker.is_ready)
            town.submit(100)
            until(lambda: len(town.overdue()) == 100)
            broker.process.kill()
            town.workers.append(worker)
            until(lambda: worker.page("readyz")[0] == 503)
            broker.start()
            until(lambda: worker.is_ready)
            # An attempt that failed may have left some there.
            until(lambda: town.submit(100) is None)
            until(lambda: len(town.overdue()) >= 200)
            town.check()
    finally:
        worker.process.kill()
        worker.process.wait()
        broker.process.kill()


def test_fausts_own_command_line_starts_the_same_worker(town: Town) -> None:
    faust = str(Path(sys.executable).with_name("faust"))
    worker = start(town.settings, ROOT, faust, "-A", "streams.app", "worker", "-l", "info")
    town.workers.append(worker)
    until(lambda: worker.is_ready)
    town.submit(50)
    until(lambda: len(town.overdue()) == 50)
    worker.send(signal.SIGTERM)
    assert worker.process.wait(PATIENCE_SECONDS) == 0


def test_a_worker_that_cannot_begin_says_why(town: Town) -> None:
    first = town.start()
    until(lambda: first.is_ready)
    settings = town.settings.model_copy(update={"web_port": first.port})
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "worker"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 3
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_works_with_no_more_rights_than_its_own(secure_servers: Secure, tmp_path: Path) -> None:
    plain = settings_of(secure_servers.kafka.address, secure_servers.redis_url("worker"), tmp_path)
    secure_servers.grant(plain.topics)

    def as_user(user: str) -> Settings:
        return plain.model_copy(update={"kafka_options": secure_servers.kafka_options(user)})

    init(connection_of(as_user("administrator")), partitions=PARTITIONS)
    with open_engine(as_user("publisher")) as engine, open_reading(as_user("worker")) as reading:
        until(lambda: engine.publish(parse_catalogue(CATALOGUE)) is None)
        worker = start(as_user("worker"))
        try:
            until(lambda: worker.is_ready)
            Town(plain, engine).submit(20)
            until(
                lambda: (
                    sum(len(reading.topics.outgoing("alert", number, 0, 100)) for number in range(PARTITIONS))
                    >= 20
                )
            )
            # Replays are read by Faust's own client; that this user may not append them is said, and waits.
            producer = Producer(
                {
                    **secure_servers.kafka_options("administrator"),
                    "bootstrap.servers": plain.kafka,
                    "partitioner": "murmur2_random",
                }
            )
            producer.produce(
                f"{plain.topics}.replay", event("again", datetime.now(UTC).isoformat(), "lamp"), b"again"
            )
            producer.flush(PATIENCE_SECONDS)
            until(lambda: "does not allow this user" in worker.log.read_text())
            assert worker.is_ready
        finally:
            worker.process.kill()
            worker.process.wait()
