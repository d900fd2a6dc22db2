"""Titles of what the catalogue names, and its other texts, in the language of whoever looks."""

from collections.abc import Mapping

from livelihood.catalogue import Entry
from livelihood.fields import LanguageCode


def title_of(entries: Mapping[str, Entry], code: str | None, language: str) -> str:
    """The title of a code: in the language, else in the other one, else the code itself."""
    if not code:
        return ""
    entry = entries.get(code)
    return code if entry is None else own_title(entry, language) or code


def own_title(entry: Entry, language: str) -> str:
    """An entry's title in the language, else in the other one; empty where it has none."""
    return text_in(entry.title, language)


def text_in(texts: Mapping[LanguageCode, str], language: str, otherwise: str = "") -> str:
    """A text in the language, else in the other one; `otherwise` where there is none."""
    found = {str(code): text for code, text in texts.items()}
    return found.get(language) or next(iter(found.values()), otherwise)
