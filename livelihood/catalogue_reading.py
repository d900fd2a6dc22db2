"""Reading a catalogue: from TOML to a version that is sound, with every problem named."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from pydantic import ValidationError

from livelihood.catalogue import LISTS, CatalogueError, CatalogueVersion, Standard, titled
from livelihood.complaints import complaints
from livelihood.instants import DAY, Instant, parse
from livelihood.limits import Limit, Unit, later, nominal
from livelihood.recipients import holder
from livelihood.worktime import WorkCalendar


def parse_catalogue(text: str) -> CatalogueVersion:
    """The version a TOML text describes; CatalogueError lists every problem it has."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = " (a code is given twice)" if "overwrite" in str(error) else ""
        raise CatalogueError([f"not valid TOML: {error}{hint}"]) from None
    if "recorded" in document:
        raise CatalogueError(["recorded: is stamped when the version is published; leave it out"])
    return build_catalogue(titled(document))


def build_catalogue(document: dict[str, Any]) -> CatalogueVersion:
    """The version a decoded document describes; CatalogueError lists every problem it has."""
    try:
        version = CatalogueVersion.model_validate(document)
    except ValidationError as error:
        raise CatalogueError(complaints(error)) from None
    problems = check(version)
    if problems:
        raise CatalogueError(problems)
    return version


def check(version: CatalogueVersion) -> list[str]:
    """What is wrong across the parts of a version, one line each; empty when it is sound."""
    return [
        *_unknown_codes(version),
        *_twice_promised(version),
        *_ambiguous(version),
        *(_cycles(version) or _unheld(version)),
        *_out_of_reach(version),
        *_misdated(version),
        *_unanswerable(version),
    ]


def _unknown_codes(version: CatalogueVersion) -> list[str]:
    problems: list[str] = []

    def need(known: dict[str, Any], code: str | None, where: str, what: str) -> None:
        if code is not None and code not in known:
            problems.append(f"{where}: no {what} has the code {code!r}")

    need(version.calendars, version.calendar, "calendar", "calendar")
    for code, department in version.departments.items():
        need(version.departments, department.parent, f"departments.{code}.parent", "department")
    for code, service in version.services.items():
        need(version.departments, service.department, f"services.{code}.department", "department")
        need(version.standards, service.standard, f"services.{code}.standard", "standard")
    for code, commitment in version.commitments.items():
        for service_code in commitment.services:
            need(version.services, service_code, f"commitments.{code}.services", "service")
    for code, project in version.projects.items():
        need(version.departments, project.department, f"projects.{code}.department", "department")
    for code, standard in version.standards.items():
        for obligation in ("resolution", "acceptance"):
            for case in getattr(standard, obligation):
                need(version.channels, case.channel, f"standards.{code}.{obligation}", "channel")
                need(version.areas, case.area, f"standards.{code}.{obligation}", "area")
    return problems


def _twice_promised(version: CatalogueVersion) -> list[str]:
    named = Counter(code for one in version.commitments.values() for code in set(one.services))
    return [
        f"commitments: service {code!r} is in {count} commitments; an issue counts in one"
        for code, count in named.items()
        if count > 1
    ] + [
        f"projects.{code}: a service commitment has this code too"
        for code in version.projects
        if code in version.commitments
    ]


def _ambiguous(version: CatalogueVersion) -> list[str]:
    """Two cases that could both hold, neither more specific: which promise was made?"""
    problems = []
    for code, standard in version.standards.items():
        for obligation in ("resolution", "acceptance"):
            for one, other in combinations(getattr(standard, obligation), 2):
                a, b = one.conditions, other.conditions
                if len(a) == len(b) and all(a[name] == b[name] for name in a.keys() & b.keys()):
                    problems.append(
                        f"standards.{code}.{obligation}: {a or 'no condition'} and {b or 'no condition'}"
                        " are equally specific and can hold together"
                    )
    return problems


def _cycles(version: CatalogueVersion) -> list[str]:
    problems = []
    for code in version.departments:
        seen, at = [code], version.departments[code].parent
        while at is not None and at in version.departments and at not in seen:
            seen.append(at)
            at = version.departments[at].parent
        if at == code:
            problems.append(f"departments.{code}.parent: a cycle, {' -> '.join([*seen, code])}")
    return problems


def _unheld(version: CatalogueVersion) -> list[str]:
    """Steps of escalation to a role that nobody holds, once the catalogue says who holds any."""
    if not version.roles and not any(one.roles for one in version.departments.values()):
        return []
    problems = {}
    for code, service in version.services.items():
        standard = version.standards.get(service.standard or "")
        for step in standard.escalation if standard else ():
            if holder(version, service.department, step.to) is None:
                where = f"standards.{service.standard}.escalation"
                problems[where, step.to, service.department] = (
                    f"{where}: nobody holds the role {step.to!r} for {service.department}, which owns {code}"
                )
    return list(problems.values())


#: Calendars end with 2199, events before 2100: from here, a limit, the longest pause and a step of
#: escalation one after the other stay within.
_PROBE: Instant = parse("2166-01-01T00:00:00Z")
_ORDINARY: Instant = 2 * 366 * DAY


def _limits(standard: Standard) -> Iterator[tuple[str, Limit]]:
    for obligation in ("resolution", "acceptance"):
        yield from ((obligation, case.limit) for case in getattr(standard, obligation))
    yield from (("escalation", step.after) for step in standard.escalation)
    yield "reopen_window", standard.reopen_window
    if standard.pauses is not None:
        yield "pauses.max_total", standard.pauses.max_total
    if standard.rework is not None:
        yield "rework", standard.rework


def _out_of_reach(version: CatalogueVersion) -> list[str]:
    """Limits so long that no deadline could be worked out."""
    problems = []
    for code, standard in version.standards.items():
        for where, limit in _limits(standard):
            if nominal(limit) > _ORDINARY:
                try:
                    later(_PROBE, limit, WorkCalendar(version.calendars[version.calendar]))
                except (KeyError, ValueError):
                    problems.append(f"standards.{code}.{where}: {limit} is longer than a third of a century")
    return problems


def _misdated(version: CatalogueVersion) -> list[str]:
    return [
        f"channels.{code}.allowed_lateness: write calendar days or hours, for instance 48h"
        for code, channel in version.channels.items()
        if channel.allowed_lateness.unit is not Unit.CALENDAR
    ] + [
        f"projects.{code}.due: must lie after its start"
        for code, project in version.projects.items()
        if project.due <= project.start
    ]


def _unanswerable(version: CatalogueVersion) -> list[str]:
    """Attributes that share a code or cannot be answered."""
    problems = []
    for code, service in version.services.items():
        where = f"services.{code}.attributes"
        named = Counter(attribute.code for attribute in service.attributes)
        problems += [f"{where}: {one!r} is the code of {count}" for one, count in named.items() if count > 1]
        for attribute in service.attributes:
            if attribute.variable and (attribute.datatype in LISTS) != bool(attribute.values):
                is_list = attribute.datatype in LISTS
                needs = "needs values to choose from" if is_list else "takes no values"
                problems.append(f"{where}.{attribute.code}: a {attribute.datatype} {needs}")
            if attribute.required and not attribute.variable:
                problems.append(f"{where}.{attribute.code}: only shown, so it cannot be required")
    return problems
