"""`livelihood issue`: one issue, what happened to it, and the arithmetic behind its deadline."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.engine import open_reading
from cli.failures import REFUSED, Failure
from cli.moments import length_text, moment_text, parse_moment
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, plain
from cli.views import title_of
from consumers.alerts import AlertQuery, read_alerts
from consumers.objects import history_object
from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.deadline_steps import Deadline
from livelihood.deadline_text import render
from livelihood.histories import Entry, Held, History, read_history
from livelihood.instants import Instant, from_datetime
from livelihood.lifecycle import State
from livelihood.snapshots import of_one_moment


def show_issue(
    issue_id: str, as_of: str | None, format_: str, *, data: Path | None, config: Path | None
) -> None:
    """Print an issue's history; Failure where there is none."""
    with open_reading(load(config, data=data).settings) as reading:
        zone = reading.zone
        at = None if as_of is None else parse_moment(as_of, zone, "--as-of")
        history = of_one_moment(
            reading.reader,
            lambda: read_history(reading.reader, reading.catalogue, issue_id, at, reading.stands_at),
        )
        found = [told.alert for told in read_alerts(reading.topics, AlertQuery(issue=issue_id))]
        if history is None:
            when = "" if at is None else f" as of {moment_text(at, zone)}"
            raise Failure(f"There is no issue {issue_id!r} in {reading.place}{when}.", REFUSED)
        alerts = [alert for alert in found if from_datetime(alert.at) <= history.as_of]
        if format_ == "json":
            shown = history_object(history, zone)
            plain(json_text(shown | {"alerts": msgspec.to_builtins(alerts)}))
        else:
            answers().print(view(history, alerts, reading.catalogue.latest, zone))


def view(
    history: History, alerts: Sequence[Alert], version: CatalogueVersion, zone: ZoneInfo
) -> RenderableType:
    """The issue as people read it."""
    issue = history.issue
    head = Text(f"Issue {history.id}", style="bold")
    if issue.service:
        head.append(f" · {title_of(version.services, issue.service)}", style="not bold")
    parts: list[RenderableType] = [head, Padding(_facts(history, version, zone), (0, 0, 1, 2))]
    for name, deadline in (("Deadline", history.deadline), ("To be accepted by", history.acceptance)):
        if deadline is not None:
            parts += [_deadline(name, deadline, zone), Text("")]
    if history.state is not State.ORPHAN and history.deadline is None:
        parts += [Text("No deadline: nothing was promised for this."), Text("")]
    parts += [Text("What happened", style="bold"), _timeline(history.entries, zone)]
    if history.held:
        parts += [Text("\nWho had it", style="bold"), _held(history.held, version)]
    if alerts:
        parts += [Text("\nAlerts", style="bold"), _alerts(alerts, zone)]
    return Group(*parts)


def _facts(history: History, version: CatalogueVersion, zone: ZoneInfo) -> Table:
    issue = history.issue
    table = Table.grid(padding=(0, 2))
    rows: list[tuple[str, str | Text]] = [("state", _state(history))]
    if issue.commitment:
        rows.append(("commitment", title_of(version.commitments, issue.commitment)))
    if issue.department:
        rows.append(("department", title_of(version.departments, issue.department)))
    if issue.area:
        rows.append(("area", title_of(version.areas, issue.area)))
    if issue.channel:
        rows.append(("came in by", title_of(version.channels, issue.channel)))
        rows.append(("submitted", moment_text(issue.submitted, zone)))
    if issue.settled is not None:
        took = length_text(issue.settled - issue.submitted)
        rows.append((issue.outcome or "settled", f"{moment_text(issue.settled, zone)}, after {took}"))
    rows.append(("as of", moment_text(history.as_of, zone)))
    for name, value in rows:
        table.add_row(Text(name, style="bright_black"), value)
    return table


def _state(history: History) -> Text:
    issue, word = history.issue, history.state.word
    if history.state is State.ORPHAN:
        return Text("orphan: never submitted, and counted in no table", style="yellow")
    if issue.due is None:
        return Text(word)
    end = history.as_of if issue.settled is None else issue.settled
    if end > issue.due:
        late = length_text(end - issue.due)
        return Text.assemble(
            word, ", ", (f"overdue by {late}" if issue.settled is None else f"{late} late", "red")
        )
    if issue.settled is None:
        return Text(f"{word}, {length_text(issue.due - end)} left")
    return Text.assemble(word, ", ", ("on time", "green"))


