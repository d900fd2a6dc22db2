"""Where an account's subscriptions end: at its departments, as what it may do on pages does."""

from collections.abc import Iterable, Mapping

from livelihood.catalogue import CatalogueVersion
from livelihood.fields import Code
from livelihood.recipients import upwards
from web.accounts import Accounts
from web.users import limits_of


def limits_of_name(accounts: Accounts, name: str) -> frozenset[Code] | None:
    """The departments, with those below them, at which what an account subscribes to ends; None: nowhere."""
    account = accounts.find(name) if name else None
    return None if account is None else limits_of(account)


def all_limits(accounts: Accounts) -> Mapping[str, frozenset[Code]]:
    """Those of every account that has any."""
    found = ((account.name, limits_of(account)) for account in accounts.all())
    return {name: limits for name, limits in found if limits is not None}


def beyond(version: CatalogueVersion, departments: Iterable[Code], limits: frozenset[Code]) -> list[Code]:
    """Which of some departments are neither among the limits nor below one of them."""
    return sorted(
        code
        for code in departments
        if limits.isdisjoint({code, *(above for above, _ in upwards(version, code))})
    )
