"""The share of the partitions that one process works on: given and taken by the group, worked on in turn."""

import gc
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant
from livelihood.ports import EventLog, Fenced, Outlet, StateStore, Unavailable
from livelihood.state import NewerData
from streams.hot import HotStates
from streams.metrics import Metrics
from streams.worker import Worker

#: With nothing to do, how often the log is looked at: what an event waits at most before it is worked on.
IDLE_SECONDS = 0.02
#: What failed because a server was away, or because somebody else took the partition though the group says
#: that it is ours, is tried again after so long, twice as long each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0
#: How often it is looked how far the log has come.
LAG_SECONDS = 5.0
#: While one partition's commit is on its way another is folded. A second thread is slower: they share Python.
SENDERS = 1


class Group(Protocol):
    """Shares the partitions out among all processes that work. All calls are one thread's."""

    def join(
        self,
        given: Callable[[Collection[int]], None],
        taken: Callable[[Collection[int]], None],
        lost: Callable[[Collection[int]], None],
    ) -> None:
        """Become a member. All are called from within `poll` and `leave`.

        What is `taken` may be another member's as soon as that call returns; what is `lost` is already, and
        this process no member until it is `given` something again, be it nothing.
        """

    def poll(self, seconds: float) -> None:
        """Take part for so long."""

    def leave(self) -> None:
        """Give everything back. The last call."""


class Parts(NamedTuple):
    """What a process works with, whatever the technology."""

    log: EventLog
    store: StateStore
    outlet: Outlet
    group: Group
    clock: Callable[[], Instant]
    published: Callable[[], Sequence[CatalogueVersion]]


@dataclass(slots=True)
class _Held:
    """A partition of ours."""

    worker: Worker
    #: Whether a step has gone well since it was given.
    works: bool = False
    #: What keeps it from being worked on, when it is tried again, and how long was waited before.
    trouble: str = ""
    again_at: float = 0.0
    pause: float = 0.0
    #: When it is looked next how far the log has come.
    look_at: float = 0.0


class Share:
    """The partitions of one process. `run` is one thread's; the rest may be asked from any."""

    def __init__(self, parts: Parts, hot_bytes: int, say: Callable[[str], None]) -> None:
        """`hot_bytes` of states are kept in memory; `say` is told what a person should know."""
        self._parts = parts
        self._hot = HotStates(parts.store, hot_bytes)
        self._say = say
        self._held: dict[int, _Held] = {}
        self._joined = False
        self._aside = ""
        self._stop = threading.Event()
        self._executor = ThreadPoolExecutor(SENDERS, "sender")
        self.metrics = Metrics(parts.clock, self._hot)

    def run(self) -> None:
        """Work until told to stop, then give everything back; raises what trying again does not help.

        Where a newer version has worked on a partition this process stands aside: others can read it.
        """
        # What was made by starting stays: the collector need not look at it again.
        gc.freeze()
        group = self._parts.group
        try:
            group.join(self._given, self._taken, self._lost)
            while not self._stop.is_set():
                busy = False
                for partition in list(self._held):
                    busy |= self._step(partition)
                    # Also between two partitions, so that a hand-over waits for one step only.
                    group.poll(0)
                if not busy:
                    group.poll(IDLE_SECONDS)
        except NewerData as error:
            self._aside = f"stands aside: {error}"
        finally:
            self._taken(list(self._held))
            group.leave()
            self._executor.shutdown()
        if self._aside:
            self._say(self._aside)
            self._stop.wait()

    def stop(self) -> None:
        """Have `run` return soon."""
        self._stop.set()

    def trouble(self) -> str:
        """Why this process does not do its whole share now; empty where it does."""
        if self._aside or self._stop.is_set():
            return self._aside or "is stopping"
        if not self._joined:
            return "no member of the group yet"
        for partition, held in sorted(self._held.copy().items()):
            if not held.works:
                return f"partition {partition}: {held.trouble or 'not taken yet'}"
        return ""

    def _given(self, partitions: Collection[int]) -> None:
        self._joined = True
        log, _, outlet, _, clock, published = self._parts
        for partition in partitions:
            worker = Worker(log, self._hot, outlet, clock, published, partition, self._executor)
            self._held[partition] = _Held(worker)
        self._tell("given", partitions)

    def _taken(self, partitions: Collection[int]) -> None:
        held = {partition: self._held.pop(partition) for partition in partitions if partition in self._held}
        for partition, one in held.items():
            one.worker.drop()
            self._hot.forget(partition)
            self.metrics.forget(partition)
        self._tell("given back", held)

    def _lost(self, partitions: Collection[int]) -> None:
        self._joined = False
        self._taken(partitions)

    def _tell(self, what: str, partitions: Collection[int]) -> None:
        self.metrics.partitions.set(len(self._held))
        if partitions:
            self._say(f"{what}: {_listed(partitions)}; has {_listed(self._held)}")

    def _step(self, partition: int) -> bool:
        """Work on a partition once; whether there is more to do."""
        held = self._held.get(partition)
        began = time.monotonic()
        if held is None or began < held.again_at:
            return False
        try:
            stepped = held.worker.step()
            if began >= held.look_at:
                behind = self._parts.log.end(partition) - held.worker.next_offset
                self.metrics.lag.labels(partition).set(behind)
                held.look_at = began + LAG_SECONDS
        except (Unavailable, Fenced) as error:
            self._rest(partition, held, error)
            return False
        held.works, held.trouble, held.pause = True, "", 0.0
        self.metrics.stepped(partition, stepped, time.monotonic() - began)
        return not stepped.idle

    def _rest(self, partition: int, held: _Held, error: Unavailable | Fenced) -> None:
        held.worker.drop()
        self._hot.forget(partition)
        held.pause = min(max(held.pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        held.again_at = time.monotonic() + held.pause
        self.metrics.failed(error)
        if held.trouble != str(error):
            self._say(f"partition {partition}: {error}")
        held.works, held.trouble = False, str(error)


def _listed(partitions: Collection[int]) -> str:
    return ", ".join(map(str, sorted(partitions))) or "none"
