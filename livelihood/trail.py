"""The trail: what an issue's contribution was at every instant so far, and the movements it makes.

Movements go to the ledger and the rows; the trail stays with the issue, so that exactly what was
applied can be taken away again.
"""

from typing import Protocol

from livelihood.contribution import MOVING, Dimensions, Shape, changes_at, dimensions_of, shape_of, shapes_of
from livelihood.instants import Instant
from livelihood.movements import key_of, with_shape
from livelihood.promises import Catalogue
from livelihood.state import IssueState, Step


class Names(Protocol):
    """Numbers for dimensions and shapes, which repeat from issue to issue."""

    def dimensions(self, dimensions: Dimensions) -> int:
        """The number of some dimensions."""

    def shape(self, shape: Shape) -> int:
        """The number of a shape."""


class Trails:
    """Moves issues' contributions; what that makes gathers in `movements`, in order.

    Each is three numbers in a row: see movements.py.
    """

    def __init__(self, catalogue: Catalogue, names: Names) -> None:
        self.catalogue = catalogue
        self._names = names
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
        issue, names, trail = state.issue, self._names, state.trail
        before = trail[-1][1:] if trail else ()
        if before and kind not in MOVING:
            row = before[0]
        else:
            row = key_of(names.dimensions(dimensions_of(issue_id, issue)), 0)
        after: Step = ()
        for department, shape in shapes_of(issue, at, self.catalogue):
            if department:
                left = dimensions_of(issue_id, issue)._replace(department=department)
                after += (key_of(names.dimensions(left), names.shape(shape)),)
            else:
                after += (with_shape(row, names.shape(shape)),)
        if after != before:
            self._move(at, before, after, issue.submitted)
            trail.append((at, *after))

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
        _, before, *beside = trail[-1]
        after = with_shape(before, self._names.shape(shape))
        if after != before:
            submitted = state.issue.submitted
            self.movements += (at, -before, submitted, at, after, submitted)
            trail.append((at, after, *beside))
