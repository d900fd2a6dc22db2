"""How far the work has come, of all partitions: looked at while somebody asks, and never twice a second."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from livelihood.alerts import STALE_AFTER, Alert
from livelihood.instants import MINUTE, Instant, from_datetime
from livelihood.ledger import unpack_ledger
from livelihood.ports import Published
from web.context import Context

#: Who asks again sooner is given the same.
LOOK_SECONDS = 1.0
#: Events a second are told over so long, once it was looked at for so long.
OVER_SECONDS = 60.0
#: A worker looks at least every few seconds; one that has not looked for this long is not there.
LONG_AGO: Instant = 2 * MINUTE
#: The delay of alerts is told of so many of each partition, the newest.
NEWEST_ALERTS = 200

_decode_alert = msgspec.json.Decoder(Alert).decode


@dataclass(frozen=True, kw_only=True)
class PartitionNow:
    """One partition."""

    number: int
    #: Offsets of the log, and how many of them were worked on; the last few may be no records.
    end: int
    done: int
    #: When a worker last looked; 0: never.
    looked: Instant
    #: Issues are being folded again after a change of the catalogue.
    is_refolding: bool

    @property
    def lag(self) -> int:
        """Offsets not yet worked on."""
        return max(self.end - self.done, 0)


@dataclass(frozen=True, kw_only=True)
class WorkNow:
    """The work as it stands."""

    at: Instant
    partitions: tuple[PartitionNow, ...]
    #: Events worked on a second; None: it was not looked at for long enough.
    rate: float | None
    #: Of the newest alerts: half of them, and 99 of 100, were raised within so long; None: there are none.
    delay: Instant | None
    worst_delay: Instant | None
    #: How many alerts that is.
    alerts: int
    #: Imports whose end is still to come.
    imports: tuple[str, ...]

    @property
    def lag(self) -> int:
        """Offsets not yet worked on, of all partitions."""
        return sum(one.lag for one in self.partitions)

    @property
    def is_worked_on(self) -> bool:
        """Whether somebody works on every partition, as far as the looks tell."""
        return all(self.at - one.looked < LONG_AGO for one in self.partitions)


class Watch:
    """One for a process. Threads may share it; every call may raise Unavailable, and blocks."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = threading.Lock()
        self._looked: tuple[float, WorkNow] | None = None
        #: When it was looked at, and how much was done then.
        self._samples: deque[tuple[float, int]] = deque()

    def now(self) -> WorkNow:
        """The work as it stood a moment ago."""
        with self._turn:
            moment = time.monotonic()
            if self._looked is None or moment - self._looked[0] >= LOOK_SECONDS:
                self._looked = moment, self._look(moment)
            return self._looked[1]

    def _look(self, moment: float) -> WorkNow:
        context = self._context
        partitions, imports = [], []
        for number in range(context.reader.partitions):
            position = context.reader.position(number)
            ledger = unpack_ledger(position.ledger)
            partitions.append(
                PartitionNow(
                    number=number,
                    end=context.log.end(number),
                    done=position.next_offset,
                    looked=ledger.live,
                    is_refolding=ledger.refolding is not None,
                )
            )
            imports += [name for name, run in ledger.runs.items() if run.open]
        delays = sorted(delays_of(context.topics))
        return WorkNow(
            at=context.clock(),
            partitions=tuple(partitions),
            rate=self._rate(moment, sum(one.done for one in partitions)),
            delay=delays[len(delays) // 2] if delays else None,
            worst_delay=delays[min(len(delays) * 99 // 100, len(delays) - 1)] if delays else None,
            alerts=len(delays),
            imports=tuple(sorted(set(imports))),
        )

    def _rate(self, moment: float, done: int) -> float | None:
        samples = self._samples
        # Tables that are made anew begin at nothing.
        if samples and done < samples[-1][1]:
            samples.clear()
        samples.append((moment, done))
        while moment - samples[0][0] > OVER_SECONDS:
            samples.popleft()
        (first, before), length = samples[0], moment - samples[0][0]
        del first
        return (done - before) / length if length > 0 else None


def delays_of(topics: Published) -> Iterator[Instant]:
    """From the instant an alert is about until it was raised, of the newest; without what was old news."""
    for number in range(topics.partitions):
        # Places may have holes, so these are at most as many.
        after = max(topics.last("alert", number) - NEWEST_ALERTS, 0)
        for _, _, document in topics.outgoing("alert", number, after, NEWEST_ALERTS):
            alert = _decode_alert(document)
            late = from_datetime(alert.raised) - from_datetime(alert.at)
            if not alert.stale and late < STALE_AFTER:
                yield max(late, 0)
