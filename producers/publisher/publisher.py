"""The publisher client: publish(event), and hear for certain what became of it.

Events wait in memory, of which there is a bound, and one thread takes them to the log in batches. What
nobody answers is sent again with the same id, so that it counts once however often it arrives.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Any, Self

from livelihood.envelope import RequestEvent
from livelihood.instants import Instant
from livelihood.ports import Unavailable
from livelihood.safekeeping import Sealer
from producers.publisher.delivery import (
    Delivery,
    Later,
    NotDelivered,
    Outcome,
    PublisherClosed,
    PublisherFull,
    Refusal,
    Taken,
    Transport,
)
from producers.publisher.pending import Pending, prepare

_LOGGER = logging.getLogger("livelihood.publisher")

#: The first pause before events are sent again, and the longest; each is twice the one before it.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0
#: How long `close` waits for what is under way, unless told otherwise.
CLOSE_SECONDS = 30.0


def _now() -> Instant:
    return time.time_ns() // 1_000


class Publisher:
    """Publishes events by one transport. Any number of threads may share one.

    Close it, or use it as a context manager: then every event is in the log or reported as not delivered.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sealer: Sealer | None = None,
        clock: Callable[[], Instant] = _now,
        linger_seconds: float = 0.01,
        batch_events: int = 500,
        most_events: int = 10_000,
        most_bytes: int = 64 * 1024 * 1024,
        block_seconds: float = 0.0,
        give_up_seconds: float = 120.0,
    ) -> None:
        """Nothing connects before the first event.

        `sealer` seals personal data where the transport's other side does not. An event waits
        `linger_seconds` for others to travel with, up to `batch_events` of them. At most `most_events` of
        `most_bytes` wait; `publish` waits up to `block_seconds` for room among them. An event of which
        nothing was heard for `give_up_seconds` is reported as not delivered.
        """
        self._transport = transport
        self._sealer = sealer
        self._clock = clock
        self._linger_seconds = linger_seconds
        self._batch_events = batch_events
        self._most_events, self._most_bytes = most_events, most_bytes
        self._block_seconds = block_seconds
        self._give_up_seconds = give_up_seconds
        #: Guards what follows, and wakes whoever waits for it to change.
        self._changed = threading.Condition()
        self._waiting: deque[Pending] = deque()
        #: Those that wait or are under way; their number and bytes are what is bounded.
        self._unsettled: set[Pending] = set()
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._closing = self._abandoned = False

    def publish(
        self,
        event: RequestEvent | Mapping[str, Any],
        on_delivery: Callable[[Delivery], None] | None = None,
    ) -> Future[Delivery]:
        """Take one event on: a CloudEvent as a mapping, or a model. Its future tells what became of it.

        The future's result is a Delivery, its exception NotDelivered. `on_delivery` is given a Delivery in
        either case, in the publisher's own thread: it should be quick.

        InvalidEvent names the field that is wrong. PublisherFull, PublisherClosed: nothing was kept.
        """
        pending = prepare(event, self._clock(), through_gateway=self._transport.seals, sealer=self._sealer)
        if on_delivery is not None:
            pending.future.add_done_callback(lambda _: on_delivery(pending.report()))
        limit = time.monotonic() + self._block_seconds
        with self._changed:
            while self._is_full(pending):
                self._refuse_closed()
                left = limit - time.monotonic()
                # The thread that makes room must not wait for it.
                if left <= 0 or threading.current_thread() is self._thread:
                    raise PublisherFull(
                        f"{len(self._unsettled):,} events of {self._bytes:,} bytes wait to be delivered, and"
                        f" {self._most_events:,} of {self._most_bytes:,} bytes may: wait, or give a longer"
                        " block_seconds"
                    )
                self._changed.wait(left)
            self._refuse_closed()
            pending.arrived = time.monotonic()
            self._waiting.append(pending)
            self._unsettled.add(pending)
            self._bytes += pending.size
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="livelihood-publisher", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return pending.future

    @property
    def waiting(self) -> int:
        """How many events are not yet reported on."""
        return len(self._unsettled)

    def flush(self, timeout_seconds: float | None = None) -> bool:
        """Wait until what was published before is reported on; whether it was in time."""
        with self._changed:
            futures = [pending.future for pending in self._unsettled]
        return not wait(futures, timeout_seconds).not_done

    def close(self, timeout_seconds: float = CLOSE_SECONDS) -> None:
        """Deliver what waits; what could not be delivered in time is reported as that. No more is taken."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        try:
            if thread is not None:
                thread.join(timeout_seconds)
        finally:
            with self._changed:
                self._abandoned = True
                self._changed.notify_all()
                left = list(self._unsettled)
            for pending in left:
                self._fail(pending, "the publisher was closed before anything was heard of it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_full(self, pending: Pending) -> bool:
        """Whether one more is too many; a single one always finds room."""
        return bool(self._unsettled) and (
            len(self._unsettled) >= self._most_events or self._bytes + pending.size > self._most_bytes
        )

    def _refuse_closed(self) -> None:
        if self._closing:
            raise PublisherClosed("this publisher was closed; make another one")

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        try:
            while batch := self._next_batch():
                asked = self._deliver(batch)
                if asked is None:
                    pause = FIRST_PAUSE_SECONDS
                    continue
                # By chance a little longer, so that many clients do not come back all at once.
                self._rest(max(asked, pause * random.uniform(1, 1.5)))
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        finally:
            self._transport.close()

    def _next_batch(self) -> list[Pending]:
        """What to send next, once enough waits or the first has waited enough; empty: nothing will come."""
        with self._changed:
            while not self._abandoned:
                if not self._waiting:
                    if self._closing:
                        break
                    self._changed.wait()
                    continue
                left = self._waiting[0].arrived + self._linger_seconds - time.monotonic()
                if left <= 0 or self._closing or len(self._waiting) >= self._batch_events:
                    return self._taken()
                self._changed.wait(left)
        return []

    def _taken(self) -> list[Pending]:
        batch: list[Pending] = []
        size = 0
        while self._waiting and len(batch) < self._batch_events:
            size += self._waiting[0].size
            if batch and size > self._transport.largest_bytes:
                break
            batch.append(self._waiting.popleft())
        return batch

    def _deliver(self, batch: Sequence[Pending]) -> float | None:
        """Send some events and report on them; for how long the rest should wait, None: there is no rest."""
        outcomes: Sequence[Outcome]
        try:
            outcomes = self._transport.send([pending.prepared for pending in batch])
        except Unavailable as error:
            outcomes = [Later(str(error))] * len(batch)
        except Exception as error:  # noqa: BLE001 - whatever happens, every event must be reported on
            _LOGGER.warning("a fault while publishing: %s", type(error).__name__)
            outcomes = [Later(f"a fault of this software: {type(error).__name__}")] * len(batch)
        again: list[Pending] = []
        asked = 0.0
        for pending, outcome in zip(batch, outcomes, strict=True):
            match outcome:
                case Taken(number):
                    self._settle(pending, number)
                case Refusal(field, message):
                    self._fail(pending, message, field, refused=True)
                case Later(message, after_seconds):
                    pending.said = message
                    again.append(pending)
                    asked = max(asked, after_seconds)
        if not again:
            return None
        with self._changed:
            self._waiting.extendleft(reversed(again))
        self._give_up()
        return asked

    def _give_up(self) -> None:
        """Report those on which nothing was heard for too long; the oldest wait first."""
        while True:
            with self._changed:
                if not self._waiting or self._waiting[0].arrived + self._give_up_seconds > time.monotonic():
                    return
                pending = self._waiting.popleft()
            self._fail(pending, pending.said or "nothing could be sent before it")

    def _rest(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        with self._changed:
            while not self._abandoned and (left := limit - time.monotonic()) > 0:
                self._changed.wait(left)

    def _settle(self, pending: Pending, number: str) -> None:
        if self._removed(pending):
            pending.future.set_result(pending.delivery(number=number))

    def _fail(self, pending: Pending, message: str, field: str = "", *, refused: bool = False) -> None:
        if self._removed(pending):
            pending.future.set_exception(NotDelivered(message, field, refused=refused))

    def _removed(self, pending: Pending) -> bool:
        """Take it off the account; False where it was reported on before, as by `close`."""
        with self._changed:
            if pending not in self._unsettled:
                return False
            self._unsettled.remove(pending)
            self._bytes -= pending.size
            self._changed.notify_all()
        return True
