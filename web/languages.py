"""Chinese and English: the catalogues of messages, which language a person gets, and messages as values.

Python code names a message where it arises, `_("Choose a service.")`, and a template says it in the
language of whoever looks: `{{ message | said }}`. Catalogues are read as translators keep them; nothing
has to be compiled. `make translations` brings them up to date with the code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from livelihood.fields import LanguageCode

#: Code -> how the language calls itself.
LANGUAGES: dict[LanguageCode, str] = {"zh": "中文", "en": "English"}
#: For who asks for neither.
DEFAULT: LanguageCode = "en"
#: Whose habits of writing dates and numbers are followed: a day before its month, 24 hours.
_LOCALES: dict[LanguageCode, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
LOCALE_FOLDER = Path(__file__).parent / "locale"
#: The domain's name among gettext's: one catalogue holds all pages.
DOMAIN = "pages"


class Message(NamedTuple):
    """Something to be said in whatever language, with the values that go into it."""

    text: str
    values: Mapping[str, Any] = {}
    #: The form for other numbers than one, and the number.
    plural: str = ""
    number: int = 1


def _(text: str, **values: Any) -> Message:
    """A message; `values` replace %(name)s in its translation."""
    return Message(text, values)


def ngettext(one: str, many: str, number: int, **values: Any) -> Message:
    """A message that depends on a number, which is %(num)s in it."""
    return Message(one, {"num": number, **values}, many, number)


def in_english(message: Message | str) -> str:
    """A message in English, for programs and terminals."""
    if isinstance(message, str):
        return message
    text = message.plural if message.plural and message.number != 1 else message.text
    values = {
        name: in_english(one) if isinstance(one, Message) else one for name, one in message.values.items()
    }
    return text % values if values else text


@dataclass(frozen=True)
class Language:
    """One language: its messages and its habits."""

    code: LanguageCode
    catalog: Catalog

    @property
    def name(self) -> str:
        """How the language calls itself."""
        return LANGUAGES[self.code]

    @cached_property
    def locale(self) -> Locale:
        """Whose habits of writing dates and numbers are followed."""
        return Locale.parse(_LOCALES[self.code])

    @property
    def tag(self) -> str:
        """The same for scripts, as "en-GB"."""
        return f"{self.locale.language}-{self.locale.territory}"

    @cached_property
    def translations(self) -> Translations:
        """The messages in gettext's form."""
        compiled = BytesIO()
        write_mo(compiled, self.catalog)
        compiled.seek(0)
        return Translations(compiled, DOMAIN)

    def said(self, message: Message | str) -> str:
        """A message in this language; a text that is no message stays as it is."""
        if isinstance(message, str):
            return message
        if message.plural:
            text = self.translations.ungettext(message.text, message.plural, message.number)
        else:
            text = self.translations.ugettext(message.text)
        values = {
            name: self.said(value) if isinstance(value, Message) else value
            for name, value in message.values.items()
        }
        return text % values if values else text

    @cached_property
    def words(self) -> str:
        """What scripts say, as a module of JavaScript: `words` gives each text its translation."""
        words = {}
        for message in self.catalog:
            if message.id and any(place.endswith(".js") for place, _ in message.locations):
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                # English may leave one empty: the text itself is said then.
                if all(texts):
                    words[key] = list(texts)
        return f"export const words = {json.dumps(words, ensure_ascii=False, sort_keys=True)};\n"


@cache
def load_languages() -> dict[str, Language]:
    """All languages, by code; read once for a process."""
    return {code: Language(code, read_catalog(code)) for code in LANGUAGES}


def catalog_path(code: LanguageCode) -> Path:
    """Where a language's catalogue lies."""
    return LOCALE_FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(code: LanguageCode) -> Catalog:
    """A language's catalogue."""
    with catalog_path(code).open("rb") as file:
        return read_po(file, locale=_LOCALES[code], domain=DOMAIN)


def choose(wanted: str | None, accepted: str | None, default: LanguageCode = DEFAULT) -> LanguageCode:
    """The code of the language a person gets: the one chosen before, else by Accept-Language."""
    for code in LANGUAGES:
        if code == wanted:
            return code
    best, best_weight = default, 0.0
    for part in (accepted or "").split(","):
        tag, _, weight_text = part.partition(";")
        liked = tag.strip().partition("-")[0].lower()
        try:
            weight = float(weight_text.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        for code in LANGUAGES:
            if code == liked and weight > best_weight:
                best, best_weight = code, weight
    return best
