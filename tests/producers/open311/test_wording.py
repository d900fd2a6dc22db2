"""People read Chinese or English."""

import pytest

from livelihood.event_data import OUTCOMES
from livelihood.lifecycle import OPEN, SETTLED, State
from producers.open311.wording import LANGUAGES, Language, preferred, standing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_outcome_has_words(language: Language) -> None:
    said = [standing(state, "", language) for state in OPEN]
    settled = [State.REJECTED, State.WITHDRAWN, State.MERGED]
    said += [standing(state, state.word, language) for state in settled]
    said += [standing(state, outcome, language) for state in SETTLED for outcome in OUTCOMES]
    assert all(said)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.5", "en"),
        ("fr, zh;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=nonsense", "en"),
        ("zh;q=0", "en"),
    ],
)
def test_the_language_is_the_one_the_client_likes_best(header: str, language: str) -> None:
    assert preferred(header, "en") == language
