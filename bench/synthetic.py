"""Made-up traffic of any size: lamps reported in one city, written straight to the log."""

import json
from collections.abc import Iterator
from itertools import islice

from cli.engine import Engine
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import Instant, iso
from livelihood.ports import NewRecord

#: Appended in one call.
APPENDED = 5_000
DEPARTMENTS, AREAS, SERVICES = 10, 20, 20

CATALOGUE = "\n".join(
    [
        'version = "bench"',
        'time_zone = "Asia/Shanghai"',
        'calendar = "cn-mainland"',
        "[channels.app]",
        *(f"[departments.d{number}]" for number in range(DEPARTMENTS)),
        *(f"[areas.a{number}]" for number in range(AREAS)),
        "[standards.quick]",
        'resolution = "{limit}"',
        *(
            f'[services.s{number}]\ndepartment = "d{number % DEPARTMENTS}"\nstandard = "quick"'
            for number in range(SERVICES)
        ),
        "[commitments.lamps]",
        f"services = {json.dumps([f's{number}' for number in range(SERVICES)])}",
        "target = 0.9",
    ]
)


def catalogue_with(limit: str) -> str:
    """The bench's catalogue with one limit for everything."""
    return CATALOGUE.replace("{limit}", limit)


def event(kind: str, issue: int, name: str, time: Instant, data: dict[str, object]) -> NewRecord:
    """An event as the edge writes it."""
    moment = iso(time)
    document = {
        "specversion": "1.0",
        "type": f"livelihood.request.{kind}",
        "source": "/channels/app",
        "id": f"{issue}:{name}",
        "subject": str(issue),
        "time": moment,
        "recorded": moment,
        "channel": "app",
        "datacontenttype": "application/json",
        "data": data,
    }
    return NewRecord(str(issue), json.dumps(document, separators=(",", ":")).encode())


def submissions(issues: int, times: Iterator[Instant], first: int = 1_000_000) -> Iterator[NewRecord]:
    """One submission an issue, numbered from `first` on."""
    for issue, time in zip(range(first, first + issues), times, strict=False):
        data: dict[str, object] = {"service": f"s{issue % SERVICES}", "area": f"a{issue % AREAS}"}
        yield event("submitted", issue, "submitted", time, data)


def append_all(engine: Engine, records: Iterator[NewRecord]) -> int:
    """Append in calls of a size; how many there were."""
    count = 0
    while chunk := list(islice(records, APPENDED)):
        engine.log.append(chunk)
        count += len(chunk)
    return count


def publish_catalogue(engine: Engine, limit: str) -> None:
    """Publish the bench's catalogue."""
    engine.publish(parse_catalogue(catalogue_with(limit)))
