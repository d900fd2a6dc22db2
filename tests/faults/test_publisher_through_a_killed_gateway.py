"""A publisher whose gateway is killed again and again: what it reports delivered is in the log, once."""

import json
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from backends.sqlite.log import SqliteLog
from cli.examples import example_path
from livelihood.ports import EVENT
from producers import Delivery, GatewayTransport, Publisher, PublisherFull
from tests.ports import free_port

KILLS = 3


@pytest.mark.slow
def test_what_is_reported_delivered_is_in_the_log_and_everything_else_is_reported(
    command: Any, chance: random.Random
) -> None:
    city = command("city")
    status, out = city.run("catalogue", "publish", example_path("mingchuan/catalogue.toml"))
    assert status == 0, out
    status, out = city.run("keys", "add", "app", "--may", "submit", "--per-minute", "1000000")
    assert status == 0, out
    found = re.search(r"[\w-]+\.[\w-]{40,}", out)
    assert found, out
    port = free_port()

    def serve() -> "subprocess.Popen[str]":
        process = city.start("serve", "--address", f"127.0.0.1:{port}")
        for line in process.stdout:
            if "Listening on" in line:
                break
        return process

    told: list[Delivery] = []
    ended = threading.Event()
    published = 0
    # Impatient, so that some are reported as not delivered.
    way = GatewayTransport(f"http://127.0.0.1:{port}", found[0])
    out_ = Publisher(way, most_events=300, block_seconds=0.05, give_up_seconds=1.0, batch_events=20)

    def publish() -> None:
        nonlocal published
        while not ended.is_set():
            event = {
                "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/app",
                "id": f"e{published}", "subject": f"A-{published}", "time": "2026-03-01T09:00:00+08:00",
                "channel": "app", "data": {"service": "pothole", "personal": {"text": "a hole"}},
            }  # fmt: skip
            with suppress(PublisherFull):
                out_.publish(event, told.append)
                published += 1
            time.sleep(0.002)

    process = serve()
    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 1.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            time.sleep(chance.uniform(0.0, 2.0))
            process = serve()
        before = len(told)
        limit = time.monotonic() + 60
        while sum(one.error is None for one in told[before:]) < 50 and time.monotonic() < limit:
            time.sleep(0.05)
    finally:
        ended.set()
        thread.join(60)
        out_.close(60)
    assert sorted(one.id for one in told) == sorted(f"e{number}" for number in range(published))
    delivered = {one.id for one in told if one.error is None}
    with SqliteLog(city.data, lambda: 0) as log:
        records = [record for record in log.read(0, 0, 1_000_000) if record.control == EVENT]
    there = Counter(json.loads(record.value)["id"] for record in records)
    assert delivered <= there.keys()
    assert len(delivered) > 50
    # A repeat that the gateway could recognise is not in the log a second time.
    assert max(there.values()) == 1
