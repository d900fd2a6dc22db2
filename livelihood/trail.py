"""The trail: what an issue's contribution was at every instant so far, and the movements it makes.

Movements go to the ledger and the rows; the trail stays with the issue, so that exactly what was
applied can be taken away again.
"""

from typing import Protocol

from livelihood.contribution import Dimensions, Shape, changes_at, counted, shape_of
from livelihood.instants import Instant
from livelihood.movements import SHAPE_BITS
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

    def count(self, issue_id: str, state: IssueState, at: Instant) -> None:
        """Move the issue's contribution to what it is from an instant on."""
        names = self._names
        flat: list[int] = []
        for dimensions, shape in counted(issue_id, state.issue, at, self.catalogue):
            flat.append(names.dimensions(dimensions))
            flat.append(names.shape(shape))
        after = tuple(flat)
        trail = state.trail
        before = trail[-1][1:] if trail else ()
        if after != before:
            self._move(at, before, after, state.issue.submitted)
            trail.append((at, *after))

    def _move(self, at: Instant, before: Step, after: Step, submitted: Instant) -> None:
        if len(before) == len(after) and before[2:] == after[2:]:
            before, after = before[:2], after[:2]
        for place in range(0, len(before), 2):
            self.movements += (at, -((before[place] + 1) << SHAPE_BITS | before[place + 1]), submitted)
        for place in range(0, len(after), 2):
            self.movements += (at, (after[place] + 1) << SHAPE_BITS | after[place + 1], submitted)

    def recount(self, state: IssueState, at: Instant) -> None:
        """Move the contribution to what time alone makes of it: the same rows, another shape."""
        trail = state.trail
        shape = shape_of(state.issue, at, self.catalogue)
        if shape is None or not trail:
            return
        before = trail[-1][1:]
        number = self._names.shape(shape)
        if number != before[1]:
            row, submitted = before[0], state.issue.submitted
            key = (row + 1) << SHAPE_BITS
            self.movements += (at, -(key | before[1]), submitted, at, key | number, submitted)
            trail.append((at, row, number, *before[2:]))
