"""People read Chinese or English."""

import pytest

from livelihood.event_data import OUTCOMES
from livelihood.fields import LanguageCode
from livelihood.lifecycle import OPEN, SETTLED, State
from producers.open311.wording import standing


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_state_and_outcome_has_words(language: LanguageCode) -> None:
    said = [standing(state, "", language) for state in OPEN]
    settled = [State.REJECTED, State.WITHDRAWN, State.MERGED]
    said += [standing(state, state.word, language) for state in settled]
    said += [standing(state, outcome, language) for state in SETTLED for outcome in OUTCOMES]
    assert all(said)
    assert standing(State.ORPHAN, "", language) == ""
