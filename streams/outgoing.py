"""What leaves a partition beside alerts: dead letters, and events for issues elsewhere."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from livelihood.envelope import EVENT_MODELS, root_of, type_of
from livelihood.event_data import AbsorbedData
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import ordered
from livelihood.instants import to_datetime
from livelihood.issue import Issue
from livelihood.ports import Outgoing, Record
from livelihood.promises import Catalogue

_encode = msgspec.json.Encoder().encode


def letter_of_record(partition: int, record: Record, reason: str) -> Outgoing:
    """A record that was refused, with the reason; the record itself stays in the log."""
    letter = {
        "partition": partition,
        "offset": record.offset,
        "key": record.key,
        "received": record.received,
        "reason": reason,
    }
    return Outgoing("dead_letter", f"{partition}-{record.offset}", record.key, _encode(letter))


def letter_of_issue(issue: str, sequence: int, reason: str) -> Outgoing:
    """An issue for which the passing of time could not be worked on, in the commit of that number."""
    key = root_of(issue)
    return Outgoing(
        "dead_letter", f"{issue}-{sequence}", key, _encode({"issue": issue, "key": key, "reason": reason})
    )


def absorbed(issue: str, merged: Issue, facts: Sequence[Fact], catalogue: Catalogue) -> list[Outgoing]:
    """What the survivor of a merger must hear, wherever it is: an event of its own."""
    for (at, *_), fact in ordered(facts, catalogue):
        if fact.kind == Kind.MERGED and (at == merged.settled or len(facts) == 1):
            (into,) = fact.data
            break
    else:
        return []
    if into == issue:
        return []
    identity = blake2b(f"{issue}|{fact.source}|{fact.id}".encode(), digest_size=12).hexdigest()
    moment = to_datetime(fact.time if merged.settled is None else merged.settled)
    event = EVENT_MODELS[Kind.ABSORBED](
        type=type_of(Kind.ABSORBED),
        source="/processor",
        id=f"absorbed:{identity}",
        subject=into,
        time=moment,
        recorded=moment,
        channel=fact.channel,
        data=AbsorbedData(merged=issue, due=None if merged.due is None else to_datetime(merged.due)),
    )
    return [Outgoing("event", event.id, event.key, event.to_json())]
