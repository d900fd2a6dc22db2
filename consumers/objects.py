"""Tables for programs: lines as JSON objects and as rows of CSV, every measure under its name."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from livelihood.catalogue import CatalogueVersion
from livelihood.deadline_steps import Deadline
from livelihood.deadline_text import render
from livelihood.fields import LanguageCode
from livelihood.histories import History
from livelihood.instants import SECOND, Instant, iso
from livelihood.measures import Rate
from livelihood.projects import ProjectProgress
from livelihood.rollup import Line

_INSTANTS = ("oldest_open", "last_change")


def object_of(line: Line, by: Sequence[str], zone: ZoneInfo) -> dict[str, Any]:
    """A line as an object: the commitment, the dimensions asked for (null: all), then every measure."""
    measures: dict[str, Any] = {
        name: value._asdict() if isinstance(value, Rate) else value for name, value in line.measures().items()
    }
    for name in _INSTANTS:
        measures[name] = _moment(measures[name], zone)
    dimensions = {name: line.dimensions.get(name) for name in by}
    return {"commitment": line.commitment, **dimensions, **measures}


def table_objects(
    lines: Iterable[Line],
    projects: Mapping[str, ProjectProgress],
    by: Sequence[str],
    version: CatalogueVersion,
) -> list[dict[str, Any]]:
    """A table as objects: its lines, then the project commitments it is of."""
    zone = ZoneInfo(version.time_zone)
    return [
        *(object_of(line, by, zone) for line in lines),
        *(project_object(code, version.projects[code].unit, one, zone) for code, one in projects.items()),
    ]


def project_object(
    code: str, unit: Mapping[LanguageCode, str], found: ProjectProgress, zone: ZoneInfo
) -> dict[str, Any]:
    """A project commitment as an object. Amounts in its unit (in English), the pace in units a day."""
    return {
        "commitment": code,
        "unit": unit.get("en") or next(iter(unit.values())),
        "done": found.done,
        "verified": found.verified,
        "target": found.target,
        "pace": found.pace,
        "expected_date": _moment(found.expected, zone),
        "due_date": _moment(found.due, zone),
        "last_change": _moment(found.last_change, zone),
    }


def history_object(history: History, zone: ZoneInfo) -> dict[str, Any]:
    """An issue's history as an object; lengths of time in seconds."""
    issue = history.issue
    return {
        "issue": history.id,
        "as_of": iso(history.as_of, zone),
        "state": history.state.word,
        "commitment": issue.commitment or None,
        "service": issue.service or None,
        "department": issue.department or None,
        "area": issue.area,
        "channel": issue.channel or None,
        "urgency": issue.urgency,
        "submitted": _moment(issue.submitted, zone) if issue.channel else None,
        "accepted": _moment(issue.accepted, zone),
        "settled": _moment(issue.settled, zone),
        "outcome": issue.outcome or None,
        "visits": issue.visits,
        "deadline": _deadline(history.deadline, zone),
        "acceptance_deadline": _deadline(history.acceptance, zone),
        "held": [
            {
                "department": held.department,
                "since": iso(held.since, zone),
                "until": iso(held.until, zone),
                "elapsed_seconds": held.elapsed / SECOND,
                "working_seconds": held.working / SECOND,
            }
            for held in history.held
        ],
        "timeline": [
            {
                "at": iso(entry.at, zone),
                "kind": entry.kind.word,
                "state": entry.state.word,
                "effect": not entry.ignored,
                "ignored": entry.ignored or None,
                "time": iso(entry.fact.time, zone),
                "recorded": iso(entry.fact.recorded, zone),
                "channel": entry.fact.channel,
                "actor": entry.fact.actor,
                "source": entry.fact.source,
                "id": entry.fact.id,
                "data": {name: _value(name, value, zone) for name, value in entry.data.items()},
            }
            for entry in history.entries
        ],
    }


def _deadline(deadline: Deadline | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if deadline is None:
        return None
    return {
        "due": iso(deadline.due, zone),
        "provisional": deadline.provisional,
        "steps": [
            {**step.model_dump(mode="json"), "text": render(step, "en", zone)} for step in deadline.steps
        ],
    }


#: Of a fact's data, what is a moment.
_MOMENTS = ("target", "until", "due")


def _value(name: str, value: Any, zone: ZoneInfo) -> Any:
    return iso(value, zone) if name in _MOMENTS and isinstance(value, int) else msgspec.to_builtins(value)


def _moment(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else iso(instant, zone)


def csv_text(objects: Sequence[dict[str, Any]]) -> str:
    """Objects as CSV; what is an object inside becomes columns, `on_time_rate` itself the rate's value."""
    rows = flat_objects(objects)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def flat_objects(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that CSV is of."""
    return [_flat(one) for one in objects]


def _flat(one: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in one.items():
        if isinstance(value, dict):
            row |= _flat(value, f"{prefix}{name}_")
        else:
            row[f"{prefix}{name}"] = value
    # The value of a rate stands under the rate's own name.
    own = f"{prefix}value"
    return {(prefix.removesuffix("_") if name == own else name): value for name, value in row.items()}
