"""Operations, audit and accounts in a real browser, in both languages, with events arriving."""

import json
import re
import time
from typing import Any

import pytest

from backends.sqlite.log import SqliteLog
from cli.settings import Settings
from livelihood.deadline_text import LANGUAGES
from livelihood.instants import iso
from livelihood.ports import NewRecord
from tests.patience import until
from tests.provider import CLIENT, SECRET, TITLE, TestProvider, provider
from tests.sites import running_site
from tests.web.test_provider import MAYOR, RIGHTS

__all__ = ["provider"]

WORDS = {
    "en": {"again": "Sent again.", "once": "It is shown this once", "changed": "Changed.", "looks": "looks"},
    "zh": {"again": "已重新提交", "once": "仅显示这一次", "changed": "已更改", "looks": "条查看记录"},
}


def now() -> int:
    return time.time_ns() // 1_000


def event(identity: str, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/hotline",
        "id": identity, "subject": identity, "time": iso(now()), "channel": "hotline",
        "data": {"service": "street-light"},
    } | changes  # fmt: skip


def append(server: Any, *events: dict[str, Any]) -> None:
    """As a program that asks nobody whether its events are right."""
    with SqliteLog(server.data, now) as log:
        log.append([NewRecord(one["subject"], json.dumps(one).encode()) for one in events])


def letter_of(visitor: Any, key: str) -> str:
    """The dead letter about an issue, once it is there."""
    rows = visitor.page.locator("tbody tr", has_text=key)

    def is_there() -> bool:
        visitor.go("/operations/letters")
        return bool(rows.count())

    until(is_there)
    return str(rows.first.locator("th a").inner_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dead_letter_is_put_right_by_the_keyboard_while_events_arrive(
    visit: Any, server: Any, language: str
) -> None:
    wrong = f"D-{language}-1"
    append(server, event(wrong, data={"service": "street-light", "urgency": 7, "phone": "13800001234"}))
    visitor = visit("bo", language=language)
    page = visitor.go("/operations")
    # The page hears of it by itself, whichever came first.
    page.wait_for_function(
        "() => Number(document.querySelector('.figures div:last-child dd').textContent) > 0"
    )
    in_the_log = int(page.locator("#now tbody td.number").nth(1).inner_text().replace(",", ""))
    append(server, event(f"D-{language}-2"))
    page.wait_for_function(
        "(last) => Number(document.querySelectorAll('#now tbody td.number')[1].textContent.replace(',', ''))"
        " > last",
        arg=in_the_log,
    )
    page.click('#now a[href="/operations/letters"]')
    page.wait_for_url(re.compile("/operations/letters$"))
    # The letter that was counted may have been another one.
    letter_of(visitor, wrong)
    page.locator("tbody tr", has_text=wrong).first.locator("th a").click()
    assert "13800001234" not in page.content()
    page.wait_for_selector("#event")
    page.focus("#event")
    text = json.loads(page.input_value("#event"))
    text["data"] = {"service": "street-light"}
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(json.dumps(text))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector('.notice.good[role="status"]')
    assert WORDS[language]["again"] in page.locator('.notice[role="status"]').inner_text()
    assert page.locator("tbody tr", has_text=wrong).count() == 0
    # The page has waited for it a while; a busy machine may take longer.
    until(lambda: page.request.get(f"{server.url}/issues/{wrong}").status == 200)
    page.click(f'.notice a[href="/issues/{wrong}"]')
    page.wait_for_selector(".timeline, .facts")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_is_added_changed_and_removed(visit: Any, language: str) -> None:
    visitor, name = visit("chen", language=language), f"new-{language}"
    page = visitor.go("/accounts")
    page.fill("#name", name)
    page.select_option("#role", "supervisor")
    page.check('input[name="departments"][value="streets"]')
    page.click("#add button")
    password = page.locator(".shown-once").inner_text()
    assert WORDS[language]["once"] in page.locator("main").inner_text()
    page.click("main a.button")
    page.click(f'a[href="/accounts/{name}"]')
    assert page.is_checked('input[value="streets"]')
    page.select_option("#role", "viewer")
    page.click("main form >> nth=0 >> button")
    page.wait_for_selector('.notice.good[role="status"]')
    assert WORDS[language]["changed"] in page.locator('.notice[role="status"]').inner_text()
    other = visit(language=language)
    other.go("/sign-in")
    other.page.fill("#name", name)
    other.page.fill("#password", password)
    other.page.press("#password", "Enter")
    other.page.wait_for_url(lambda url: "/sign-in" not in url)
    page.reload()
    with page.expect_navigation():
        page.click("td form button")
    other.go("/account")
    assert "/sign-in" in other.page.url
    page.click(f'a[href="/accounts/{name}/remove"]')
    page.click("main form button")
    page.wait_for_selector('.notice.good[role="status"]')
    assert page.locator(f'a[href="/accounts/{name}"]').count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_look_is_on_record_for_the_administrator(visit: Any, language: str) -> None:
    clerk = visit("lin", language=language)
    clerk.go("/window")
    issue = clerk.page.locator("tbody th a").first.get_attribute("href") or ""
    clerk.go(issue)
    with clerk.page.expect_navigation():
        clerk.page.click("#personal button")
    page = visit("chen", language=language).go("/audit")
    page.fill("#issue", issue.removeprefix("/issues/"))
    page.fill("#who", "lin")
    page.press("#who", "Enter")
    page.wait_for_url(re.compile("who=lin"))
    assert page.locator("tbody tr").count() >= 1
    assert "account lin" in page.locator("tbody").inner_text()
    with page.expect_download() as got:
        page.click("a[download]")
    assert "account lin" in got.value.path().read_text("utf-8-sig")


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_through_a_provider_works_in_a_browser(
    browser: Any, provider: TestProvider, tmp_path: Any, language: str
) -> None:
    provider.person = MAYOR
    settings = Settings(
        data=tmp_path / "data", oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SECRET, oidc=RIGHTS
    )
    locale = {"zh": "zh-CN", "en": "en-GB"}[language]
    with running_site(settings) as site, browser.new_context(locale=locale) as context:
        context.set_default_timeout(120_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{site.context.public_url}/sign-in?next=/account")
        assert TITLE in page.locator(".by-provider").inner_text()
        page.click(".by-provider")
        page.wait_for_url(f"{site.context.public_url}/account")
        assert page.locator("#sessions tbody tr").count() == 1
        page.click("main form[action='/sign-out'] button")
        page.wait_for_url(re.compile("/signed-out"))
        # What a form may not do, a link may: the provider signs out too, and sends back.
        page.click("main a.button >> nth=0")
        page.wait_for_url(f"{site.context.public_url}/sign-in")
        assert complaints == []
