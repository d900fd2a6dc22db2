"""The service window in a real browser: by the keyboard alone, without scripts, in both languages."""

import re
from typing import Any

import pytest

from livelihood.deadline_text import LANGUAGES

WORDS = {
    "en": {"service": "light", "receipt": "Receipt", "accepted": "Accepted. The clock goes on"},
    "zh": {"service": "路灯", "receipt": "回执", "accepted": "已受理"},
}


def press_to(page: Any, selector: str, most: int = 80) -> None:
    """Go on by the tabulator until that is where the focus is."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tabulator never came to {selector}")


def choose(page: Any, service: str) -> None:
    """Type a part of a service's name and take the first one found."""
    page.wait_for_selector("[role=combobox]:focus")
    page.keyboard.type(service)
    page.wait_for_selector("[role=option][aria-selected=true]")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_is_filed_and_resolved_by_the_keyboard_alone(visit: Any, language: str) -> None:
    words = WORDS[language]
    visitor = visit("lin", language=language)
    page = visitor.page
    press_to(page, 'a[href="/window/file"]')
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/window/file"))
    choose(page, words["service"])
    press_to(page, "#text")
    page.keyboard.type("It has been dark for three days.")
    press_to(page, "#on_paper")
    page.keyboard.press("Space")
    page.wait_for_selector("#asked_on", state="visible")
    page.keyboard.press("Space")
    press_to(page, "#phone")
    page.keyboard.type("138 0000 1234")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/receipt"))
    assert page.locator("h1").inner_text() == words["receipt"]
    assert page.locator(".qr svg").is_visible()
    page.wait_for_selector("[data-print]", state="visible")
    press_to(page, "[data-print]")
    press_to(page, 'main a[href^="/issues/"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("section.to-do")
    press_to(page, "section.to-do form button")
    page.keyboard.press("Enter")
    page.wait_for_selector('.notice.good[role="status"]')
    assert words["accepted"] in page.locator('.notice[role="status"]').inner_text()
    press_to(page, 'a[href$="/resolved"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#outcome")
    press_to(page, "#outcome")
    page.keyboard.press("Space")
    press_to(page, "#text")
    page.keyboard.type("A new lamp.")
    press_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector('.notice.good[role="status"]')
    assert page.locator(".mark.good").count() == 2


def test_everything_goes_without_scripts(visit: Any) -> None:
    visitor = visit(scripts=False)
    page = visitor.go("/sign-in")
    page.fill("#name", "lin")
    page.fill("#password", "four words do well")
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.click('a[href="/window/file"]')
    page.select_option("#service", "pothole")
    page.click("form.filing .actions button")
    page.wait_for_url(re.compile("/receipt"))
    assert page.locator("[data-print]").is_hidden()
    page.click('main a[href^="/issues/"]')
    page.click("section.to-do form button")
    page.wait_for_selector('.notice.good[role="status"]')


def test_what_is_wrong_with_a_form_has_the_focus_and_leads_to_its_field(visit: Any) -> None:
    visitor = visit("lin")
    page = visitor.go("/window/file")
    page.wait_for_selector("[role=combobox]:focus")
    page.keyboard.type("no such service")
    page.fill("#phone", "12")
    page.press("#phone", "Enter")
    page.wait_for_selector("#errors:focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#service:focus")
    assert page.input_value("#phone") == "12"
    # The answer was 422, which browsers tell the console.
    visitor.complaints = [one for one in visitor.complaints if "422" not in one]


def test_what_is_personal_is_shown_when_asked_for(visit: Any) -> None:
    visitor = visit("lin")
    page = visitor.go("/window/file")
    choose(page, "pothole")
    page.fill("#name", "王秀兰")
    page.click("form.filing .actions button")
    page.wait_for_url(re.compile("/receipt"))
    page.click('main a[href^="/issues/"]')
    assert "王秀兰" not in page.content()
    page.click("#personal button")
    page.wait_for_selector(".said")
    assert "王秀兰" in page.locator(".said").inner_text()


def test_language_and_appearance_stay_as_they_were_chosen(visit: Any) -> None:
    visitor = visit("mayor")
    page = visitor.go("/account")
    page.click('button[name="language"]')
    page.wait_for_selector('html[data-language="zh"]')
    page.click('button[name="theme"]')
    page.wait_for_selector('html[data-theme="dark"]')
    visitor.go("/account")
    assert page.get_attribute("html", "data-language") == "zh"
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark == "rgb(16, 22, 27)"


def test_a_receipt_is_printed_without_anything_to_press(visit: Any) -> None:
    visitor = visit("lin")
    page = visitor.go("/window/file")
    choose(page, "pothole")
    page.click("form.filing .actions button")
    page.wait_for_url(re.compile("/receipt"))
    page.emulate_media(media="print")
    assert page.locator(".qr svg").is_visible()
    assert page.locator(".receipt-number").is_visible()
    for hidden in ("header.top", "[data-print]", "footer.bottom", ".notice"):
        assert page.locator(hidden).first.is_hidden(), hidden


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_person_follows_the_receipt_and_answers_by_the_keyboard(visit: Any, language: str) -> None:
    visitor = visit("lin", language=language)
    page = visitor.go("/window/file")
    choose(page, "pothole")
    page.click("form.filing .actions button")
    page.wait_for_selector(".receipt")
    link = page.locator(".receipt-link .code").inner_text()
    page.click('main a[href^="/issues/"]')
    page.click('a[href$="/resolved"]')
    page.check("#outcome")
    page.fill("#text", "...")
    page.click("main form .actions button")
    page.wait_for_selector(".notice.good")
    person = visit(language=language)
    person.page.goto(link)
    press_to(person.page, "#confirm button")
    person.page.keyboard.press("Enter")
    person.page.wait_for_selector('.notice.good[role="status"]')
    assert person.page.locator("#confirm").count() == 0
