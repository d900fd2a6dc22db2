"""Passes: links that open a person's cases without a password, for as long as they say; and programs' own.

A pass is signed, not kept: it names its account and its end. It ends earlier with the account, and with its
password: whoever has lost a telephone sets another one.
"""

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from livelihood.instants import DAY, SECOND, Instant
from livelihood.safekeeping import INSTALLATION, Vault
from web.accounts import Account, Accounts

#: How long a pass lasts where nothing is said, and at the most.
LASTS: Instant = 7 * DAY
LONGEST: Instant = 30 * DAY
_SECRET = "passes"  # where it lies, not what it is
_SIGNATURE_SYMBOLS = 40


class Pass(NamedTuple):
    """A pass that holds."""

    account: Account
    until: Instant
    #: It was made for a program, and was in no mail.
    is_program: bool = False


class Passes:
    """Makes and reads the passes of one installation."""

    def __init__(self, vault: Vault, accounts: Accounts) -> None:
        self._secret = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))
        self._accounts = accounts

    def make(
        self, account: Account, now: Instant, lasts: Instant = LASTS, *, is_program: bool = False
    ) -> str:
        """A pass for an account; ValueError where it would last longer than any may."""
        if not 0 < lasts <= LONGEST:
            raise ValueError(f"a pass lasts up to {LONGEST // DAY} days")
        until = (now + lasts) // SECOND
        return f"{account.name}.{until}.{self._signature(account, until, is_program=is_program)}"

    def read(self, token: str, now: Instant) -> Pass | None:
        """The pass of a token; None where it is none of ours, or has ended, however that came about."""
        name, _, rest = token.partition(".")
        end, _, signature = rest.partition(".")
        if not (end.isascii() and end.isdigit()) or len(end) > _MOST_DIGITS:
            return None
        account = self._accounts.find(name)
        if account is None or int(end) * SECOND <= now:
            return None
        for is_program in (False, True):
            right = self._signature(account, int(end), is_program=is_program)
            if hmac.compare_digest(right.encode(), signature.encode()):
                return Pass(account, int(end) * SECOND, is_program)
        return None

    def _signature(self, account: Account, until: int, *, is_program: bool) -> str:
        said = (
            f"{account.name}\0{account.version}\0{account.created}\0{until}{_PROGRAM if is_program else ''}"
        )
        return hmac.new(self._secret, said.encode(), sha256).hexdigest()[:_SIGNATURE_SYMBOLS]


_MOST_DIGITS = 12
#: Tells the signature of a program's pass from that of a link.
_PROGRAM = "\0program"


def link(public_url: str, token: str) -> str:
    """The address that opens a pass's page of cases."""
    return f"{public_url}/pass/{token}"
