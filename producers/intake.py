"""The one way in for request events from outside: checked, sealed, appended, and only then acknowledged."""

import json
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from livelihood.envelope import MAX_EVENT_BYTES, InvalidEvent, parse_event, too_large
from livelihood.ports import Unavailable
from producers.answers import Answer, Asked, Receipt, Refusal
from producers.appending import Appender
from producers.channel_keys import ChannelKey
from producers.metrics import Metrics
from producers.personal import split, with_sealed
from producers.receipts import Receipts
from web.context import Context

__all__ = ["Answer", "Full", "Intake", "Prepared", "Receipt", "Refusal"]

#: So much may wait for the log: what a slow one takes in some seconds. More is asked to come again.
MOST_WAITING_EVENTS = 10_000
MOST_WAITING_BYTES = 32 * 1024 * 1024
#: One append has at most so many events of those that wait.
GROUP_EVENTS = 2_000
#: How long an answer is waited for.
PATIENCE_SECONDS = 10.0


class Full(Unavailable):
    """So much waits for the log that no more is taken."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Events that were checked and sealed, as far as they can be without knowing their issues."""

    asked: Sequence[Asked | Refusal]
    key: ChannelKey

    @property
    def bytes(self) -> int:
        """What they will take of the log."""
        return sum(len(one.value) for one in self.asked if isinstance(one, Asked))


@dataclass(slots=True)
class _Waiting:
    prepared: Prepared
    answers: "Future[list[Answer]]"
    since: float


class Intake:
    """Takes events in for all channels of one process. Threads share it."""

    def __init__(self, context: Context, receipts: Receipts) -> None:
        """Nothing starts before the first event, or `start`."""
        self._context = context
        self._receipts = receipts
        self._waiting: deque[_Waiting] = deque()
        self._events = self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        #: Whether it has seen what the log holds, and could append when it last had to.
        self.is_ready = False
        self.metrics = Metrics(lambda: self.waiting)

    def take(self, documents: Sequence[dict[str, Any]], key: ChannelKey) -> list[Answer]:
        """What became of each document, a structured CloudEvent; blocks until the disk has them.

        `data.personal` comes in clear, an object of the fields of docs/personal-data.md, and is sealed here.
        Unavailable where the log cannot take them now: none of them is acknowledged then, and the same may be
        given again.
        """
        return self.wait(self.prepare(documents, key))

    def wait(self, prepared: Prepared) -> list[Answer]:
        """As `take`, of what was prepared."""
        answers = self.submit(prepared)
        try:
            return answers.result(PATIENCE_SECONDS)
        except TooLate:
            # What has not been begun will not be; of the rest nothing is known.
            answers.cancel()
            raise Unavailable(f"the log took longer than {PATIENCE_SECONDS:g} s") from None

    def prepare(self, documents: Sequence[dict[str, Any]], key: ChannelKey) -> Prepared:
        """Check and seal documents. Blocks only where one says something personal: for the vault."""
        return Prepared([self._checked(document, key) for document in documents], key)

    def submit(self, prepared: Prepared) -> "Future[list[Answer]]":
        """Have them appended, with whatever else waits; the answers come when the disk has them.

        Full where too much waits already. Of answers that were cancelled before they came nothing was, or
        everything is being, appended. Never blocks.
        """
        answers: Future[list[Answer]] = Future()
        count, size = len(prepared.asked), prepared.bytes
        with self._changed:
            if self._closing:
                raise Unavailable("the server is stopping")
            if self._waiting and (
                self._events + count > MOST_WAITING_EVENTS or self._bytes + size > MOST_WAITING_BYTES
            ):
                self.metrics.failed(prepared.key.channel, count)
                raise Full(f"{self._events:,} events wait for the log already")
            self._waiting.append(_Waiting(prepared, answers, time.monotonic()))
            self._events += count
            self._bytes += size
            self._start()
            self._changed.notify()
        return answers

    def start(self) -> None:
        """Look at what the log holds already, before the first event comes."""
        with self._changed:
            self._start()

    @property
    def waiting(self) -> int:
        """How many events wait for the log."""
        return self._events

    def close(self) -> None:
        """Append what waits, take nothing more, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        appender = Appender(self._context, self._receipts)
        try:
            with suppress(Unavailable):
                # Else with the first event.
                appender.begin()
                self.is_ready = True
            while group := self._next():
                taken = [one for one in group if one.answers.set_running_or_notify_cancel()]
                self.is_ready = appender.append(
                    [(one.prepared.asked, one.prepared.key, one.answers) for one in taken]
                )
                self._measure(taken)
        finally:
            appender.close()

    def _measure(self, taken: Sequence[_Waiting]) -> None:
        now = time.monotonic()
        for one in taken:
            channel = one.prepared.key.channel
            if self.is_ready:
                self.metrics.answered(channel, one.answers.result(), now - one.since)
            else:
                self.metrics.failed(channel, len(one.prepared.asked))

    def _next(self) -> list[_Waiting]:
        """What is appended next; empty at the end."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            group: list[_Waiting] = []
            events = 0
            while self._waiting and (
                not group or events + len(self._waiting[0].prepared.asked) <= GROUP_EVENTS
            ):
                group.append(self._waiting.popleft())
                events += len(group[-1].prepared.asked)
                self._bytes -= group[-1].prepared.bytes
            self._events -= events
            return group

    def _checked(self, document: dict[str, Any], key: ChannelKey) -> Asked | Refusal:
        if document.get("recorded") is not None:
            return Refusal(status=400, field="recorded", message="is stamped here; leave it out")
        data = document.get("data")
        if isinstance(data, dict) and not isinstance(data.get("personal"), dict | None):
            # Sealed text, too: of what others sealed nothing is known here.
            expected = "expected an object, as {name: ..., phone: ..., text: ...}"
            return Refusal(status=400, field="data.personal", message=expected)
        document, personal = split(document)
        try:
            event = parse_event(json.dumps(document).encode(), self._context.clock())
        except InvalidEvent as error:
            too_long = error.message == too_large()
            return Refusal(status=413 if too_long else 400, field=error.field, message=error.message)
        objection = key.objection(event)
        if objection is not None:
            return Refusal(status=403, field=objection[0], message=objection[1])
        if personal is None:
            return Asked.of(event)
        try:
            asked = Asked.of(with_sealed(event, personal, self._context.sealer.seal))
        except InvalidEvent as error:
            return Refusal(status=400, field=error.field, message=error.message)
        if len(asked.value) > MAX_EVENT_BYTES:
            return Refusal(status=413, field="data.personal", message=too_large())
        return asked
