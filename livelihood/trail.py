"""The trail: what an issue's contribution was at every instant so far, and the movements it makes.

Movements go to the ledger and the rows; the trail stays with the issue, so that exactly what was
applied can be taken away again.
"""

from collections.abc import Mapping
from typing import Protocol

from livelihood.contribution import (
    MOVING,
    Dimensions,
    Shape,
    changes_at,
    dimensions_of,
    shape_of,
    shapes_beside,
)
from livelihood.instants import Instant
from livelihood.issue import Issue
from livelihood.movements import ROW_BITS, key_of
from livelihood.promises import Catalogue
from livelihood.state import IssueState, Step


class Names(Protocol):
    """Numbers for dimensions and shapes, which repeat from issue to issue."""

    @property
    def dimensions(self) -> Mapping[Dimensions, int]:
        """The number of any dimensions."""

    @property
    def shapes(self) -> Mapping[Shape, int]:
        """The number of any shape."""


class Trails:
    """Moves issues' contributions; what that makes gathers in `movements`, in order.

    Each is three numbers in a row: see movements.py.
    """

    def __init__(self, catalogue: Catalogue, names: Names) -> None:
        self.catalogue = catalogue
        self._dimensions, self._shapes = names.dimensions, names.shapes
        self.movements: list[int] = []

    def correct(self, old: list[Step], was_submitted: Instant, new: list[Step], submitted: Instant) -> None:
        """Undo what was applied, then apply what should have been; what is the same stays."""
        same = 0
        if was_submitted == submitted:
            while same < min(len(old), len(new)) and old[same] == new[same]:
                same += 1
        for trail, when, undo in ((old, was_submitted, True), (new, submitted, False)):
            before = trail[same - 1][1:] if same else ()
            for at, *step in trail[same:]:
                after = tuple(step)
                pair = (after, before) if undo else (before, after)
                self._move(at, *pair, when)
                before = after

    def pass_time(self, state: IssueState, since: Instant, until: Instant) -> None:
        """Count what time alone changes in (since, until]."""
        for instant in sorted(at for at in changes_at(state.issue) if since < at <= until):
            self.recount(state, instant)

    def count(self, issue_id: str, state: IssueState, at: Instant, kind: int) -> None:
        """Move the issue's contribution to what it is from an event of that kind on."""
        issue, trail = state.issue, state.trail
        shape = shape_of(issue, at, self.catalogue)
        if shape is None:
            return
        before = trail[-1][1:] if trail else ()
        if before and kind not in MOVING:
            key = before[0] & ROW_BITS | self._shapes[shape]
        else:
            key = key_of(self._dimensions[dimensions_of(issue_id, issue)], self._shapes[shape])
        if issue.times is None and not issue.marks:
            after: Step = (key,)
        else:
            after = (key, *self._beside(issue_id, issue, key))
        if after != before:
            self._move(at, before, after, issue.submitted)
            trail.append((at, *after))

    def _beside(self, issue_id: str, issue: Issue, key: int) -> list[int]:
        """The keys that stand beside an issue's own."""
        keys = []
        for department, shape in shapes_beside(issue, self.catalogue):
            if department:
                left = dimensions_of(issue_id, issue)._replace(department=department)
                keys.append(key_of(self._dimensions[left], self._shapes[shape]))
            else:
                keys.append(key & ROW_BITS | self._shapes[shape])
        return keys

    def _move(self, at: Instant, before: Step, after: Step, submitted: Instant) -> None:
        if len(before) == len(after) and before[1:] == after[1:]:
            before, after = before[:1], after[:1]
        movements = self.movements
        for key in before:
            movements += (at, -key, submitted)
        for key in after:
            movements += (at, key, submitted)

    def recount(self, state: IssueState, at: Instant) -> None:
        """Move the contribution to what time alone makes of it: the same rows, another shape."""
        trail = state.trail
        shape = shape_of(state.issue, at, self.catalogue)
        if shape is None or not trail:
            return
        last = trail[-1]
        before = last[1]
        after = before & ROW_BITS | self._shapes[shape]
        if after != before:
            submitted = state.issue.submitted
            self.movements += (at, -before, submitted, at, after, submitted)
            trail.append((at, after, *last[2:]))
