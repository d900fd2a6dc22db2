"""The Faust application: a worker's life, its agent for dead letters put right, its pages.

    faust -A streams.app worker     or the same with our options:     livelihood worker

The log is worked on by a service with a thread of its own, in batches (service.py). Faust's own consumer
reads one topic, the replays. docs/worker.md explains both.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from itertools import chain
from typing import Any

import faust
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # it comes without types
from faust.app import BootStrategy
from faust.exceptions import ProducerSendError
from faust.types import StreamT
from faust.types.web import Request, Response
from faust.web import View
from mode import ServiceT

from cli.distributed import worker_parts
from cli.settings import Settings, load
from livelihood.ports import Unavailable
from streams.credentials import credentials_of
from streams.metrics import CONTENT_TYPE
from streams.replay import Replay, SendLetter
from streams.service import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Parts, Share

#: What a person should know: what was given and taken, and what does not answer.
LOGGER = logging.getLogger("livelihood.worker")
#: Levels of `livelihood worker`, which says itself what ended it; Faust's own command line shows tracebacks.
QUIET = {"mode": {"level": "CRITICAL"}, "faust": {"level": "CRITICAL"}}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        LOGGER.name: {"level": "INFO"},
        # What these say of a broker that is away, each ten times a second, we say once.
        "aiokafka": {"level": "CRITICAL"},
        "livelihood.kafka": {"level": "CRITICAL"},
    },
}


class Process:
    """What this process works with, once its servers answer. All but `open` is quick."""

    def __init__(self, opens: Callable[[], AbstractContextManager[Parts]], hot_bytes: int) -> None:
        self._opens = opens
        self._hot_bytes = hot_bytes
        self._held = ExitStack()
        self._waits_for = "is starting"
        self.share: Share | None = None
        self.replay: Replay | None = None

    def open(self, send_letter: SendLetter) -> bool:
        """Open the parts; False where a server is away."""
        try:
            parts = self._held.enter_context(self._opens())
        except Unavailable as error:
            if self._waits_for != str(error):
                LOGGER.warning(error)
            self._waits_for = str(error)
            return False
        self.replay = Replay(parts.log, parts.clock, send_letter, LOGGER.warning)
        self.share = Share(parts, self._hot_bytes, LOGGER.info)
        return True

    def trouble(self) -> str:
        """Why this process does not do its whole share now; empty where it does."""
        return self._waits_for if self.share is None else self.share.trouble()

    def stop(self) -> None:
        """Have the work end soon."""
        if self.share is not None:
            self.share.stop()

    def close(self) -> None:
        """Give the connections back."""
        self._held.close()


class Work(faust.Service):
    """The work, in a thread of its own, so that a batch holds up no page."""

    def __init__(self, process: Process, send_letter: SendLetter) -> None:
        super().__init__()
        self._process = process
        self._send_letter = send_letter
        self._thread: asyncio.Future[None] | None = None

    async def on_start(self) -> None:
        """Open the parts, for as long as it takes until the servers answer, and begin."""
        pause = FIRST_PAUSE_SECONDS
        while not (self.should_stop or await asyncio.to_thread(self._process.open, self._send_letter)):
            await self.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        if self._process.share is not None:
            self._thread = asyncio.ensure_future(asyncio.to_thread(self._process.share.run))

    @faust.Service.task
    async def _watch(self) -> None:
        if self._thread is not None:
            await asyncio.shield(self._thread)

    async def on_stop(self) -> None:
        """Give everything back."""
        self._process.stop()
        if self._thread is not None:
            await asyncio.wait([self._thread])
        await asyncio.to_thread(self._process.close)


class Order(BootStrategy):
    """The pages first, so that they say what is waited for; then the work, then what is Faust's own.

    A service added by `app.service` would begin only once Faust's consumer has its partitions: after a
    worker was killed that takes a minute.
    """

    def server(self) -> Iterable[ServiceT]:
        """The services, in the order in which they start; they stop in the opposite one."""
        assert isinstance(self.app, App)
        return chain(
            self.web_server(),
            [self.app.work],
            self.sensors(),
            self.kafka_producer(),
            self.kafka_consumer(),
            self.agents(),
            self.kafka_conductor(),
            self.tables(),
        )


class App(faust.App):
    """Faust's application, with what its services share."""

    BootStrategy = Order
    process: Process
    work: Work

    async def on_first_start(self) -> None:
        """Faust makes its folder, which stays empty, but not the one that it is in."""
        self.conf.datadir.parent.mkdir(parents=True, exist_ok=True)
        await super().on_first_start()

    async def on_stop(self) -> None:
        """The partitions first: what is Faust's own takes a minute to stop where the broker is away."""
        self.process.stop()
        await super().on_stop()


