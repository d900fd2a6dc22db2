"""Messages written durably, in order; and transactions, which are there whole or not at all."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from backends.kafka.connection import ANSWER_SECONDS, Connection, Option
from backends.kafka.ends import BRIEFLY_SECONDS, Ends
from backends.kafka.records import NewMessage

#: How long a message is tried for: longer than a broker takes to start again.
DELIVERY_SECONDS = 30.0
#: A transaction that stands open holds up all readers, so the broker soon ends one whose writer died.
TRANSACTION_SECONDS = 10.0
#: How long is tried to say that a transaction is given up.
ABORT_SECONDS = 1.0
_PAUSE_SECONDS = 0.05

_OPTIONS: dict[str, Option] = {
    "acks": "all",
    "enable_idempotence": True,
    # As Kafka's own clients choose, and livelihood/partitions.py.
    "partitioner": "murmur2_random",
    "linger_ms": 5,
    # The library's own limit is below that of a record with all it is wrapped in, and below the brokers'.
    "message_max_bytes": 1_048_576,
    "message_timeout_ms": int(DELIVERY_SECONDS * 1_000),
}
#: What became of a message: error, topic, partition and offset.
Delivered = tuple[KafkaError | None, str, int, int]
#: Of one of which nothing was heard.
_UNKNOWN: Delivered = (KafkaError(KafkaError._TIMED_OUT), "", 0, 0)


class Writer:
    """Appends without transactions. Several threads may share it."""

    def __init__(self, connection: Connection, **options: Option) -> None:
        """`options` of the producer, an underscore standing for a dot. Connects when first used."""
        self._connection = connection
        self._options = {**_OPTIONS, **options}
        self._producer: Producer | None = None

    def write(self, messages: Iterable[NewMessage]) -> list[tuple[int, int]]:
        """Write in order, durably once this returns; (partition, offset) of each.

        Unavailable: some may be there. Refused where a message is too large for the broker.
        """
        producer = self._producer = self._producer or _connected(self._connection, self._options)
        try:
            with self._connection.explaining():
                delivered = _send(producer, messages)
                producer.flush(DELIVERY_SECONDS + ANSWER_SECONDS)
                return _places(delivered)
        except BaseException:
            # What has not been sent must not be, once this has said that it could not.
            self._producer = None
            producer.purge()
            raise


class Transactions:
    """A writer with a name. Whoever takes the name next ends what this one had begun, and its writing."""

    def __init__(self, connection: Connection, ends: Ends, name: str) -> None:
        """Take the name, and wait until what its last owner had begun is ended.

        Unavailable when no broker answers.
        """
        self._connection = connection
        self._ends = ends
        milliseconds = int(TRANSACTION_SECONDS * 1_000)
        named: dict[str, Option] = {
            "transactional_id": f"{connection.prefix}.{name}",
            "transaction_timeout_ms": milliseconds,
            # No longer than its transaction may last.
            "message_timeout_ms": milliseconds,
        }
        self._producer = _connected(connection, {**_OPTIONS, **named})
        with connection.explaining():
            _patiently(lambda: self._producer.init_transactions(ANSWER_SECONDS))

    def write(self, messages: Iterable[NewMessage]) -> list[tuple[int, int]]:
        """Write all or nothing, durably and to be read once this returns; (partition, offset) of each.

        Fenced when another has taken the name. After that and after Unavailable (all may be there
        or nothing) take the name anew.
        """
        with self._connection.explaining(), self._abandoned_on_error():
            self._producer.begin_transaction()
            delivered = _send(self._producer, messages)
            _patiently(lambda: self._producer.commit_transaction(ANSWER_SECONDS))
            places = _places(delivered)
        self._await_readable(delivered)
        return places

    def _await_readable(self, delivered: Sequence[Delivered]) -> None:
        """A commit is durable before its marks are where readers see them."""
        last: dict[tuple[str, int], int] = {}
        for _, topic, partition, offset in delivered:
            last[topic, partition] = max(offset, last.get((topic, partition), 0))
        for (topic, partition), offset in last.items():
            self._ends.wait(topic, partition, offset + 1, BRIEFLY_SECONDS)

    @contextmanager
    def _abandoned_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._producer.purge()
            # Left open it would hold up readers. Where this cannot be said now, the broker or the next
            # owner of the name ends it.
            with suppress(KafkaException):
                self._producer.abort_transaction(ABORT_SECONDS)
            raise


def _connected(connection: Connection, options: dict[str, Option]) -> Producer:
    producer = connection.producer(**options)
    with connection.explaining(producer):
        # One that is not connected when it first needs a broker looks for it again after half a second.
        producer.list_topics(timeout=ANSWER_SECONDS)
    return producer


def _send(producer: Producer, messages: Iterable[NewMessage]) -> list[Delivered]:
    """Hand messages over; the answer is filled in while they are delivered."""
    delivered: list[Delivered] = []

    def note(number: int, error: KafkaError | None, message: Message) -> None:
        delivered[number] = error, message.topic() or "", message.partition() or 0, message.offset() or 0

    for number, (topic, key, value, partition, headers) in enumerate(messages):
        delivered.append(_UNKNOWN)
        settings: dict[str, Any] = {} if partition is None else {"partition": partition}
        if headers:
            settings["headers"] = headers
        while True:
            try:
                producer.produce(topic, value, key, on_delivery=partial(note, number), **settings)
                break
            except BufferError:
                # As much as may wait is waiting.
                producer.poll(_PAUSE_SECONDS)
    return delivered


def _places(delivered: Sequence[Delivered]) -> list[tuple[int, int]]:
    for error, *_ in delivered:
        if error is not None:
            raise KafkaException(error)
    return [(partition, offset) for _, _, partition, offset in delivered]


def _patiently(ask: Callable[[], object]) -> None:
    """Ask a broker until it answers, for a while: the library says which errors pass."""
    limit = time.monotonic() + DELIVERY_SECONDS
    while True:
        try:
            ask()
            return
        except KafkaException as error:
            if not error.args[0].retriable() or time.monotonic() > limit:
                raise
