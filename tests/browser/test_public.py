"""The public pages in a real browser: both languages, light and dark, desk and phone; and within a frame."""

import http.server
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cli.settings import Settings
from examples.simulate_mingchuan import events
from livelihood.deadline_text import LANGUAGES
from livelihood.instants import from_datetime
from tests.browser.conftest import Server
from tests.consumers.public.conftest import publish, worked_out
from tests.sites import Site, running_site
from web.accounts import Role

PAGES = ("/public", "/public?month=2026-01", "/public/commitments/streets", "/public/data", "/embed/streets")
LOOKS = [
    (language, theme, width) for language in LANGUAGES for theme, width in (("light", 1280), ("dark", 390))
]
UNTIL = datetime.fromisoformat("2026-03-04T10:20:00+08:00")


class Framing(http.server.BaseHTTPRequestHandler):
    """A page of somebody else's with our table in it."""

    framed = ""

    def do_GET(self) -> None:
        body = f'<!doctype html><title>x</title><iframe src="{self.framed}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def paper() -> Iterator[str]:
    """Somebody else's site."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Framing) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def town(paper: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("public")
    settings = Settings(data=folder / "data", public="all by area", public_embed=paper)
    with running_site(settings, "2026-01-01T00:00:00+08:00") as site:
        publish(site, *events(UNTIL, days=60, a_day=12))
        site.now[0] = from_datetime(UNTIL)
        site.work()
        site.add_account("lin", Role.WINDOW)
        worked_out(site)
        yield site


@pytest.fixture(scope="module")
def server(chromium: str, town: Site) -> Server:
    """What visitors of this module look at."""
    return Server(town.context.public_url, Path())


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_public_page_has_anything_for_axe_to_find(
    visit: Any, language: str, theme: str, width: int
) -> None:
    wrong = {}
    visitor = visit(language=language, theme=theme, width=width)
    for path in PAGES:
        page = visitor.go(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        if found := visitor.violations():
            wrong[path] = found
        if (needed := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            wrong[f"{path} is too wide"] = [str(needed)]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_and_a_commitment_are_chosen_without_scripts(visit: Any, language: str) -> None:
    visitor = visit(language=language, scripts=False)
    page = visitor.go("/public")
    page.select_option("#month", "2026-01")
    page.click(".month button")
    page.wait_for_url(lambda url: "month=2026-01" in url)
    page.click('a[href="/public/commitments/streets?month=2026-01"]')
    assert {"en": "January 2026", "zh": "2026年1月"}[language] in page.locator(".head .soft").inner_text()


def test_the_table_is_seen_in_a_frame_of_a_site_that_is_named_and_the_page_in_none(
    visit: Any, paper: str, town: Site
) -> None:
    for path, is_seen in (("/embed/streets?lang=zh", True), ("/public", False)):
        Framing.framed = town.context.public_url + path
        visitor = visit()
        visitor.page.goto(paper)
        visitor.page.wait_for_load_state()
        frame = visitor.page.frames[1]
        # A browser shows a page of its own instead.
        assert frame.url.startswith(town.context.public_url) is is_seen, path
        # It complains of that, and of nothing any more once it is closed.
        visitor.context.close()
        visitor.complaints.clear()
