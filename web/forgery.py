"""Forged requests: a form is taken only from a page of ours, in the browser it was made for.

Two things have to hold. The browser says that the form is of this site (Sec-Fetch-Site, or Origin where it
is too old for that), and the form carries a token made from the browser's own cookie and its session.
"""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request

from livelihood.safekeeping import INSTALLATION, Vault
from web.page_problems import Forgery

#: The form's field.
FIELD = "form_token"
_SECRET = "forms"
_OURS = frozenset({"same-origin", "none"})


class FormTokens:
    """Makes and checks the tokens of one installation."""

    def __init__(self, vault: Vault) -> None:
        self._secret = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))

    def token(self, browser: str, session: str) -> str:
        """The token of a browser's forms, for as long as the same session lasts."""
        return hmac.new(self._secret, f"{browser}\0{session}".encode(), sha256).hexdigest()

    def check(self, request: Request, given: str, browser: str, session: str) -> None:
        """Forgery where a form is not ours."""
        if not is_same_site(request):
            raise Forgery
        if not browser or not hmac.compare_digest(given.encode(), self.token(browser, session).encode()):
            raise Forgery


def is_same_site(request: Request) -> bool:
    """Whether the browser says that a page of ours asks; true where it says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
