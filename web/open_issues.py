"""The open issues, by what a desk asks for: kept in memory, made by one look at all and then from the log.

A request reads what was appended since the one before it, so a list is as fresh as the worker. Time alone
moves no issue in or out, so nothing has to be done while nobody asks.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fields import CHILD_SEPARATOR, Code
from livelihood.instants import DAY, Instant
from livelihood.issue import Issue
from livelihood.partitions import partition_of
from livelihood.ports import EVENT
from livelihood.state import IssueState, all_facts, unpack
from web.context import Context
from web.issue_view import running_due

#: Issues filed so lately are kept though they are answered: a desk looks back on its day.
KEPT: Instant = 2 * DAY
_PAGE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenIssue:
    """What lists show of an issue."""

    id: str
    issue: Issue
    #: The deadline someone works towards.
    due: Instant | None
    #: The departments it was offered to, while nobody has taken or returned it.
    offered: frozenset[Code]


class OpenIssues:
    """Those of all partitions; one for a process. Threads may share it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._found: dict[str, OpenIssue] = {}
        #: Partition -> the offset from which on the log has not been read here.
        self._read: dict[int, int] = {}

    def all(self) -> list[OpenIssue]:
        """All open issues, those contested, and those filed within the last two days, in no order."""
        with self._lock:
            for partition in range(self._context.reader.partitions):
                self._catch_up(partition)
            now = self._context.clock()
            self._found = {id_: one for id_, one in self._found.items() if _is_kept(one.issue, now)}
            return list(self._found.values())

    def _catch_up(self, partition: int) -> None:
        worked = self._context.reader.position(partition).next_offset
        offset = self._read.get(partition)
        if offset is None:
            self._look_at_all(partition)
            self._read[partition] = worked
            return
        while offset < worked:
            records = self._context.log.read(partition, offset, _PAGE)
            records = [record for record in records if record.offset < worked]
            if not records:
                break
            if any(record.control != EVENT for record in records):
                # Another catalogue, or an import: any issue may be another one now.
                self._look_at_all(partition)
                break
            subjects = {subject for record in records for subject in _subjects(record.value)}
            states = self._context.reader.states(subjects)
            for subject in subjects:
                self._note(subject, states.get(subject))
            offset = records[-1].offset + 1
        self._read[partition] = worked

    def _look_at_all(self, partition: int) -> None:
        partitions = self._context.reader.partitions
        for issue in [id_ for id_ in self._found if partition_of(root_of(id_), partitions) == partition]:
            del self._found[issue]
        cursor: str | None = ""
        while cursor is not None:
            states, cursor = self._context.reader.scan(partition, cursor, _PAGE)
            for issue, packed in states:
                self._note(issue, packed)

    def _note(self, id_: str, packed: bytes | None) -> None:
        state = None if packed is None else unpack(packed)
        if state is None or not _is_kept(state.issue, self._context.clock()):
            self._found.pop(id_, None)
        else:
            self._found[id_] = OpenIssue(
                id=id_, issue=state.issue, due=running_due(state.issue), offered=_offered(state)
            )


def _is_kept(issue: Issue, now: Instant) -> bool:
    # What was settled may still be contested.
    return issue.open or issue.contested is not None or issue.submitted > now - KEPT


class _Subject(msgspec.Struct):
    subject: str = ""


_SUBJECT = msgspec.json.Decoder(_Subject)


def _subjects(value: bytes) -> Iterator[str]:
    """The issue of a record, and its bundle; none where it is no event."""
    try:
        subject = _SUBJECT.decode(value).subject
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    yield subject
    if CHILD_SEPARATOR in subject:
        yield root_of(subject)


def _offered(state: IssueState) -> frozenset[Code]:
    # Of the facts not archived: an offer that more than a few dozen events have followed is no news.
    return offered_to(all_facts(state))


def offered_to(facts: list[Fact]) -> frozenset[Code]:
    """The departments an issue was offered to, while nobody has taken or returned it."""
    offered: set[Code] = set()
    for fact in sorted(facts, key=lambda one: (one.time, one.kind)):
        if fact.kind == Kind.TRANSFER_OFFERED:
            offered.add(fact.data[0])
        elif fact.kind in (Kind.TRANSFER_ACCEPTED, Kind.RETURNED):
            offered.clear()
    return frozenset(offered)
