"""`livelihood alerts`, `orphans` and `dead-letters`: lists of what wants attention."""

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.engine import Reading, open_reading
from cli.failures import LOOKED, USAGE, Failure, going_on
from cli.issue_view import kind_text
from cli.moments import length_text, moment_text, parse_moment
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, notes, plain, print_line
from cli.views import title_of
from cli.work import note_idle
from consumers.alerts import KINDS, AlertQuery, places, read_alerts
from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant, iso, parse

#: So many are listed where nobody says otherwise.
LISTED = 50
#: More orphans than anybody looks at.
_ALL_ORPHANS = 1 << 40
_LETTERS_PAGE = 5_000


def show_alerts(
    kind: str | None,
    since: str | None,
    format_: str,
    limit: int | None,
    *,
    follow: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Print alerts, the newest at the end; with `follow`, go on with those to come."""
    if kind is not None and kind not in KINDS:
        raise Failure(f"--kind: there is no alert {kind!r}; choose from {', '.join(KINDS)}.", USAGE)
    settings = load(config, data=data).settings
    with open_reading(settings) as reading:
        zone, version = reading.zone, reading.catalogue.latest
        query = AlertQuery(kind=kind, since=None if since is None else parse_moment(since, zone, "--since"))
        found = list(read_alerts(reading.topics, query))
        # A batch is told issue by issue; people read by time.
        alerts = sorted((told.alert for told in found), key=_by_time)
        after = places(found, (), reading.topics.partitions)
        if format_ == "json":
            shown = alerts if not limit else alerts[-limit:]
            if follow:
                _print_each(shown)
            else:
                plain(json_text(msgspec.to_builtins(shown)))
        else:
            _print_alerts(alerts, limit, version, zone, follow=follow)
        if follow:
            note_idle(reading, notes())
            with going_on(LOOKED):
                _follow(reading, query, after, format_, settings.follow_seconds)


def _by_time(alert: Alert) -> tuple[datetime, datetime, str, int]:
    return alert.raised, alert.at, alert.issue, alert.sequence


def _follow(reading: Reading, query: AlertQuery, after: Sequence[int], format_: str, seconds: float) -> None:
    console, version, zone = answers(), reading.catalogue.latest, reading.zone
    while True:
        time.sleep(seconds)
        new = list(read_alerts(reading.topics, query, after))
        after = places(new, after, reading.topics.partitions)
        if format_ == "json":
            _print_each([told.alert for told in new])
        else:
            for told in new:
                print_line(console, alert_line(told.alert, version, zone))


def _print_each(alerts: Sequence[Alert]) -> None:
    for alert in alerts:
        plain(json_text(msgspec.to_builtins(alert), indent=None))


def _print_alerts(
    alerts: list[Alert], limit: int | None, version: CatalogueVersion, zone: ZoneInfo, *, follow: bool
) -> None:
    console = answers()
    most = LISTED if limit is None else limit
    shown = alerts[-most:] if most else alerts
    if not alerts and not follow:
        console.print("No alerts.")
    for alert in shown:
        print_line(console, alert_line(alert, version, zone))
    _say_rest(len(alerts), len(shown), "alerts, the newest")


def alert_line(alert: Alert, version: CatalogueVersion, zone: ZoneInfo, *, year: bool = True) -> Text:
    """One alert on one line."""
    at = alert.at.astimezone(zone)
    line = Text(f"{at:%Y-%m-%d %H:%M} " if year else f"{at:%d %b %H:%M} ", no_wrap=True, overflow="ellipsis")
    line.append_text(kind_text(alert)).append(" " * max(1, 12 - len(kind_text(alert))))
    line.append(f"{alert.issue} ", style="bold")
    line.append(title_of(version.services, alert.service) if alert.service else "")
    about = [
        title_of(version.departments, alert.department),
        title_of(version.areas, alert.area) if alert.area else "",
    ]
    about += ["to be accepted" if alert.obligation == "acceptance" else "", alert.reason.replace("_", " ")]
    for part in about:
        if part:
            line.append(f" · {part}", style="bright_black")
    if alert.to:
        line.append(f" · to {alert.to}")
    return line


def _say_rest(all_: int, shown: int, what: str) -> None:
    if shown < all_:
        notes().print(f"{shown:,} of {all_:,} {what}; --limit 0 for all.", style="bright_black")


def orphans(reading: Reading) -> list[tuple[str, Instant]]:
    """Issues never submitted, and since when they are known, oldest first."""
    # Progress is reported on a project under the project's own code, which nobody submits.
    projects = {code for version in reading.published for code in version.projects}
    found = [
        orphan
        for partition in range(reading.reader.partitions)
        for orphan in reading.reader.orphans(partition, _ALL_ORPHANS)
        if orphan[0] not in projects
    ]
    return sorted(found, key=lambda orphan: orphan[1])


def show_orphans(format_: str, limit: int | None, *, data: Path | None, config: Path | None) -> None:
    """Print issues never submitted, oldest first."""
    with open_reading(load(config, data=data).settings) as reading:
        zone, found = reading.zone, orphans(reading)
        most = limit if format_ == "json" else LISTED if limit is None else limit
        shown = found[:most] if most else found
        if format_ == "json":
            plain(json_text([{"issue": issue, "since": iso(since, zone)} for issue, since in shown]))
            return
        console = answers()
        if not found:
            console.print("No orphans: every event belongs to an issue that was submitted.")
            return
        table = _table("issue", "first event", "age")
        for issue, since in shown:
            table.add_row(issue, moment_text(since, zone), length_text(max(reading.stands_at - since, 0)))
        console.print(table)
        _say_rest(len(found), len(shown), "orphans, the oldest")


def show_dead_letters(format_: str, limit: int | None, *, data: Path | None, config: Path | None) -> None:
    """Print the records that could not be worked on, with the reason."""
    with open_reading(load(config, data=data).settings) as reading:
        letters = _letters(reading, limit if format_ == "json" else LISTED if limit is None else limit)
        zone = reading.zone
        for letter in letters[0]:
            letter["received"] = iso(letter["received"], zone)
        if format_ == "json":
            plain(json_text(letters[0]))
            return
        console = answers()
        if not letters[0]:
            console.print("No dead letters: every record in the log could be worked on.")
            return
        _print_letters(console, letters[0], zone)
        _say_rest(letters[1], len(letters[0]), "dead letters, the newest")


def _letters(reading: Reading, most: int | None) -> tuple[list[dict[str, Any]], int]:
    """The newest letters, oldest of them first, and how many there are in all."""
    letters: list[dict[str, Any]] = []
    count = 0
    for partition in range(reading.topics.partitions):
        kept: deque[bytes] = deque(maxlen=most or None)
        after = 0
        while page := reading.topics.outgoing("dead_letter", partition, after, _LETTERS_PAGE):
            kept.extend(document for _, _, document in page)
            count, after = count + len(page), page[-1][0]
        letters += map(msgspec.json.decode, kept)
    letters.sort(key=itemgetter("received"))
    return letters[-most:] if most else letters, count


def _print_letters(console: Console, letters: list[dict[str, Any]], zone: ZoneInfo) -> None:
    table = _table("received", "issue", "place", "reason")
    for letter in letters:
        place = f"{letter['partition']}-{letter['offset']}"
        table.add_row(moment_text(parse(letter["received"]), zone), letter["key"], place, letter["reason"])
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 1))
    for name in names:
        table.add_column(name, overflow="fold")
    return table
