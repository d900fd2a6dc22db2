"""Styles and scripts: kept by browsers for as long as they are the same, and nothing else is served."""

import re
from pathlib import Path
from typing import Any

import pytest

ASSETS = Path(__file__).resolve().parents[2] / "web" / "assets"
#: A colour with its tint or its surface: text in the first must be readable on the second.
READABLE = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunken"), ("ink", "accent-tint"), ("ink", "soon-tint"),
    ("ink", "late-tint"), ("ink", "good-tint"), ("soft", "paper"), ("soft", "surface"), ("soft", "sunken"),
    ("accent", "paper"), ("accent", "surface"), ("accent", "accent-tint"), ("on-accent", "accent"),
    ("on-accent", "accent-strong"), ("good", "good-tint"), ("good", "surface"), ("soon", "soon-tint"),
    ("soon", "surface"), ("late", "late-tint"), ("late", "surface"),
]  # fmt: skip


def test_what_a_page_names_may_be_kept_for_ever_and_an_old_name_may_not(site: Any) -> None:
    browser = site.browser()
    url = re.search(r'href="(/assets/[^"]+\.css)"', browser.get("/sign-in").text)[1]  # type: ignore[index]
    assert "immutable" in browser.get(url).headers["cache-control"]
    old = re.sub(r"/assets/\w+/", "/assets/old/", url)
    assert browser.get(old).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["shell/../accounts.py", "shell/%2e%2e/accounts.py", "shell/none.css", "x/y.css"]
)
def test_nothing_outside_the_folders_is_served(site: Any, path: str) -> None:
    assert site.browser().get(f"/assets/x/{path}").status_code == 404


def test_scripts_and_styles_name_nothing_elsewhere() -> None:
    for path in ASSETS.rglob("*"):
        text = re.sub(r"http://www\.w3\.org/\S+", "", path.read_text("utf-8"))
        assert not re.search(r"https?://|@import", text), path


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def themes() -> list[dict[str, str]]:
    text = (ASSETS / "tokens.css").read_text("utf-8")
    blocks = re.findall(r"\{([^{}]*--paper:[^{}]*)\}", text)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]


def test_both_ways_to_the_dark_lead_to_the_same_one() -> None:
    light, by_system, by_person = themes()
    assert by_system == by_person != light


@pytest.mark.parametrize(("text", "ground"), READABLE)
def test_text_can_be_read_on_its_ground_in_light_and_dark(text: str, ground: str) -> None:
    for theme in themes()[:2]:
        darker, lighter = sorted((luminance(theme[text]), luminance(theme[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, theme["paper"]
