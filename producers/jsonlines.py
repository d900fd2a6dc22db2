"""Publishing request events from JSON Lines: one CloudEvent a line, from a file or standard input.

Every line stands for itself: a bad one is reported with its number and what was expected, and the
rest goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread
from typing import IO, Any

from msgspec.structs import replace

from livelihood.catalogue import CatalogueVersion
from livelihood.envelope import MAX_EVENT_BYTES, InvalidEvent, RequestEvent, parse_event
from livelihood.facts import Fact, fact_of
from livelihood.instants import Instant
from livelihood.ports import EventLog, NewRecord
from producers.personal import Seal, sealed, split_line
from producers.planning import FactsOf

#: Events appended at a time at the most. From a slow pipe it is whatever has come.
PUBLISHED_EVENTS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class BadLine:
    """A line that was not published."""

    line: int
    #: The field at fault; empty where it is the line as a whole.
    field: str
    #: What was expected.
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodLine:
    """A line that is an event."""

    line: int
    event: RequestEvent
    #: What the event says of a person, in clear; its own `personal` stands for it.
    personal: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Published:
    """What became of the lines."""

    #: Events the log has taken, durably.
    accepted: int = 0
    #: Events the log had before, with the same content.
    repeated: int = 0
    #: Lines refused; each was given to `on_bad` as it came.
    refused: int = 0
    #: (part, code) of accepted events the catalogue does not have: nothing is promised for those.
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)


def read_lines(stream: IO[bytes], clock: Callable[[], Instant]) -> Iterator[GoodLine | BadLine]:
    """The events of a stream of lines, in bounded memory; blank lines are passed over."""
    number = 0
    while line := stream.readline(MAX_EVENT_BYTES + 2):
        number += 1
        if len(line) > MAX_EVENT_BYTES + 1 and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_EVENT_BYTES)) and not rest.endswith(b"\n"):
                pass
        text = line.strip()
        if not text:
            continue
        try:
            text, personal = split_line(text)
            yield GoodLine(line=number, event=parse_event(text, clock()), personal=personal)
        except InvalidEvent as error:
            yield BadLine(line=number, field=error.field, message=error.message)


def publish_lines(
    stream: IO[bytes],
    *,
    log: EventLog,
    facts: FactsOf,
    clock: Callable[[], Instant],
    seal: Seal,
    on_bad: Callable[[BadLine], None],
    catalogue: CatalogueVersion | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Published:
    """Publish a stream of lines; `progress` is told how many lines have been dealt with.

    An event already in the log is left out, one with the same source and id but other content is
    refused. What events say of people is sealed. With a catalogue, accepted events that name codes it
    does not have are counted.
    Unavailable, from the log, stops it: what was counted as accepted is then in the log.
    """
    result = Published()
    done = 0

    def refuse(bad: BadLine) -> None:
        result.refused += 1
        on_bad(bad)

    for batch in _as_they_come(read_lines(stream, clock)):
        good = [line for line in batch if isinstance(line, GoodLine)]
        subjects = list(dict.fromkeys(line.event.subject for line in good))
        held = facts(subjects) if subjects else {}
        known = {_identity(issue, fact): fact for issue in held for fact in held[issue]}
        records: list[NewRecord] = []
        for line in batch:
            if isinstance(line, BadLine):
                refuse(line)
                continue
            fact = fact_of(line.event)
            identity = _identity(line.event.subject, fact)
            before = known.setdefault(identity, fact)
            if before is fact:
                try:
                    event = sealed(line.event, line.personal, seal)
                except InvalidEvent as error:
                    del known[identity]
                    refuse(BadLine(line=line.line, field=error.field, message=error.message))
                    continue
                records.append(NewRecord(event.key, event.to_json()))
                if catalogue is not None:
                    result.unknown.update(_unknown(line.event, catalogue))
            elif replace(before, recorded=fact.recorded) == fact:
                result.repeated += 1
            else:
                message = f"{fact.id!r} from {fact.source} has other content in the log; correct it"
                refuse(BadLine(line=line.line, field="id", message=message))
        if records:
            log.append(records)
        result.accepted += len(records)
        done += len(batch)
        progress(done)
    return result


def _unknown(event: RequestEvent, catalogue: CatalogueVersion) -> Iterator[tuple[str, str]]:
    """The codes an event names that the catalogue does not have."""
    if event.channel not in catalogue.channels:
        yield "channel", event.channel
    service = getattr(event.data, "service", None)
    if service is not None and service not in catalogue.services:
        yield "service", service
    area = getattr(event.data, "area", None)
    if area is not None and catalogue.areas and area not in catalogue.areas:
        yield "area", area


def _as_they_come(lines: Iterator[GoodLine | BadLine]) -> Iterator[list[GoodLine | BadLine]]:
    """The lines in batches that wait for no more than one line, so that a quiet pipe holds nothing back."""
    arrived: Queue[GoodLine | BadLine | Exception | None] = Queue(maxsize=PUBLISHED_EVENTS)

    def read() -> None:
        try:
            for line in lines:
                arrived.put(line)
            arrived.put(None)
        except (OSError, ValueError) as error:
            arrived.put(error)

    Thread(target=read, daemon=True).start()
    while True:
        batch: list[GoodLine | BadLine] = []
        ending: Exception | bool = False
        while not ending and len(batch) < PUBLISHED_EVENTS and not (batch and arrived.empty()):
            item = arrived.get()
            if isinstance(item, GoodLine | BadLine):
                batch.append(item)
            else:
                ending = item or True
        if batch:
            yield batch
        if isinstance(ending, Exception):
            raise ending
        if ending:
            return


def _identity(issue: str, fact: Fact) -> tuple[str, str, str]:
    """What a repeat has in common with what it repeats. The issue too: what another has is not looked up."""
    return issue, fact.source, fact.id
