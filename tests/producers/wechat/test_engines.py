"""The account on Kafka and Redis: what is true of the data folder is true there."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.redis.discarding import discard
from cli.contexts import context_of
from cli.engine import open_engine
from cli.examples import example_path
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import iso
from livelihood.ports import NewRecord
from producers.wechat import part
from tests.producers.wechat.conftest import AES_KEY, APPID, TOKEN, Phone
from tests.producers.wechat.test_callback import receipt_in
from tests.producers.wechat.test_telling import Api

PARTITIONS = 3


@pytest.fixture
def settings(kafka_server: str, redis_server: str, tmp_path: Path) -> Iterator[Settings]:
    topics = f"w{uuid4().hex[:10]}"
    init(Connection(kafka_server, topics), partitions=PARTITIONS)
    yield Settings(
        kafka=kafka_server, redis=redis_server, topics=topics, data=tmp_path / "local",
        vault=str(tmp_path / "vault"), master_key="A" * 43, wechat_appid=APPID, wechat_token=TOKEN,
        wechat_aes_key=AES_KEY, wechat_secret="an-app-secret",
    )  # fmt: skip
    discard(redis_server, prefix=topics, partitions=PARTITIONS)


def work(settings: Settings, stop: threading.Event) -> None:
    with open_engine(settings) as engine, engine.alone() as workers:
        while not stop.is_set():
            if all(worker.step().idle for worker in workers):
                stop.wait(0.05)


def test_who_writes_is_answered_and_told_of_what_becomes_of_it(
    settings: Settings, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "TELL_SECONDS", 0.05)
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(settings, stop))
    with Api() as api, open_engine(settings) as engine, Listening("127.0.0.1:0") as listening:
        engine.publish(parse_catalogue(example_path("mingchuan/catalogue.toml").read_text("utf-8")))
        worker.start()
        try:
            told = settings.model_copy(update={"wechat": {"service": "question", "api": api.url}})
            context = context_of(engine, told, listening)
            listening.start(make_site(context, told), lambda: None)
            site: Any = SimpleNamespace(context=context, now=[time.time_ns() // 1_000])
            phone = Phone(site, encrypts=True)
            with phone.client:
                until(lambda: list(context.vault.items("wechat-told")))
                receipt = receipt_in(phone.say("东山镇下水道堵塞", 24_123))
                assert receipt_in(phone.say("东山镇下水道堵塞", 24_123)) == receipt
                until(lambda: "等待接件" in phone.say(f"查询 {receipt}"))
                issue = receipt.rsplit("-", 2)[0]
                accepted = {
                    "specversion": "1.0", "type": "livelihood.request.accepted", "source": "/channels/window",
                    "id": f"{issue}:accepted", "subject": issue, "time": iso(context.clock()),
                    "channel": "window", "data": {},
                }  # fmt: skip
                context.log.append([NewRecord(issue, json.dumps(accepted).encode())])
                until(lambda: api.texts)
                assert receipt in api.texts[0]
        finally:
            stop.set()
            worker.join()
