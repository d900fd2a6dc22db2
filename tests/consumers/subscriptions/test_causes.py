"""Why something was not delivered, as people read it."""

import re
from string import Formatter

import pytest

from consumers.subscriptions.causes import WORDS, says
from livelihood.causes import ALL, ANSWERED, MAIL_UNREACHED, MAILBOX, REFUSED
from tests.consumers.subscriptions.towns import LANGUAGES
from web.languages import in_english

VALUES = {"host": "town.example", "why": "550", "seconds": "15", "status": "500", "scheme": "dbus"}
#: What is the same in every language: names, settings, codes.
SAME = re.compile(
    r"https?://\S*|\w+://|webhook_\w+|smtp_url|mail_sender|head@town\.example|town\.example|wecombot\S*|HTTPS?"
)


def test_every_cause_has_words_and_names_what_it_knows() -> None:
    assert list(WORDS) == list(ALL)
    for cause, message in WORDS.items():
        known = {name for _, name, _, _ in Formatter().parse(cause) if name}
        assert set(re.findall(r"%\((\w+)\)s", message.text)) <= known, cause


@pytest.mark.parametrize("cause", ALL)
def test_it_is_said_in_the_readers_language(cause: str) -> None:
    chinese = LANGUAGES["zh"].said(says(cause.format(**VALUES)))
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[a-z]{3}", SAME.sub("", chinese)), chinese


def test_what_lies_beneath_is_said_too_and_what_is_not_known_stays_as_it_is() -> None:
    assert "nobody listens" in in_english(says(MAIL_UNREACHED.format(why=REFUSED)))
    assert "没有程序在监听" in LANGUAGES["zh"].said(says(MAIL_UNREACHED.format(why=REFUSED)))
    assert "550 no" in in_english(says(MAILBOX.format(why="550 no")))
    assert "signature" in in_english(says(ANSWERED.format(status=401)))
    assert "leads elsewhere" in in_english(says(ANSWERED.format(status=302)))
    assert says("paused") == "paused"
