"""What people read by Open311, in sentences: the words are those of hearing back, Chinese and English."""

from datetime import tzinfo

from livelihood.fields import LanguageCode
from livelihood.instants import Instant
from livelihood.lifecycle import State
from producers.hearing import words

_PROMISED: dict[LanguageCode, str] = {"en": "Promised by {}.", "zh": "承诺办结时间：{}。"}


def standing(state: State, outcome: str, language: LanguageCode) -> str:
    """Where an issue stands, or how it ended; empty for one that was never submitted."""
    if state is State.ORPHAN:
        return ""
    said = (words.outcome_words(outcome) or words.standing(state.word))[language]
    return f"{said}。" if language == "zh" else f"{said[0].upper()}{said[1:]}."


def promised(due: Instant, zone: tzinfo, language: LanguageCode) -> str:
    """Until when it was promised."""
    return _PROMISED[language].format(words.date_text(due, zone, language))
