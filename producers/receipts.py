"""Receipt numbers: an issue's id with a mark that only we can make, so that nobody guesses another's.

`2026-000123-7QF2M-9X4TR`: no table of them is needed, and the number given for a repeat is the same.
"""

import hmac
import secrets
from hashlib import sha256
from unicodedata import normalize

from livelihood.safekeeping import INSTALLATION, Vault

#: Crockford's base 32: nothing in it is taken for something else when read aloud or typed.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN = str.maketrans("OIL", "011")
#: Dashes that are typed, or set by a word processor, for a hyphen.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
#: Symbols of the mark, five bits each: nobody tries 2**50 of them.
MARK_SYMBOLS = 10
_SECRET = "receipts"


class Receipts:
    """Makes and reads the receipt numbers of one installation."""

    def __init__(self, vault: Vault) -> None:
        self._secret = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))

    def number(self, issue: str) -> str:
        """The receipt number of an issue."""
        mark = self._mark(issue)
        half = MARK_SYMBOLS // 2
        return f"{issue}-{mark[:half]}-{mark[half:]}"

    def issue(self, number: str) -> str | None:
        """The issue of a receipt number as a person typed it; None where it is none of ours."""
        typed = "".join(number.split())
        # Keyboards for Chinese give wide letters, digits and dashes.
        narrow = normalize("NFKC", typed).translate(_DASHES)
        # As it stands; in capitals; and as one of our own ids, in which nothing is taken for something else.
        for text in (typed, narrow, narrow.upper(), narrow.upper().translate(_MISTAKEN)):
            issue, *marks = text.rsplit("-", 2)
            mark = "".join(marks).upper().translate(_MISTAKEN)
            if len(marks) == 2 and hmac.compare_digest(mark.encode(), self._mark(issue).encode()):
                return issue
        return None

    def _mark(self, issue: str) -> str:
        number = int.from_bytes(hmac.digest(self._secret, issue.encode(), sha256)[:8], "big")
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(MARK_SYMBOLS))


def new_issue_id(day: str) -> str:
    """An id for an issue whose channel gives none, from the local day as 20260301: short to read out."""
    return f"{day[2:]}-{''.join(secrets.choice(_ALPHABET) for _ in range(7))}"
