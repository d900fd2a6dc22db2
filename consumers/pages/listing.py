"""The issues behind a figure, as lists show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumers.board.answers import IssuePage
from consumers.pages.asking import Here
from consumers.pages.figures import dimension_title
from livelihood.instants import Instant
from web.issue_view import Standing, standing_of
from web.languages import Message, _
from web.titles import title_of

#: On a page.
SIZE = 50
#: Due first, on a commitment's own page.
FIRST = 8
#: Figures whose issues are listed, and what the list is called; others by their own name.
TITLES: Mapping[str, Message] = {
    "received": _("Received"), "open": _("Open"), "due_soon": _("Due soon"), "overdue": _("Overdue"),
    "resolved": _("Resolved"), "due": _("Their deadline fell in the period, and has passed"),
    "due_on_time": _("Answered by their deadline"), "on_time_rate.rest": _("Not answered by their deadline"),
    "due_open": _("Past their deadline, and still open"),
    "excluded_withdrawn": _("Withdrawn before the deadline"),
    "excluded_merged": _("Merged before the deadline"), "no_deadline": _("Without a deadline"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An issue of a list."""

    id: str
    service: str
    department: str
    area: Message | str
    submitted: Instant
    due: Instant | None
    #: How long is left, or how long it is over; of what is open.
    left: Message | str
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of a list."""

    title: Message | str
    issues: Sequence[Listed]
    total: int
    nothing: Message
    #: Whether there are more than these.
    more: bool


def listing_of(page: IssuePage, measure: str, here: Here) -> Listing:
    """A page of issues as it is shown."""
    version, formats = here.version, here.formats
    language = formats.language.code
    found = []
    for one in page.issues:
        issue = one.issue
        left: Message | str = ""
        if issue.open and one.due is not None:
            length = formats.length(abs(one.due - page.as_of))
            left = (
                _("%(length)s left", length=length)
                if one.due >= page.as_of
                else _("%(length)s over", length=length)
            )
        found.append(
            Listed(
                id=one.id,
                service=title_of(version.services, issue.service, language),
                department=title_of(version.departments, issue.department, language),
                area=dimension_title(version, "area", issue.row_area, language) if issue.row_area else "",
                submitted=issue.submitted,
                due=one.due,
                left=left,
                standing=standing_of(issue, one.state, page.as_of),
            )
        )
    return Listing(
        title=TITLES.get(measure, measure),
        issues=found,
        total=page.total,
        nothing=_("No issue counts here."),
        more=page.total > len(found),
    )
