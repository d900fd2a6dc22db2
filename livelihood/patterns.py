"""Patterns: the form each text of an event must have, taken from the models and checked quickly."""

import operator
import re
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from livelihood.fields import Matching


class Undecodable(ValueError):
    """A record's value that is no request event."""


class Patterns:
    """The pattern each text of a model must match, checked once per distinct combination of texts."""

    def __init__(self, model: type[BaseModel], skip: str = "") -> None:
        self._texts: dict[str, re.Pattern[str]] = {}
        #: Never the same twice, and never quoted.
        self._secrets: dict[str, tuple[re.Pattern[str], str]] = {}
        self._lists: dict[str, re.Pattern[str]] = {}
        for name, field in model.model_fields.items():
            found = pattern_in([field.annotation, *field.metadata])
            if found and (expected := found.expected):
                self._secrets[name] = re.compile(found.pattern), expected
            elif found and name != skip:
                group = self._lists if get_origin(field.annotation) is list else self._texts
                group[name] = re.compile(found.pattern)
        names = list(self._texts)
        # One name is asked for twice, so that it gives a tuple as well.
        self._get = operator.attrgetter(*(names if len(names) > 1 else 2 * names)) if names else None
        self._known: set[tuple[str | None, ...]] = set()

    def check(self, values: Any) -> None:
        """Undecodable where a text of a decoded struct does not match."""
        for name in self._lists:
            for text in getattr(values, name):
                _match(name, self._lists[name], text)
        for name, (secret, expected) in self._secrets.items():
            text = getattr(values, name)
            if text is not None and not secret.fullmatch(text):
                raise Undecodable(f"{name}: {expected}")
        if self._get is None:
            return
        texts = self._get(values)
        if texts in self._known:
            return
        for name, pattern in self._texts.items():
            _match(name, pattern, getattr(values, name))
        if len(self._known) > _KNOWN_MOST:
            self._known.clear()
        self._known.add(texts)


def _match(name: str, pattern: re.Pattern[str], text: str | None) -> None:
    if text is not None and not pattern.fullmatch(text):
        raise Undecodable(f"{name}: {text[:100]!r} should match {pattern.pattern}")


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
