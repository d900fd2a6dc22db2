"""Errors say what to do, and the library says nothing on its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from backends.kafka import connection as module
from backends.kafka import topics
from backends.kafka.connection import Connection
from backends.kafka.log import KafkaLog
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from livelihood.ports import CATALOGUE, NewRecord, Outgoing, Unavailable
from tests.secured import Secure

NOBODY = "127.0.0.1:9"


def test_nobody_there_is_unavailable_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    with pytest.raises(Unavailable, match=r"127.0.0.1:9 does not answer .*livelihood stack up"):
        KafkaLog(Connection(NOBODY))


def test_the_library_does_not_write_to_the_terminal() -> None:
    script = f"""
from backends.kafka import connection
connection.ANSWER_SECONDS = 1.5
from backends.kafka.log import KafkaLog
from livelihood.ports import Unavailable
try:
    KafkaLog(connection.Connection("{NOBODY}"))
except Unavailable:
    print("unavailable")
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("unavailable\n", "")


def test_each_user_does_its_part_with_the_rights_of_the_page_and_no_other(
    secure_servers: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connection(user: str) -> Connection:
        options: dict[str, str | int | float | bool] = {**secure_servers.kafka_options(user)}
        return Connection(secure_servers.kafka.address, "rights", options)

    topics.init(connection("administrator"), partitions=1)
    secure_servers.grant("rights")
    assert topics.check(connection("worker")) == 1
    with KafkaLog(connection("publisher")) as log:
        log.append([NewRecord("a", b"{}"), NewRecord("", b"{}", control=CATALOGUE)])
        log.append_run("r", log.run_position("r"), [NewRecord("a", b"{}", 5, run="r")])
    worker = connection("worker")
    outlet = KafkaOutlet(worker)
    with KafkaLog(worker) as log, KafkaPublished(worker) as published:
        assert len(log.read(0, 0, 10)) == 3
        assert log.look(0) > 0
        outlet.publish(0, "B", [(1, Outgoing("alert", "id1", "a", b"{}"))])
        assert [id_ for _, id_, _ in published.outgoing("alert", 0, 0, 10)] == ["id1"]
        assert len(published.catalogues()) == 1
        with pytest.raises(Unavailable, match="security-of-the-wire"):
            log.append([NewRecord("a", b"{}")])
    monkeypatch.setattr(module, "ANSWER_SECONDS", 2.0)
    wrong = connection("worker")
    wrong.options["sasl.password"] = "wrong"
    with pytest.raises(Unavailable, match="does not let us in"):
        KafkaLog(wrong)
