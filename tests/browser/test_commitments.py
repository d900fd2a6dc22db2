"""The pages about commitments in a real browser while events arrive: in place, over time, by the keyboard."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from livelihood.deadline_text import LANGUAGES

LIVE = "[data-standing=streaming]"
#: How often a page that is kept true is compared with a new one, at most.
LOOKS = 4
#: Of everything together.
RECEIVED = '[data-line="*"] [data-count="received"]'
JS_RECEIVED = f"Number(document.querySelector({json.dumps(RECEIVED)}).textContent)"
OPEN = '[data-line="{line}"] [data-count="open"]'


def ask_for(server: Any, service: str = "pothole", times: int = 1) -> None:
    """Requests arrive, as from another program."""
    now = datetime.now(UTC)
    lines = [
        json.dumps(
            {
                "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/hotline",
                "id": f"{now.timestamp()}-{number}", "subject": f"BR-{now.timestamp()}-{number}",
                "time": now.isoformat(timespec="seconds"), "channel": "hotline",
                "data": {"service": service, "area": "riverside"},
            }
        )
        for number in range(times)
    ]  # fmt: skip
    server.run("publish", "-", given="\n".join(lines) + "\n")


def number(page: Any, selector: str) -> int:
    return int(page.locator(selector).first.inner_text().replace(",", ""))


def instant(page: Any, part: str) -> datetime:
    """As of when a part of the page says that it is."""
    said = page.locator(f"{part} [data-as-of]").get_attribute("datetime")
    return datetime.fromisoformat(said or "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/commitments", "/commitments/streets", "/wall"])
def test_figures_change_in_place_as_requests_arrive(visit: Any, path: str, language: str) -> None:
    visitor = visit("mayor", language=language)
    page = visitor.go(path)
    page.wait_for_selector(LIVE)
    assert page.locator(LIVE).inner_text() == {"en": "Live", "zh": "实时"}[language]
    page.evaluate("window.isTheSamePage = true")
    selector = OPEN.format(line="streets")
    before = number(page, selector)
    ask_for(visitor.server, times=2)
    page.wait_for_function(
        "([selector, wanted]) => document.querySelector(selector).textContent.replace(',', '') === wanted",
        arg=[selector, str(before + 2)],
    )
    assert page.evaluate("window.isTheSamePage")
    # Nothing else was said otherwise than the server says it.
    figures = "[data-line] .rate-of, [data-line] .rate-value, [data-line] .verdict"
    beside = visitor.context.new_page()
    for _ in range(LOOKS):
        beside.goto(visitor.server.url + path)
        live, served = (one.locator(figures).all_inner_texts() for one in (page, beside))
        # Between the one look and the other a deadline may have passed.
        if live == served:
            break
    assert live == served
    assert page.evaluate("window.isTheSamePage")


def test_what_has_changed_stands_out_and_is_calm_again(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    page.wait_for_selector(LIVE)
    # It is noted in the page: a machine that pauses may look again only when all is over.
    page.evaluate(
        "new MutationObserver(() => { if (document.querySelector('.changed')) window.stoodOut = true })"
        ".observe(document.body, { subtree: true, attributes: true })"
    )
    ask_for(visitor.server)
    page.wait_for_function("() => window.stoodOut")
    page.wait_for_selector(".changed", state="detached")


def test_sums_and_charts_say_the_instant_they_are_of_until_they_are_looked_at_again(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments/streets")
    page.wait_for_selector(LIVE)
    held: list[Any] = []
    page.route("**/commitments/streets", lambda route: held.append(route))
    before = number(page, OPEN.format(line="streets"))
    ask_for(visitor.server)
    page.wait_for_function(
        "([selector, before]) => Number(document.querySelector(selector).textContent) > before",
        arg=[OPEN.format(line="streets"), before],
    )
    behind = instant(page, ".why")
    assert behind < instant(page, ".page-head")
    while not held:
        page.wait_for_timeout(100)
    held[0].continue_()
    page.unroute("**/commitments/streets")
    page.wait_for_selector(".why:not([data-behind])")
    assert instant(page, ".why") > behind


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_slider_goes_back_and_comes_to_now_again_by_the_keyboard(visit: Any, language: str) -> None:
    visitor = visit("mayor", language=language)
    page = visitor.go("/commitments")
    page.wait_for_selector(LIVE)
    now = number(page, RECEIVED)
    page.focus("[data-slider] [type=range]")
    page.keyboard.press("Home")
    page.wait_for_selector('[data-standing="past"]')
    page.wait_for_url(re.compile(r"as_of="))
    assert number(page, RECEIVED) < now
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("End")
    page.wait_for_url(re.compile(r"/commitments$"))
    page.wait_for_selector(LIVE)
    assert number(page, RECEIVED) >= now


def test_time_is_let_pass_until_now(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments/streets")
    page.wait_for_selector(LIVE)
    now = number(page, '[data-line="streets"] [data-count="received"]')
    # While it is played, which takes seconds: noted in the page, however late anybody looks.
    page.evaluate(
        "new MutationObserver(() => {"
        " const isPlayed = document.querySelector('[data-play][aria-pressed=true]');"
        " if (isPlayed && document.querySelector('[data-standing=past]')) window.wasPlayed = true })"
        ".observe(document.body, { subtree: true, attributes: true, childList: true })"
    )
    page.click("[data-play]")
    page.wait_for_function("() => window.wasPlayed")
    page.wait_for_selector(LIVE)
    assert number(page, '[data-line="streets"] [data-count="received"]') >= now
    assert page.locator("[data-play][aria-pressed=false]").count() == 1
    # What a glance leaves out is there again.
    assert page.locator(".charts [data-chart]").count() > 2


def test_a_filter_is_an_address_and_the_way_back_leads_back(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    whole = number(page, RECEIVED)
    page.select_option("#pick-origin", "staff")
    page.wait_for_url(re.compile(r"origin=staff"))
    page.wait_for_function(f"whole => {JS_RECEIVED} < whole", arg=whole)
    staff = number(page, RECEIVED)
    page.go_back()
    page.wait_for_url(re.compile(r"/commitments$"))
    page.wait_for_function(f"staff => {JS_RECEIVED} > staff", arg=staff)
    assert page.input_value("#pick-origin") == ""


def test_names_are_searched_while_they_are_typed_and_headings_sort(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    page.wait_for_selector(LIVE)
    page.focus("#search")
    page.keyboard.type("water")
    page.wait_for_url(re.compile(r"search=water"))
    page.wait_for_function("() => document.querySelectorAll('tbody [data-line]').length === 1")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.wait_for_function("() => document.querySelectorAll('tbody [data-line]').length === 5")
    # Leaving the search asks for nothing again: the heading stays where it is between press and release.
    page.hover("th a:has-text('Received')")
    page.mouse.down()
    page.wait_for_timeout(500)
    page.mouse.up()
    page.wait_for_url(re.compile(r"sort=-received"))
    page.wait_for_selector("[aria-sort=descending]")
    counts = [int(one) for one in page.locator('tbody [data-count="received"]').all_inner_texts()]
    assert counts == sorted(counts, reverse=True)


def test_a_lost_connection_is_said_and_the_figures_stay(visit: Any) -> None:
    visitor = visit("mayor")
    visitor.page.route("**/stream*", lambda route: route.abort())
    page = visitor.go("/commitments")
    page.wait_for_selector("[data-standing=reconnecting]")
    assert "trying again" in page.locator("[data-standing=reconnecting]").inner_text()
    visitor.page.unroute("**/stream*")
    page.wait_for_selector(LIVE)
    visitor.complaints = [one for one in visitor.complaints if "ERR_FAILED" not in one]


def test_what_cannot_be_fetched_is_said_and_can_be_tried_again(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    page.wait_for_selector(LIVE)
    page.route("**/commitments?origin=staff", lambda route: route.abort())
    page.select_option("#pick-origin", "staff")
    page.wait_for_selector("[data-failed]:not([hidden])")
    page.unroute("**/commitments?origin=staff")
    page.click("[data-failed] a")
    page.wait_for_url(re.compile(r"origin=staff"))
    visitor.complaints = [one for one in visitor.complaints if "ERR_FAILED" not in one]


def test_a_chart_is_read_out_by_the_arrow_keys(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments/streets")
    chart = page.locator("[data-chart]").nth(1)
    chart.locator("[data-plot]").focus()
    page.keyboard.press("ArrowLeft")
    said = chart.locator("[data-readout]").inner_text()
    assert re.search(r"Received \d+ · Resolved \d+$", said), said
    page.keyboard.press("Tab")
    assert "the last is not over yet" in chart.locator("[data-readout]").inner_text()


def test_the_open_issues_come_after_the_page_and_each_leads_to_its_own(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments/streets")
    link = page.locator("[data-later] tbody th a").first
    link.wait_for()
    link.click()
    page.wait_for_url(re.compile(r"/issues/"))


def test_all_of_it_goes_without_scripts(visit: Any) -> None:
    visitor = visit(scripts=False)
    visitor.go("/sign-in")
    visitor.page.fill("#name", "mayor")
    visitor.page.fill("#password", "four words do well")
    visitor.page.press("#password", "Enter")
    visitor.page.wait_for_url(lambda url: "/sign-in" not in url)
    page = visitor.go("/commitments")
    whole = number(page, RECEIVED)
    then = datetime.now(UTC) - timedelta(days=10)
    page.fill("#as_of", f"{then:%Y-%m-%dT%H:%M}")
    page.select_option("#pick-origin", "person")
    page.click("form.view button:visible")
    page.wait_for_url(re.compile(r"as_of="))
    assert number(page, RECEIVED) < whole
    page.click('tbody th a[href*="/commitments/streets"]')
    page.wait_for_url(re.compile(r"/commitments/streets\?"))
    page.click(".why-table a")
    page.wait_for_selector("table.list tbody tr")


def test_the_first_page_is_small(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    page.wait_for_load_state("load")
    size = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".reduce((sum, one) => sum + one.decodedBodySize, 0)"
    )
    assert 20_000 < size < 300_000


def test_it_is_printed_without_anything_to_press(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/commitments")
    page.emulate_media(media="print")
    assert page.locator(".promise-table").is_visible()
    assert page.locator(".stamp").first.is_visible()
    for hidden in ("form.view", ".head-side", "header.top"):
        assert page.locator(hidden).first.is_hidden(), hidden
