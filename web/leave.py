"""Leave: who is away, and who acts and decides in their place meanwhile."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, model_validator

from livelihood.instants import Instant
from livelihood.safekeeping import LEAVES, Vault
from web.accounts import Account, Accounts, Right


class Leave(BaseModel):
    """One account's absence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str
    deputy: str
    """The account that acts in its place, with its rights to act and decide, as long as this lasts."""
    since: Instant = Field(description="From when on; microseconds since 1970.")
    until: Instant

    @model_validator(mode="after")
    def _makes_sense(self) -> "Leave":
        if self.deputy == self.account:
            raise ValueError("nobody is their own deputy")
        if self.until <= self.since:
            raise ValueError("must end after it begins")
        return self

    def lasts_at(self, now: Instant) -> bool:
        """Whether somebody is away at an instant."""
        return self.since <= now < self.until


class Leaves:
    """The leaves of one installation, one for an account at the most."""

    def __init__(self, vault: Vault, accounts: Accounts) -> None:
        self._vault = vault
        self._accounts = accounts

    def put(self, leave: Leave) -> None:
        """Keep a leave, in place of the account's last."""
        self._vault.put(LEAVES, leave.account, leave.model_dump_json().encode())

    def end(self, account: str) -> bool:
        """End an account's leave; whether there was one."""
        return self._vault.delete(LEAVES, account)

    def find(self, account: str, now: Instant) -> Leave | None:
        """The leave of an account that lasts, or is still to come."""
        kept = self._vault.get(LEAVES, account)
        leave = None if kept is None else Leave.model_validate_json(kept)
        return leave if leave is not None and now < leave.until else None

    def all(self) -> Iterator[Leave]:
        """All that were kept, by account, over ones too."""
        for _, kept in self._vault.items(LEAVES):
            yield Leave.model_validate_json(kept)

    def away(self, deputy: str, now: Instant) -> list[Account]:
        """For whom somebody stands in now. It ends with either account, and is not passed on further."""
        names = [leave.account for leave in self.all() if leave.deputy == deputy and leave.lasts_at(now)]
        return [account for name in names if (account := self._accounts.find(name)) is not None]

    def deputies(self, but: str) -> list[str]:
        """The accounts that may stand in for another: those that act themselves."""
        return [
            account.name
            for account in self._accounts.all()
            if account.name != but and Right.ACT in account.rights
        ]
