"""What was published beside request events, for those who only read."""

import threading
from types import TracebackType
from typing import Self

from backends.kafka.connection import Connection
from backends.kafka.ends import Ends
from backends.kafka.latest import Latest
from backends.kafka.outlet import TOPIC_OF
from backends.kafka.reading import PartitionReader
from backends.kafka.records import ID, header, headers_of
from backends.kafka.topics import CATALOGUE, REQUESTS
from livelihood.ports import Published


class KafkaPublished(Published):
    """Alerts, dead letters and the catalogue, read from their topics.

    Threads may share one to read alerts and dead letters; the catalogue belongs to one of them.
    """

    def __init__(self, connection: Connection) -> None:
        """Unavailable when no broker answers or the topics are not there."""
        self._connection = connection
        self._partitions = connection.partitions(REQUESTS)
        self._ends = Ends(connection)
        self._readers: dict[tuple[str, int], PartitionReader] = {}
        # A reader goes on where it was: threads that share it take turns.
        self._turn = threading.Lock()
        self._catalogue = Latest(connection, self._ends, CATALOGUE)

    @property
    def partitions(self) -> int:
        """How many partitions there are."""
        return self._partitions

    def outgoing(self, topic: str, partition: int, after: int, limit: int) -> list[tuple[int, str, bytes]]:
        """Alerts or dead letters in order, after a place (0: from the first): (place, id, JSON).

        A place is the offset that follows.
        """
        with self._turn:
            reader = self._readers.get((topic, partition))
            if reader is None:
                name = self._connection.topic(TOPIC_OF[topic])
                reader = PartitionReader(self._connection, self._ends, name, partition)
                self._readers[topic, partition] = reader
            messages = reader.read(after, limit)
        return [
            (
                (message.offset() or 0) + 1,
                header(headers_of(message), ID),
                message.value() or b"",
            )
            for message in messages
        ]

    def last(self, topic: str, partition: int) -> int:
        """The offset that follows the last alert or dead letter; there may be holes before it."""
        return self._ends.readable(self._connection.topic(TOPIC_OF[topic]), partition)

    def catalogues(self) -> list[bytes]:
        """Every published version of the catalogue, in order, as JSON."""
        versions = self._catalogue.read()
        return [versions[number] for number in sorted(versions, key=int)]

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._readers.values():
            reader.close()
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
