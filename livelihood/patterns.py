"""Patterns: the form each text of an event must have, taken from the models and checked quickly."""

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from livelihood.fields import Matching


class Undecodable(ValueError):
    """A record's value that is no request event."""


class Patterns:
    """The pattern each text must match, checked once per distinct combination of texts."""

    def __init__(self, fields: Mapping[str, FieldInfo]) -> None:
        """`fields` by where they are in what is checked, for instance "data.service"."""
        #: Codes and words, of which most have come before.
        self._texts: dict[str, Matching] = {}
        #: Lists, mostly empty, and secrets, mostly absent: checked whenever there are any.
        self._seldom: dict[str, Matching] = {}
        for path, field in fields.items():
            found = pattern_in([field.annotation, *field.metadata])
            if found and (found.expected or get_origin(field.annotation) is list):
                self._seldom[path] = found
            elif found:
                self._texts[path] = found
        self._get_texts, self._get_seldom = _getter(self._texts), _getter(self._seldom)
        self._known: set[tuple[str | None, ...]] = set()

    def check(self, values: Any) -> None:
        """Undecodable where a text of a decoded struct does not match."""
        if self._get_seldom is not None:
            seldom = self._get_seldom(values)
            if any(seldom):
                for (path, matching), found in zip(self._seldom.items(), seldom, strict=False):
                    for text in found if isinstance(found, list) else [found]:
                        _match(path, matching, text)
        if self._get_texts is not None:
            texts = self._get_texts(values)
            if texts not in self._known:
                self._check_new(texts)

    def _check_new(self, texts: tuple[str | None, ...]) -> None:
        for (path, matching), text in zip(self._texts.items(), texts, strict=False):
            _match(path, matching, text)
        if len(self._known) > _KNOWN_MOST:
            self._known.clear()
        self._known.add(texts)


def _getter(paths: Collection[str]) -> Callable[[Any], tuple[Any, ...]] | None:
    # A lone path is asked for twice, so that it gives a tuple as well.
    return attrgetter(*paths, *(paths if len(paths) == 1 else ())) if paths else None


def _match(path: str, matching: Matching, text: str | None) -> None:
    if text is not None:
        try:
            matching.check(text)
        except ValueError as wrong:
            raise Undecodable(f"{path}: {wrong}") from None


#: How many combinations of codes are remembered as well formed; more than a city has.
_KNOWN_MOST = 100_000


def pattern_in(places: list[Any]) -> Matching | None:
    """The pattern somewhere in an annotation, if any."""
    for place in places:
        if isinstance(place, Matching):
            return place
        found = pattern_in([*get_args(place), *getattr(place, "metadata", ())])
        if found:
            return found
    return None
