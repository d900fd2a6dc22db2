"""The accounts of people whom a provider signs in: made when they first come, kept as the provider says."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from livelihood.instants import Instant
from web.accounts import OF_DEPARTMENTS, Account, Accounts, Role
from web.languages import _
from web.page_problems import PageProblem
from web.provider import ProviderSettings

#: What may stand in an account's name; the rest becomes a hyphen.
_NO_NAME = re.compile(r"[^\w-]+")
_LONGEST_NAME = 32
_DIGEST_SYMBOLS = 6


class NoRole(PageProblem):
    """The provider says who it is, and nothing here says what that person may do."""

    def __init__(self) -> None:
        super().__init__(
            403,
            _(
                "You have signed in there, but your organisation gives you no role here. Ask whoever looks"
                " after the accounts."
            ),
        )


def account_of(
    accounts: Accounts, settings: ProviderSettings, claims: Mapping[str, Any], now: Instant
) -> Account:
    """The account of whom the claims name, made or brought up to date; NoRole where they may do nothing."""
    role = role_of(settings, claims)
    if role is None:
        raise NoRole
    departments = departments_of(settings, claims) if role in OF_DEPARTMENTS else frozenset()
    if role in OF_DEPARTMENTS and settings.department_claim and not departments:
        # No department would mean all of them.
        raise NoRole
    identity = f"{claims['iss']} {claims['sub']}"
    for _attempt in range(_ATTEMPTS):
        known = accounts.of_identity(identity)
        if known is None:
            for name in _names(settings, claims, identity):
                made = Account(
                    name=name, role=role, departments=departments, channel=settings.channel,
                    password="", created=now, identity=identity,
                )  # fmt: skip
                if accounts.add(made):
                    return made
        else:
            changed = accounts.change(known, role=role, departments=departments, channel=settings.channel)
            if changed is not None:
                return changed
    raise NoRole


#: Somebody may sign in twice at once, or an account be changed meanwhile.
_ATTEMPTS = 3


def role_of(settings: ProviderSettings, claims: Mapping[str, Any]) -> Role | None:
    """The first role of the settings that the claims give."""
    given = set(_values(claims, settings.role_claim))
    return next((role for value, role in settings.roles.items() if value in given), settings.role)


def departments_of(settings: ProviderSettings, claims: Mapping[str, Any]) -> frozenset[str]:
    """The departments that the claims give."""
    if not settings.department_claim:
        return frozenset()
    given = set(_values(claims, settings.department_claim))
    if settings.departments:
        return frozenset(code for value, code in settings.departments.items() if value in given)
    return frozenset(given)


def _values(claims: Mapping[str, Any], path: str) -> Iterator[str]:
    """The texts of a claim: of a list each; with dots, of an object within."""
    found: Any = claims
    # A claim's own name may have dots in it, as that of a URL has.
    parts = [path] if path in claims else path.split(".")
    for part in parts:
        found = found.get(part) if isinstance(found, Mapping) else None
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, str):
            yield value


def _names(settings: ProviderSettings, claims: Mapping[str, Any], identity: str) -> Iterator[str]:
    """Names for a new account: as the provider calls the person; where somebody here has it, with a sign."""
    wanted = claims.get(settings.name_claim)
    name = _NO_NAME.sub("-", wanted.lower() if isinstance(wanted, str) else "").strip("-_")[:_LONGEST_NAME]
    name = name.rstrip("-") or "account"
    digest = sha256(identity.encode()).hexdigest()
    yield name
    yield f"{name}-{digest[:_DIGEST_SYMBOLS]}"
