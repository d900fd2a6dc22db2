"""Every message is there in both languages, and each person gets the right one."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from web.languages import LANGUAGES, _, choose, load_languages, ngettext

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("web", "producers", "consumers")
#: Text that a person reads in a template: between tags, or in an attribute that is read out.
_TEXT = re.compile(r">([^<>{}]*[A-Za-z\u4e00-\u9fff]{2}[^<>{}]*)<", re.DOTALL)
_ATTRIBUTE = re.compile(r'\b(?:title|alt|aria-label|placeholder)="([^"{}]*[A-Za-z\u4e00-\u9fff]{2}[^"{}]*)"')


def test_no_message_is_missing_untranslated_or_left_over() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.translations", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path",
    [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("templates/**/*.html"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_template_says_nothing_in_one_language_only(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{%.*?%}|<code>.*?</code>", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert [found.strip() for found in _TEXT.findall(text) if found.strip()] == []
    assert _ATTRIBUTE.findall(text) == []


@pytest.mark.parametrize(
    "path",
    [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("assets/**/*.js"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_script_says_nothing_that_is_not_translated(path: Path) -> None:
    # What people read is a text with a space in it, or Chinese, and stands in a call of gettext or ngettext.
    code = re.sub(r"^\s*//.*$|/\*\*.*?\*/", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    code = re.sub(r"n?gettext\((?:[^()]|\([^()]*\))*\)", "", code)
    said = [text for _, text in re.findall(r"""(["'`])((?:(?!\1).)*)\1""", code)]
    assert [text for text in said if re.search(r"[A-Za-z]{2,} [a-z]{2,}|[\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize(
    ("wanted", "accepted", "code"),
    [
        ("zh", "en", "zh"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "en-US,en;q=0.9,zh;q=0.8", "en"),
        ("", "fr;q=1,zh-TW;q=0.7,en;q=0.3", "zh"),
        ("", "fr", "en"),
        ("", "zh;q=nonsense", "en"),
        ("", "zh;q=0", "en"),
        ("", "en; q=0.5, zh; q=0.8", "zh"),
        ("klingon", None, "en"),
    ],
)
def test_a_person_gets_the_language_chosen_before_or_the_one_their_browser_asks_for(
    wanted: str, accepted: str | None, code: str
) -> None:
    assert choose(wanted, accepted) == code


def test_who_asks_for_neither_language_gets_the_one_that_is_usual_there() -> None:
    assert choose(None, "fr", "zh") == "zh"
    assert choose(None, "en-GB, zh;q=0.5", "zh") == "en"


def test_a_message_is_said_in_either_language_with_its_values() -> None:
    languages = load_languages()
    message = _("Choose a password of at least %(least)s characters.", least=12)
    assert languages["en"].said(message) == "Choose a password of at least 12 characters."
    assert languages["zh"].said(message) == "密码至少需要 12 个字符。"
    assert languages["zh"].said("lin") == "lin"
    assert languages["en"].said(ngettext("%(num)s day", "%(num)s days", 3)) == "3 days"


def test_the_page_is_in_the_language_that_was_chosen_and_stays_so(site: Any) -> None:
    browser = site.browser(language="zh-CN")
    assert '<html lang="zh-Hans"' in browser.get("/sign-in").text
    assert '<html lang="en"' in browser.send("/sign-in", "/preferences", language="en", next="/sign-in").text
    assert '<html lang="en"' in browser.get("/sign-in").text


def test_scripts_are_given_their_words(site: Any) -> None:
    for code in LANGUAGES:
        answer = site.browser().get(f"/assets/x/words/{code}.js")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.text.startswith("export const words = {")
