"""How an installation offers Open311: what can be set."""

from dataclasses import dataclass

from livelihood.fields import LanguageCode
from producers.open311.texts import BY_DEFAULT


@dataclass(frozen=True, kw_only=True)
class Offering:
    """The settings `open311_...`."""

    #: The id of the jurisdiction served, as bloomington.in.gov; empty: whatever is sent is ignored.
    jurisdiction: str = ""
    #: The language of who asks for none.
    language: LanguageCode = "en"
    #: What everybody may read of a request, see texts.py.
    public: frozenset[str] = BY_DEFAULT
    #: For developers, in the discovery document: whom to ask, and for a key.
    contact: str = ""
