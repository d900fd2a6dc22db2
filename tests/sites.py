"""A site to ask: a data folder, the application over it on a port, and browsers without scripts."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from cli.embedded import EmbeddedEngine
from cli.examples import example_path
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import Instant, parse
from livelihood.promises import Catalogue
from streams.worker import Worker
from tests.patience import PATIENCE_SECONDS
from web.accounts import Account, Accounts, Role
from web.context import Context

#: A Wednesday morning in Mingchuan.
NOW = "2026-03-04T10:00:00+08:00"
PASSWORD = "four words do well"
MINGCHUAN = example_path("mingchuan/catalogue.toml").read_text("utf-8")


@dataclass
class Site:
    """A town's server. The clock stands until a test moves it."""

    engine: EmbeddedEngine
    worker: Worker
    now: list[Instant]
    app: FastAPI
    context: Context
    accounts: Accounts
    hashed: str = ""
    browsers: list[httpx.Client] = field(default_factory=list)

    def work(self) -> None:
        """Work on everything there is."""
        while not self.worker.step().idle:
            pass

    def wait(self, length: Instant) -> None:
        """Let time pass."""
        self.now[0] += length
        self.work()

    def add_account(self, name: str, role: Role, *departments: str, channel: str = "window") -> None:
        # One hash for all: making one takes as long as a sign-in.
        self.hashed = self.hashed or self.accounts.hashed(PASSWORD)
        account = Account(
            name=name, role=role, departments=frozenset(departments), channel=channel,
            password=self.hashed, created=self.now[0],
        )  # fmt: skip
        assert self.accounts.add(account)

    def browser(self, name: str = "", *, language: str = "en") -> "Browser":
        """A browser, signed in where a name is given."""
        client = httpx.Client(
            base_url=self.context.public_url, follow_redirects=True, timeout=PATIENCE_SECONDS
        )
        browser = Browser(client, language)
        self.browsers.append(browser.client)
        if name:
            answer = browser.send("/sign-in", "/sign-in", name=name, password=PASSWORD)
            assert "/sign-out" in answer.text, answer.text
        return browser


class Browser:
    """What a browser without scripts does: pages, forms with what they hold, cookies."""

    def __init__(self, client: httpx.Client, language: str) -> None:
        self.client = client
        client.headers.update({"accept": "text/html", "accept-language": language})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def token(self, page: str) -> str:
        """What forms of a page carry back."""
        found = re.search(r'name="form_token" value="(\w+)"', self.get(page).text)
        assert found, page
        return found[1]

    def send(self, page: str, action: str, **fields: str) -> Any:
        """Fill in a form of a page and send it."""
        return self.client.post(action, data={"form_token": self.token(page), **fields})


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of Mingchuan with its catalogue published, on loopback, with no account yet: open."""
    # As costly as it must be for a thief, a hash takes half a second of a busy machine.
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)
    with running_site(Settings(data=tmp_path / "data")) as made:
        yield made


@contextmanager
def running_site(settings: Settings, start: str = NOW) -> Iterator[Site]:
    """A site with these settings, for as long as this lasts."""
    now = [parse(start)]
    with (
        EmbeddedEngine(settings.data, lambda: now[0]) as engine,
        engine.worker() as worker,
        Listening("127.0.0.1:0") as listening,
    ):
        assert worker is not None
        engine.publish(parse_catalogue(MINGCHUAN))
        accounts = Accounts(engine.vault)
        context = Context(
            log=engine.log,
            reader=engine.reader,
            topics=engine.topics,
            vault=engine.vault,
            sealer=engine.sealer,
            deliveries=engine.deliveries,
            clock=lambda: now[0],
            catalogue=lambda: Catalogue(engine.published),
            public_url=listening.url,
            is_open=lambda: not (accounts.exist() or settings.oidc_issuer),
        )
        app = make_site(context, settings)
        listening.start(app, lambda: None)
        made = Site(engine, worker, now, app, context, accounts)
        made.work()
        yield made
        for client in made.browsers:
            client.close()


@pytest.fixture
def busy_site(site: Site) -> Iterator[Site]:
    """The same with somebody at work, as `livelihood serve` does it."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            site.worker.step()
            stop.wait(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    yield site
    stop.set()
    thread.join()
