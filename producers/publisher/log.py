"""Straight into an event log of this machine: for a station that has everything in one data folder."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from livelihood.ports import EventLog, NewRecord, Refused
from producers.publisher.delivery import Outcome, Prepared, Refusal, Taken


class LogTransport:
    """Appends to a log that is handed to it, as cli/stations.py does."""

    seals = False
    largest_bytes = 4 * 1024 * 1024

    def __init__(self, opened: Callable[[], AbstractContextManager[EventLog]]) -> None:
        """`opened` gives the log, open for as long as it lasts, in the thread that sends."""
        self._opened = opened
        self._held = ExitStack()
        self._log: EventLog | None = None

    def send(self, events: Sequence[Prepared]) -> list[Outcome]:
        """What became of each; Unavailable where the log cannot take them now."""
        if self._log is None:
            self._log = self._held.enter_context(self._opened())
        records = [NewRecord(key, value) for key, value in events]
        try:
            self._log.append(records)
        except Refused:
            # Nothing is in the log then. One by one, so that the others do not suffer from one.
            return [self._alone(self._log, record) for record in records]
        return [Taken()] * len(records)

    def close(self) -> None:
        """Give the log back."""
        self._log = None
        self._held.close()

    def _alone(self, log: EventLog, record: NewRecord) -> Outcome:
        try:
            log.append([record])
        except Refused as error:
            return Refusal("", str(error))
        return Taken()
