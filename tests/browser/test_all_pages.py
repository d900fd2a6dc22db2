"""Every page in both languages, light and dark, on a desk and on a phone: nothing for axe to find."""

from typing import Any

import pytest

from livelihood.deadline_text import LANGUAGES

#: Path by account; {late} is an issue that is overdue.
PAGES = {
    "": ("/sign-in", "/no-such-page"),
    "lin": (
        "/window", "/window?list=waiting", "/window?list=today", "/window/file", "/window/find?q=nothing",
        "/window/find", "{issue}", "{issue}/receipt", "{issue}/resolved", "{issue}/commented",
        "{issue}/transfer-offered", "{issue}/accepted", "/account",
    ),
    "wang": ("/window?list=waiting",),
}  # fmt: skip
#: Each once as it is meant to be seen, and all on a phone.
LOOKS = [
    (language, theme, width) for language in LANGUAGES for theme, width in (("light", 1280), ("dark", 390))
]


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_no_page_has_anything_for_axe_to_find(visit: Any, language: str, theme: str, width: int) -> None:
    wrong = {}
    for account, paths in PAGES.items():
        visitor = visit(account, language=language, theme=theme, width=width)
        page = visitor.page
        issue = ""
        if account == "lin":
            visitor.go("/window")
            # One that waits to be taken on has every kind of action.
            rows = page.locator("tbody tr", has_text={"en": "Submitted", "zh": "已提交"}[language])
            issue = rows.first.locator("th a").get_attribute("href") or ""
        for path in paths:
            visitor.go(path.format(issue=issue))
            if found := visitor.violations():
                wrong[path] = found
            width_needed = page.evaluate("document.scrollingElement.scrollWidth")
            if width_needed > width:
                wrong[f"{path} is too wide"] = [str(width_needed)]
        # A page that is not there is told the console too.
        visitor.complaints = [one for one in visitor.complaints if "404" not in one]
    assert not wrong
