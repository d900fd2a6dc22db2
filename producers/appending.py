"""Appending what waits, many requests with one wait for the disk; in one thread, so that none overtakes."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack

from msgspec.structs import replace

from livelihood.partitions import partition_of
from livelihood.ports import NewRecord, Reader, Refused, Unavailable
from producers.answers import Answer, Asked, Receipt, Refusal
from producers.channel_keys import ChannelKey
from producers.receipts import Receipts
from producers.scope import Issues, objection
from producers.unworked import Unworked
from web.context import Context

_LOGGER = logging.getLogger("livelihood.intake")

#: What one request asks for, and where its answers go.
Request = tuple[Sequence[Asked | Refusal], ChannelKey, "Future[list[Answer]]"]
#: (issue, source, id)
Identity = tuple[str, str, str]


class Appender:
    """Judges events by what the log holds, appends those that are new, and answers. Belongs to one thread."""

    def __init__(self, context: Context, receipts: Receipts) -> None:
        self._context = context
        self._receipts = receipts
        self._held = ExitStack()
        self._reader: Reader | None = None
        self._unworked: Unworked | None = None

    def append(self, group: Sequence[Request]) -> bool:
        """Answer requests: all of them once the disk has what is new in any of them; whether that went well.

        Where the log cannot take it, or what it holds cannot be seen, every answer is Unavailable.
        """
        try:
            answered = self._appended(group)
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait are told
            if self._unworked is not None:
                self._unworked.look_again()
            if not isinstance(error, Unavailable):
                _LOGGER.error("a fault of this software while appending: %s", type(error).__name__)
            for *_, answers in group:
                answers.set_exception(error)
            return False
        for (*_, answers), found in zip(group, answered, strict=True):
            answers.set_result(found)
        return True

    def begin(self) -> None:
        """See what the log holds beyond what was worked on. Unavailable where that cannot be seen."""
        self._seen().look(range(self._context.log.partitions))

    def _appended(self, group: Sequence[Request]) -> list[list[Answer]]:
        asked = [one for events, *_ in group for one in events if isinstance(one, Asked)]
        issues = self._issues(asked)
        new: list[Asked] = []
        answered = [[self._judged(one, key, issues, new) for one in events] for events, key, _ in group]
        refused = self._write(new) if new else set()
        if not refused:
            return answered
        too_large = Refusal(
            status=413, field="", message="larger than the log takes; send references, not files"
        )
        return [
            [too_large if _identity(answer) in refused else answer for answer in answers]
            for answers in answered
        ]

    def _issues(self, asked: Sequence[Asked]) -> Issues:
        context, seen = self._context, self._seen()
        count = context.log.partitions
        seen.look({partition_of(one.event.key, count) for one in asked})
        seen.forget()
        return Issues(list({one.event.subject for one in asked}), self._read(), seen)

    def _seen(self) -> Unworked:
        if self._unworked is None:
            self._unworked = Unworked(self._context.log, self._read())
        return self._unworked

    def _read(self) -> Reader:
        """A reader of our own, so that whoever looks at a large table keeps nobody waiting."""
        if self._reader is None:
            opened = self._context.open_reader
            self._reader = self._context.reader if opened is None else self._held.enter_context(opened())
        return self._reader

    def _judged(self, one: Asked | Refusal, key: ChannelKey, issues: Issues, new: list[Asked]) -> Answer:
        if isinstance(one, Refusal):
            return one
        event, fact = one.event, one.fact
        before = issues.before(event.subject, fact)
        if before is not None and replace(before, recorded=fact.recorded) != fact:
            said = f"{fact.id!r} came before with other content; say what changed with a corrected event"
            return Refusal(status=409, field="id", message=said)
        if before is None:
            forbidden = objection(event, key, issues, self._context.catalogue, self._context.clock())
            if forbidden is not None:
                return Refusal(status=403, field=forbidden[0], message=forbidden[1])
            issues.note(event.subject, fact)
            new.append(one)
        return Receipt(
            issue=event.subject,
            source=event.source,
            id=event.id,
            number=self._receipts.number(event.subject),
            repeated=before is not None,
        )

    def _write(self, new: Sequence[Asked]) -> set[Identity]:
        """Append events; those that the log cannot hold, which are in it as little as what they would say."""
        try:
            places = self._context.log.append([NewRecord(one.event.key, one.value) for one in new])
        except Refused:
            if len(new) == 1:
                return {(new[0].event.subject, new[0].event.source, new[0].event.id)}
            # One of them is at fault, and the others shall not wait for it.
            return set().union(*(self._write([one]) for one in new))
        self._seen().add(
            [(place, one.event.subject, one.fact) for place, one in zip(places, new, strict=True)]
        )
        return set()

    def close(self) -> None:
        """Give files and connections back."""
        if self._unworked is not None:
            self._unworked.close()
        self._held.close()


def _identity(answer: Answer) -> Identity | None:
    return (answer.issue, answer.source, answer.id) if isinstance(answer, Receipt) else None
