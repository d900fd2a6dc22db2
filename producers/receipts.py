"""Receipt numbers: an issue's id with a mark that only we can make, so that nobody guesses another's.

`2026-000123-7QF2M-9X4TR`: no table of them is needed, and the number given for a repeat is the same.
"""

import hmac
import secrets
from hashlib import sha256

from livelihood.safekeeping import INSTALLATION, Vault

#: Crockford's base 32: nothing in it is taken for something else when read aloud or typed.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN = str.maketrans("OIL", "011")
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
        parts = "".join(number.split()).rsplit("-", 2)
        if len(parts) != 3:
            return None
        issue, mark = parts[0], "".join(parts[1:]).upper().translate(_MISTAKEN)
        return issue if hmac.compare_digest(mark.encode(), self._mark(issue).encode()) else None

    def _mark(self, issue: str) -> str:
        number = int.from_bytes(hmac.digest(self._secret, issue.encode(), sha256)[:8], "big")
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(MARK_SYMBOLS))


def new_issue_id(day: str) -> str:
    """An id for an issue whose channel gives none, from the local day as 20260301: short to read out."""
    return f"{day[2:]}-{''.join(secrets.choice(_ALPHABET) for _ in range(7))}"
