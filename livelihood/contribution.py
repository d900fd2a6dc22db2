"""What one issue adds to the tables, as of an instant.

`contribution(issue, as_of) -> {RowKey: Measures}`: a table is the sum of its issues' contributions.
Hot code does not build that mapping. It finds the issue's *shape*, a tuple of everything its
contribution depends on, and the *dimensions* of its row; both repeat from issue to issue, so stores
number them, and a change of an issue is a change from one (dimensions, shape) to another. What a
shape stands for in sums is worked out once per shape, here, by `sums_of`.
"""

from typing import Any, NamedTuple

import msgspec

from livelihood.events import Kind
from livelihood.fields import CHILD_SEPARATOR
from livelihood.instants import SLOT, Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.measures import ELAPSED, STOCK, SUM, WORKING
from livelihood.promises import Catalogue, Labels


class Dimensions(NamedTuple):
    """What a row is kept for, beside its month."""

    commitment: str
    service: str
    department: str
    area: str
    channel: str
    #: A part of a bundle. All traffic counts the bundle, not its parts too.
    part: bool


class RowKey(NamedTuple):
    """A row: its dimensions, and the month its sums belong to ("" for stocks)."""

    dimensions: Dimensions
    month: str


#: Everything a contribution depends on, in the order of `_SHAPE`. Hashable and packable.
Shape = tuple[Any, ...]
#: ((month, number of the sum), amount), ...
Sums = tuple[tuple[tuple[str, int], int], ...]

_OPEN, _DUE_SOON, _OVERDUE = 1, 2, 3
# Looked up here: an enum's members are slow to reach, and this is on the path of every event.
_ORPHAN, _RESOLVED = State.ORPHAN, State.RESOLVED
_EXCLUDED = frozenset({State.WITHDRAWN, State.MERGED})
#: The lengths of the short shapes: (month, buckets of elapsed and working time), and (marks), each
#: with the outcome at the end as every shape has it.
_TIMES, _MARKS = 4, 2
#: How an issue ended where it was not resolved; closing it later changes nothing of that.
ENDINGS = {"rejected": State.REJECTED, "withdrawn": State.WITHDRAWN, "merged": State.MERGED}


#: Kinds of event that may move an issue to another row.
MOVING = frozenset({Kind.SUBMITTED, Kind.TRANSFER_ACCEPTED, Kind.RECLASSIFIED})


def dimensions_of(issue_id: str, issue: Issue) -> Dimensions:
    """The row an issue counts in; only events of the kinds in MOVING change it."""
    part = CHILD_SEPARATOR in issue_id
    return Dimensions(issue.commitment, issue.service, issue.department, issue.row_area, issue.channel, part)


