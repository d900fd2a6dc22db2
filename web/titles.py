"""Titles of what the catalogue names, in the language of whoever looks."""

from collections.abc import Mapping

from livelihood.catalogue import Entry


def title_of(entries: Mapping[str, Entry], code: str | None, language: str) -> str:
    """The title of a code: in the language, else in the other one, else the code itself."""
    if not code:
        return ""
    entry = entries.get(code)
    return code if entry is None else own_title(entry, language) or code


def own_title(entry: Entry, language: str) -> str:
    """An entry's title in the language, else in the other one; empty where it has none."""
    titles = {str(code): title for code, title in entry.title.items()}
    return titles.get(language) or next(iter(titles.values()), "")
