"""The words of ours that people read, in Chinese and English, and the choice between the two."""

from collections.abc import Mapping
from typing import Literal

from livelihood.lifecycle import State

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: Where an issue stands, for `status_notes`: said by us, never by a person.
_STATES: dict[State, dict[Language, str]] = {
    State.SUBMITTED: {"en": "Received.", "zh": "已收到。"},
    State.ACCEPTED: {"en": "Accepted.", "zh": "已受理。"},
    State.ASSIGNED: {"en": "Being worked on.", "zh": "办理中。"},
    State.PAUSED: {"en": "Waiting for something; the time does not run.", "zh": "暂停计时，等待中。"},
    State.REOPENED: {"en": "Opened again.", "zh": "已重新办理。"},
    State.REJECTED: {"en": "Not accepted.", "zh": "不予受理。"},
    State.WITHDRAWN: {"en": "Withdrawn by the person.", "zh": "已由本人撤回。"},
    State.MERGED: {"en": "Goes on as part of another request.", "zh": "已并入另一件诉求。"},
}
_OUTCOMES: dict[str, dict[Language, str]] = {
    "fixed": {"en": "Fixed.", "zh": "已解决。"},
    "answered": {"en": "Answered.", "zh": "已答复。"},
    "scheduled": {"en": "Planned for later.", "zh": "已列入计划。"},
    "duplicate": {"en": "Duplicate request.", "zh": "重复诉求。"},
    "not_found": {"en": "Nothing was found there.", "zh": "现场未发现问题。"},
    "not_ours": {"en": "Not a matter of this government.", "zh": "不属于本单位职责。"},
    "administrative": {"en": "Closed.", "zh": "已办结。"},
    "rejected": _STATES[State.REJECTED],
    "withdrawn": _STATES[State.WITHDRAWN],
    "merged": _STATES[State.MERGED],
}
_PROMISED: dict[Language, str] = {"en": "Promised by {}.", "zh": "承诺办结时间：{}。"}


def standing(state: State, outcome: str, language: Language) -> str:
    """Where an issue stands, in a sentence."""
    words = _OUTCOMES.get(outcome) or _STATES.get(state) or {}
    return words.get(language, "")


def promised(when: str, language: Language) -> str:
    """Until when it was promised, in a sentence."""
    return _PROMISED[language].format(when)


def text_in(texts: Mapping[Language, str], language: Language, otherwise: str = "") -> str:
    """A text in a language, in the other one where there is none."""
    return texts.get(language) or next(iter(texts.values()), otherwise)


def preferred(accept_language: str, default: Language) -> Language:
    """The language an Accept-Language header likes best among ours."""
    best, liked = default, 0.0
    for entry in accept_language.split(","):
        tag, _, weight = entry.partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        for ours in LANGUAGES:
            if language == ours and quality > liked:
                best, liked = ours, quality
    return best
