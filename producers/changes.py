"""A row read again, against what the log already holds of its issue: only what is new leaves.

The table shows how things stand, the log how they came about. So a changed cell becomes a
`corrected` event that names old and new, a closing that appeared its own event, and a closing that
was taken back a correction that voids it: the table no longer says that it ever was.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from livelihood.envelope import RequestEvent
from livelihood.event_data import Change, CorrectedData, Data
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact, corrected, fact_of, is_void
from livelihood.instants import Instant, iso
from producers.rows import Request, RowReader

Verdict = Literal["new", "unchanged", "continued", "corrected"]

_ENDINGS = {Kind.RESOLVED, Kind.REJECTED, Kind.WITHDRAWN}
#: The fields of an import's events that hold instants; facts keep those as numbers.
_MOMENTS = {"target"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What a row adds to the log."""

    #: new: the log has nothing of it. continued: it has ended. corrected: cells changed.
    verdict: Verdict
    events: tuple[RequestEvent, ...] = ()


def difference(request: Request, facts: Sequence[Fact], reader: RowReader, now: Instant) -> Difference:
    """Compare a row's request with the facts the log holds of its issue.

    Only this import's own source counts: what other channels said of the issue is theirs to correct.
    `now` is when a correction is said to happen, since the table does not tell.
    """
    own = {fact.id: fact for fact in facts if fact.source == request.events[0].source}
    if not any(fact.kind == Kind.SUBMITTED for fact in own.values()):
        return Difference(verdict="new", events=request.events)
    current = _as_corrected(own)
    corrections = sum(fact.kind == Kind.CORRECTED for fact in own.values())
    submitted, *ending = request.events
    found: list[RequestEvent] = []

    def said(kind: Kind, time: Instant, data: Data, number: int) -> RequestEvent:
        return reader.event(
            request.id, kind, time, submitted.channel, data, number=number, found_now=kind not in _ENDINGS
        )

    def correct(old: Fact, new: Fact) -> None:
        nonlocal corrections
        if changes := _changes(old, new):
            corrections += 1
            data = CorrectedData(corrects=old.id, changes=changes)
            found.append(said(Kind.CORRECTED, now, data, corrections))

    def void(old: Fact) -> None:
        nonlocal corrections
        corrections += 1
        data = CorrectedData(corrects=old.id, changes={"void": Change(old=False, new=True)})
        found.append(said(Kind.CORRECTED, now, data, corrections))

    correct(current[submitted.id], fact_of(submitted))
    standing = _in_order(current, _ENDINGS)
    continued = True
    if ending:
        wanted = fact_of(ending[0])
        kind = Kind(wanted.kind)
        if standing and standing[-1].kind == kind:
            continued = False
            correct(standing[-1], wanted)
        else:
            # Another way of ending is not another value: the one never was, the other is new.
            for old in standing:
                void(old)
            number = 1 + sum(fact.kind == kind for fact in own.values())
            found.append(said(kind, wanted.time, ending[0].data, number))
    elif standing:
        void(standing[-1])
    else:
        continued = False
    verdict: Verdict = "unchanged"
    if found:
        is_corrected = any(event.kind == Kind.CORRECTED for event in found)
        verdict = "corrected" if is_corrected or not continued else "continued"
    return Difference(verdict=verdict, events=tuple(found))


def _as_corrected(own: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts by id with the corrections made so far, in the order these were published."""
    current = {id_: fact for id_, fact in own.items() if fact.kind != Kind.CORRECTED}
    names = DATA_FIELDS[Kind.CORRECTED]
    for fact in _in_order(own, {Kind.CORRECTED}):
        data = dict(zip(names, fact.data, strict=True))
        target = data["corrects"]
        if target in current and is_void(data["changes"]):
            del current[target]
        elif target in current:
            current[target] = corrected(current[target], data["changes"])
    return current


def _in_order(facts: Mapping[str, Fact], kinds: Container[int]) -> list[Fact]:
    """The facts of some kinds by the number at the end of their ids, which is the order they came in."""

    def number(fact: Fact) -> int:
        last = fact.id.rpartition(":")[2]
        return int(last) if last.isdecimal() else 1

    return sorted((fact for fact in facts.values() if fact.kind in kinds), key=number)


def _changes(old: Fact, new: Fact) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    if old.time != new.time:
        changes["time"] = Change(old=iso(old.time), new=iso(new.time))
    if old.channel != new.channel:
        changes["channel"] = Change(old=old.channel, new=new.channel)
    for name, before, after in zip(DATA_FIELDS[new.kind], old.data, new.data, strict=True):
        if before != after:
            changes[name] = Change(old=_json(name, before), new=_json(name, after))
    return changes


def _json(name: str, value: Any) -> Any:
    if name in _MOMENTS and value is not None:
        return iso(value)
    return list(value) if isinstance(value, list | tuple) else value