def make_app(settings: Settings, *, quiet: bool = False) -> App:
    """The application of a worker; nothing connects before it is started.

    `quiet`: what ends it is not logged. Unavailable where Faust cannot connect as the settings say.
    """
    prefix = settings.topics
    app = App(
        # Also the name of its group; that of the workers is another.
        f"{prefix}.replay",
        broker=[f"kafka://{server.strip()}" for server in settings.kafka.split(",")],
        broker_credentials=credentials_of(settings.kafka_options),
        datadir=settings.data / "faust",
        logging_config={**LOGGING, "loggers": LOGGING["loggers"] | (QUIET if quiet else {})},
        worker_redirect_stdouts=False,
        # Topics are made by `livelihood stack init`, with as many partitions as keys were spread over.
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_session_timeout=10.0,
        stream_wait_empty=False,
        web_bind=settings.web_bind,
        # Faust wants a number also where nobody listens.
        web_port=settings.web_port or 6066,
        web_enabled=bool(settings.web_port),
        web_stats_enabled=False,
        web_graph_enabled=False,
        web_router_enabled=False,
        web_tables_enabled=False,
    )
    letters = app.topic(f"{prefix}.dead-letters", key_serializer="raw", value_serializer="raw")

    async def send_letter(partition: int, key: bytes, letter: bytes) -> None:
        try:
            await (await letters.send(partition=partition, key=key, value=letter))
        except (KafkaError, ProducerSendError) as error:
            raise Unavailable(f"Kafka does not take a dead letter now: {error}") from error

    app.process = process = Process(lambda: worker_parts(settings), settings.cache_megabytes * 1_000_000)
    app.work = Work(process, send_letter)
    _add_replay(app, process)
    _add_pages(app, process)
    return app


def _add_replay(app: App, process: Process) -> None:
    replays = app.topic(app.conf.id, key_serializer="raw", value_serializer="raw")

    @app.agent(replays)
    async def replay(stream: StreamT[bytes]) -> None:
        """One after another: Faust commits past what others of the same agent are at."""
        async for event in stream.events():
            assert process.replay is not None
            message = event.message
            place = f"replay {message.partition}-{message.offset}"
            key = (message.key or b"").decode("utf-8", "replace")
            await process.replay.take(place, key, message.value or b"")


def _add_pages(app: App, process: Process) -> None:
    @app.page("/healthz")
    async def healthz(view: View, _: Request) -> Response:
        """Whether the process runs."""
        return view.text("ok\n")

    @app.page("/readyz")
    async def readyz(view: View, _: Request) -> Response:
        """Whether it does its whole share of the work."""
        trouble = process.trouble()
        return view.text(f"{trouble or 'ok'}\n", status=503 if trouble else 200)

    @app.page("/metrics")
    async def metrics(view: View, _: Request) -> Response:
        """Its numbers, for Prometheus."""
        text = process.share.metrics.text() if process.share else ""
        return view.text(text, headers={"Content-Type": CONTENT_TYPE})


def __getattr__(name: str) -> App:
    """`app`, made when Faust's command line first asks for it: an import connects nothing."""
    if name != "app":
        raise AttributeError(name)
    made = globals()["app"] = make_app(load().settings)
    return made
