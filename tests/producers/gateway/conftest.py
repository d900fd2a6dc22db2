"""The gateway as its users meet it: served over HTTP, on both engines."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.redis.discarding import discard
from cli.contexts import context_of
from cli.engine import Engine, open_engine
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import RequestEvent, parse_event
from livelihood.instants import DAY, iso
from livelihood.ports import CATALOGUE, EVENT, NewRecord
from producers.channel_keys import PUBLISHABLE, ChannelKey
from producers.keyring import Keyring
from tests import working
from tests.patience import PATIENCE_SECONDS
from web.context import Context

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PARTITIONS = 3
CATALOGUE_TOML = """
version = "1"
time_zone = "UTC"
[channels.phone]
allowed_lateness = "10 calendar"
[channels.wechat]
[services]
lamp = {department = "works", standard = "quick"}
tree = {department = "parks", standard = "quick"}
[departments.works]
[departments.parks]
[standards.quick]
resolution = "2 calendar"
[commitments.lamps]
services = ["lamp", "tree"]
"""


class Gateway:
    """One that runs, its engine, and who asks it."""

    def __init__(self, engine: Engine, context: Context, url: str) -> None:
        self.engine = engine
        self.context = context
        self.client = httpx.Client(base_url=url, timeout=PATIENCE_SECONDS)
        self._numbers = count(1)
        self.prefix = uuid4().hex[:6]

    def key(self, channel: str = "phone", **fields: Any) -> str:
        """A token of a new key; the server is not open any more."""
        name = fields.pop("name", f"{channel}-{uuid4().hex[:6]}")
        key = ChannelKey(name=name, channel=channel, **{"may": PUBLISHABLE, **fields})
        return Keyring(self.context.vault).add(key, self.context.clock())

    def event(self, kind: str = "submitted", **changes: Any) -> dict[str, Any]:
        """A new one, some of its members changed; None leaves one out."""
        number = f"{self.prefix}-{next(self._numbers)}"
        members = {
            "specversion": "1.0",
            "type": f"livelihood.request.{kind}",
            "source": "/channels/phone",
            "id": number,
            "subject": number,
            "time": iso(self.context.clock()),
            "channel": "phone",
            "data": {"service": "lamp"} if kind == "submitted" else {},
        } | changes
        return {name: one for name, one in members.items() if one is not None}

    def post(self, event: Any, token: str = "", **headers: str) -> httpx.Response:
        """One event in structured mode, or a list as a batch."""
        media_type = BATCH if isinstance(event, list) else STRUCTURED
        return self.client.post("/v1/events", json=event, headers=_headers(media_type, token) | headers)

    def held(self) -> list[RequestEvent]:
        """All events the log holds, partition by partition."""
        log, now = self.engine.log, self.context.clock() + DAY
        records = [record for number in range(log.partitions) for record in log.read(number, 0, 1_000_000)]
        return [parse_event(record.value, now) for record in records if record.control == EVENT]

    def of(self, subject: str) -> list[RequestEvent]:
        """Those about one issue."""
        return [event for event in self.held() if event.subject == subject]


def _headers(media_type: str, token: str) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return {"Content-Type": media_type, **bearer}


@pytest.fixture(params=["embedded", "distributed"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Of an engine that holds nothing yet, and of any address."""
    local = {"data": tmp_path / "data", "address": "127.0.0.1:0", "vault": str(tmp_path / "vault")}
    if request.param == "embedded":
        yield Settings(**local)
        return
    kafka, redis = request.getfixturevalue("kafka_server"), request.getfixturevalue("redis_server")
    topics = f"t{uuid4().hex[:10]}"
    init(Connection(kafka, topics), partitions=PARTITIONS)
    yield Settings(kafka=kafka, redis=redis, topics=topics, master_key="A" * 43, **local)
    discard(redis, prefix=topics, partitions=PARTITIONS)


Serve = Callable[[], Any]


@contextmanager
def running(settings: Settings) -> Iterator[Gateway]:
    """A gateway on the engine of these settings."""
    with ExitStack() as held:
        engine = held.enter_context(open_engine(settings))
        listening = held.enter_context(Listening(settings.address))
        context = context_of(engine, settings, listening)
        if not engine.published:
            version = parse_catalogue(CATALOGUE_TOML)
            engine.log.append([NewRecord("", version.model_dump_json().encode(), None, CATALOGUE)])
        listening.start(make_site(context, settings), lambda: None)
        gateway = Gateway(engine, context, listening.url)
        with gateway.client:
            yield gateway


@pytest.fixture
def serve(settings: Settings) -> Serve:
    """Runs gateways on one engine, several times or several at once."""
    return lambda: running(settings)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One of the embedded engine for a whole module, open."""
    with running(Settings(data=tmp_path_factory.mktemp("data"), address="127.0.0.1:0")) as gateway:
        yield gateway


@pytest.fixture
def gateway(serve: Serve) -> Iterator[Gateway]:
    """One that is open: there is no key yet. Nobody works."""
    with serve() as running:
        yield running


@pytest.fixture
def at_work(settings: Settings) -> Callable[[], Any]:
    """Somebody works, for as long as it lasts."""
    return lambda: working.at_work(settings)
