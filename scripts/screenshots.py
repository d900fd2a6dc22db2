"""Render every page to pictures: both languages, light and dark, on a desk and on a phone, and on paper.

    python -m scripts.screenshots                  the few that documents show, to docs/pages/
    python -m scripts.screenshots --all /tmp/x     all of them, to look at

Needed: Chromium (`apt-get install chromium fonts-noto-cjk` on Debian), and the fonts of both languages.
"""

import argparse
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.demo_picture import render_demo
from scripts.public_pictures import PAGES as PUBLIC_PAGES
from scripts.public_pictures import render_public
from scripts.shown import IN_DOCS, PAGES
from scripts.town import NOW, PASSWORD, Town, town

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "pages"
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")
#: Name -> width and height.
SIZES = {"desk": (1280, 900), "phone": (390, 844), "wall": (1920, 1080)}


#: Of whom has signed in.
_COOKIES: dict[str, list[Any]] = {}


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in by the form, once for a name: its cookies will do afterwards."""
    if name in _COOKIES:
        page.context.add_cookies(_COOKIES[name])
        return
    page.goto(f"{url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    _COOKIES[name] = [
        {"name": one["name"], "value": one["value"], "url": url}
        for one in page.context.cookies()
        if one["name"].endswith(("session", "browser"))
    ]


def file_one(page: Page, url: str) -> str:
    """File a request by the form; its page's path."""
    page.goto(f"{url}/window/file")
    page.fill("#service", "路灯" if page.locator("html[lang='en']").count() == 0 else "street light")
    page.press("#service", "Enter")
    page.select_option("#area", "riverside")
    page.fill("#text", "滨河路小学门口的路灯三天不亮了，孩子放学时很暗。")
    page.fill("#name", "王秀兰")
    page.fill("#phone", "138 0000 1234")
    page.fill("#address", "滨河路 18 号，小学门口")
    page.click("form.filing .actions button")
    page.wait_for_load_state()
    return page.url.removeprefix(url).partition("?")[0].removesuffix("/receipt")


def render(folder: Path, wanted: set[tuple[str, str, str, str]] | None) -> None:
    """Render the pages that are wanted, all with None."""
    folder.mkdir(parents=True, exist_ok=True)
    with town() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        links = _links(browser, site)
        for language in LANGUAGES:
            for theme in THEMES:
                for size, (width, height) in SIZES.items():
                    names = {(shown.name, language, theme, size) for shown in PAGES}
                    if wanted is None or names & wanted:
                        chosen = {name for name, *_ in (names if wanted is None else names & wanted)}
                        _render(
                            browser, site, links, folder, (language, theme, size), (width, height), chosen
                        )
        if wanted is None:
            _print(browser, site, links, folder)
        if wanted is None or folder == DOCS:
            render_demo(browser, folder, SIZES["desk"])
        if wanted is None or {name for name, *_ in wanted} & PUBLIC_PAGES.keys():
            render_public(browser, folder, SIZES, wanted)
        browser.close()


def _links(browser: Browser, site: Town) -> dict[str, str]:
    """Issues worth showing: one filed at the window just now, and one that is late."""
    page = browser.new_page(locale="zh-CN")
    sign_in(page, site.url, "lin")
    filed = file_one(page, site.url)
    page.goto(f"{site.url}/window")
    late = page.locator("tbody th a").first.get_attribute("href") or ""
    page.goto(f"{site.url}/issues/MC-1003/receipt")
    number = page.locator(".receipt-number").inner_text()
    page.close()
    return {"filed": filed, "late": late, "number": number}


def _render(
    browser: Browser, site: Town, links: dict[str, str], folder: Path, how: tuple[str, str, str],
    size: tuple[int, int], chosen: set[str],
) -> None:  # fmt: skip
    language, theme, _ = how
    for account in {shown.account for shown in PAGES}:
        context = browser.new_context(
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=1,
        )
        page = context.new_page()
        # Times are told from the city's now.
        page.clock.set_fixed_time(NOW.timestamp())
        if account:
            sign_in(page, site.url, account)
        for shown in PAGES:
            if shown.account != account or shown.name not in chosen:
                continue
            page.goto(site.url + shown.path.format(**links))
            for field, text in shown.fill:
                page.fill(f"#{field}", text if language == "zh" or text.isascii() else "light")
            for box in page.locator("input[type=checkbox]").all()[: shown.tick]:
                box.check()
            if shown.press:
                page.click(shown.press)
                page.wait_for_load_state()
            page.wait_for_timeout(100)
            # A document shows what a screen does.
            page.screenshot(path=folder / f"{shown.name}-{'-'.join(how)}.png", full_page=folder != DOCS)
        context.close()


def _print(browser: Browser, site: Town, links: dict[str, str], folder: Path) -> None:
    for language, locale in (("zh", "zh-CN"), ("en", "en-GB")):
        page = browser.new_page(locale=locale)
        sign_in(page, site.url, "lin")
        for name, path in (("receipt", f"{links['filed']}/receipt"), ("issue", links["late"])):
            page.goto(site.url + path)
            page.pdf(path=folder / f"{name}-{language}.pdf", format="A5" if name == "receipt" else "A4")
        page.close()


def main() -> None:
    """Render what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--only", metavar="NAME-LANGUAGE-THEME-SIZE", action="append")
    chosen = parser.parse_args()
    if chosen.all is not None:
        wanted = None
        if chosen.only:
            every = {(p.name, la, t, s) for p in PAGES for la in LANGUAGES for t in THEMES for s in SIZES}
            wanted = {one for one in every if any("-".join(one).startswith(text) for text in chosen.only)}
        render(chosen.all, wanted)
    else:
        render(DOCS, set(IN_DOCS))


if __name__ == "__main__":
    main()
