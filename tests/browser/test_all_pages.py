"""Every page in both languages, light and dark, on a desk and on a phone: nothing for axe to find."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from livelihood.deadline_text import LANGUAGES
from tests.browser.test_keeping import append, event, letter_of
from tests.browser.test_window import choose

#: Path by account; {issue} is one that waits to be taken on, {number} its receipt's.
PAGES = {
    "lin": (
        "/window", "/window?list=waiting", "/window?list=today", "/window/file", "/window/find?q=nothing",
        "/window/find", "{issue}", "{issue}/receipt", "{issue}/resolved", "{issue}/commented",
        "{issue}/transfer-offered", "{issue}/accepted", "/account",
    ),
    "mayor": (
        "/commitments", "/commitments?as_of={then}", "/commitments?search=nothing&sort=-open",
        "/commitments/streets?by=area", "/commitments/water?as_of={then}&known=then",
        "/commitments/streets/issues?of=received&size=3", "/commitments/home/issues?of=excluded_merged",
        "/wall",
    ),
    "wang": (
        "/window?list=waiting", "/cases", "/cases?list=waiting", "/cases?list=later", "/account", "/alerts",
        "/alerts?stands=yes", "/alerts?kind=pause_expired",
        "/subscriptions", "/subscriptions/new",
    ),
    "bo": (
        "/operations", "/operations/letters", "/operations/letters?list=done",
        "/operations/letters/{letter}",
    ),
    "chen": (
        "/accounts", "/accounts/lin", "/accounts/chen", "/accounts/lin/remove", "/audit", "/audit?who=no",
    ),
    "": ("/sign-in", "/no-such-page", "/r", "/r/{number}", "{done}", "/public", "/public/data"),
}  # fmt: skip
#: Each once as it is meant to be seen, and all on a phone.
LOOKS = [
    (language, theme, width) for language in LANGUAGES for theme, width in (("light", 1280), ("dark", 390))
]


def resolved(visitor: Any) -> str:
    """An issue that was answered, so that the person is asked whether it is done."""
    page = visitor.go("/window/file")
    choose(page, "pothole")
    page.click("form.filing .actions button")
    page.wait_for_selector(".receipt")
    issue = page.locator('main a[href^="/issues/"]').get_attribute("href")
    visitor.go(f"{issue}/resolved")
    page.check("#outcome")
    page.fill("#text", "...")
    page.click("main form .actions button")
    page.wait_for_selector(".notice.good")
    return str(issue)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_page_has_anything_for_axe_to_find(visit: Any, language: str, theme: str, width: int) -> None:
    wrong = {}
    known = {"then": f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"}
    for account, paths in PAGES.items():
        visitor = visit(account, language=language, theme=theme, width=width)
        page = visitor.page
        if account == "lin":
            visitor.go("/window")
            # One that waits to be taken on has every kind of action.
            rows = page.locator("tbody tr", has_text={"en": "Submitted", "zh": "已提交"}[language])
            known["issue"] = rows.first.locator("th a").get_attribute("href") or ""
            for name, path in (("number", known["issue"]), ("done", resolved(visitor))):
                visitor.go(f"{path}/receipt")
                known[name] = page.locator(".receipt-number").inner_text()
            known["done"] = f"/r/{known['done']}"
        if account == "bo":
            append(visitor.server, {**event("D-axe"), "data": {"service": 7}})
            known["letter"] = letter_of(visitor, "D-axe")
        for path in paths:
            visitor.go(path.format(**known))
            if found := visitor.violations():
                wrong[path] = found
            width_needed = page.evaluate("document.scrollingElement.scrollWidth")
            if width_needed > width:
                wrong[f"{path} is too wide"] = [str(width_needed)]
        # A page that is not there is told the console too.
        visitor.complaints = [one for one in visitor.complaints if "404" not in one]
    assert not wrong
