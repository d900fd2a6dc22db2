"""Who hears of an alert by default: the department's recipients, or whoever holds the role it climbs to.

Both are inherited: what a department does not say, its parent says, and at last the jurisdiction.
"""

from collections.abc import Iterator

from livelihood.catalogue import CatalogueVersion, Department, Holder
from livelihood.promises import Catalogue


def recipients(catalogue: Catalogue, department: str, role: str | None) -> list[str]:
    """Who hears of a department's alerts; with a role, as an escalated alert names it, who holds that.

    Empty where the catalogue as published last names nobody, or not the department.
    """
    version = catalogue.latest
    if role:
        held = holder(version, department, role)
        return [] if held is None else list(held.recipients)
    return next((list(one.recipients) for _, one in upwards(version, department) if one.recipients), [])


def holder(version: CatalogueVersion, department: str, role: str) -> Holder | None:
    """Who holds a role for a department: there, above it, or for all departments."""
    found = (one.roles[role] for _, one in upwards(version, department) if role in one.roles)
    return next(found, version.roles.get(role))


def upwards(version: CatalogueVersion, department: str) -> Iterator[tuple[str, Department]]:
    """The department, then its parents, each with its code; none where there is no such department."""
    code: str | None = department
    while code is not None and (one := version.departments.get(code)) is not None:
        yield code, one
        code = one.parent
