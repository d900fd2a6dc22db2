"""A change as JSON: what a stream, a long poll and a webhook carry."""

from collections.abc import Callable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from livelihood.changes import Change, promised, told_of
from livelihood.facts import MOMENT_NAMES
from livelihood.instants import Instant, iso
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.numbers import numbers_of
from livelihood.promises import Catalogue
from producers.hearing.places import Place
from producers.hearing.words import happened, message

#: Before the kind of change, in a document's `type`.
TYPE_PREFIX = "issue."


class Told(NamedTuple):
    """A change, ready for whoever follows one of its channels."""

    partition: int
    #: How far the partition is told with it; of an alert only `alert` says something, else only the others.
    place: Place
    is_alert: bool
    #: Unique, and the same whoever works it out.
    id: str
    issue: str
    #: Channel -> its own numbers for the issue.
    numbers: dict[str, list[str]]
    #: The channel the person came by, which alone is told what lets one act as that person.
    owner: str
    document: dict[str, Any]
    #: For the owner, beside the document's data.
    personal: dict[str, Any]

    def for_channel(self, channel: str) -> dict[str, Any]:
        """The document as a channel gets it."""
        data = {**self.document["data"], "numbers": self.numbers.get(channel, [])}
        if channel == self.owner:
            data |= self.personal
        return {**self.document, "data": data}


def links_of(public_url: str, receipt: str) -> dict[str, str]:
    """Where the person looks, confirms and has it reopened."""
    page = f"{public_url}/r/{receipt}"
    return {"receipt": page, "confirm": f"{page}#confirm", "reopen": f"{page}#reopen"}


def numbers_by_channel(issue_id: str, issue: Issue) -> dict[str, list[str]]:
    """The numbers of every channel that may follow an issue; of its own channel perhaps none."""
    found: dict[str, list[str]] = {issue.channel: []} if issue.channel else {}
    for channel, number in numbers_of(issue_id, issue):
        found.setdefault(channel, []).append(number)
    return found


class Documents:
    """Makes them."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], receipt: Callable[[str], str], public_url: str
    ) -> None:
        """`receipt` gives an issue's receipt number."""
        self.catalogue = catalogue
        self._receipt = receipt
        self._public_url = public_url

    def told(
        self,
        change: Change,
        issue_id: str,
        now_known: Issue,
        partition: int,
        place: Place,
        identity: str,
        *,
        is_news: bool,
    ) -> Told:
        """A change of an issue, which as known by now is `now_known`; `is_news`: people are told of it."""
        zone = ZoneInfo(self.catalogue().latest.time_zone)
        issue, fact = change.issue, change.fact
        due = promised(issue)
        data: dict[str, Any] = {
            "issue": issue_id,
            "state": State(issue.state).word,
            "promised": _moment(due, zone),
            "words": happened(change.what),
        }
        if change.promised_before is not None:
            data["promised_before"] = _moment(change.promised_before, zone)
        if fact is not None:
            data["event"] = {"source": fact.source, "id": fact.id, "channel": fact.channel}
            details = told_of(fact)
            data["details"] = {
                name: _moment(value, zone) if name in MOMENT_NAMES else value
                for name, value in details.items()
            }
        receipt = self._receipt(issue_id)
        links = links_of(self._public_url, receipt)
        own: dict[str, Any] = {"receipt": receipt, "links": links}
        if is_news:
            text = message(
                change.what,
                receipt=receipt,
                link=links["receipt"],
                outcome=issue.outcome,
                promised=due,
                before=change.promised_before,
                zone=zone,
            )
            if text is not None:
                own["message"] = text
        return Told(
            partition=partition,
            place=place,
            is_alert=fact is None and change.what in ("due_soon", "overdue"),
            id=identity,
            issue=issue_id,
            numbers=numbers_by_channel(issue_id, now_known),
            owner=now_known.channel,
            document={
                "id": identity,
                "type": TYPE_PREFIX + change.what,
                "timestamp": _moment(change.at, zone),
                "data": data,
            },
            personal=own,
        )


def _moment(instant: Instant | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else iso(instant, zone)