def _deadline(name: str, deadline: Deadline, zone: ZoneInfo) -> RenderableType:
    head = Text.assemble((f"{name} ", "bold"), (moment_text(deadline.due, zone), "bold"))
    if deadline.provisional:
        head.append(" (provisional)", style="yellow")
    return Group(head, *(Text(f"  {render(step, 'en', zone)}") for step in deadline.steps))


def _timeline(entries: Sequence[Entry], zone: ZoneInfo) -> Table:
    table = _plain_table("", "", "", heads=False)
    before = State.ORPHAN
    for entry in entries:
        moved = entry.state != before and entry.state.word != entry.kind.word
        then = [f"now {entry.state.word}"] if moved else []
        before = entry.state
        table.add_row(
            Text(moment_text(entry.at, zone), no_wrap=True),
            Text(entry.kind.word.replace("_", " "), no_wrap=True),
            "; ".join([*then, *_remarks(entry, zone), f"by {entry.fact.channel}"]),
            style="bright_black" if entry.ignored else "",
        )
    return table


def _remarks(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    if entry.ignored:
        yield f"no effect: {entry.ignored.removeprefix('no effect ')}"
    data = entry.data
    for name in ("outcome", "reason", "to", "into", "service", "corrects", "merged", "child"):
        if name in data:
            yield str(data[name]) if name in ("outcome", "reason") else f"{name} {data[name]}"
    for name in ("until", "target"):
        if isinstance(data.get(name), int):
            yield f"{name} {moment_text(data[name], zone)}"
    for field, change in msgspec.to_builtins(data.get("changes", {})).items():
        yield f"{field}: {change['old']} → {change['new']}"
    if entry.fact.time != entry.at:
        yield f"claimed for {moment_text(entry.fact.time, zone)}"
    elif entry.fact.recorded - entry.fact.time > _WORTH_SAYING:
        yield f"recorded {moment_text(entry.fact.recorded, zone)}"


#: A fact recorded this much after it happened is shown as such.
_WORTH_SAYING: Instant = 60_000_000


def _held(held: Sequence[Held], version: CatalogueVersion) -> Table:
    table = _plain_table("department", "opening hours", "in all", right=(1, 2))
    by_department: dict[str, tuple[int, int]] = {}
    for one in held:
        working, elapsed = by_department.get(one.department, (0, 0))
        by_department[one.department] = working + one.working, elapsed + one.elapsed
    for code, (working, elapsed) in by_department.items():
        table.add_row(title_of(version.departments, code), length_text_hours(working), length_text(elapsed))
    return table


def length_text_hours(length: int) -> str:
    """Opening time in hours and minutes: a day of it would be taken for 24 hours."""
    hours, rest = divmod(length, 3_600_000_000)
    return f"{hours:,} h {rest // 60_000_000:02} min"


def _alerts(alerts: Sequence[Alert], zone: ZoneInfo) -> Table:
    table = _plain_table("when", "alert", "about", "")
    for alert in alerts:
        about = f"{alert.obligation} due {moment_text(from_datetime(alert.due), zone)}"
        told = " ".join(
            part for part in (alert.reason.replace("_", " "), alert.to and f"to {alert.to}") if part
        )
        table.add_row(moment_text(from_datetime(alert.at), zone), kind_text(alert), about, told)
    return table


_STYLES = {"due_soon": "yellow", "overdue": "red", "escalated": "bold red", "cleared": "green"}


def kind_text(alert: Alert) -> Text:
    """What an alert says, in its colour."""
    level = f" {alert.level}" if alert.level else ""
    return Text(alert.kind.replace("_", " ") + level, style=_STYLES.get(alert.kind, ""))


def _plain_table(*names: str, right: Sequence[int] = (), heads: bool = True) -> Table:
    table = Table(box=None, header_style="bright_black", padding=(0, 0, 0, 2), show_header=heads)
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number in right else "left", overflow="fold")
    return table
