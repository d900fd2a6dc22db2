"""The one way in for request events from outside: checked, sealed, appended, and only then acknowledged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from livelihood.envelope import InvalidEvent, RequestEvent, parse_event
from livelihood.facts import Fact, fact_of
from livelihood.ports import NewRecord
from producers.channel_keys import ChannelKey
from producers.known import facts_of
from producers.receipts import Receipts
from web.context import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The log holds this event durably."""

    issue: str
    source: str
    id: str
    #: What the person keeps, see receipts.py.
    number: str
    #: It was there before, with the same content; nothing has changed.
    repeated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Nothing of this event takes effect."""

    #: The HTTP status that says it: 400, 403, 409, 413.
    status: int
    #: The member at fault, as data.service; empty: the document as a whole.
    field: str
    #: What was expected.
    message: str


class Intake:
    """Takes events in for all channels of one process."""

    def __init__(self, context: Context, receipts: Receipts) -> None:
        self._context = context
        self._receipts = receipts
        self._facts = facts_of(context.reader)

    def take(self, documents: Sequence[dict[str, Any]], key: ChannelKey) -> list[Receipt | Refusal]:
        """What became of each document, a structured CloudEvent; blocks until the disk has them.

        `data.personal` comes in clear, an object of the fields of docs/personal-data.md, and is sealed here.
        Unavailable where the log cannot take them now: none of them is acknowledged then.
        """
        answers: list[Receipt | Refusal] = []
        records: list[NewRecord] = []
        checked = [self._checked(document, key) for document in documents]
        subjects = list(dict.fromkeys(one.subject for one in checked if isinstance(one, RequestEvent)))
        held = self._facts(subjects) if subjects else {}
        known = {(fact.source, fact.id): fact for of_issue in held.values() for fact in of_issue}
        for event in checked:
            if isinstance(event, Refusal):
                answers.append(event)
                continue
            fact = fact_of(event)
            before = known.setdefault((fact.source, fact.id), fact)
            if before is fact:
                records.append(NewRecord(event.key, event.to_json()))
            answers.append(self._answer(event, fact, before))
        self._context.log.append(records)
        return answers

    def _checked(self, document: dict[str, Any], key: ChannelKey) -> RequestEvent | Refusal:
        if document.get("recorded") is not None:
            return Refusal(status=400, field="recorded", message="is stamped here; leave it out")
        now = self._context.clock()
        try:
            event = parse_event(json.dumps(self._sealed(document)).encode(), now)
        except InvalidEvent as error:
            return Refusal(status=400, field=error.field, message=error.message)
        objection = key.objection(event)
        if objection is not None:
            return Refusal(status=403, field=objection[0], message=objection[1])
        return event

    def _sealed(self, document: dict[str, Any]) -> dict[str, Any]:
        data = document.get("data")
        if not isinstance(data, dict) or data.get("personal") is None:
            return document
        personal = data["personal"]
        if not isinstance(personal, dict):
            raise InvalidEvent("data.personal", "expected an object, as {name: ..., phone: ..., text: ...}")
        try:
            sealed = self._context.sealer.seal(personal, str(document.get("subject", "")))
        except ValueError as error:
            raise InvalidEvent("data.personal", str(error)) from None
        return {**document, "data": {**data, "personal": sealed}}

    def _answer(self, event: RequestEvent, fact: Fact, before: Fact) -> Receipt | Refusal:
        if before is not fact and replace(before, recorded=fact.recorded) != fact:
            return Refusal(
                status=409,
                field="id",
                message=f"{fact.id!r} came before with other content; say what changed"
                " with a corrected event",
            )
        return Receipt(
            issue=event.subject,
            source=event.source,
            id=event.id,
            number=self._receipts.number(event.subject),
            repeated=before is not fact,
        )
