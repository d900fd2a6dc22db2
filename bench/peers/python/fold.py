"""The job as both Python programs do it: one event into the state of its issue; and how long it all took."""

import json
import sys
import time
from typing import Any

KINDS = ("submitted", "accepted", "commented", "resolved")
_RANK = {f"livelihood.request.{kind}": rank for rank, kind in enumerate(KINDS)}

#: The cell, the status, then the ids of the events that were seen.
State = list[Any]


def fold(state: State | None, event: dict[str, Any]) -> tuple[State, int] | None:
    """The state after an event and the event's rank; None for a repeat."""
    name = event["id"]
    if state is None:
        state = ["", 0]
    elif name in state:
        return None
    rank = _RANK[event["type"]]
    if rank == 0:
        data = event["data"]
        state = [f"{data['service']}/{data['area']}", *state[1:]]
    return [state[0], max(state[1], rank), *state[2:], name], rank


class Stopwatch:
    """From the first event worked on to the last."""

    def __init__(self, events: int) -> None:
        self.left = events
        self.first = self.last = 0.0

    def worked(self) -> bool:
        """Count an event; whether it was the last one."""
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.left -= 1
        return self.left == 0

    def print(self, table: dict[str, list[int]]) -> None:
        """The last line of standard output: how long it took, and the table."""
        # Faust takes what is printed for a message of its log.
        print(
            json.dumps({"seconds": self.last - self.first, "table": table}), file=sys.__stdout__, flush=True
        )
