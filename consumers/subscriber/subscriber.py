"""One alert after the other, wherever they come from; none is lost, whatever ends on the way."""

import logging
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from livelihood.alerts import Alert
from livelihood.ports import Unavailable

#: A source that cannot be reached is asked again after so long, twice as long each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
#: How long one look at a source lasts.
LOOK_SECONDS = 1.0
#: What was handled is noted this often, and once all that was read is: many quick ones cost one note.
NOTE_SECONDS = 0.2

_LOGGER = logging.getLogger("livelihood.subscriber")


class Refused(RuntimeError):
    """The source will not tell us anything however often it is asked; the message says what to do."""


class Source(Protocol):
    """Where alerts come from. Belongs to one thread."""

    def read(self, wait_seconds: float) -> Sequence[Alert]:
        """The next alerts; none where none came in that time.

        Unavailable where it cannot be reached now; Refused where asking again is of no use.
        """

    def handled(self, count: int) -> None:
        """So many more of what was read last were handled, and need not come again.

        Best kept durably; where that cannot be done now they may come again, and nothing is raised.
        """

    def again(self) -> None:
        """What was read last and is not handled is read again."""

    def close(self) -> None:
        """Give connections back."""


class Subscriber:
    """The alerts of a source, for as long as it is iterated over.

    An alert counts as handled when the next one is asked for. Who ends before that, however that comes about,
    is told it again, and with it what was handled within the last moment: an alert's `id` tells a repeat. The
    alerts of an issue come in their order.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._is_closed = False

    def __iter__(self) -> Iterator[Alert]:
        """The alerts, without end; Refused where the source will not tell us any."""
        pause = FIRST_PAUSE_SECONDS
        while not self._is_closed:
            try:
                alerts = self._source.read(LOOK_SECONDS)
            except Unavailable as error:
                _LOGGER.warning("alerts cannot be had now, asking again in %g s: %s", pause, error)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            pause = FIRST_PAUSE_SECONDS
            if not alerts:
                continue
            yield from self._each(alerts)

    def _each(self, alerts: Sequence[Alert]) -> Iterator[Alert]:
        count, noted = 0, time.monotonic()
        try:
            for alert in alerts:
                yield alert
                count += 1
                if time.monotonic() - noted > NOTE_SECONDS:
                    self._source.handled(count)
                    count, noted = 0, time.monotonic()
        finally:
            if count:
                self._source.handled(count)
            self._source.again()

    def close(self) -> None:
        """Ask for no more, and give connections back."""
        if not self._is_closed:
            self._is_closed = True
            self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
