"""A catalogue to begin with, as TOML: what a survey of a city's table found, and nothing it did not.

Standards are those that explain the city's own stated deadlines; a service without one is listed
without one, which is an answer to "is this work standardised?" too.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from livelihood.inference import Fit
from producers.survey import Survey, most_common
from producers.toml_text import toml_key, toml_value

#: Fewer stated deadlines than this are an anecdote.
FEWEST_CASES = 5
#: A name with one of these is Chinese.
_HAN = re.compile(r"[\u3400-\u9fff]")
#: A rule that explains less than this share of them is not the service's standard.
SMALLEST_SHARE = 0.8


def standard_of(found: Survey, one: Fit) -> str | None:
    """A service's limit as text: the mapping's word for it, else what was inferred if that is sure enough."""
    known = found.mapping.promises.standards.get(one.service)
    if known is not None:
        return known
    sure = one.cases >= FEWEST_CASES and one.explained >= SMALLEST_SHARE * one.cases
    return str(one.limit) if one.limit is not None and sure else None


def catalogue_toml(found: Survey, fits: Sequence[Fit]) -> str:
    """The text of a catalogue file, in the format of docs/catalogue.md; the same survey, the same text."""
    sections = [_head(found), _calendar(found), _channels(found), _plain(found, "department"),
                _plain(found, "area"), _services(found, fits), _standards(found, fits),
                _commitments(found, fits)]  # fmt: skip
    return "\n\n".join("\n".join(section) for section in map(list, sections) if section) + "\n"


def _head(found: Survey) -> Iterator[str]:
    mapping = found.mapping
    yield f"# Drafted from the {len(found.cases):,} requests of a table by `livelihood standards infer"
    yield "# --format toml`. Standards are the rules that explain the deadlines the city stated itself."
    yield f"version = {toml_value(mapping.promises.version)}"
    yield f"time_zone = {toml_value(mapping.time_zone)}"
    if mapping.title:
        yield f"title = {toml_value(mapping.title)}"
    yield f"calendar = {toml_value(mapping.name)}"


def _calendar(found: Survey) -> Iterator[str]:
    yield f"[calendars.{toml_key(found.mapping.name)}]"
    given: Mapping[str, Any] = found.mapping.calendar or {"include": "monday-friday"}
    for key, value in given.items():
        yield f"{toml_key(key)} = {toml_value(value)}"


def _channels(found: Survey) -> Iterator[str]:
    yield "[channels]"
    staff = getattr(found.mapping.channel, "staff", ())
    for code in sorted(found.names.get("channel", {})):
        entry = {"origin": "staff" if code in staff else "person", "title": _title(found, "channel", code)}
        yield _entry(code, entry)


def _plain(found: Survey, part: str) -> Iterator[str]:
    entries = [
        _entry(code, {"title": _title(found, part, code)}) for code in sorted(found.names.get(part, {}))
    ]
    if part == "department" and any(not found.departments[code] for code in found.names["service"]):
        entries.append(_entry(NO_DEPARTMENT, {"title": {"en": "not stated", "zh": "未注明"}}))
    if entries:
        yield f"[{part}s]"
        yield from entries


#: Owns the services for which the table names no department.
NO_DEPARTMENT = "unstated"


def _services(found: Survey, fits: Sequence[Fit]) -> Iterator[str]:
    yield "[services]"
    for one in fits:
        entry: dict[str, Any] = {"department": most_common(found.departments[one.service]) or NO_DEPARTMENT}
        category = most_common(found.categories[one.service])
        if category is not None:
            entry["category"] = category
        if standard_of(found, one):
            entry["standard"] = one.service
        yield _entry(one.service, entry | {"title": _title(found, "service", one.service)})


def _standards(found: Survey, fits: Sequence[Fit]) -> Iterator[str]:
    yield "[standards]"
    without = []
    for one in fits:
        limit = standard_of(found, one)
        if limit is None:
            without.append(f"#   {_why(found, one)}")
            continue
        if one.service not in found.mapping.promises.standards:
            others = f"; so does {', '.join(map(str, one.equally))}" if one.equally else ""
            yield f"# explains {one.explained:,} of {one.cases:,} stated deadlines{others}"
        yield _entry(one.service, {"resolution": limit})
    if without:
        yield "# Without a standard:"
        yield from without


def _why(found: Survey, one: Fit) -> str:
    title, every = found.title("service", one.service), one.cases + one.without_target
    if not one.cases:
        return f"{title}: no deadline stated in {every:,} request{'' if every == 1 else 's'}"
    if one.cases < FEWEST_CASES:
        return f"{title}: stated deadlines in {one.cases} of {every:,} requests are too few"
    return f"{title}: no rule explains enough of {one.cases:,} stated deadlines"


def _commitments(found: Survey, fits: Sequence[Fit]) -> Iterator[str]:
    """One for each category in which anything is promised; each service in one at the most."""
    services: defaultdict[str, list[Fit]] = defaultdict(list)
    for one in fits:
        category = most_common(found.categories[one.service])
        if category is not None:
            services[category].append(one)
    promises, is_another = found.mapping.promises, False
    for category, members in sorted(services.items()):
        if not any(standard_of(found, one) for one in members):
            continue
        if is_another:
            yield ""
        is_another = True
        yield f"[commitments.{toml_key(category)}]"
        yield f"title = {toml_value(_title(found, 'category', category))}"
        if promises.to:
            yield f"to = {toml_value(promises.to)}"
        yield f"target = {toml_value(promises.on_time)}"
        yield "services = ["
        yield from (f"    {toml_value(one.service)}," for one in members)
        yield "]"


def _title(found: Survey, part: str, code: str) -> dict[str, str]:
    written = getattr(getattr(found.mapping, part), "titles", {}).get(code, {})
    name = found.title(part, code)
    return {"zh" if _HAN.search(name) else "en": name, **written}


def _entry(code: str, value: Mapping[str, Any]) -> str:
    return f"{toml_key(code)} = {toml_value(value)}"
