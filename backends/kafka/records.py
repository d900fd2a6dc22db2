"""A record of the log as a message of Kafka, and back."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import Message

from livelihood.instants import Instant
from livelihood.ports import CATALOGUE, NewRecord, Outgoing, Record

#: Names of headers. `received` is there where the log's own time does not count, in decimal microseconds.
CONTROL, RUN, RECEIVED, ID = "control", "run", "received", "id"

Headers = list[tuple[str, bytes]]


class NewMessage(NamedTuple):
    """A message to write. Without a partition its key chooses."""

    topic: str
    key: bytes
    value: bytes
    partition: int | None = None
    headers: Headers | None = None


def messages_of(
    records: Iterable[NewRecord], topic: str, partitions: int, catalogue: str = "", versions: int = 0
) -> Iterable[NewMessage]:
    """Records of the log as messages: a marker for each partition.

    A version of the catalogue goes to the topic `catalogue` as well, which holds so many `versions`.
    """
    for record in records:
        headers = _headers(record)
        if not record.control:
            yield NewMessage(topic, record.key.encode(), record.value, None, headers)
            continue
        if record.control == CATALOGUE:
            versions += 1
            yield NewMessage(catalogue, str(versions).encode(), record.value, 0)
        for partition in range(partitions):
            yield NewMessage(topic, record.key.encode(), record.value, partition, headers)


def message_of(outgoing: Outgoing, topic: str, partition: int | None) -> NewMessage:
    """What leaves, as a message; its id is in a header."""
    return NewMessage(topic, outgoing.key.encode(), outgoing.value, partition, [(ID, outgoing.id.encode())])


def _headers(record: NewRecord) -> Headers | None:
    headers = []
    if record.control:
        headers.append((CONTROL, record.control.encode()))
    if record.run:
        headers.append((RUN, record.run.encode()))
    if record.received is not None:
        headers.append((RECEIVED, b"%d" % record.received))
    return headers or None


def record_of(message: Message) -> Record:
    """A message as a record of the log, whoever wrote it: what no producer of ours writes does no harm."""
    key, value = message.key() or b"", message.value() or b""
    received: Instant = message.timestamp()[1] * 1_000
    # A key that is no text cannot be in its partition, so its record becomes a dead letter.
    text = key.decode("utf-8", "replace")
    headers = headers_of(message)
    if not headers:
        return Record(message.offset() or 0, received, text, value)
    own = header(headers, RECEIVED)
    if own.removeprefix("-").isdecimal():
        received = int(own)
    return Record(
        message.offset() or 0, received, text, value, header(headers, CONTROL), header(headers, RUN)
    )


def headers_of(message: Message) -> dict[str, Any]:
    """The headers by name, the last of each."""
    headers = message.headers()
    return dict(headers) if headers else {}


def header(headers: Mapping[str, Any], name: str) -> str:
    """A header as text; empty where there is none."""
    value = headers.get(name) or b""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
