"""An issue as a service request: what everybody may read of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from livelihood.catalogue import CatalogueVersion
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact
from livelihood.fields import LanguageCode
from livelihood.fold import ordered
from livelihood.instants import SECOND, Instant, iso
from livelihood.issue import Issue, state_at
from livelihood.promises import Catalogue
from producers.open311.wording import standing
from web.titles import text_in, title_of

_FIELDS = DATA_FIELDS[Kind.SUBMITTED]
_LATITUDE, _LONGITUDE, _ATTACHMENTS = (
    _FIELDS.index(name) for name in ("latitude", "longitude", "attachments")
)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How requests are told: to whom, when, and what of it is published."""

    catalogue: Catalogue
    now: Instant
    language: LanguageCode
    #: Of "location" and "media": what was not written is published by these.
    public: frozenset[str]

    @property
    def version(self) -> CatalogueVersion:
        """The catalogue's words."""
        return self.catalogue.latest

    def time(self, instant: Instant | None) -> str | None:
        """An instant as the specification writes it, in the jurisdiction's own time."""
        if instant is None:
            return None
        return iso(instant - instant % SECOND, ZoneInfo(self.version.time_zone))


def submission(facts: Iterable[Fact], is_corrected: bool, catalogue: Catalogue) -> Fact | None:
    """The fact among an issue's by which it was submitted, as corrected."""
    if is_corrected:
        facts = [fact for _, fact in ordered(facts, catalogue)]
    return next((fact for fact in facts if fact.kind == Kind.SUBMITTED), None)


def service_request(
    issue_id: str, issue: Issue, submitted: Fact | None, written: Mapping[str, str], telling: Telling
) -> dict[str, Any]:
    """One request; `written` is what of the person's own words is published: description, address."""
    state = state_at(issue, telling.now, telling.catalogue)
    service = telling.version.services.get(issue.service)
    data = submitted.data if submitted is not None else None
    has_location = data is not None and "location" in telling.public
    attachments = data[_ATTACHMENTS] if data is not None and "media" in telling.public else ()
    due = issue.due if issue.rework_due is None or not issue.open else issue.rework_due
    return {
        "service_request_id": issue_id,
        "status": "open" if issue.open else "closed",
        "status_notes": standing(state, issue.outcome, telling.language) or None,
        "service_name": title_of(telling.version.services, issue.service, telling.language),
        "service_code": issue.service,
        "description": written.get("description"),
        "agency_responsible": title_of(telling.version.departments, issue.department, telling.language)
        or None,
        "service_notice": (text_in(service.notice, telling.language) or None)
        if service is not None
        else None,
        "requested_datetime": telling.time(issue.submitted),
        "updated_datetime": telling.time(issue.changed if issue.open else issue.settled),
        "expected_datetime": telling.time(due),
        "address": written.get("address"),
        "address_id": None,
        "zipcode": None,
        "lat": data[_LATITUDE] if data is not None and has_location else None,
        "long": data[_LONGITUDE] if data is not None and has_location else None,
        "media_url": next(iter(attachments), None),
    }
