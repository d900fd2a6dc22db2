"""States of issues that nothing more is due for, kept in a topic and read back by offset."""

import threading
from collections.abc import Iterator, Mapping, Sequence

from backends.kafka.connection import Connection, Option
from backends.kafka.ends import Ends
from backends.kafka.reading import PartitionReader
from backends.kafka.records import NewMessage
from backends.kafka.topics import CLOSED, LARGEST_STATE_BYTES
from backends.kafka.writing import Writer
from livelihood.ports import Unavailable

#: Reading through so many states costs less than going to another place.
NEAR = 1_000
#: A state is fetched with the batch it was written in: small ones waste little.
_WRITING: dict[str, Option] = {
    "message_max_bytes": LARGEST_STATE_BYTES,
    "batch_size": 64 * 1024,
    "compression_type": "lz4",
}
_READING: dict[str, Option] = {
    "fetch_message_max_bytes": 128 * 1024,
    "queued_min_messages": 1_000,
    "queued_max_messages_kbytes": 2 * 1024,
}


class KafkaColdStates:
    """The topic `closed`. What was put stays and never changes. Several threads may share one."""

    def __init__(self, connection: Connection) -> None:
        """Connects when first used."""
        self._connection = connection
        self._topic = connection.topic(CLOSED)
        self._ends = Ends(connection)
        self._writer = Writer(connection, **_WRITING)
        self._readers: dict[int, PartitionReader] = {}
        self._turn = threading.Lock()

    def put(self, partition: int, states: Mapping[str, bytes]) -> dict[str, int]:
        """Keep states, durably once this returns; the place of each.

        Unavailable when they cannot be kept now.
        """
        written = self._writer.write(
            NewMessage(self._topic, issue.encode(), state, partition) for issue, state in states.items()
        )
        return {issue: offset for issue, (_, offset) in zip(states, written, strict=True)}

    def get(self, partition: int, places: Mapping[str, int]) -> dict[str, bytes]:
        """The states at those places, by issue. Unavailable when one cannot be read now."""
        wanted = {offset: issue for issue, offset in places.items()}
        found: dict[str, bytes] = {}
        with self._turn:
            reader = self._readers.get(partition)
            if reader is None:
                reader = PartitionReader(self._connection, self._ends, self._topic, partition, **_READING)
                self._readers[partition] = reader
            for first, last in _stretches(sorted(wanted)):
                for message in reader.read(first, last - first + 1):
                    issue = wanted.get(message.offset() or 0)
                    if issue is not None and message.key() == issue.encode():
                        found[issue] = message.value() or b""
        if missing := places.keys() - found.keys():
            raise Unavailable(
                f"{self._topic} does not hold the state of {min(missing)} where it was put; if the topic was"
                " emptied, livelihood rebuild makes everything again from the log"
            )
        return found

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._readers.values():
            reader.close()


def _stretches(offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of offsets that are near each other."""
    first = last = None
    for offset in offsets:
        if first is None or last is None:
            first = offset
        elif offset - last > NEAR:
            yield first, last
            first = offset
        last = offset
    if first is not None and last is not None:
        yield first, last
