"""One row of a table becomes the events of one request, or a reject that says why it cannot.

Event ids come from the row's id and the kind ("101000295613:submitted"), so a row read twice makes
the same events.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from livelihood.envelope import EVENT_MODELS, MAX_AHEAD, RequestEvent, type_of
from livelihood.event_data import Data, RejectedData, ResolvedData, SubmittedData, WithdrawnData
from livelihood.events import Kind
from livelihood.instants import DAY, Instant, to_datetime
from producers.cells import (
    Doubt,
    Reason,
    Refused,
    TimeCells,
    code_cells,
    label_cells,
    outcome_cells,
    personal_cells,
    point_cells,
)
from producers.mapping import Mapping
from producers.parts import State, code_of
from producers.tables import Row

#: The longest id of a request, its prefix included: an issue id without a child's part.
LONGEST_ID = 100
_NOT_ID = re.compile(r"[^\w.:-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """A row that makes no events. It holds nothing of the row but its id: cells may be personal."""

    line: int
    reason: Reason
    #: The column at fault, as the table calls it; "" where it is the whole row.
    column: str = ""
    #: The row's id where it has one.
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What one row says about one request."""

    line: int
    #: The issue's id.
    id: str
    #: Submitted, and how it ended if it has: at most one event of each.
    events: tuple[RequestEvent, ...]
    #: What is strange about it, though it is imported.
    doubts: tuple[Doubt, ...] = ()
    #: The city's own verdict: true is on time. Never part of an event.
    label: bool | None = None
    #: Raw names, for drafting a catalogue.
    names: dict[str, str]
    #: What it says of a person, in clear: to be sealed before it goes anywhere.
    personal: dict[str, str] = field(default_factory=dict, repr=False)