def shape_of(issue: Issue, as_of: Instant, catalogue: Catalogue) -> Shape | None:
    """The shape of a folded issue, as of an instant not before its last event; None: counts nowhere."""
    if issue.state == _ORPHAN:
        return None
    month = catalogue.months
    due, original, settled = issue.due, issue.due_original, issue.settled
    acceptance, accepted = issue.acceptance_due, issue.accepted
    stock = ending = 0
    month_settled = month_due = month_original = ""
    on_time = left = False
    if settled is None:
        stock = _OPEN
        if due is not None:
            if due < as_of:
                stock = _OVERDUE
            elif issue.reminder is not None and issue.reminder < as_of:
                stock = _DUE_SOON
    else:
        month_settled = month[settled // SLOT]
        ending = ENDINGS.get(issue.outcome, _RESOLVED)
        on_time = due is not None and settled <= due
        if ending in _EXCLUDED:
            # Who left before a deadline is not counted by it, of whatever kind the deadline is.
            left = due is None or on_time
            if original is not None and settled <= original:
                original = None
            if acceptance is not None and accepted is None and settled <= acceptance:
                acceptance = None
    if due is not None and due < as_of and not left:
        # The rate counts the issue in the month its deadline fell in, once that has passed.
        month_due = month[due // SLOT]
    if original is not None and original < as_of:
        month_original = month_due if original == due else month[original // SLOT]
    return (
        month[issue.submitted // SLOT],
        stock,
        due is not None,
        month_due,
        on_time,
        month_original,
        settled is not None and original is not None and settled <= original,
        month[acceptance // SLOT] if acceptance is not None and acceptance < as_of else "",
        accepted is not None and acceptance is not None and accepted <= acceptance,
        ending,
        month_settled,
        left,
        _person(issue, month) if issue.asked is not None or issue.visits is not None else (),
        _marks(issue, "", month) if issue.marks else (),
        issue.outcome,
    )


def outcome_of(shape: Shape) -> str:
    """How an issue of that shape ended; empty while it is open."""
    outcome: str = shape[-1]
    return outcome


def _person(issue: Issue, month: Labels) -> tuple[Any, ...]:
    """Visits and answers; most issues have neither."""
    visits = None if issue.visits is None else min(issue.visits, 2)
    asked = "" if issue.asked is None else month[issue.asked // SLOT]
    return (visits, asked, issue.solved, issue.satisfied)


def _marks(issue: Issue, department: str, month: Labels) -> tuple[tuple[str, int, int], ...]:
    """What is counted beside the rates: (month, number of the sum, how often)."""
    counts: dict[tuple[str, int], int] = {}
    for at, measure, whose, count in issue.marks:
        if whose == department:
            key = month[at // SLOT], SUM[measure]
            counts[key] = counts.get(key, 0) + count
    return tuple((*key, count) for key, count in counts.items())


def shapes_beside(issue: Issue, catalogue: Catalogue) -> list[tuple[str, Shape]]:
    """As what an issue counts beside its own shape, each with its department; empty: the issue's own row.

    The time it took, and departments it left, each with a short shape of its own.
    """
    shapes: list[tuple[str, Shape]] = []
    if issue.times is not None and issue.settled is not None:
        # A shape of its own: times are as many as issues, and would make every shape another one.
        shapes.append(("", (catalogue.months[issue.settled // SLOT], *issue.times, issue.outcome)))
    if issue.marks:
        departments = dict.fromkeys(mark[2] for mark in issue.marks if mark[2])
        shapes += [(left, (_marks(issue, left, catalogue.months), issue.outcome)) for left in departments]
    return shapes


def counted(
    issue_id: str, issue: Issue, as_of: Instant, catalogue: Catalogue
) -> list[tuple[Dimensions, Shape]]:
    """Where and as what an issue counts, as of an instant not before its last event."""
    own, shape = dimensions_of(issue_id, issue), shape_of(issue, as_of, catalogue)
    if shape is None:
        return []
    return [
        (own._replace(department=department) if department else own, shape)
        for department, shape in [("", shape), *shapes_beside(issue, catalogue)]
    ]


def sums_of(shape: Shape) -> Sums:
    """What a shape adds to the sums of its row, by month."""
    sums: dict[tuple[str, int], int] = {}

    def add(month: str, measure: str | int, amount: int = 1) -> None:
        key = (month, SUM[measure] if isinstance(measure, str) else measure)
        sums[key] = sums.get(key, 0) + amount

    if len(shape) == _TIMES:
        month, elapsed, working, _ = shape
        return (((month, ELAPSED + elapsed), 1), ((month, WORKING + working), 1))
    if len(shape) == _MARKS:
        for mark in shape[0]:
            add(*mark)
        return tuple(sums.items())
    month_submitted, stock, has_deadline, month_due, on_time, month_original, on_time_original = shape[:7]
    month_acceptance, accepted_on_time, ending, month_settled, left, person, marks, outcome = shape[7:]
    add(month_submitted, "received")
    if not has_deadline:
        add(month_submitted, "no_deadline")
    if stock:
        add(STOCK, "open")
    if stock > _OPEN:
        add(STOCK, "due_soon" if stock == _DUE_SOON else "overdue")
    if month_due:
        add(month_due, "due")
        if stock == _OVERDUE:
            # In a period, the overdue that the running rate counts are those that fell due in it.
            add(month_due, "due_open")
        if on_time:
            add(month_due, "due_on_time")
    if month_original:
        add(month_original, "due_original")
        if on_time_original:
            add(month_original, "due_on_time_original")
    if month_acceptance:
        add(month_acceptance, "acceptance_due")
        if accepted_on_time:
            add(month_acceptance, "accepted_on_time")
    if left:
        add(month_settled, f"excluded_{outcome}")
    elif ending and has_deadline:
        add(month_settled, "closed_on_time" if on_time else "closed_late")
    if ending == State.REJECTED:
        add(month_settled, "rejected")
    if ending == State.RESOLVED:
        add(month_settled, "resolved")
        if outcome in _RESOLVED_BY:
            add(month_settled, _RESOLVED_BY[outcome])
    if person:
        _add_person(add, month_settled, person, ending)
    for mark in marks:
        add(*mark)
    return tuple(sums.items())


_RESOLVED_BY = {name.removeprefix("resolved_"): name for name in SUM if name.startswith("resolved_")}


def _add_person(add: Any, month_settled: str, person: tuple[Any, ...], ending: int) -> None:
    visits, asked, solved, satisfied = person
    if visits is not None and ending == State.RESOLVED:
        add(month_settled, "visits_recorded")
        if visits <= 1:
            add(month_settled, "one_visit")
    if asked:
        add(asked, "asked")
        if solved is not None or satisfied is not None:
            add(asked, "answered")
        for answer, name in ((solved, "solved"), (satisfied, "satisfied")):
            if answer is not None:
                add(asked, f"answered_{name}")
                if answer:
                    add(asked, name)


def changes_at(issue: Issue) -> list[Instant]:
    """The instants after its events at which time alone changes the issue's shape, in no order."""
    due, original = issue.due, issue.due_original
    instants = []
    if due is not None:
        instants.append(due + 1)
        if issue.settled is None and issue.reminder is not None:
            instants.append(issue.reminder + 1)
    if original != due and original is not None:
        instants.append(original + 1)
    if issue.acceptance_due is not None:
        instants.append(issue.acceptance_due + 1)
    return instants


def contribution(
    issue_id: str, issue: Issue, as_of: Instant, catalogue: Catalogue
) -> dict[RowKey, dict[int, int]]:
    """What a folded issue adds to each row it touches, as of an instant not before its last event."""
    rows: dict[RowKey, dict[int, int]] = {}
    for dimensions, shape in counted(issue_id, issue, as_of, catalogue):
        for (month, measure), amount in sums_of(shape):
            row = rows.setdefault(RowKey(dimensions, month), {})
            row[measure] = row.get(measure, 0) + amount
    return rows


_UNPACKED = msgspec.msgpack.Decoder()
_DIMENSIONS = msgspec.msgpack.Decoder(Dimensions)


def unpack_dimensions(packed: bytes) -> Dimensions:
    """Dimensions as stored."""
    return _DIMENSIONS.decode(packed)


def unpack_shape(packed: bytes) -> Shape:
    """A shape as stored, hashable again."""
    shape: Shape = _tuples(_UNPACKED.decode(packed))
    return shape


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value
