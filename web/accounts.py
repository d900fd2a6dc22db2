"""Accounts: who may see and do what on pages. Kept in the vault, passwords as argon2 hashes only."""

import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from threading import BoundedSemaphore
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field

from livelihood.fields import Code, Word
from livelihood.instants import Instant
from livelihood.safekeeping import ACCOUNTS, Vault

#: NIST SP 800-63B asks for at least 8 where a password stands alone and recommends 15.
SHORTEST_PASSWORD = 12
#: Each hash takes 64 MiB for a moment: so many at once.
_AT_ONCE = 4


class Right(StrEnum):
    """What an account may do. docs/accounts.md mirrors this and ROLES, and a test compares them."""

    #: Tables, issues without what is personal in them, alerts.
    SEE = "see"
    #: File requests at a window.
    FILE = "file"
    #: Act on issues of the account's departments: accept, assign, resolve and the like.
    ACT = "act"
    #: Grant or refuse extensions in these departments, but never one's own.
    DECIDE = "decide"
    #: What is personal in issues of these departments; each look is recorded.
    PERSONAL = "personal"
    #: What keeps the system running: dead letters, deliveries, everybody's subscriptions.
    OPERATE = "operate"
    #: Accounts, and the record of who saw what.
    ADMINISTER = "administer"


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    WINDOW = "window"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    ADMIN = "admin"


ROLES: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.WINDOW: frozenset({Right.SEE, Right.FILE, Right.ACT, Right.PERSONAL}),
    Role.SUPERVISOR: frozenset({Right.SEE, Right.ACT, Right.DECIDE, Right.PERSONAL}),
    Role.OPERATOR: frozenset({Right.SEE, Right.OPERATE}),
    Role.ADMIN: frozenset(Right),
}
#: Roles whose rights to act and to see what is personal end at their departments.
OF_DEPARTMENTS = frozenset({Role.WINDOW, Role.SUPERVISOR})


class Account(BaseModel):
    """One person's account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[Word, Field(max_length=40)]
    """Signs in with it; stands as the actor in events. A code, so no person's own name is needed."""
    role: Role
    departments: frozenset[Code] = frozenset()
    """Whose issues it acts on; empty: of all."""
    channel: Code = "window"
    """The channel its events come by."""
    password: str
    """argon2."""
    created: Instant
    version: int = 0
    """Counts changes of the password: sessions begun under an older one have ended."""
    identity: str = ""
    """Who it is at the provider that signs it in, issuer and subject; empty: it has a password here."""

    @property
    def rights(self) -> frozenset[Right]:
        """What its role allows."""
        return ROLES[self.role]


@cache
def _password_of_nobody(hasher: Callable[[], PasswordHasher]) -> str:
    # One for a process: it costs as much as a sign-in.
    return hasher().hash(secrets.token_hex(16))


class Accounts:
    """The accounts of one installation."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._hasher = PasswordHasher()
        self._gate = BoundedSemaphore(_AT_ONCE)
        # Whoever tries a name that is not there waits as long as for one that is.
        self._nobody = _password_of_nobody(PasswordHasher)

    def exist(self) -> bool:
        """Whether there is any: before the first, a server on loopback is open."""
        return next(iter(self._vault.items(ACCOUNTS)), None) is not None

    def find(self, name: str) -> Account | None:
        """The account of a name."""
        kept = self._vault.get(ACCOUNTS, name)
        return None if kept is None else Account.model_validate_json(kept)

    def all(self) -> Iterator[Account]:
        """All, by name."""
        for _, kept in self._vault.items(ACCOUNTS):
            yield Account.model_validate_json(kept)

    def add(self, account: Account) -> bool:
        """Keep a new account; False where the name is taken."""
        document = account.model_dump_json().encode()
        return self._vault.add(ACCOUNTS, account.name, document) == document

    def of_identity(self, identity: str) -> Account | None:
        """The account of somebody that a provider names."""
        return next((account for account in self.all() if account.identity == identity), None)

    def change(self, old: Account, **values: object) -> Account | None:
        """Give an account other values, all or none; None where somebody else changed it meanwhile."""
        new = Account.model_validate({**old.model_dump(), **values})
        before, after = (one.model_dump_json().encode() for one in (old, new))
        if before != after and not self._vault.replace(ACCOUNTS, old.name, before, after):
            return None
        return new

    def is_last_admin(self, account: Account) -> bool:
        """Whether nobody else looks after the accounts."""
        return account.role is Role.ADMIN and not any(
            one.role is Role.ADMIN for one in self.all() if one.name != account.name
        )

    def remove(self, name: str) -> bool:
        """Remove an account; its sessions end with it. Whether there was one."""
        return self._vault.delete(ACCOUNTS, name)

    def set_password(self, account: Account, password: str) -> Account:
        """Give an account another password; all its sessions end."""
        changed = account.model_copy(
            update={"password": self.hashed(password), "version": account.version + 1}
        )
        self._vault.put(ACCOUNTS, changed.name, changed.model_dump_json().encode())
        return changed

    def hashed(self, password: str) -> str:
        """What is kept of a password."""
        with self._gate:
            return self._hasher.hash(password)

    def verified(self, name: str, password: str) -> Account | None:
        """The account whose password that is; None, after the same time, where it is not."""
        account = self.find(name)
        if account is not None and account.identity:
            account = None
        try:
            with self._gate:
                self._hasher.verify(self._nobody if account is None else account.password, password)
        except (VerificationError, InvalidHashError):
            return None
        return account
