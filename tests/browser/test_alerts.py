"""The page of alerts in a real browser: it keeps itself true, and says where the server cannot be reached."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.settings import Settings
from livelihood.deadline_text import LANGUAGES
from livelihood.instants import DAY
from tests.browser.conftest import Server
from tests.consumers.public.conftest import publish, told
from tests.sites import Site, running_site

MONDAY = "2026-03-02T09:00:00+08:00"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(data=tmp_path_factory.mktemp("alerts") / "data")
    with running_site(settings, MONDAY) as site:
        publish(site, told("S-1", "submitted", MONDAY, service="pothole", area="riverside"))
        publish(site, told("S-2", "submitted", MONDAY, service="street-light", area="riverside"))
        site.wait(7 * DAY)
        yield site


@pytest.fixture(scope="module")
def server(chromium: str, town: Site) -> Server:
    """What visitors of this module look at."""
    return Server(town.context.public_url, Path())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_appears_where_somebody_looks(visit: Any, town: Site, language: str) -> None:
    visitor = visit(language=language)
    page = visitor.go("/alerts")
    assert visitor.violations() == []
    issue = f"N-{language}"
    publish(town, told(issue, "submitted", MONDAY, service="no-water", area="old-town", on_paper=True))
    town.work()
    page.wait_for_selector(f'.new a[href="/issues/{issue}#alerts"]')
    assert page.locator("#news").inner_text()
    assert visitor.violations() == []


def test_a_server_that_cannot_be_reached_is_said_and_the_list_stays(visit: Any, town: Site) -> None:
    visitor = visit()
    page = visitor.go("/alerts")
    rows = page.locator("[data-alert]").count()
    assert rows
    page.route("**/alerts/list*", lambda route: route.abort())
    page.wait_for_selector("#lost", state="visible")
    assert page.locator("[data-alert]").count() == rows
    page.unroute("**/alerts/list*")
    page.wait_for_selector("#lost", state="hidden")
    # The browser tells its console of each try.
    visitor.complaints.clear()


def test_the_list_is_narrowed_by_the_keyboard_and_without_scripts(visit: Any) -> None:
    visitor = visit(scripts=False, width=390)
    page = visitor.go("/alerts")
    page.select_option("#department", "water")
    page.press("#department", "Tab")
    page.press("#commitment", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "department=water" in url)
    assert page.locator('a[href="/issues/S-1#alerts"]').count() == 0
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
