"""One partition of a topic read in order, with what follows fetched ahead in the background."""

import time
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from backends.kafka.connection import ANSWER_SECONDS, Connection, Option
from backends.kafka.ends import Ends
from livelihood.ports import Unavailable

#: How long one wait for records lasts where more are known to be there.
_WAIT_SECONDS = 0.005
#: Measured on four partitions of small records: the library's own pause of a second once enough is fetched
#: ahead costs three quarters of the speed, and fetches of eight megabytes are slower than those of one.
_AHEAD: dict[str, Option] = {
    "fetch_queue_backoff_ms": 2,
    "queued_min_messages": 50_000,
    "queued_max_messages_kbytes": 32 * 1024,
    # At the end a fetch is held at the broker for so long; an end behind the mark of a transaction is
    # noticed as late.
    "fetch_wait_max_ms": 50,
}
#: Errors of one connection, which the library makes again by itself.
_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}


class PartitionReader:
    """Reads one partition from any offset on; going on where the last read ended is fast."""

    def __init__(
        self, connection: Connection, ends: Ends, topic: str, partition: int, **options: Option
    ) -> None:
        """`options` of the consumer, an underscore standing for a dot."""
        self._connection = connection
        self._ends = ends
        self.topic = topic
        self.partition = partition
        self._options = {**_AHEAD, **options}
        self._consumer: Consumer | None = None
        #: The offset the next message would have, were there no holes.
        self._next = 0
        #: Everything before it has been given out or is no message.
        self._passed = 0
        #: Everything before it can be read.
        self._end = 0

    def read(self, offset: int, limit: int) -> list[Message]:
        """Up to `limit` messages from `offset` on; fewer only when there are no more.

        Unavailable when no broker answers, or the partition ends before `offset`.
        """
        if limit <= 0:
            return []
        asked = False
        try:
            if self._consumer is None or offset != self._next:
                if offset >= self._end:
                    self._end, asked = self._ends.readable(self.topic, self.partition), True
                if offset > self._end:
                    raise Unavailable(
                        f"partition {self.partition} of Kafka's topic {self.topic} ends at {self._end},"
                        f" before {offset}, where the work stands: its last records were lost. livelihood"
                        " rebuild makes everything again from what is there"
                    )
                if offset == self._end:
                    return []
                self._go(offset)
            with self._connection.explaining():
                found = self._collect(limit, asked)
        except BaseException:
            self.close()
            raise
        if found:
            self._next = self._passed_by(found)
        return found

    def _collect(self, limit: int, asked: bool) -> list[Message]:
        """What there is, in order; the end is asked for once a call, and no sooner than it is near."""
        assert self._consumer is not None
        found: list[Message] = []
        wait = 0.0
        patience = time.monotonic() + ANSWER_SECONDS
        while True:
            messages = self._consumer.consume(limit - len(found), wait)
            if messages:
                self._sort(messages, found)
                patience = time.monotonic() + ANSWER_SECONDS
            if len(found) == limit:
                return found
            if self._passed >= self._end:
                if not asked:
                    self._end, asked = self._ends.readable(self.topic, self.partition), True
                if self._passed >= self._end:
                    return found
            elif time.monotonic() > patience:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"fetching from {self.topic}"))
            wait = _WAIT_SECONDS

    def _sort(self, messages: list[Message], found: list[Message]) -> None:
        """Keep messages; take note of ends, which may lie behind the mark of a transaction."""
        for message in messages:
            error = message.error()
            if error is None:
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._passed = max(self._passed, int(message.offset() or 0))
            elif error.code() not in _PASSING:
                raise KafkaException(error)
        if found:
            self._passed = max(self._passed, self._passed_by(found))

    @staticmethod
    def _passed_by(found: list[Message]) -> int:
        return int(found[-1].offset() or 0) + 1

    def _go(self, offset: int) -> None:
        with self._connection.explaining():
            if self._consumer is None:
                self._consumer = self._connection.consumer(
                    enable_partition_eof=True, auto_offset_reset="error", **self._options
                )
            self._consumer.assign([TopicPartition(self.topic, self.partition, offset)])
        self._next = self._passed = offset

    def close(self) -> None:
        """Give the connection back; the next read makes another."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
