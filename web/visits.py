"""A visit: one request for a page, and what is known of whoever makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from web.languages import Language
from web.users import User

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request for a page."""

    request: Request
    user: User
    language: Language
    #: One of THEMES.
    theme: str
    #: Names the browser, so that forms are taken only from where they were shown.
    browser: str
    #: The browser has no such name yet: the answer gives it one.
    is_new: bool
    #: What forms carry back.
    form_token: str
    #: The cookie of a session that holds.
    session: str = ""

    @property
    def path(self) -> str:
        """What was asked for, with its query, to come back to."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A form that somebody sent from a page of ours."""

    visit: Visit
    #: What was filled in, without spaces around; nothing is left out.
    fields: Mapping[str, str]

    @property
    def user(self) -> User:
        """Whoever sent it."""
        return self.visit.user

    def text(self, name: str) -> str:
        """A field's text; empty where there is none."""
        return self.fields.get(name, "")


class ByField(dict[str, Any]):
    """What was entered in a form, or is wrong with it, by field; empty for any other, as templates ask."""

    def __missing__(self, name: str) -> str:
        return ""


def local_path(wanted: str, otherwise: str = "/") -> str:
    """A path of this site as it was wanted; the other one where it would lead elsewhere."""
    is_local = wanted.startswith("/") and not wanted.startswith("//")
    is_plain = "\\" not in wanted and wanted.isprintable()
    return wanted if is_local and is_plain else otherwise
