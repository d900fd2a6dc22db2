"""Pictures of the public pages, from a town that has had half a year to keep its promises."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser

from cli.contexts import context_of
from cli.embedded import EmbeddedEngine
from cli.examples import example_path
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from consumers.public.pages import MISSING
from examples.simulate_mingchuan import events
from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import parse_event
from livelihood.instants import from_datetime
from livelihood.ports import NewRecord
from web.accounts import Account, Accounts, Role

NOW = datetime.fromisoformat("2026-03-04T10:20:00+08:00")
#: Half a year, and requests a day.
DAYS, A_DAY = 185, 14
PAGES = {
    "public-overview": "/public",
    "public-commitment": "/public/commitments/streets",
    "public-data": "/public/data",
    "public-embed": "/embed/cleanliness",
}


@contextmanager
def public_town() -> Iterator[str]:
    """The address of its site, for as long as this lasts."""
    documents = events(NOW, days=DAYS, a_day=A_DAY)
    clock = [from_datetime(datetime.fromisoformat(documents[0]["time"]))]
    with (
        TemporaryDirectory() as folder,
        EmbeddedEngine(Path(folder) / "data", lambda: clock[0]) as engine,
        engine.worker() as worker,
        Listening("127.0.0.1:0") as listening,
    ):
        assert worker is not None
        settings = Settings(
            data=Path(folder) / "data", public="all by area", public_embed="https://paper.example"
        )
        engine.publish(parse_catalogue(example_path("mingchuan/catalogue.toml").read_text("utf-8")))
        accounts = Accounts(engine.vault)
        password = accounts.hashed("four words do well")
        accounts.add(Account(name="chen", role=Role.ADMIN, password=password, created=clock[0]))
        listening.start(make_site(context_of(engine, settings, listening), settings), lambda: None)
        clock[0] = from_datetime(NOW)
        parsed = [parse_event(json.dumps(one), clock[0]) for one in documents]
        engine.log.append([NewRecord(event.key, event.to_json()) for event in parsed])
        while not worker.step().idle:
            pass
        while MISSING in httpx.get(f"{listening.url}/public/data.csv").headers:
            time.sleep(0.1)
        yield listening.url


def render_public(
    browser: Browser,
    folder: Path,
    sizes: dict[str, tuple[int, int]],
    wanted: set[tuple[str, str, str, str]] | None,
) -> None:
    """Render those that are wanted, as (page, language, theme, size); all with None."""
    looks = [
        (language, theme, size) for language in ("zh", "en") for theme in ("light", "dark") for size in sizes
    ]
    with public_town() as url:
        for language, theme, size in looks:
            page = browser.new_page(
                locale={"zh": "zh-CN", "en": "en-GB"}[language],
                color_scheme="dark" if theme == "dark" else "light",
                viewport={"width": sizes[size][0], "height": sizes[size][1]},
            )
            for name, path in PAGES.items():
                if wanted is None or (name, language, theme, size) in wanted:
                    page.goto(url + path)
                    page.screenshot(
                        path=folder / f"{name}-{language}-{theme}-{size}.png", full_page=wanted is None
                    )
            page.close()