class RowReader:
    """Reads the rows of one table by a mapping."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], now: Instant) -> None:
        """MappingError where the columns do not fit; `now` is what counts as the future."""
        mapping.check_columns(columns)
        self._mapping = mapping
        self._now = now
        self._at = {name: position for position, name in enumerate(columns)}
        self._id = self._at[mapping.id]
        self._opened = TimeCells(mapping.opened, mapping, self._at)
        self._closed = TimeCells(mapping.closed, mapping, self._at)
        self._target = TimeCells(mapping.target, mapping, self._at) if mapping.target else None
        self._status = self._at[mapping.status.column] if mapping.status else None
        self._service = code_cells(mapping.service, self._at)
        self._channel = code_cells(mapping.channel, self._at)
        self._department = code_cells(mapping.department, self._at)
        self._staff = frozenset(getattr(mapping.channel, "staff", ()))
        self._area = code_cells(mapping.area, self._at)
        self._urgency = code_cells(mapping.urgency, self._at)
        self._outcome = outcome_cells(mapping.outcome, self._at)
        self._point = point_cells(mapping.coordinates, self._at)
        self._personal = personal_cells(mapping, self._at)
        self._label = label_cells(mapping.label, self._at)
        self._source = f"/imports/{mapping.name}"
        self._names = [
            (part, self._at[column])
            for part in ("service", "department", "area", "channel", "category")
            if (column := getattr(getattr(mapping, part), "column", None)) is not None
        ]

    def read(self, row: Row) -> Request | Reject:
        """The request a row tells of, or why it tells none."""
        if row.fault is not None:
            # With cells missing or merged there is no telling which one is the id.
            return Reject(line=row.line, reason=row.fault)
        issue = _NOT_ID.sub("-", row.values[self._id].strip())
        if not issue.strip("-"):
            return Reject(line=row.line, reason="missing_id", column=self._mapping.id)
        issue = self._mapping.id_prefix + issue
        if len(issue) > LONGEST_ID or issue[0] in ".:-":
            return Reject(line=row.line, reason="bad_id", column=self._mapping.id, id=issue[:LONGEST_ID])
        try:
            return self._request(row, issue)
        except Refused as refused:
            return Reject(line=row.line, reason=refused.reason, column=refused.column, id=issue)

    def _request(self, row: Row, issue: str) -> Request:
        values, mapping = row.values, self._mapping
        doubts: list[Doubt] = []
        opened = self._opened.read(values, None)
        if opened is None:
            raise Refused("missing_time", self._opened.column)
        closed = self._closed.read(values, opened)
        if closed is not None:
            closed = self._closed.not_before(closed, opened)
        target = self._target.read(values, opened) if self._target else None
        for moment, cells in ((opened, self._opened), (closed, self._closed)):
            # The last second of today is a date without a time, and not in the future.
            if moment is not None and moment > self._now + (DAY if cells.ends_day else MAX_AHEAD):
                raise Refused("in_the_future", cells.column)
        state: State = "open" if closed is None else "resolved"
        if mapping.status is not None and self._status is not None:
            word = values[self._status].strip()
            if word not in mapping.status.values:
                raise Refused("unknown_status", mapping.status.column)
            state = mapping.status.values[word]
        if state != "open" and closed is None:
            raise Refused("closed_without_time", self._closed.column)
        if closed is not None and closed < opened:
            raise Refused("closed_before_opened", self._closed.column)
        if state == "open" and closed is not None:
            doubts.append("open_with_closing_time")
        if target is not None:
            if target < opened:
                doubts.append("target_before_opening")
            elif target - opened > mapping.farthest_target_days * DAY:
                doubts.append("target_far")
        service, channel = self._service(values), self._channel(values)
        if service is None:
            raise Refused("missing_service", getattr(mapping.service, "column", ""))
        if channel is None:
            raise Refused("missing_channel", getattr(mapping.channel, "column", ""))
        point = self._point(values)
        if isinstance(point, str):
            doubts.append(point)
            point = None
        personal, is_cut = self._personal(values)
        if is_cut:
            doubts.append("personal_cut")
        number = values[self._id].strip()
        submitted = SubmittedData(
            service=service,
            department=self._department(values),
            area=self._area(values),
            urgency=self._urgency(values),
            latitude=point and point[0],
            longitude=point and point[1],
            # The event's subject already says it, unless it had to be changed to be an id.
            number=number[:LONGEST_ID] if number != issue else None,
            target=None if target is None else to_datetime(target),
            target_stated=self._target is not None,
        )
        events = [self.event(issue, Kind.SUBMITTED, opened, channel, submitted)]
        if state != "open" and closed is not None:
            kind, data = self._ending(state, values, channel)
            events.append(self.event(issue, kind, closed, channel, data))
        return Request(
            line=row.line,
            id=issue,
            events=tuple(events),
            doubts=tuple(doubts),
            label=self._label(values),
            names={part: values[position].strip() for part, position in self._names},
            personal=personal,
        )

    def event(
        self,
        issue: str,
        kind: Kind,
        time: Instant,
        channel: str,
        data: Data,
        *,
        number: int = 1,
        found_now: bool = False,
    ) -> RequestEvent:
        """An event of an issue; from the second of a kind on, its id carries the number.

        Recorded as the mapping says, unless only this reading of the table has found it out.
        """
        moment = to_datetime(time)
        own = self._mapping.recorded == "own" and not found_now
        return EVENT_MODELS[kind](
            type=type_of(kind),
            source=self._source,
            id=f"{issue}:{kind.word}" + (f":{number}" if number > 1 else ""),
            subject=issue,
            time=moment,
            recorded=moment if own else to_datetime(max(self._now, time)),
            channel=channel,
            data=data,
        )

    def _ending(self, state: State, values: list[str], channel: str) -> tuple[Kind, Data]:
        if state == "withdrawn":
            # From a channel of the city's own people only a confirmed call withdraws.
            return Kind.WITHDRAWN, WithdrawnData(confirmed_call=channel in self._staff)
        if state == "rejected":
            word = values[self._status] if self._status is not None else ""
            return Kind.REJECTED, RejectedData(reason=(code_of(word) or "unstated")[:40])
        return Kind.RESOLVED, ResolvedData(outcome=self._outcome(values))
