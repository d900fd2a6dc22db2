"""The deadlines that somebody would hear of, were they missed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter

from consumers.deadlines.ical import Entry
from livelihood.alerts import Alarm, Alert, alert_of, schedule
from livelihood.fields import LanguageCode
from livelihood.instants import Instant
from livelihood.promises import Catalogue
from web.languages import Language, _
from web.open_issues import OpenIssue
from web.titles import title_of

#: The soonest of so many: what a calendar program can show.
MOST = 2_000
#: Kinds that say what becomes of a deadline that is not met.
_OF_DEADLINES = frozenset({"due_soon", "overdue", "escalated"})

Hears = Callable[[Alert], bool]


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose calendar it is."""

    title: str
    language: LanguageCode
    hears: Hears


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One to come."""

    one: OpenIssue
    obligation: str
    due: Instant
    cycle: str


def coming(issues: Iterable[OpenIssue], catalogue: Catalogue, hears: Hears, now: Instant) -> list[Deadline]:
    """Deadlines not passed yet of which any alert would be heard, the soonest first."""
    found = [
        deadline
        for one in issues
        if one.issue.open
        for deadline in _of_issue(one, schedule(one.issue, catalogue), hears)
        if deadline.due >= now
    ]
    return sorted(found, key=attrgetter("due", "one.id", "obligation"))[:MOST]


def _of_issue(one: OpenIssue, alarms: Iterable[Alarm], hears: Hears) -> Iterator[Deadline]:
    seen: set[str] = set()
    for alarm in alarms:
        if alarm.kind not in _OF_DEADLINES or alarm.obligation in seen:
            continue
        if hears(alert_of(one.id, one.issue, alarm)):
            seen.add(alarm.obligation)
            yield Deadline(one=one, obligation=alarm.obligation, due=alarm.due, cycle=alarm.cycle)


def entry_of(deadline: Deadline, catalogue: Catalogue, language: Language, public_url: str) -> Entry:
    """A deadline as a calendar shows it; nothing that identifies a person."""
    issue, version = deadline.one.issue, catalogue.latest
    service = title_of(version.services, issue.service, language.code)
    department = title_of(version.departments, issue.department, language.code)
    area = title_of(version.areas, issue.row_area, language.code)
    values = {"service": service, "issue": deadline.one.id}
    due, accepted = (
        _("Due: %(service)s %(issue)s", **values),
        _("To be accepted: %(service)s %(issue)s", **values),
    )
    link = f"{public_url}/issues/{deadline.one.id}"
    lines = [part for part in (department, area, link) if part]
    # Where it moves, the same entry moves.
    identity = f"{deadline.one.id}|{deadline.obligation}|{deadline.cycle}"
    return Entry(
        id=f"{blake2b(identity.encode(), digest_size=12).hexdigest()}@livelihood",
        at=deadline.due,
        title=language.said(accepted if deadline.obligation == "acceptance" else due),
        description="\n".join(lines),
        link=link,
        changed=issue.changed,
        categories=(department,) if department else (),
    )
